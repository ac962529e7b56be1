package dev.skillwarden.registry;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;

/// A start for a skills repository, and for a skill. Creates files, overwrites none.
public final class Scaffold {
  private final Path top;

  public Scaffold(Path top) {
    this.top = top;
  }

  /// Where pull requests are checked.
  public enum Ci {
    GITHUB,
    GITLAB,
    NONE
  }

  /// Lays out a repository.
  ///
  /// @param preCommit whether to put a hook into the clone's `.git/hooks`
  /// @return one line a file: `created PATH` or `kept PATH`
  public List<String> repository(List<String> teams, Ci ci, boolean preCommit) throws IOException {
    for (String team : teams) {
      if (!SkillId.isPart(team)) {
        throw new IllegalArgumentException(
            "a team wants lower-case letters, digits and single hyphens, found '" + team + "'");
      }
    }
    Map<String, String> files = new TreeMap<>();
    for (String team : teams) {
      files.put(SkillParser.ROOT + team + "/.gitkeep", "");
    }
    files.put(SkillParser.SCHEMA, resource("schema.yaml"));
    files.put(
        "policy/organization.yaml",
        """
        # Who belongs to which team, with which role. Raise the version with every change.
        version: 1
        teams: [%s]
        # By operating-system group, such as
        #   sre: {teams: [platform], role: sre}
        groups: {}
        """
            .formatted(String.join(", ", teams)));
    switch (ci) {
      case GITHUB -> {
        files.put(".github/workflows/skills.yml", resource("github.yml"));
        files.put(
            ".github/CODEOWNERS",
            new CodeOwners(Optional.empty(), Optional.empty()).block(List.of()));
      }
      case GITLAB -> {
        files.put(".gitlab-ci.yml", resource("gitlab.yml"));
        files.put(
            "CODEOWNERS", new CodeOwners(Optional.empty(), Optional.empty()).block(List.of()));
      }
      case NONE -> {}
    }
    List<String> done = new ArrayList<>();
    for (Map.Entry<String, String> file : files.entrySet()) {
      done.add(create(file.getKey(), file.getValue()));
    }
    if (preCommit) {
      done.add(hook());
    }
    return done;
  }

  private String hook() throws IOException {
    if (!Files.isDirectory(top.resolve(".git"))) {
      return "no hook: %s is not the top of a clone".formatted(top);
    }
    String path = ".git/hooks/pre-commit";
    String done = create(path, resource("pre-commit"));
    if (done.startsWith("created")
        && top.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(
          top.resolve(path), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return done;
  }

  /// Writes a skill to fill in.
  ///
  /// @param description what it is for; empty leaves a placeholder that lint reports
  /// @return the file's path from the top
  /// @throws RegistryException when there is one already
  public String skill(SkillId id, AccessLevel level, String description, List<String> owners)
      throws IOException, RegistryException {
    String path = SkillParser.ROOT + id + ".md";
    String shown = description.isBlank() ? "TODO: say when to use this skill" : description;
    StringBuilder text = new StringBuilder("---\n");
    text.append("name: ").append(id).append('\n');
    text.append("version: 0.1.0\n");
    text.append("description: ")
        .append(Json.write(JsonNodeFactory.instance.stringNode(shown)))
        .append('\n');
    text.append("tags: [").append(id.name()).append("]\n");
    text.append("access_level: ").append(level.text()).append('\n');
    if (level == AccessLevel.ROLE_RESTRICTED) {
      text.append("allowed_roles: [engineer]\n");
    }
    if (!owners.isEmpty()) {
      text.append("owners: [").append(String.join(", ", owners)).append("]\n");
    }
    text.append(
        """
        ---
        # %s

        ## Before you start

        What must be at hand, and when to stop and ask.

        ## Steps

        1. One thing an agent does.

        ## Result

        What the result looks like, with an example.
        """
            .formatted(title(id.name())));
    if (create(path, text.toString()).startsWith("kept")) {
      throw new RegistryException(path + " is there already; choose another name, or edit it");
    }
    return path;
  }

  private static String title(String name) {
    String words = name.replace('-', ' ');
    return words.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + words.substring(1);
  }

  private String create(String path, String content) throws IOException {
    Path file = top.resolve(path);
    if (Files.exists(file)) {
      return "kept    " + path;
    }
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return "created " + path;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Scaffold.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the program lacks its file " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
