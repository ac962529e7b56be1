package dev.skillwarden.claude;

import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Managed settings as they lie in a directory: whose they are, who can read them, and what they
/// add up to. Files are read as the client does: `managed-settings.json`, then the drop-ins in the
/// order of their names.
final class ManagedFiles {
  private static final int READABLE = 0004;
  private static final int ENTERABLE = 0005;

  private final Path directory;
  private final Set<Integer> owners;
  private final List<Finding> findings;
  private final ObjectNode inForce = Json.object();
  private final Map<String, Path> setBy = new HashMap<>();
  private int read;

  private ManagedFiles(Path directory, Set<Integer> owners, List<Finding> findings) {
    this.directory = directory;
    this.owners = owners;
    this.findings = findings;
  }

  /// What the files of a directory add up to.
  ///
  /// @param inForce all of them, merged
  /// @param mcp `managed-mcp.json`, when it is there and can be read
  /// @param setBy the last file that set a key, by its path: `env.NO_PROXY`
  record Content(ObjectNode inForce, Optional<JsonNode> mcp, Map<String, Path> setBy) {}

  /// @param owners accounts that may own the files, by number
  /// @param findings where to say what is found
  /// @return empty when there are no settings
  static Optional<Content> read(Path directory, Set<Integer> owners, List<Finding> findings)
      throws IOException {
    return new ManagedFiles(directory, owners, findings).read();
  }

  private Optional<Content> read() throws IOException {
    if (Files.exists(directory)
        && !(Files.isReadable(directory) && Files.isExecutable(directory))) {
      closed(directory);
      return Optional.empty();
    }
    List<Path> files = files();
    if (files.isEmpty()) {
      findings.add(
          Finding.bad(
              FindingCode.MANAGED_MISSING,
              "no managed settings in " + directory,
              "write them: skillwarden claude settings --profile standard --out " + directory));
      return Optional.empty();
    }
    owned(directory, ENTERABLE);
    if (Files.exists(dropIns())) {
      owned(dropIns(), ENTERABLE);
    }
    for (Path file : files) {
      settings(file);
    }
    Path mcp = directory.resolve("managed-mcp.json");
    Optional<JsonNode> servers = Files.exists(mcp) ? parsed(mcp) : Optional.empty();
    if (findings.stream().allMatch(Finding::ok)) {
      findings.add(
          Finding.good(
              FindingCode.MANAGED_FILES, read + " files, owned and readable as they must be"));
    }
    return Optional.of(new Content(inForce, servers, setBy));
  }

  private Path dropIns() {
    return directory.resolve("managed-settings.d");
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    Path main = directory.resolve("managed-settings.json");
    if (Files.exists(main)) {
      files.add(main);
    }
    if (Files.isDirectory(dropIns())) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(dropIns(), "*.json")) {
        files.addAll(sorted(found));
      } catch (AccessDeniedException e) {
        closed(dropIns());
      }
    }
    return files;
  }

  /// @throws IOException when the directory cannot be read to its end
  static Set<Path> sorted(Iterable<Path> found) throws IOException {
    Set<Path> sorted = new TreeSet<>();
    try {
      found.forEach(sorted::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return sorted;
  }

  private void closed(Path path) {
    findings.add(
        Finding.bad(
            FindingCode.MANAGED_UNREADABLE,
            "this account cannot read %s: for it there is no policy".formatted(path),
            "chmod %s %s".formatted(Files.isDirectory(path) ? "0755" : "0644", path)));
  }

  /// A file that some account cannot read is no policy for it, without a word.
  private void owned(Path path, int needed) throws IOException {
    FileOwner found = FileOwner.of(path);
    if (!owners.contains(found.uid())) {
      findings.add(
          Finding.bad(
              FindingCode.MANAGED_OWNER,
              "%s belongs to the account with number %d".formatted(path, found.uid()),
              "chown root " + path));
    }
    if (found.isWritableByOthers()) {
      findings.add(
          Finding.bad(
              FindingCode.MANAGED_WRITABLE,
              "%s can be written by others (mode %o)".formatted(path, found.mode()),
              "chmod go-w " + path));
    }
    if ((found.mode() & needed) != needed) {
      findings.add(
          Finding.bad(
              FindingCode.MANAGED_UNREADABLE,
              "not everybody can read %s (mode %o): for whom cannot, there is no policy"
                  .formatted(path, found.mode()),
              "chmod %s %s".formatted(needed == ENTERABLE ? "0755" : "0644", path)));
    }
  }

  private Optional<JsonNode> parsed(Path file) throws IOException {
    owned(file, READABLE);
    read++;
    try {
      JsonNode content = Json.parse(file.toString(), Files.readAllBytes(file));
      if (content.isObject()) {
        return Optional.of(content);
      }
      broken(file, "a JSON object is wanted");
    } catch (AccessDeniedException e) {
      closed(file);
    } catch (InvalidTextException e) {
      broken(file, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  private void broken(Path file, String why) {
    findings.add(
        Finding.bad(
            FindingCode.MANAGED_BROKEN,
            "%s: clients refuse to start: %s".formatted(file, why),
            "repair or replace " + file));
  }

  private void settings(Path file) throws IOException {
    parsed(file)
        .ifPresent(content -> {
          switches(file.toString(), content, findings);
          content
              .properties()
              .forEach(e -> put(inForce, e.getKey(), e.getValue(), e.getKey(), file));
        });
  }

  /// What takes every hook away, wherever it stands.
  static void switches(String where, JsonNode content, List<Finding> findings) {
    if (content.path("disableAllHooks").asBoolean(false)) {
      findings.add(
          Finding.bad(
              FindingCode.HOOKS_OFF,
              where + " switches every hook off",
              "take disableAllHooks out of it"));
    }
    if (content.has("policyHelper")) {
      findings.add(
          Finding.bad(
              FindingCode.POLICY_HELPER,
              where + " names a policyHelper, which runs as the user and can replace the policy",
              "take policyHelper out of it"));
    }
  }

  /// As the client does: lists are joined, of single values the last one counts.
  private void put(ObjectNode into, String key, JsonNode value, String path, Path file) {
    JsonNode present = into.get(key);
    if (present instanceof ArrayNode array && value.isArray()) {
      value.forEach(array::add);
    } else if (value.isObject()) {
      ObjectNode object = present instanceof ObjectNode there ? there : into.putObject(key);
      value
          .properties()
          .forEach(e -> put(object, e.getKey(), e.getValue(), path + "." + e.getKey(), file));
    } else {
      into.set(key, value.deepCopy());
      setBy.put(path, file);
    }
  }
}
