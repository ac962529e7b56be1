package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.BatchRefUpdate;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.ReceiveCommand;
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
  private final BoundedExchange exchanges;

  private GitStore(Repository repository) {
    this.repository = repository;
    this.exchanges = new BoundedExchange(repository.getDirectory().toPath());
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

  /// A redirect could lead to another host: the remote must be named as it is. Joined packs go at
  /// once: no other process reads here, and readers of this one look again.
  private static void configure(Repository repository) throws IOException {
    StoredConfig config = repository.getConfig();
    boolean changed = set(config, "http", "followRedirects", "false");
    changed |= set(config, "gc", "prunePackExpire", "now");
    if (changed) {
      config.save();
    }
  }

  private static boolean set(StoredConfig config, String section, String key, String value) {
    boolean changed = !value.equals(config.getString(section, null, key));
    if (changed) {
      config.setString(section, null, key, value);
    }
    return changed;
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
  /// @param signers who must have signed it; unsigned it is not kept
  public void fetch(RemoteConfig remote, String sha, Signers signers, FetchLimits limits)
      throws FetchException {
    requireSha(sha);
    exchanges.run(
        remote,
        limits,
        monitor -> {
          releaseIncomplete(sha);
          new RemoteFetch(remote, sha).fetch(repository, List.of(sha), 1, monitor);
          requireComplete(remote, sha);
          requireSigned(sha, signers);
          keep(List.of(sha));
        });
  }

  /// Fetches a commit with the history between it and `known`, and keeps it. A history that does
  /// not lead to `known` is fetched as far as the limits allow.
  ///
  /// @param known commit in the store that the new one is expected to descend from
  /// @param signers who must have signed it; unsigned it is not kept
  public void fetchSince(
      RemoteConfig remote, String sha, String known, Signers signers, FetchLimits limits)
      throws FetchException {
    requireSha(sha);
    exchanges.run(
        remote,
        limits,
        monitor -> {
          releaseIncomplete(sha);
          new RemoteFetch(remote, sha).fetch(repository, List.of(sha), 0, monitor);
          requireComplete(remote, sha);
          requireDescendant(sha, known);
          requireSigned(sha, signers);
          keep(List.of(sha));
        });
  }

  /// Fetches many commits at once with their history, each by its id, else by its tag, and keeps
  /// those that came.
  ///
  /// @param tags commit to the tag that names it
  /// @return those that could not be had
  public List<String> fetchAll(RemoteConfig remote, Map<String, String> tags, FetchLimits limits)
      throws FetchException {
    List<String> wanted = tags.keySet().stream().filter(s -> !hasCommit(s)).sorted().toList();
    if (!wanted.isEmpty()) {
      exchanges.run(remote, limits, monitor -> byIdsOrTags(remote, tags, wanted, monitor));
    }
    List<String> here = tags.keySet().stream().filter(this::hasCommit).toList();
    keep(here);
    return tags.keySet().stream().filter(s -> !here.contains(s)).sorted().toList();
  }

  /// By ids, and by tags where the server refuses ids it does not advertise. One release that is
  /// gone must not keep back the others, so a request that is refused is asked again in halves.
  private void byIdsOrTags(
      RemoteConfig remote, Map<String, String> tags, List<String> wanted, ProgressMonitor monitor)
      throws FetchException, InterruptedException {
    List<String> names =
        wanted.stream().map(s -> Constants.R_TAGS + tags.getOrDefault(s, "")).toList();
    if (has(remote, wanted, monitor) || has(remote, names, monitor)) {
      return;
    }
    if (wanted.size() == 1) {
      LOG.log(Level.WARNING, names.getFirst() + " is neither served by its id nor by its tag");
      return;
    }
    int half = wanted.size() / 2;
    byIdsOrTags(remote, tags, wanted.subList(0, half), monitor);
    byIdsOrTags(remote, tags, wanted.subList(half, wanted.size()), monitor);
  }

  /// Whether the remote handed all of it out.
  private boolean has(RemoteConfig remote, List<String> sources, ProgressMonitor monitor)
      throws FetchException, InterruptedException {
    try {
      new RemoteFetch(remote, "the releases").fetch(repository, sources, 0, monitor);
      return true;
    } catch (FetchException e) {
      if (e.code() == Code.UNKNOWN_COMMIT) {
        return false;
      }
      throw e;
    }
  }

  /// The commit a branch of the remote stands at. Moves no objects.
  public String head(RemoteConfig remote, String branch, FetchLimits limits) throws FetchException {
    AtomicReference<Optional<String>> head = new AtomicReference<>(Optional.empty());
    exchanges.run(
        remote,
        limits,
        monitor -> head.set(new RemoteFetch(remote, "branch " + branch).head(repository, branch)));
    return head.get()
        .orElseThrow(() ->
            new FetchException(
                Code.UNKNOWN_COMMIT,
                "%s has no branch %s; correct sync.pin.ref, or push the branch"
                    .formatted(remote.url(), branch)));
  }

  /// Takes a commit from a git bundle, and keeps it.
  ///
  /// @throws IOException when the bundle is none, or does not hold the commit
  public void fetchBundle(
      Path bundle, String sha, Optional<String> known, Signers signers, FetchLimits limits)
      throws IOException, FetchException {
    RemoteFetch.fetchBundle(repository, bundle, sha, new FetchMonitor(limits, t -> {}));
    requireComplete(sha);
    if (known.isPresent()) {
      requireDescendant(sha, known.get());
    }
    requireSigned(sha, signers);
    keep(List.of(sha));
  }

  /// Whether the new commit has the known one in its history; equal counts.
  private void requireDescendant(String sha, String known) throws FetchException {
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit ancestor = walk.parseCommit(ObjectId.fromString(known));
      if (walk.isMergedInto(ancestor, walk.parseCommit(ObjectId.fromString(sha)))) {
        return;
      }
    } catch (MissingObjectException e) {
      LOG.log(Level.WARNING, "the history of " + sha + " ends before " + known, e);
    } catch (IOException e) {
      throw local(e);
    }
    throw new FetchException(
        Code.NOT_A_DESCENDANT,
        "commit %s does not descend from %s, the last accepted one; a catalog only moves forward, so roll back by reverting"
            .formatted(sha, known));
  }

  /// @throws FetchException `SIGNATURE` unless one of the signers signed the commit; passes when
  ///   nobody is named
  public void requireSigned(String sha, Signers signers) throws FetchException {
    CommitSignature.require(repository, sha, signers);
  }

  /// When the commit was made, by its committer's clock.
  public Instant committed(String sha) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return Instant.ofEpochSecond(walk.parseCommit(ObjectId.fromString(sha)).getCommitTime());
    }
  }

  /// Joins packs when many have gathered, so that reads stay fast; every fetch adds one. What no
  /// ref keeps is dropped after two weeks.
  ///
  /// @return whether there was anything to do
  public boolean compact(int mostPacks) throws IOException {
    Path packs = repository.getDirectory().toPath().resolve("objects/pack");
    int count = 0;
    if (Files.isDirectory(packs)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(packs, "*.pack")) {
        for (Path pack : files) {
          count += Files.isRegularFile(pack) ? 1 : 0;
        }
      }
    }
    if (count <= mostPacks) {
      return false;
    }
    try (Git git = new Git(repository)) {
      git.gc().call();
    } catch (GitAPIException e) {
      throw new IOException("the store could not be compacted: " + e.getMessage(), e);
    }
    return true;
  }

  /// What a download got to, for people; empty while none runs.
  public String progress() {
    return exchanges.progress();
  }

  private static void requireSha(String sha) throws FetchException {
    if (!SHA.matcher(sha).matches()) {
      throw new FetchException(
          Code.UNKNOWN_COMMIT,
          "'%s' is no commit id; it must be 40 lower-case hex digits".formatted(sha));
    }
  }

  /// Whether the commit itself is in the store; its files are looked for when they are read.
  private boolean hasCommit(String sha) {
    try {
      return repository.exactRef(KEEP + sha) != null
          || repository.getObjectDatabase().has(ObjectId.fromString(sha));
    } catch (IOException e) {
      return false;
    }
  }

  private void requireComplete(RemoteConfig remote, String sha) throws FetchException {
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
  }

  private FetchException local(IOException e) {
    return exchanges.local(e);
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

  /// In one step for all: thousands of loose refs would slow down every later exchange.
  private void keep(List<String> shas) throws FetchException {
    try (RevWalk walk = new RevWalk(repository)) {
      BatchRefUpdate batch = repository.getRefDatabase().newBatchUpdate();
      batch.setAtomic(shas.size() > 1);
      batch.disableRefLog();
      for (String sha : shas) {
        if (repository.exactRef(KEEP + sha) == null) {
          batch.addCommand(
              new ReceiveCommand(ObjectId.zeroId(), ObjectId.fromString(sha), KEEP + sha));
        }
      }
      if (batch.getCommands().isEmpty()) {
        return;
      }
      batch.execute(walk, NullProgressMonitor.INSTANCE);
      for (ReceiveCommand command : batch.getCommands()) {
        if (command.getResult() != ReceiveCommand.Result.OK) {
          throw new IOException(
              "could not keep " + command.getRefName() + ": " + command.getMessage());
        }
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

  /// As [#files], one after the other: thousands need not be in memory at once.
  public void eachFile(
      String sha, String directoryPrefix, int maxBytesPerFile, Consumer<Blob> reader)
      throws IOException {
    Trees.each(repository, ObjectId.fromString(sha), directoryPrefix, maxBytesPerFile, reader);
  }

  /// Reads single files of many commits.
  ///
  /// @return opened for this thread; close it
  public Reader reader() {
    return new Reader(repository.newObjectReader());
  }

  /// Single files of commits in the store, for one thread.
  public static final class Reader implements AutoCloseable {
    private final ObjectReader reader;

    private Reader(ObjectReader reader) {
      this.reader = reader;
    }

    /// One file, cut one byte after the limit; empty when commit or file are not there.
    public Optional<Blob> file(String sha, String path, int maxBytes) {
      try {
        return Trees.file(reader, ObjectId.fromString(sha), path, maxBytes);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "%s of commit %s cannot be read".formatted(path, sha), e);
        return Optional.empty();
      }
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
