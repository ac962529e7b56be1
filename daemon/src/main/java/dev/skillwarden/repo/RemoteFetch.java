package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.eclipse.jgit.errors.LockFailedException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.eclipse.jgit.errors.ObjectWritingException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/// One exchange with a remote: opens the transport, and says in our words what went wrong.
final class RemoteFetch {
  private static final String DEFAULT_HTTP_USER = "x-access-token";
  private static final String DEFAULT_SSH_USER = "git";
  private static final int MAX_IDLE_SECONDS = 60;

  private final RemoteConfig remote;
  private final String wanted;
  private final String username;
  private Optional<String> secret = Optional.empty();
  private @Nullable HttpAccess http;
  private @Nullable SshAccess ssh;

  /// @param wanted what is asked for, for messages
  RemoteFetch(RemoteConfig remote, String wanted) {
    this.remote = remote;
    this.wanted = wanted;
    this.username = remote.auth().username().orElse(DEFAULT_HTTP_USER);
  }

  /// The commit a branch stands at; empty when there is no such branch. Moves no objects, and asks
  /// for no other refs where the server speaks protocol version 2.
  Optional<String> head(Repository store, String branch)
      throws FetchException, InterruptedException {
    String ref = Constants.R_HEADS + branch;
    try (SshSessions sessions = new SshSessions();
        Transport transport = open(store, sessions)) {
      transport.setTagOpt(TagOpt.NO_TAGS);
      transport.setTimeout(idleSeconds());
      try (FetchConnection connection = transport.openFetch(List.of(new RefSpec(ref)))) {
        Ref found = connection.getRef(ref);
        return Optional.ofNullable(found).map(Ref::getObjectId).map(ObjectId::name);
      }
    } catch (IOException | RuntimeException e) {
      throw explain(e);
    }
  }

  /// Downloads commits or refs into the store; creates no ref there.
  ///
  /// @param depth commits of history, 0 for all that is missing
  void fetch(Repository store, List<String> sources, int depth, ProgressMonitor monitor)
      throws FetchException, InterruptedException {
    for (String source : sources) {
      if (isMissingInDirectory(source)) {
        throw unknownCommit("no such object");
      }
    }
    try (SshSessions sessions = new SshSessions();
        Transport transport = open(store, sessions)) {
      transport.setTagOpt(TagOpt.NO_TAGS);
      if (depth > 0) {
        transport.setDepth(depth);
      }
      transport.setTimeout(idleSeconds());
      transport.fetch(monitor, sources.stream().map(RefSpec::new).toList());
    } catch (IOException | RuntimeException e) {
      throw explain(e);
    }
  }

  /// Takes from a git bundle in a file what git would have sent.
  static void fetchBundle(Repository store, Path bundle, String sha, ProgressMonitor monitor)
      throws IOException {
    try (Transport transport = Transport.open(store, new URIish(bundle.toUri().toString()))) {
      transport.setTagOpt(TagOpt.NO_TAGS);
      transport.fetch(monitor, List.of(new RefSpec(sha)));
    } catch (URISyntaxException e) {
      throw new IOException("the bundle's file name is not a URL: " + bundle, e);
    } catch (RuntimeException e) {
      throw new IOException("the bundle cannot be read: " + e.getMessage(), e);
    }
  }

  /// A silent server is given up after this, a slow one only by the deadline of the whole fetch.
  private int idleSeconds() {
    return Math.clamp(remote.timeout().toSeconds() + 1, 1, MAX_IDLE_SECONDS);
  }

  private Transport open(Repository store, SshSessions sessions)
      throws IOException, FetchException, InterruptedException {
    URIish uri;
    try {
      uri = new URIish(remote.url());
    } catch (URISyntaxException e) {
      throw Secrets.config("the remote is not a valid URL");
    }
    if (remote.isHttp()) {
      secret = Secrets.password(remote.auth());
      http = new HttpAccess(remote, username, secret);
    } else if (remote.isSsh()) {
      ssh = new SshAccess(uri, remote.auth());
      String fromUrl = uri.getUser() == null ? DEFAULT_SSH_USER : uri.getUser();
      uri = uri.setUser(remote.auth().username().orElse(fromUrl));
      sessions.factory = ssh.sessions(store.getDirectory().toPath());
    }
    Transport transport =
        remote.isHttp() || remote.isSsh()
            ? Transport.open(store, uri)
            : new DirectoryTransport(store, uri, directory());
    if (transport instanceof TransportHttp t && http != null) {
      t.setHttpConnectionFactory(http);
    }
    if (transport instanceof SshTransport t && sessions.factory != null) {
      t.setSshSessionFactory(sessions.factory);
    }
    return transport;
  }

  private FetchException explain(Exception failure) {
    List<Throwable> chain = chain(failure);
    FetchException byAccess = explainAccess(chain);
    if (byAccess != null) {
      return byAccess;
    }
    if (chain.stream().anyMatch(RemoteFetch::isUnknownCommit)) {
      return unknownCommit(quoted(chain));
    }
    if (has(chain, NoRemoteRepositoryException.class)) {
      return unreachable(
          "there is no git repository; correct the URL, or the login may not see it");
    }
    if (has(chain, InterruptedIOException.class) || has(chain, TimeoutException.class)) {
      return timeout(remote);
    }
    if (has(chain, UnknownHostException.class)) {
      return unreachable("the host name is not known; correct the URL or look at DNS");
    }
    if (has(chain, SSLException.class)) {
      return unreachable(
          "the secure connection failed: %s; if a company certificate is in use, set"
                  .formatted(quoted(chain))
              + " sync.auth.ca-bundle");
    }
    if (chain.stream().anyMatch(RemoteFetch::isLocal)) {
      return new FetchException(
          Code.LOCAL,
          "the store on this machine failed: %s; look at its disk space and permissions"
              .formatted(quoted(chain)));
    }
    return unreachable(
        "no usable answer: %s; look at the URL, the network and the server, and whether it has the commit"
            .formatted(quoted(chain)));
  }

  private FetchException unknownCommit(String answer) {
    return new FetchException(
        Code.UNKNOWN_COMMIT,
        "%s does not hand out commit %s; correct the pin, push the commit, or let the server serve"
                .formatted(remote.url(), wanted)
            + " commits by id (uploadpack.allowReachableSHA1InWant). It says: "
            + answer);
  }

  private @Nullable FetchException explainAccess(List<Throwable> chain) {
    if (ssh != null && !ssh.refusal().isEmpty()) {
      return new FetchException(
          Code.HOST_KEY, "%s: the server's host key is %s".formatted(remote.url(), ssh.refusal()));
    }
    if (ssh != null && chain.stream().anyMatch(RemoteFetch::isSshLoginRefused)) {
      return new FetchException(
          Code.UNAUTHORIZED,
          "%s refuses the SSH key %s; add its public half to the repository's deploy keys"
              .formatted(remote.url(), shown(remote.auth().sshKey())));
    }
    if (http == null) {
      return null;
    }
    int status = http.status();
    if (status == 401 || status == 403) {
      String login = secret.isPresent() ? "the secret sent for user " + username : "no login";
      return new FetchException(
          Code.UNAUTHORIZED,
          "%s answers %d to %s; renew the secret or give it read access to the repository"
              .formatted(remote.url(), status, login));
    }
    if (status == 407) {
      return unreachable("the proxy wants a login, which is not supported; allow this host in it");
    }
    return status / 100 == 3
        ? unreachable(
            "it redirects to %s, and redirects are not followed; set sync.remote to the final URL"
                .formatted(Secrets.quote(http.location(), username, secret)))
        : null;
  }

  static FetchException timeout(RemoteConfig remote) {
    return new FetchException(
        Code.TIMEOUT,
        "%s did not deliver within %s; raise sync.timeout or look at the network"
            .formatted(
                remote.url(), remote.timeout().toString().substring(2).toLowerCase(Locale.ROOT)));
  }

  private FetchException unreachable(String why) {
    return new FetchException(Code.UNREACHABLE, remote.url() + ": " + why);
  }

  private static String shown(Optional<Path> path) {
    return path.map(Path::toString).orElse("");
  }

  /// The innermost text, which is the most exact one.
  private String quoted(List<Throwable> chain) {
    Throwable root = chain.getLast();
    String text = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return Secrets.quote(text, username, secret);
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable t = failure; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
    return chain;
  }

  private static boolean has(List<Throwable> chain, Class<? extends Throwable> type) {
    return chain.stream().anyMatch(type::isInstance);
  }

  private static boolean isUnknownCommit(Throwable t) {
    String text = t.getMessage() == null ? "" : t.getMessage();
    return text.contains("not our ref")
        || text.contains("unadvertised object")
        || text.contains("available for fetch")
        || (text.contains("want ") && text.contains("not valid"));
  }

  private File directory() throws NoRemoteRepositoryException {
    File found = null;
    try {
      found = RepositoryCache.FileKey.resolve(new File(URI.create(remote.url())), FS.DETECTED);
    } catch (IllegalArgumentException e) {
      // no directory of that name can exist
    }
    if (found == null) {
      throw new NoRemoteRepositoryException(new URIish(), "there is no repository");
    }
    return found;
  }

  /// Reading from a directory the library plays the server, and as such it breaks off without a
  /// word about an unknown commit.
  private boolean isMissingInDirectory(String sha) {
    if (!ObjectId.isId(sha) || remote.isHttp() || remote.isSsh()) {
      return false;
    }
    try {
      File directory =
          RepositoryCache.FileKey.resolve(new File(URI.create(remote.url())), FS.DETECTED);
      if (directory == null) {
        return false;
      }
      try (Repository source = new FileRepositoryBuilder().setGitDir(directory).build()) {
        return !source.getObjectDatabase().has(ObjectId.fromString(sha));
      }
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isSshLoginRefused(Throwable t) {
    String text = t.getMessage() == null ? "" : t.getMessage();
    return text.contains("No more authentication methods") || text.contains("Cannot log in");
  }

  private static boolean isLocal(Throwable t) {
    return t instanceof LockFailedException
        || t instanceof ObjectWritingException
        || t instanceof FileSystemException
        || (t.getMessage() != null && t.getMessage().contains("No space left"));
  }

  /// Closed after the transport that uses it.
  private static final class SshSessions implements AutoCloseable {
    private @Nullable SshdSessionFactory factory;

    @Override
    public void close() {
      if (factory != null) {
        factory.close();
      }
    }
  }
}
