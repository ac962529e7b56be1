package dev.skillwarden.claude;

import dev.skillwarden.claude.ManagedSettings.Client;
import dev.skillwarden.claude.ManagedSettings.Machine;
import dev.skillwarden.claude.ManagedSettings.Profile;
import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Looks at the managed settings of a machine as they are: whose they are, whether every account
/// can read them, and whether what they add up to sends every decision to this machine's daemon.
public final class ManagedCheck {
  private static final int READABLE = 0004;
  private static final int ENTERABLE = 0005;

  private final Path directory;
  private final Machine machine;
  private final Set<Integer> owners;
  private final boolean monitor;
  private final List<Finding> findings = new ArrayList<>();

  private ManagedCheck(Path directory, Machine machine, Set<Integer> owners, boolean monitor) {
    this.directory = directory;
    this.machine = machine;
    this.owners = owners;
    this.monitor = monitor;
  }

  /// Everything found, good and bad.
  ///
  /// @param directory where the client looks for `managed-settings.json`
  /// @param owners accounts that may own the files, by number
  /// @param monitor whether the profile that blocks nothing is meant
  public static List<Finding> of(
      Path directory, Machine machine, Set<Integer> owners, boolean monitor) throws IOException {
    ManagedCheck check = new ManagedCheck(directory, machine, owners, monitor);
    check.run();
    return List.copyOf(check.findings);
  }

  private void run() throws IOException {
    List<Path> files = files();
    if (files.isEmpty()) {
      bad(
          "MANAGED_MISSING",
          "no managed settings in " + directory,
          "write them: skillwarden claude settings --profile standard --out " + directory);
      return;
    }
    owned(directory, ENTERABLE);
    Path dropIns = dropIns();
    if (Files.exists(dropIns)) {
      owned(dropIns, ENTERABLE);
    }
    ObjectNode inForce = Json.object();
    for (Path file : files) {
      owned(file, READABLE);
      read(file, inForce);
    }
    if (findings.stream().allMatch(Finding::ok)) {
      good("MANAGED_FILES", files.size() + " files, owned and readable as they must be");
    }
    hook(inForce, "PreToolUse", true);
    hook(inForce, "UserPromptExpansion", false);
    pins(inForce);
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
        Set<Path> sorted = new TreeSet<>();
        found.forEach(sorted::add);
        files.addAll(sorted);
      }
    }
    return files;
  }

  /// A file that some account cannot read is no policy for it, without a word.
  private void owned(Path path, int needed) throws IOException {
    FileOwner found = FileOwner.of(path);
    if (!owners.contains(found.uid())) {
      bad(
          "MANAGED_OWNER",
          "%s belongs to the account with number %d".formatted(path, found.uid()),
          "chown root:root " + path);
    }
    if (found.isWritableByOthers()) {
      bad(
          "MANAGED_WRITABLE",
          "%s can be written by others (mode %o)".formatted(path, found.mode()),
          "chmod go-w " + path);
    }
    if ((found.mode() & needed) != needed) {
      bad(
          "MANAGED_UNREADABLE",
          "not everybody can read %s (mode %o): for whom cannot, there is no policy"
              .formatted(path, found.mode()),
          "chmod %s %s".formatted(needed == ENTERABLE ? "0755" : "0644", path));
    }
  }

  private void read(Path file, ObjectNode inForce) {
    JsonNode content;
    try {
      content = Json.parse(file.toString(), Files.readAllBytes(file));
    } catch (InvalidTextException | IOException e) {
      bad(
          "MANAGED_BROKEN",
          "clients refuse to start: " + e.getMessage(),
          "repair or replace " + file);
      return;
    }
    if (content.path("disableAllHooks").asBoolean(false)) {
      bad("HOOKS_OFF", file + " switches every hook off", "take disableAllHooks out of it");
    }
    if (content.has("policyHelper")) {
      bad(
          "POLICY_HELPER",
          file + " names a policyHelper, which runs as the user and can replace the policy",
          "take policyHelper out of it");
    }
    content.properties().forEach(e -> put(inForce, e.getKey(), e.getValue()));
  }

  /// As the client does: lists are joined, of single values the last one counts.
  private static void put(ObjectNode into, String key, JsonNode value) {
    JsonNode present = into.get(key);
    if (present instanceof ObjectNode object && value.isObject()) {
      value.properties().forEach(e -> put(object, e.getKey(), e.getValue()));
    } else if (present instanceof ArrayNode array && value.isArray()) {
      value.forEach(array::add);
    } else {
      into.set(key, value.deepCopy());
    }
  }

  private void hook(JsonNode inForce, String event, boolean matched) {
    List<String> reasons = new ArrayList<>();
    for (JsonNode group : inForce.path("hooks").path(event)) {
      for (JsonNode hook : group.path("hooks")) {
        if (!isOurs(hook)) {
          continue;
        }
        String wrong = wrong(hook, matched ? group.path("matcher").asString("") : "*");
        if (wrong.isEmpty()) {
          good("HOOK_" + event, event + " goes to this machine's daemon");
          return;
        }
        reasons.add(wrong);
      }
    }
    bad(
        "HOOK_" + event,
        reasons.isEmpty()
            ? "no hook of %s goes to %s".formatted(event, machine.hookUrl())
            : "the hook of %s %s".formatted(event, String.join("; ", reasons)),
        "make the settings again: skillwarden claude settings --profile standard");
  }

  private boolean isOurs(JsonNode hook) {
    return hook.path("url").asString("").equals(machine.hookUrl())
        || hook.path("command").asString("").equals(machine.relay().toString());
  }

  private String wrong(JsonNode hook, String matcher) {
    if (!matcher.equals("*")) {
      return "has the matcher '%s' instead of '*'".formatted(matcher);
    }
    if (hook.path("async").asBoolean(false) || hook.has("if")) {
      return "is asynchronous or conditional, and so lets calls through";
    }
    boolean relay = hook.has("command");
    if (relay && !hook.has("args")) {
      return "is in shell form, which a shell prefix can replace; it wants args";
    }
    boolean closed = hook.path("onFailure").asString("").equals("block");
    return closed || monitor ? "" : "lets calls through when it fails (no onFailure: block)";
  }

  /// What the profile standard pins, when nothing weaker is meant.
  private void pins(JsonNode inForce) {
    ObjectNode wanted =
        ManagedSettings.of(
                monitor ? Profile.MONITOR : Profile.STANDARD, Client.CURRENT, machine, List.of())
            .settings();
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, JsonNode> variable : wanted.path("env").properties()) {
      String name = variable.getKey();
      String found = inForce.path("env").path(name).asString("\0");
      String value = variable.getValue().stringValue();
      boolean holds =
          ManagedSettings.NO_PROXY.contains(name)
              ? Arrays.asList(found.split(",", -1)).containsAll(List.of(value.split(",", -1)))
              : found.equals(value) || name.equals(ManagedSettings.PORT_VARIABLE);
      if (!holds) {
        wrong.add("env." + name);
      }
    }
    for (Map.Entry<String, JsonNode> key : wanted.properties()) {
      if (key.getValue().isBoolean() && !inForce.path(key.getKey()).equals(key.getValue())) {
        wrong.add(key.getKey());
      }
    }
    if (!monitor
        && !inForce
            .at("/permissions/disableBypassPermissionsMode")
            .asString("")
            .equals("disable")) {
      wrong.add("permissions.disableBypassPermissionsMode");
    }
    if (wrong.isEmpty()) {
      good("PINS", "what could take the hooks away is pinned");
    } else {
      bad(
          "PINS",
          "not pinned, or to something else: " + String.join(", ", wrong),
          "make the settings again: skillwarden claude settings --profile standard");
    }
  }

  private void good(String code, String cause) {
    findings.add(Finding.good(code, cause));
  }

  private void bad(String code, String cause, String next) {
    findings.add(Finding.bad(code, cause, next));
  }
}
