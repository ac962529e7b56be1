package dev.skillwarden.repo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.StoredConfig;

/// A clone with a work tree, as an author has it.
public final class WorkRepository implements AutoCloseable {
  static {
    GitEnvironment.install();
  }

  private final Path top;
  private final Git git;

  private WorkRepository(Path top, Git git) {
    this.top = top;
    this.git = git;
  }

  public static WorkRepository create(Path top) throws IOException, GitAPIException {
    Git git = Git.init().setDirectory(top.toFile()).setInitialBranch("main").call();
    StoredConfig config = git.getRepository().getConfig();
    config.setString("user", null, "name", "Ada");
    config.setString("user", null, "email", "ada@example.com");
    config.save();
    return new WorkRepository(top, git);
  }

  public Path top() {
    return top;
  }

  public WorkRepository write(String path, String content) throws IOException {
    Path file = top.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return this;
  }

  /// Writes a skill with these further keys, each with its line end.
  public WorkRepository skill(String id, String version, String keys, String body)
      throws IOException {
    return write(".claude/skills/" + id + ".md", skillText(id, version, keys, body));
  }

  public static String skillText(String id, String version, String keys, String body) {
    return """
    ---
    name: %s
    version: %s
    description: Checks an order before it is shipped.
    tags: [order]
    access_level: public
    owners: [leads]
    %s---
    %s
    """
        .formatted(id, version, keys, body);
  }

  /// Commits everything.
  ///
  /// @return the commit
  public String commit(Instant at) throws GitAPIException {
    PersonIdent ada = new PersonIdent("Ada", "ada@example.com", at, ZoneOffset.UTC);
    git.add().addFilepattern(".").call();
    git.add().setUpdate(true).addFilepattern(".").call();
    return git.commit().setMessage("change").setAuthor(ada).setCommitter(ada).call().name();
  }

  /// Tags where the work tree is, or moves a tag there.
  public void tag(String name) throws GitAPIException {
    git.tag().setName(name).setAnnotated(false).setForceUpdate(true).call();
  }

  public void checkOut(String branch, boolean create) throws GitAPIException {
    git.checkout().setName(branch).setCreateBranch(create).call();
  }

  public void checkOutNew(String branch, String from) throws GitAPIException {
    git.checkout().setName(branch).setCreateBranch(true).setStartPoint(from).call();
  }

  @Override
  public void close() {
    git.close();
  }
}
