package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;

/// A bare repository that holds fetched commits, each complete and without history. Files are read
/// from the objects, so there is no work tree to tamper with. Belongs to one process at a time;
/// safe for use by several threads.
public final class GitStore {
  private static final System.Logger LOG = System.getLogger(GitStore.class.getName());
  private static final String KEEP = "refs/skillwarden/";
  private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}");

  /// One file of a commit.
  ///
  /// @param path path in the repository, with `/`
  /// @param regular whether the git mode is 100644: no executable, symlink or submodule
  /// @param content the file's bytes, cut one byte after the reader's limit
  public record Blob(String path, boolean regular, byte[] content) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Blob b
          && b.path.equals(path)
          && b.regular == regular
          && Arrays.equals(b.content, content);
    }

    @Override
    public int hashCode() {
      return path.hashCode();
    }

    @Override
    public String toString() {
      return path + " (" + content.length + " bytes)";
    }
  }

  private final Repository repository;

  private GitStore(Repository repository) {
    this.repository = repository;
  }

  /// Opens the store, or creates an empty one when the directory does not exist.
  ///
  /// @throws IOException if the directory holds something else or cannot be written
  public static GitStore open(Path bareRepository) throws IOException {
    GitEnvironment.install();
    Path directory = bareRepository.toAbsolutePath().normalize();
    if (!Files.exists(directory)) {
      create(directory);
    }
    if (!Files.isRegularFile(directory.resolve("HEAD"))
        || !Files.isDirectory(directory.resolve("objects"))) {
      throw new IOException(
          "%s is not a bare git repository; move it away, and the store is made again"
              .formatted(directory));
    }
    Repository repository = repository(directory);
    removeStaleLocks(directory);
    configure(repository);
    return new GitStore(repository);
  }

  /// Appears complete or not at all, whenever the process is killed.
  private static void create(Path directory) throws IOException {
    Path parent = directory.resolveSibling(".");
    Files.createDirectories(parent.normalize());
    Path fresh = Files.createTempDirectory(parent.normalize(), "new-store-");
    try (Repository repository = repository(fresh)) {
      repository.create(true);
    }
    Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Repository repository(Path directory) throws IOException {
    return new FileRepositoryBuilder().setBare().setGitDir(directory.toFile()).build();
  }

  /// The store belongs to this process, so a lock found at its start is left from one that was
  /// killed.
  private static void removeStaleLocks(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve("shallow.lock"));
    Files.deleteIfExists(directory.resolve("config.lock"));
    Path refs = directory.resolve(KEEP);
    if (Files.isDirectory(refs)) {
      try (DirectoryStream<Path> locks = Files.newDirectoryStream(refs, "*.lock")) {
        for (Path lock : locks) {
          Files.delete(lock);
        }
      }
    }
  }

  /// A redirect could lead to another host: the remote must be named as it is.
  private static void configure(Repository repository) throws IOException {
    StoredConfig config = repository.getConfig();
    if (!"false".equals(config.getString("http", null, "followRedirects"))) {
      config.setString("http", null, "followRedirects", "false");
      config.save();
    }
  }

  /// Whether the commit and all its files are in the store.
  public boolean has(String sha) {
    if (!SHA.matcher(sha).matches()) {
      return false;
    }
    try {
      Ref keep = repository.exactRef(KEEP + sha);
      if (keep == null) {
        return false;
      }
      requireComplete(sha);
      return true;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "commit " + sha + " is damaged in the store: " + e.getMessage());
      return false;
    }
  }

  /// Fetches exactly this commit, without history or tags, and keeps it. When it fails, what was in
  /// the store stays.
  ///
  /// @param sha 40 lower-case hex digits
  public void fetch(RemoteConfig remote, String sha) throws FetchException {
    if (!SHA.matcher(sha).matches()) {
      throw new FetchException(
          Code.UNKNOWN_COMMIT,
          "'%s' is no commit id; it must be 40 lower-case hex digits".formatted(sha));
    }
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          fetchAndKeep(remote, sha);
          return null;
        });
    Thread.ofVirtual().name("git-fetch").start(task);
    try {
      task.get(remote.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw RemoteFetch.timeout(remote);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException(Code.LOCAL, "the fetch was interrupted; the daemon is stopping");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof FetchException f ? f : unexpected(e);
    } finally {
      task.cancel(true);
    }
  }

  private static FetchException unexpected(ExecutionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    LOG.log(Level.ERROR, "a fetch failed in an unexpected way: " + cause.getClass().getName());
    return new FetchException(
        Code.LOCAL,
        "the fetch failed (%s); please report this".formatted(cause.getClass().getSimpleName()));
  }

  private void fetchAndKeep(RemoteConfig remote, String sha)
      throws FetchException, InterruptedException {
    try {
      releaseIncomplete(sha);
    } catch (IOException e) {
      throw local(e);
    }
    new RemoteFetch(remote, sha).run(repository);
    try {
      requireComplete(sha);
    } catch (IncorrectObjectTypeException e) {
      throw new FetchException(
          Code.UNKNOWN_COMMIT,
          "%s has %s, but it is no commit; pin the commit itself, not a tag"
              .formatted(remote.url(), sha));
    } catch (MissingObjectException e) {
      throw new FetchException(
          Code.UNREACHABLE,
          "%s sent commit %s without all its files; look at the server, then sync again"
              .formatted(remote.url(), sha));
    } catch (IOException e) {
      throw local(e);
    }
    keep(sha);
  }

  private FetchException local(IOException e) {
    return new FetchException(
        Code.LOCAL,
        "the store %s failed: %s; look at its disk space and permissions, or move it away to have it"
                .formatted(repository.getDirectory(), e.getMessage())
            + " made again");
  }

  /// A kept commit that lost objects must not be offered to the server as one we have.
  private void releaseIncomplete(String sha) throws IOException {
    if (repository.exactRef(KEEP + sha) == null) {
      return;
    }
    try {
      requireComplete(sha);
    } catch (IOException e) {
      RefUpdate update = repository.updateRef(KEEP + sha);
      update.disableRefLog();
      update.setForceUpdate(true);
      update.delete();
    }
  }

  /// @throws IncorrectObjectTypeException if it is not a commit
  /// @throws MissingObjectException if the commit, one of its directories or files is not there
  private void requireComplete(String sha) throws IOException {
    ObjectId id = ObjectId.fromString(sha);
    try (RevWalk walk = new RevWalk(repository);
        ObjectReader reader = repository.newObjectReader();
        TreeWalk tree = new TreeWalk(reader)) {
      if (reader.open(id).getType() != Constants.OBJ_COMMIT) {
        throw new IncorrectObjectTypeException(id, Constants.TYPE_COMMIT);
      }
      tree.addTree(walk.parseCommit(id).getTree());
      tree.setRecursive(true);
      while (tree.next()) {
        if (!FileMode.GITLINK.equals(tree.getRawMode(0)) && !reader.has(tree.getObjectId(0))) {
          throw new MissingObjectException(tree.getObjectId(0), Constants.TYPE_BLOB);
        }
      }
    }
  }

  private void keep(String sha) throws FetchException {
    try {
      RefUpdate update = repository.updateRef(KEEP + sha);
      update.disableRefLog();
      update.setNewObjectId(ObjectId.fromString(sha));
      update.setForceUpdate(true);
      RefUpdate.Result result = update.update();
      if (result != RefUpdate.Result.NEW
          && result != RefUpdate.Result.NO_CHANGE
          && result != RefUpdate.Result.FORCED) {
        throw new IOException("could not keep the commit: " + result);
      }
    } catch (IOException e) {
      throw local(e);
    }
  }

  /// The files of a commit in the store, in git's order.
  ///
  /// @param directoryPrefix directory with a `/` at the end, such as `.claude/skills/`, or empty
  ///   for all
  /// @param maxBytesPerFile longer files are cut to one byte more, so that the reader sees it
  /// @throws IOException if the commit is not in the store or is damaged
  public List<Blob> files(String sha, String directoryPrefix, int maxBytesPerFile)
      throws IOException {
    return Trees.files(repository, ObjectId.fromString(sha), directoryPrefix, maxBytesPerFile);
  }
}
