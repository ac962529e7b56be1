package dev.skillwarden.cli;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.policy.ToolCall;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// One case of a policy test file.
///
/// @param expect `deny` or `allow`
/// @param tier `must` wants a deny, `caution` a deny or ask
/// @param files the machine the case was written for: its symbolic links and files, nothing else
record PolicyCase(
    String id, String category, String tier, Expect expect, ToolCall call, FileView files) {
  enum Expect {
    DENY,
    ALLOW
  }

  /// Reads one line.
  ///
  /// @throws IllegalArgumentException saying what is wrong with it
  static PolicyCase parse(String where, String line) {
    JsonNode node;
    try {
      node = Json.parse(where, line);
    } catch (InvalidTextException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    String expect = text(where, node, "expect");
    if (!expect.equals("deny") && !expect.equals("allow")) {
      throw new IllegalArgumentException(
          where + ": expect wants deny or allow, found '" + expect + "'");
    }
    try {
      Path cwd = Path.of(node.path("cwd").asString("/workspace"));
      Path home = Path.of(node.path("home").asString("/home/user"));
      Path root = Path.of(node.path("project_root").asString(cwd.toString()));
      Map<String, String> environment = new HashMap<>();
      environment.put("HOME", home.toString());
      environment.put("PWD", cwd.toString());
      node.path("env")
          .properties()
          .forEach(e -> environment.put(e.getKey(), e.getValue().asString("")));
      return new PolicyCase(
          text(where, node, "id"),
          node.path("category").asString("none"),
          node.path("tier").asString("must"),
          expect.equals("deny") ? Expect.DENY : Expect.ALLOW,
          new ToolCall(text(where, node, "tool"), node.path("input"), cwd, root, home, environment),
          Simulated.of(node, cwd));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  private static String text(String where, JsonNode node, String key) {
    if (!node.path(key).isString()) {
      throw new IllegalArgumentException(where + ": " + key + " is missing");
    }
    return node.path(key).stringValue();
  }

  /// The file system that a case describes.
  private record Simulated(Map<Path, Path> links, Map<Path, Path> hardLinks, Set<Path> existing)
      implements FileView {
    static Simulated of(JsonNode node, Path cwd) {
      Map<Path, Path> links = new HashMap<>();
      Set<Path> existing = new HashSet<>();
      for (Map.Entry<String, JsonNode> link : node.path("symlinks").properties()) {
        links.put(cwd.resolve(link.getKey()).normalize(), Path.of(link.getValue().asString("")));
      }
      node.path("files").forEach(f -> existing.add(cwd.resolve(f.asString("")).normalize()));
      existing.addAll(links.keySet());
      Map<Path, Path> hardLinks = new HashMap<>();
      for (Map.Entry<String, JsonNode> link : node.path("hard_links").properties()) {
        hardLinks.put(
            cwd.resolve(link.getKey()).normalize(),
            cwd.resolve(link.getValue().asString("")).normalize());
      }
      existing.addAll(hardLinks.keySet());
      return new Simulated(links, hardLinks, existing);
    }

    @Override
    public Optional<Path> link(Path path) {
      return Optional.ofNullable(links.get(path));
    }

    @Override
    public Optional<Path> sameFile(Path path, Supplier<List<Path>> candidates) {
      return Optional.ofNullable(hardLinks.get(path)).filter(p -> candidates.get().contains(p));
    }

    @Override
    public boolean exists(Path path) {
      return existing.contains(path);
    }
  }
}
