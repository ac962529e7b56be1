package dev.skillwarden.claude;

import dev.skillwarden.text.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Managed settings of a machine whose daemon runs under an account of its own. One static policy:
/// never a `policyHelper`, which runs as the user and so lets him replace the policy.
public final class ManagedSettings {
  /// First version of the client that knows `onFailure`; older ones ignore it silently.
  public static final String MINIMUM_VERSION = "2.1.295";

  /// Name of our marketplace, of its plugin, and of the MCP server in it.
  static final String NAME = "skillwarden";

  static final String PLUGIN = NAME + "@" + NAME;

  /// The port for the plugin's `.mcp.json`.
  static final String PORT_VARIABLE = "SKILLWARDEN_MCP_PORT";

  static final List<String> NO_PROXY = List.of("NO_PROXY", "no_proxy");

  static final String LOOPBACK = "127.0.0.1,localhost";

  private static final List<String> TOOLS = List.of("search_skills", "invoke_skill");

  /// Variables by which a process loads code of others, sends its traffic elsewhere or gives its
  /// keys away. A managed value wins over the user's settings and environment, also an empty one.
  private static final List<String> EMPTIED =
      List.of(
          "CLAUDE_CODE_SHELL_PREFIX",
          "LD_PRELOAD",
          "LD_AUDIT",
          "LD_LIBRARY_PATH",
          "DYLD_INSERT_LIBRARIES",
          "BASH_ENV",
          "ENV",
          "CURL_HOME",
          "SSLKEYLOGFILE");

  /// Settings that name a command the client runs by itself, before any hook and without one. A
  /// managed value wins over those of user and project, also an empty one.
  static final List<String> COMMANDS =
      List.of(
          "apiKeyHelper",
          "awsAuthRefresh",
          "awsCredentialExport",
          "gcpAuthRefresh",
          "otelHeadersHelper",
          "proxyAuthHelper");

  private ManagedSettings() {}

  /// How much the settings hold.
  public enum Profile {
    /// Watches: nothing is blocked by the client, and nothing is taken from developers.
    MONITOR,
    /// Closed where the daemon does not answer.
    STANDARD,
    /// Also nothing but managed permissions, MCP servers and plugins.
    STRICT
  }

  /// Which clients there are.
  public enum Client {
    CURRENT,
    /// Without `onFailure`: an HTTP hook that fails lets the call through, the relay does not.
    OLD
  }

  /// Where the machine has what the settings name.
  ///
  /// @param port loopback port of the daemon, 1 to 65535
  /// @param program where the program is installed, absolute
  /// @param caBundle authorities for the port, absolute
  /// @param controlSocket for the relay; empty where it cannot run, so that `SessionStart` and
  ///   `ConfigChange` have no hook
  public record Machine(int port, Path program, Path caBundle, Optional<Path> controlSocket) {
    public Machine {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("port wants 1 to 65535, found " + port);
      }
    }

    /// By name: the client's TLS refuses a chain in which an address meets a constraint on
    /// addresses, as the one of our authority.
    String hookUrl() {
      return "https://localhost:%d/v1/hooks/claude-code".formatted(port);
    }

    String mcpUrl() {
      return "https://localhost:%d/mcp".formatted(port);
    }

    public Path relay() {
      return program.resolve("hooks/skillwarden-relay");
    }
  }

  /// @param settings for `managed-settings.json`
  /// @param mcp for `managed-mcp.json`, which excludes every other MCP server
  public record Documents(ObjectNode settings, Optional<ObjectNode> mcp) {}

  /// @param secrets paths below a home that the client itself must not read
  public static Documents of(
      Profile profile, Client client, Machine machine, List<String> secrets) {
    ObjectNode root = Json.object();
    if (profile != Profile.MONITOR && client == Client.CURRENT) {
      root.put("requiredMinimumVersion", MINIMUM_VERSION);
    }
    if (profile != Profile.MONITOR) {
      root.put("allowManagedHooksOnly", true)
          .put("disableSkillShellExecution", true)
          .put("disableSideloadFlags", true);
      COMMANDS.forEach(name -> root.put(name, ""));
    }
    if (profile == Profile.STRICT) {
      root.put("allowManagedPermissionRulesOnly", true).put("strictPluginOnlyCustomization", true);
      root.putArray("strictKnownMarketplaces");
    }
    environment(root.putObject("env"), profile, machine);
    hooks(root.putObject("hooks"), profile, client, machine);
    if (profile != Profile.MONITOR) {
      permissions(root.putObject("permissions"), profile, secrets);
    }
    if (profile == Profile.STANDARD) {
      plugin(root, machine);
    }
    return new Documents(
        root, profile == Profile.STRICT ? Optional.of(exclusive(machine)) : Optional.empty());
  }

  /// The proxy variables stay the company's own: with the loopback excepted, and the daemon proven
  /// by its certificate, no proxy can answer for it.
  private static void environment(ObjectNode env, Profile profile, Machine machine) {
    NO_PROXY.forEach(name -> env.put(name, LOOPBACK));
    env.put("NODE_EXTRA_CA_CERTS", machine.caBundle().toString());
    if (profile == Profile.MONITOR) {
      return;
    }
    env.put("NODE_TLS_REJECT_UNAUTHORIZED", "1").put("CLAUDE_CODE_CERT_STORE", "bundled");
    EMPTIED.forEach(name -> env.put(name, ""));
    if (profile == Profile.STANDARD) {
      env.put(PORT_VARIABLE, Integer.toString(machine.port()));
    }
  }

  private static void hooks(ObjectNode hooks, Profile profile, Client client, Machine machine) {
    for (String event : ClaudeSettings.OVER_HTTP) {
      ArrayNode group = ClaudeSettings.entry(hooks, event, ClaudeSettings.MATCHED.contains(event));
      boolean decides = event.equals("PreToolUse") || event.equals("UserPromptExpansion");
      ObjectNode hook =
          client == Client.OLD && decides
              ? relay(group.addObject(), event, machine)
              : group.addObject().put("type", "http").put("url", machine.hookUrl());
      finish(hook, profile);
    }
    if (machine.controlSocket().isEmpty()) {
      return;
    }
    for (String event : List.of("SessionStart", "ConfigChange")) {
      // The relay blocks a change of settings by itself when no daemon answers: too much to watch.
      if (profile != Profile.MONITOR || event.equals("SessionStart")) {
        finish(
            relay(ClaudeSettings.entry(hooks, event, false).addObject(), event, machine), profile);
      }
    }
  }

  private static ObjectNode relay(ObjectNode hook, String event, Machine machine) {
    hook.put("type", "command").put("command", machine.relay().toString());
    hook.putArray("args")
        .add("--socket")
        .add(machine.controlSocket().orElseThrow().toString())
        .add("--event")
        .add(event);
    return hook;
  }

  private static void finish(ObjectNode hook, Profile profile) {
    hook.put("timeout", ClaudeSettings.TIMEOUT_SECONDS);
    if (profile != Profile.MONITOR) {
      hook.put("onFailure", "block");
    }
  }

  private static void permissions(ObjectNode permissions, Profile profile, List<String> secrets) {
    permissions.put("disableBypassPermissionsMode", "disable");
    String server = profile == Profile.STRICT ? NAME : "plugin_%1$s_%1$s".formatted(NAME);
    ArrayNode allow = permissions.putArray("allow");
    TOOLS.forEach(tool -> allow.add("mcp__%s__%s".formatted(server, tool)));
    ArrayNode deny = permissions.putArray("deny");
    // An `@file` in a prompt is read by the client itself, without a hook.
    for (String secret : secrets) {
      deny.add("Read(~/%s)".formatted(secret)).add("Read(~/%s/**)".formatted(secret));
    }
  }

  private static void plugin(ObjectNode root, Machine machine) {
    ObjectNode marketplace = root.putObject("extraKnownMarketplaces").putObject(NAME);
    marketplace
        .putObject("source")
        .put("source", "directory")
        .put("path", machine.program().resolve("hooks/plugin").toString());
    marketplace.put("autoUpdate", true);
    root.putObject("enabledPlugins").put(PLUGIN, true);
  }

  private static ObjectNode exclusive(Machine machine) {
    ObjectNode root = Json.object();
    root.putObject("mcpServers").putObject(NAME).put("type", "http").put("url", machine.mcpUrl());
    return root;
  }
}
