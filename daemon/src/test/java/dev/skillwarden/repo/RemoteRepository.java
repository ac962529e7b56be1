package dev.skillwarden.repo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.BundleWriter;

/// A bare repository to fetch from, with a branch `main`.
public final class RemoteRepository {
  private static final PersonIdent AUTHOR =
      new PersonIdent("Ada", "ada@example.com", Instant.EPOCH, ZoneOffset.UTC);

  /// One file of a commit; a symlink's text is its target.
  public record Entry(String path, FileMode mode, String text) {
    public static Entry file(String path, String text) {
      return new Entry(path, FileMode.REGULAR_FILE, text);
    }

    public static Entry symlink(String path, String target) {
      return new Entry(path, FileMode.SYMLINK, target);
    }
  }

  static {
    GitEnvironment.install();
  }

  final Path directory;
  final Repository repository;

  private RemoteRepository(Path directory, Repository repository) {
    this.directory = directory;
    this.repository = repository;
  }

  /// Hands out every commit its branches reach, as git servers of companies do.
  public static RemoteRepository create(Path directory) throws IOException {
    Repository repository =
        new FileRepositoryBuilder().setBare().setGitDir(directory.toFile()).build();
    repository.create(true);
    repository.getConfig().setBoolean("uploadpack", null, "allowReachableSHA1InWant", true);
    repository.getConfig().save();
    RefUpdate head = repository.updateRef(Constants.HEAD);
    head.link("refs/heads/main");
    return new RemoteRepository(directory, repository);
  }

  /// Puts a commit with exactly these files on top of `main`.
  ///
  /// @return its id
  public String commit(Entry... files) throws IOException {
    return commit("main", head("main"), CommitSigner.NONE, files);
  }

  /// Puts a commit with exactly these files on a branch, whatever was there.
  ///
  /// @param parent the commit it follows, empty for a new history
  /// @return its id
  public String commit(String branch, Optional<String> parent, CommitSigner signer, Entry... files)
      throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      DirCache tree = DirCache.newInCore();
      DirCacheBuilder builder = tree.builder();
      for (Entry file : files) {
        DirCacheEntry entry = new DirCacheEntry(file.path());
        entry.setFileMode(file.mode());
        entry.setObjectId(
            inserter.insert(Constants.OBJ_BLOB, file.text().getBytes(StandardCharsets.UTF_8)));
        builder.add(entry);
      }
      builder.finish();
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(tree.writeTree(inserter));
      parent.ifPresent(p -> commit.setParentId(ObjectId.fromString(p)));
      commit.setAuthor(AUTHOR);
      commit.setCommitter(AUTHOR);
      commit.setMessage("change");
      signer.sign(repository, commit);
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      move("refs/heads/" + branch, id.name());
      return id.name();
    }
  }

  /// Where a branch stands.
  public Optional<String> head(String branch) throws IOException {
    return Optional.ofNullable(repository.resolve("refs/heads/" + branch)).map(ObjectId::name);
  }

  /// Puts a ref anywhere.
  public void move(String ref, String sha) throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setNewObjectId(ObjectId.fromString(sha));
    update.forceUpdate();
  }

  /// Writes a bundle of a commit for those who have another one.
  public void bundle(Path file, String sha, String known) throws IOException {
    BundleWriter writer = new BundleWriter(repository);
    writer.include("refs/heads/stable", ObjectId.fromString(sha));
    try (RevWalk walk = new RevWalk(repository);
        OutputStream out = Files.newOutputStream(file)) {
      writer.assume(walk.parseCommit(ObjectId.fromString(known)));
      writer.writeBundle(NullProgressMonitor.INSTANCE, out);
    }
  }

  /// Adds many refs in one step.
  public void refs(String prefix, int count, String sha) throws IOException {
    StringBuilder packed = new StringBuilder("# pack-refs with: peeled fully-peeled sorted \n");
    for (int i = 0; i < count; i++) {
      packed.append(sha).append(' ').append(prefix).append("%06d".formatted(i)).append('\n');
    }
    Files.writeString(directory.resolve("packed-refs"), packed);
    repository.getRefDatabase().refresh();
  }

  public String url() {
    return directory.toUri().toString();
  }

  public RemoteConfig config() {
    return new RemoteConfig(url(), Duration.ofSeconds(20), Auth.none());
  }

  static List<String> paths(GitStore store, String sha) throws IOException {
    return store.files(sha, "", 100).stream().map(GitStore.Blob::path).toList();
  }
}
