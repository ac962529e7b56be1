package dev.skillwarden.repo;

import dev.skillwarden.repo.GitStore.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevTag;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.FS;

/// The git repository a person or CI works in: refs, tags, files of commits, and one commit on a
/// branch at a time. Never fetches and never pushes.
public final class LocalGit implements AutoCloseable {
  private final Repository repository;

  private LocalGit(Repository repository) {
    this.repository = repository;
  }

  /// The repository the directory belongs to; empty when it is in none.
  public static Optional<LocalGit> find(Path directory) throws IOException {
    GitEnvironment.install();
    FileRepositoryBuilder builder =
        new FileRepositoryBuilder().findGitDir(directory.toAbsolutePath().toFile());
    if (builder.getGitDir() == null) {
      Path absolute = directory.toAbsolutePath();
      if (!Files.isRegularFile(absolute.resolve("HEAD"))
          || !Files.isDirectory(absolute.resolve("objects"))) {
        return Optional.empty();
      }
      builder.setGitDir(absolute.toFile()).setBare();
    }
    return Optional.of(new LocalGit(builder.setMustExist(true).build()));
  }

  /// The commit of a ref, tag or id as git resolves it; a branch of `origin` when there is no local
  /// one.
  public Optional<String> resolve(String ref) throws IOException {
    for (String candidate : List.of(ref, "refs/remotes/origin/" + ref)) {
      ObjectId id;
      try {
        id = repository.resolve(candidate + "^{commit}");
      } catch (org.eclipse.jgit.errors.RevisionSyntaxException
          | org.eclipse.jgit.errors.IncorrectObjectTypeException
          | org.eclipse.jgit.errors.MissingObjectException e) {
        id = null; // no such thing under this name, or a commit this clone does not have
      }
      if (id != null) {
        return Optional.of(id.name());
      }
    }
    return Optional.empty();
  }

  /// Where a local branch stands.
  public Optional<String> branch(String name) throws IOException {
    return Optional.ofNullable(repository.exactRef(Constants.R_HEADS + name))
        .map(Ref::getObjectId)
        .map(ObjectId::name);
  }

  /// The work tree's top; empty for a bare repository.
  public Optional<Path> workTree() {
    return repository.isBare() ? Optional.empty() : Optional.of(repository.getWorkTree().toPath());
  }

  /// As [GitStore#files].
  public List<Blob> files(String commit, String directory, int maxBytes) throws IOException {
    return Trees.files(repository, ObjectId.fromString(commit), directory, maxBytes);
  }

  /// One file of a commit, cut one byte after the limit.
  public Optional<Blob> file(String commit, String path, int maxBytes) throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      return Trees.file(reader, ObjectId.fromString(commit), path, maxBytes);
    }
  }

  /// A tag and what it stands for.
  ///
  /// @param commit 40 hex digits
  /// @param made when it was tagged; of a lightweight tag, when the commit was made
  public record Tag(String name, String commit, Instant made) {}

  /// Every tag that stands for a commit, by name.
  public Map<String, Tag> tags() throws IOException {
    Map<String, Tag> tags = new TreeMap<>();
    try (RevWalk walk = new RevWalk(repository)) {
      for (Ref ref : repository.getRefDatabase().getRefsByPrefix(Constants.R_TAGS)) {
        String name = ref.getName().substring(Constants.R_TAGS.length());
        RevObject object = walk.parseAny(ref.getObjectId());
        if (walk.peel(object) instanceof RevCommit commit) {
          walk.parseHeaders(commit);
          Instant made =
              object instanceof RevTag tag && tag.getTaggerIdent() != null
                  ? tag.getTaggerIdent().getWhenAsInstant()
                  : Instant.ofEpochSecond(commit.getCommitTime());
          tags.put(name, new Tag(name, commit.name(), made));
        }
      }
    }
    return tags;
  }

  /// Whether `ancestor` is in the history of `commit`, or the same.
  public boolean isAncestor(String ancestor, String commit) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return walk.isMergedInto(
          walk.parseCommit(ObjectId.fromString(ancestor)),
          walk.parseCommit(ObjectId.fromString(commit)));
    }
  }

  /// One commit of a history.
  ///
  /// @param author name and address
  /// @param signed whether it carries a signature, good or not
  public record LogEntry(
      String commit,
      List<String> parents,
      String author,
      String committer,
      Instant at,
      String message,
      boolean signed) {
    public LogEntry {
      parents = List.copyOf(parents);
    }
  }

  /// The history of a commit along first parents, newest first.
  public List<LogEntry> log(String commit, int limit) throws IOException {
    List<LogEntry> entries = new ArrayList<>();
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit at = walk.parseCommit(ObjectId.fromString(commit));
      while (at != null && entries.size() < limit) {
        RevCommit[] parents = at.getParents();
        entries.add(
            new LogEntry(
                at.name(),
                java.util.Arrays.stream(parents).map(RevCommit::name).toList(),
                shown(at.getAuthorIdent()),
                shown(at.getCommitterIdent()),
                Instant.ofEpochSecond(at.getCommitTime()),
                at.getFullMessage(),
                at.getRawGpgSignature() != null));
        at = parents.length == 0 ? null : walk.parseCommit(parents[0]);
      }
    }
    return entries;
  }

  private static String shown(PersonIdent person) {
    return "%s <%s>".formatted(person.getName(), person.getEmailAddress());
  }

  /// Puts one commit on a branch: the branch's files with one replaced. Creates the branch without
  /// history when it does not exist. When the branch is checked out, the file in the work tree
  /// follows.
  ///
  /// @param branch short name
  /// @param expected the branch's commit the change was made for; empty for a new branch
  /// @return the new commit
  /// @throws IOException when the branch moved meanwhile, or the file has changes that are not
  ///   committed; nothing was changed then
  public String commit(
      String branch,
      Optional<String> expected,
      String path,
      String content,
      String message,
      PersonIdentity author,
      Instant at)
      throws IOException {
    String ref = Constants.R_HEADS + branch;
    boolean checkedOut =
        !repository.isBare() && ref.equals(repository.getFullBranch()) && expected.isPresent();
    if (checkedOut && isDirty(path)) {
      throw new IOException(
          "%s has changes that are not committed; commit or restore them first".formatted(path));
    }
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      DirCache tree = DirCache.newInCore();
      DirCacheBuilder builder = tree.builder();
      if (expected.isPresent()) {
        try (ObjectReader reader = repository.newObjectReader();
            RevWalk walk = new RevWalk(reader)) {
          RevCommit parent = walk.parseCommit(ObjectId.fromString(expected.get()));
          builder.addTree(new byte[0], DirCacheEntry.STAGE_0, reader, parent.getTree());
        }
        builder.finish();
        builder = tree.builder();
        for (int i = 0; i < tree.getEntryCount(); i++) {
          if (!tree.getEntry(i).getPathString().equals(path)) {
            builder.add(tree.getEntry(i));
          }
        }
      }
      DirCacheEntry entry = new DirCacheEntry(path);
      entry.setFileMode(FileMode.REGULAR_FILE);
      byte[] bytes = content.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      entry.setObjectId(inserter.insert(Constants.OBJ_BLOB, bytes));
      builder.add(entry);
      builder.finish();
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(tree.writeTree(inserter));
      expected.ifPresent(e -> commit.setParentId(ObjectId.fromString(e)));
      PersonIdent person =
          new PersonIdent(author.name(), author.email(), at, java.time.ZoneOffset.UTC);
      commit.setAuthor(person);
      commit.setCommitter(person);
      commit.setMessage(message);
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      move(ref, expected, id, message);
      if (checkedOut) {
        checkOut(path);
      }
      return id.name();
    }
  }

  private void move(String ref, Optional<String> expected, ObjectId to, String message)
      throws IOException {
    RefUpdate update = repository.updateRef(ref);
    update.setNewObjectId(to);
    update.setExpectedOldObjectId(expected.map(ObjectId::fromString).orElseGet(ObjectId::zeroId));
    update.setRefLogMessage(message.lines().findFirst().orElse(""), false);
    RefUpdate.Result result = update.update();
    if (result != RefUpdate.Result.NEW && result != RefUpdate.Result.FAST_FORWARD) {
      throw new IOException(
          "branch %s could not be moved (%s); it changed meanwhile, try again"
              .formatted(ref, result));
    }
  }

  private boolean isDirty(String path) throws IOException {
    try (Git git = new Git(repository)) {
      return !git.status().addPath(path).call().isClean();
    } catch (GitAPIException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void checkOut(String path) throws IOException {
    try (Git git = new Git(repository)) {
      git.checkout().setStartPoint("HEAD").addPath(path).call();
    } catch (GitAPIException e) {
      throw new IOException(
          "the commit is made, but %s in the work tree could not follow: %s"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  /// Who makes a commit.
  public record PersonIdentity(String name, String email) {}

  /// Who works here: `GIT_AUTHOR_NAME` and `GIT_AUTHOR_EMAIL`, else the repository's configuration,
  /// else the one in the home directory.
  public Optional<PersonIdentity> identity(Map<String, String> environment, Path home)
      throws IOException {
    String name = environment.getOrDefault("GIT_AUTHOR_NAME", "");
    String email = environment.getOrDefault("GIT_AUTHOR_EMAIL", "");
    FileBasedConfig user = new FileBasedConfig(home.resolve(".gitconfig").toFile(), FS.DETECTED);
    try {
      user.load();
    } catch (org.eclipse.jgit.errors.ConfigInvalidException e) {
      throw new IOException("~/.gitconfig cannot be read: " + e.getMessage(), e);
    }
    for (org.eclipse.jgit.lib.Config config : List.of(repository.getConfig(), user)) {
      name = name.isEmpty() ? orEmpty(config.getString("user", null, "name")) : name;
      email = email.isEmpty() ? orEmpty(config.getString("user", null, "email")) : email;
    }
    return name.isEmpty() || email.isEmpty()
        ? Optional.empty()
        : Optional.of(new PersonIdentity(name, email));
  }

  private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "" : text;
  }

  @Override
  public void close() {
    repository.close();
  }
}
