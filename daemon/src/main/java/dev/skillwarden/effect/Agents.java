package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Coding agents and this guard's own program: what changes the tools and hooks agents run with, or
/// starts one without them.
final class Agents {
  private static final List<String> PROGRAMS =
      List.of(
          "claude",
          "codex",
          "gemini",
          "opencode",
          "amp",
          "copilot",
          "goose",
          "cursor-agent",
          "cline",
          "qwen",
          "kiro",
          "kiro-cli",
          "hermes",
          "pi",
          "droid",
          "crush",
          "auggie",
          "devin",
          "openclaw");

  /// Options that start an agent without its hooks, plugins or questions.
  private static final Set<String> UNGUARDED =
      Set.of(
          "--dangerously-skip-permissions",
          "--allow-dangerously-skip-permissions",
          "--dangerously-bypass-approvals-and-sandbox",
          "--dangerously-allow-all",
          "--safe-mode",
          "--bare",
          "--pure",
          "--no-extensions",
          "--disable-extensions",
          "--no-plugins",
          "--disable-plugins",
          "--no-hooks",
          "--disable-hooks");

  private static final Set<String> PARTS =
      Set.of("mcp", "plugin", "plugins", "extension", "extensions", "hook", "hooks", "config");
  private static final Set<String> REMOVES =
      Set.of("remove", "rm", "uninstall", "disable", "delete", "clear", "unset", "unlink", "off");
  private static final Set<String> CHANGES =
      Set.of(
          "add",
          "add-json",
          "add-from-claude-desktop",
          "install",
          "enable",
          "link",
          "update",
          "set",
          "reset-project-choices");

  /// What an agent may do with the guard's own program: look.
  private static final Set<String> LOOKS =
      Set.of(
          "",
          "status",
          "doctor",
          "search",
          "list",
          "resolve",
          "explain",
          "help",
          "version",
          "claude",
          "lint",
          "journal",
          "policy",
          "new",
          "init",
          "who-can",
          "what-can",
          "report",
          "index");

  private Agents() {}

  static void register(Map<String, Commands.Handler> handlers) {
    PROGRAMS.forEach(p -> handlers.put(p, Agents::agent));
    handlers.put("skillwarden", Agents::guard);
    handlers.put("skillwarden-relay", Agents::guard);
  }

  private static Content agent(Call call) {
    if (call.hasAny(Set.of("--help", "-h", "--version"))) {
      return Content.PLAIN;
    }
    List<String> words =
        call.arguments().stream().map(Value::text).filter(t -> !t.startsWith("-")).toList();
    String part = words.isEmpty() ? "" : words.getFirst();
    String verb = words.size() > 1 ? words.get(1) : "";
    boolean market = verb.equals("marketplace") && words.size() > 2;
    String change = market ? words.get(2) : verb;
    boolean parts = PARTS.contains(part);
    boolean hooks = part.startsWith("hook") || (part.equals("config") && mentions(words, "hook"));
    boolean guards = part.startsWith("plugin") || part.startsWith("extension") || hooks;
    if (part.equals("mcp") && verb.equals("serve") && call.name().equals("claude")) {
      call.emit(What.CLIENT_MCP_SERVE);
    }
    if (call.hasAny(UNGUARDED) || embedded(call) || (guards && REMOVES.contains(change))) {
      call.emit(What.GUARD_CONTROL);
    } else if (parts && (CHANGES.contains(change) || REMOVES.contains(change))) {
      call.emit(What.AGENT_CONFIG);
    }
    return Content.of(call.in().taints());
  }

  /// Whether another program speaks with the client: it may register hooks of its own, which
  /// replace what was judged, and no managed setting keeps it from that.
  private static boolean embedded(Call call) {
    List<String> words = call.arguments().stream().map(Value::text).toList();
    int option = words.indexOf("--input-format");
    return call.name().equals("claude")
        && (words.contains("--input-format=stream-json")
            || (option >= 0
                && option + 1 < words.size()
                && words.get(option + 1).equals("stream-json")));
  }

  private static boolean mentions(List<String> words, String part) {
    return words.stream().anyMatch(w -> w.contains(part));
  }

  private static Content guard(Call call) {
    String verb =
        call.arguments().stream()
            .map(Value::text)
            .filter(t -> !t.startsWith("-"))
            .findFirst()
            .orElse("");
    if (Set.of("invoke", "appeal").contains(verb)) {
      call.emit(What.GUARD_ACCESS);
    } else if (!LOOKS.contains(verb)) {
      call.emit(What.GUARD_CONTROL);
    }
    return Content.PLAIN;
  }

  /// Whether a package manager takes the guard's program away or puts another in its place.
  static void packaged(Call call) {
    boolean changes = call.hasAny(INSTALLS);
    boolean guard =
        call.arguments().stream()
            .map(a -> ShellAnalyzer.base(a.text().replaceFirst("/+$", "")))
            .anyMatch(n -> n.equals("skillwarden") || n.startsWith("skillwarden-"));
    if (changes && guard) {
      call.emit(What.GUARD_CONTROL);
    }
  }

  private static final Set<String> INSTALLS =
      Set.of(
          "uninstall",
          "install",
          "reinstall",
          "remove",
          "purge",
          "autoremove",
          "rm",
          "erase",
          "unlink",
          "un",
          "-R",
          "-r",
          "-e",
          "--erase",
          "--remove",
          "--purge",
          "del");
}
