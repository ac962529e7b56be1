package dev.skillwarden.repo;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.Collection;
import java.util.List;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.BasePackFetchConnection;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.PackTransport;
import org.eclipse.jgit.transport.PushConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.UploadPack;

/// Fetches from a repository in a directory of this machine. The library's own way sends everything
/// through pipes that look for news once a second, so each exchange takes up to a second; this one
/// uses the operating system's. Whoever can read the directory can read every object of it, so any
/// commit is handed out.
final class DirectoryTransport extends Transport implements PackTransport {
  private static final System.Logger LOG = System.getLogger(DirectoryTransport.class.getName());

  private final File gitDirectory;

  DirectoryTransport(Repository local, URIish uri, File gitDirectory) {
    super(local, uri);
    this.gitDirectory = gitDirectory;
  }

  @Override
  public FetchConnection openFetch() throws TransportException {
    return openFetch(List.of());
  }

  @Override
  public FetchConnection openFetch(Collection<RefSpec> wanted, String... patterns)
      throws TransportException {
    return new Connection(wanted, patterns);
  }

  @Override
  public PushConnection openPush() throws NotSupportedException {
    throw new NotSupportedException("nothing is pushed");
  }

  @Override
  public void close() {
    // each connection closes its own
  }

  /// One exchange with a server of its own, in a thread.
  private final class Connection extends BasePackFetchConnection {
    private final Thread server;

    Connection(Collection<RefSpec> wanted, String... patterns) throws TransportException {
      super(DirectoryTransport.this);
      try {
        Pipe requests = Pipe.open();
        Pipe answers = Pipe.open();
        InputStream serverIn = Channels.newInputStream(requests.source());
        OutputStream serverOut = Channels.newOutputStream(answers.sink());
        this.server =
            Thread.ofPlatform()
                .daemon()
                .name("git-directory")
                .start(() -> serve(serverIn, serverOut));
        init(Channels.newInputStream(answers.source()), Channels.newOutputStream(requests.sink()));
      } catch (IOException e) {
        throw new TransportException(uri, "no pipe to the repository: " + e.getMessage(), e);
      }
      if (!readAdvertisedRefs()) {
        lsRefs(wanted, patterns);
      }
    }

    private void serve(InputStream in, OutputStream out) {
      try (in;
          out;
          Repository source =
              new FileRepositoryBuilder().setGitDir(gitDirectory).setMustExist(true).build();
          UploadPack pack = new UploadPack(source)) {
        pack.setRequestPolicy(UploadPack.RequestPolicy.ANY);
        pack.setExtraParameters(List.of("version=2"));
        pack.upload(in, out, null);
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.DEBUG, "the exchange with " + gitDirectory + " broke off", e);
      }
    }

    @Override
    public void close() {
      super.close();
      try {
        server.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the caller stops; the server ends with its pipes
      }
    }
  }
}
