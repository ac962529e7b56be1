package dev.skillwarden.claude;

import dev.skillwarden.claude.ManagedSettings.Client;
import dev.skillwarden.claude.ManagedSettings.Machine;
import dev.skillwarden.claude.ManagedSettings.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Looks at the managed settings of a machine as they are: whose they are, whether every account
/// can read them, and whether what they add up to sends every decision to this machine's daemon.
public final class ManagedCheck {
  private static final String MAKE_AGAIN =
      "make the settings again: skillwarden claude settings --profile standard";

  private final JsonNode inForce;
  private final Map<String, Path> setBy;
  private final Machine machine;
  private final boolean monitor;
  private final List<Finding> findings;

  private ManagedCheck(
      JsonNode inForce,
      Map<String, Path> setBy,
      Machine machine,
      boolean monitor,
      List<Finding> findings) {
    this.inForce = inForce;
    this.setBy = setBy;
    this.machine = machine;
    this.monitor = monitor;
    this.findings = findings;
  }

  /// Everything found, good and bad.
  ///
  /// @param directory where the client looks for `managed-settings.json`
  /// @param owners accounts that may own the files, by number
  /// @param monitor whether the profile that blocks nothing is meant
  public static List<Finding> of(
      Path directory, Machine machine, Set<Integer> owners, boolean monitor) throws IOException {
    return of(directory, machine, owners, Optional.of(monitor));
  }

  /// The same where nobody says which profile is meant: settings without any key that closes
  /// something are taken for the one that blocks nothing.
  public static List<Finding> asDelivered(Path directory, Machine machine, Set<Integer> owners)
      throws IOException {
    return of(directory, machine, owners, Optional.empty());
  }

  private static List<Finding> of(
      Path directory, Machine machine, Set<Integer> owners, Optional<Boolean> monitor)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    Optional<ManagedFiles.Content> content = ManagedFiles.read(directory, owners, findings);
    if (content.isPresent()) {
      JsonNode inForce = content.get().inForce();
      ManagedCheck check =
          new ManagedCheck(
              inForce,
              content.get().setBy(),
              machine,
              monitor.orElseGet(() -> closesNothing(inForce)),
              findings);
      check.run(content.get().mcp());
    }
    return List.copyOf(findings);
  }

  /// The same of settings that came another way than as files.
  ///
  /// @param where for people
  public static List<Finding> ofContent(
      String where, JsonNode settings, Machine machine, boolean monitor) {
    List<Finding> findings = new ArrayList<>();
    ManagedFiles.switches(where, settings, findings);
    new ManagedCheck(settings, Map.of(), machine, monitor, findings).run(Optional.empty());
    return List.copyOf(findings);
  }

  /// The same where nobody says which profile is meant, as with files.
  ///
  /// @param where for people
  public static List<Finding> asDelivered(String where, JsonNode settings, Machine machine) {
    return ofContent(where, settings, machine, closesNothing(settings));
  }

  /// What the files of a directory add up to, as far as this account can read them.
  public static Optional<ObjectNode> inForce(Path directory) throws IOException {
    return ManagedFiles.read(directory, Set.of(), new ArrayList<>())
        .map(ManagedFiles.Content::inForce);
  }

  /// Whether any hook goes to this machine's daemon, in whatever state the settings are.
  public static boolean isDelivered(Path directory, Machine machine) throws IOException {
    return inForce(directory).map(settings -> isDelivered(settings, machine)).orElse(false);
  }

  /// The same of settings that came another way.
  public static boolean isDelivered(JsonNode settings, Machine machine) {
    return hooks(settings).anyMatch(hook -> isOurs(hook, machine));
  }

  private static Stream<JsonNode> hooks(JsonNode settings) {
    return settings.path("hooks").properties().stream()
        .flatMap(event -> event.getValue().valueStream())
        .flatMap(group -> group.path("hooks").valueStream());
  }

  private static boolean closesNothing(JsonNode inForce) {
    return !inForce.has("allowManagedHooksOnly")
        && hooks(inForce).noneMatch(hook -> hook.path("onFailure").asString("").equals("block"));
  }

  private void run(Optional<JsonNode> mcp) {
    hook(FindingCode.HOOK_PRE_TOOL_USE, "PreToolUse", true);
    hook(FindingCode.HOOK_USER_PROMPT_EXPANSION, "UserPromptExpansion", false);
    urls();
    pins();
    if (!monitor) {
      servers(mcp);
    }
  }

  private void hook(FindingCode code, String event, boolean matched) {
    List<String> reasons = new ArrayList<>();
    for (JsonNode group : inForce.path("hooks").path(event)) {
      for (JsonNode hook : group.path("hooks")) {
        if (!isOurs(hook, machine)) {
          continue;
        }
        String wrong = wrong(hook, matched ? group.path("matcher").asString("") : "*");
        if (wrong.isEmpty()) {
          good(code, event + " goes to this machine's daemon");
          return;
        }
        reasons.add(wrong);
      }
    }
    bad(
        code,
        reasons.isEmpty()
            ? "no hook of %s goes to %s".formatted(event, machine.hookUrl())
            : "the hook of %s %s".formatted(event, String.join("; ", reasons)),
        MAKE_AGAIN);
  }

  private static boolean isOurs(JsonNode hook, Machine machine) {
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

  /// A list of addresses that leaves ours out makes every hook of ours fail.
  private void urls() {
    JsonNode allowed = inForce.path("allowedHttpHookUrls");
    if (allowed.isArray()
        && allowed
            .valueStream()
            .map(url -> url.asString(""))
            .noneMatch(url -> matches(url, machine.hookUrl()))) {
      bad(
          FindingCode.HOOK_URLS,
          "allowedHttpHookUrls leaves %s out".formatted(machine.hookUrl()),
          "add it to allowedHttpHookUrls");
    }
  }

  private static boolean matches(String wildcards, String url) {
    return url.matches(
        Arrays.stream(wildcards.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")));
  }

  /// What the profile standard pins, when nothing weaker is meant.
  private void pins() {
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
    // The company's own command is as good as none: what counts is that nobody else names one.
    ManagedSettings.COMMANDS.stream()
        .filter(name -> !monitor && !inForce.path(name).isString())
        .forEach(wrong::add);
    if (!monitor
        && !inForce
            .at("/permissions/disableBypassPermissionsMode")
            .asString("")
            .equals("disable")) {
      wrong.add("permissions.disableBypassPermissionsMode");
    }
    if (wrong.isEmpty()) {
      good(
          FindingCode.PINS,
          monitor
              ? "the profile monitor: a hook that fails blocks nothing"
              : "what could take the hooks away is pinned");
    } else {
      bad(
          FindingCode.PINS,
          "not pinned, or to something else: "
              + wrong.stream().map(this::withFile).collect(Collectors.joining(", ")),
          MAKE_AGAIN + "; a later drop-in wins");
    }
  }

  private String withFile(String key) {
    Path file = setBy.get(key);
    return file == null ? key : "%s (set by %s)".formatted(key, file.getFileName());
  }

  /// Our MCP server comes as a plugin, or in the file that excludes all others.
  private void servers(Optional<JsonNode> mcp) {
    boolean ours =
        mcp.map(m ->
                m.path("mcpServers").properties().stream()
                    .anyMatch(s -> s.getValue().path("url").asString("").equals(machine.mcpUrl())))
            .orElseGet(
                () -> inForce.path("enabledPlugins").path(ManagedSettings.PLUGIN).asBoolean(false));
    if (ours) {
      good(FindingCode.MCP, "search_skills and invoke_skill reach the client");
    } else {
      bad(
          FindingCode.MCP,
          mcp.isPresent()
              ? "managed-mcp.json excludes every other MCP server, and has not " + machine.mcpUrl()
              : "neither the plugin %s nor managed-mcp.json brings search_skills and invoke_skill"
                  .formatted(ManagedSettings.PLUGIN),
          MAKE_AGAIN + " or strict, with --out");
    }
  }

  /// Settings by which a client talks to something else than the model it is started for; empty
  /// when there is none.
  public static List<String> modelElsewhere(JsonNode inForce) {
    Stream<String> variables =
        Stream.of(
                "ANTHROPIC_BASE_URL",
                "ANTHROPIC_UNIX_SOCKET",
                "CLAUDE_CODE_USE_BEDROCK",
                "CLAUDE_CODE_USE_VERTEX",
                "CLAUDE_CODE_USE_FOUNDRY")
            .filter(name -> !inForce.path("env").path(name).asString("").isEmpty())
            .map(name -> "env." + name);
    Stream<String> keys =
        Stream.of("apiKeyHelper", "forceLoginMethod", "forceLoginOrgUUID")
            .filter(name -> !inForce.path(name).asString("").isEmpty());
    return Stream.concat(variables, keys).toList();
  }

  private void good(FindingCode code, String cause) {
    findings.add(Finding.good(code, cause));
  }

  private void bad(FindingCode code, String cause, String next) {
    findings.add(Finding.bad(code, cause, next));
  }
}
