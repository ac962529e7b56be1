package dev.skillwarden.policy;

import dev.skillwarden.effect.Addresses;
import dev.skillwarden.effect.Content;
import dev.skillwarden.effect.Effect;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.Paths;
import dev.skillwarden.effect.ShellAnalyzer;
import dev.skillwarden.effect.Taints;
import dev.skillwarden.policy.PolicyFile.Allowance;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The tool guard: one tool call in, one decision out. Pure: the instant and the [FileView] are
/// parameters.
public final class ToolPolicy {
  private static final Set<String> SHELL_TOOLS = Set.of("Bash", "Monitor", "PowerShell");
  private static final Map<String, String> FILE_TOOLS =
      Map.of(
          "Write", "file_path",
          "Edit", "file_path",
          "MultiEdit", "file_path",
          "NotebookEdit", "notebook_path",
          "Read", "file_path");
  private static final Set<String> COMMAND_KEYS =
      Set.of("command", "cmd", "script", "shell_command", "commandline", "command_line", "bash");
  private static final Set<String> PATH_KEYS =
      Set.of(
          "file_path",
          "filepath",
          "path",
          "file",
          "filename",
          "notebook_path",
          "target",
          "destination",
          "source",
          "uri");
  private static final Pattern OTHER_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://");
  private static final int MAX_ARGUMENTS = 2_000;
  private static final int MAX_PATHS = 32;

  private final PolicyFile policy;
  private final GuardedPaths guarded;

  public ToolPolicy(PolicyFile policy, GuardedPaths guarded) {
    this.policy = policy;
    this.guarded = guarded;
  }

  /// Something in a call that a rule may be about.
  private record Seen(Optional<Rule> rule, String span, String about) {}

  /// A decision, and what the call writes that later calls of the session may run.
  ///
  /// @param written by absolute path
  public record Judged(ToolDecision decision, Map<String, Content> written) {}

  /// Decides one call.
  public ToolDecision decide(ToolCall call, FileView files, Instant now) {
    return judge(call, files, now).decision();
  }

  /// Decides one call and tells what it writes.
  public Judged judge(ToolCall call, FileView files, Instant now) {
    Map<String, Content> written = new LinkedHashMap<>();
    List<Seen> seen = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    if (!call.input().isObject()) {
      seen.add(malformed("the arguments are no JSON object"));
    } else if (SHELL_TOOLS.contains(call.tool())) {
      shellTool(call, files, seen, effects, written);
    } else if (FILE_TOOLS.containsKey(call.tool())) {
      fileTool(call, FILE_TOOLS.get(call.tool()), files, seen, effects);
      contents(call, files, seen, effects, written);
    } else {
      anyTool(call, files, seen, effects);
      contents(call, files, seen, effects, written);
    }
    if (files.overrun()) {
      seen.add(new Seen(Optional.of(Rule.PATHS_NOT_LOOKED_UP), "", ""));
    }
    return new Judged(decision(call, seen, effects, now), written);
  }

  /// Judges and remembers the texts that a tool writes to the paths it names.
  private void contents(
      ToolCall call,
      FileView files,
      List<Seen> seen,
      List<Effect> effects,
      Map<String, Content> written) {
    List<String> texts = content(call);
    for (Effect effect : List.copyOf(effects)) {
      if (effect instanceof Effect.Write w && w.content().isEmpty()) {
        texts.forEach(t -> planted(call, w.path(), t, files, seen));
        remember(call, w.path(), written);
      }
    }
  }

  /// The texts a file tool writes.
  private static List<String> content(ToolCall call) {
    List<String> texts = new ArrayList<>();
    for (String key : List.of("content", "new_string", "new_source")) {
      if (call.input().path(key).isString()) {
        texts.add(call.input().path(key).stringValue());
      }
    }
    call.input().path("edits").forEach(e -> texts.add(e.path("new_string").asString("")));
    return texts;
  }

  /// A script that is written now may be run later. A part of a file says nothing of the whole, so
  /// the rest of it stays what it was.
  private static void remember(ToolCall call, String path, Map<String, Content> written) {
    JsonNode content = call.input().path("content");
    Content before = call.remembered().getOrDefault(path, Content.of(Taints.NONE));
    boolean whole = content.isString() && content.stringValue().length() <= Content.MAX_TEXT;
    written.put(
        path,
        whole
            ? new Content(Taints.NONE, Optional.of(content.stringValue()))
            : Content.of(content.isString() ? Taints.NONE : before.taints()));
  }

  private static Seen malformed(String what) {
    return new Seen(Optional.of(Rule.MALFORMED_INPUT), what, "");
  }

  private void shellTool(
      ToolCall call,
      FileView files,
      List<Seen> seen,
      List<Effect> effects,
      Map<String, Content> written) {
    JsonNode command = call.input().path("command");
    if (!command.isString()) {
      seen.add(
          malformed(
              "'command' wants text, found "
                  + command.getNodeType().name().toLowerCase(Locale.ROOT)));
      return;
    }
    written.putAll(shell(call, command.stringValue(), files, seen, effects));
  }

  private Map<String, Content> shell(
      ToolCall call, String command, FileView files, List<Seen> seen, List<Effect> effects) {
    ShellRules rules = new ShellRules(call, policy, guarded, files);
    ShellAnalyzer.Analysis found =
        analyzed(
            call.tool().equals("PowerShell"),
            command,
            new ShellAnalyzer.Context(
                call.cwd(), call.home(), call.environment(), files, call.remembered()));
    for (Effect effect : found.effects()) {
      seen.add(new Seen(rules.rule(effect), effect.span(), path(effect)));
      if (effect instanceof Effect.Write w && !w.content().isEmpty()) {
        planted(call, w.path(), w.content(), files, seen);
      }
    }
    effects.addAll(found.effects());
    return found.written();
  }

  private static ShellAnalyzer.Analysis analyzed(
      boolean powerShell, String command, ShellAnalyzer.Context context) {
    return powerShell
        ? ShellAnalyzer.analyzePowerShell(command, context)
        : ShellAnalyzer.analyze(command, context);
  }

  /// What is written is judged by what it would run.
  private void planted(
      ToolCall call, String path, String content, FileView files, List<Seen> seen) {
    ShellRules rules = new ShellRules(call, policy, guarded, files);
    ShellAnalyzer.Context context =
        new ShellAnalyzer.Context(
            call.projectRoot(), call.home(), call.environment(), files, Map.of());
    for (PlantedContent.Plant plant :
        PlantedContent.judge(
            path,
            call.home().toString(),
            content,
            command ->
                ShellAnalyzer.analyze(command, context).effects().stream()
                    .flatMap(e -> rules.rule(e).stream())
                    .collect(Collectors.toSet()))) {
      seen.add(new Seen(Optional.of(plant.rule()), plant.span(), path));
    }
  }

  private static String path(Effect effect) {
    return switch (effect) {
      case Effect.Delete d -> d.path();
      case Effect.Write w -> w.path();
      case Effect.Read r -> r.path();
      default -> "";
    };
  }

  private void fileTool(
      ToolCall call, String key, FileView files, List<Seen> seen, List<Effect> effects) {
    JsonNode path = call.input().path(key);
    if (!path.isString() || path.stringValue().isBlank() || path.stringValue().indexOf('\0') >= 0) {
      seen.add(malformed("'%s' wants a path as text".formatted(key)));
      return;
    }
    path(call, path.stringValue(), !call.tool().equals("Read"), files, seen, effects);
  }

  private void path(
      ToolCall call,
      String path,
      boolean write,
      FileView files,
      List<Seen> seen,
      List<Effect> effects) {
    ShellRules rules = new ShellRules(call, policy, guarded, files);
    Path cwd = Path.of(Paths.resolve(call.cwd().toString(), Path.of("/"), call.home(), files));
    String resolved = Paths.resolve(path, cwd, call.home(), files);
    Optional<Rule> rule =
        write
            ? rules.write(resolved).or(() -> rules.secretByName(resolved))
            : rules.read(resolved).or(() -> rules.throughProcess(path));
    seen.add(new Seen(rule, path, resolved));
    effects.add(
        write ? new Effect.Write(resolved, true, "", path) : new Effect.Read(resolved, path));
  }

  /// Any other tool: its command-like and path-like arguments, wherever they stand.
  private void anyTool(ToolCall call, FileView files, List<Seen> seen, List<Effect> effects) {
    List<JsonNode> open = new ArrayList<>(List.of(call.input()));
    String name = call.tool().toLowerCase(Locale.ROOT);
    boolean writes =
        name.matches(
            ".*(write|edit|create|delete|remove|move|rename|patch|append|save|put|upload_file).*");
    int visited = 0;
    while (!open.isEmpty()) {
      JsonNode node = open.removeLast();
      if (++visited > MAX_ARGUMENTS) {
        seen.add(
            new Seen(
                Optional.of(Rule.ANALYSIS_BUDGET_EXCEEDED),
                "more than " + MAX_ARGUMENTS + " arguments",
                ""));
        return;
      }
      if (node.isArray()) {
        node.forEach(open::add);
      }
      if (node.isObject()) {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
          argument(
              call,
              singular(entry.getKey().toLowerCase(Locale.ROOT)),
              entry.getValue(),
              writes,
              files,
              seen,
              effects);
          open.add(entry.getValue());
        }
      }
    }
  }

  /// `paths` as `path`, `commands` as `command`.
  private static String singular(String key) {
    return key.endsWith("s") ? key.substring(0, key.length() - 1) : key;
  }

  private void argument(
      ToolCall call,
      String key,
      JsonNode value,
      boolean writes,
      FileView files,
      List<Seen> seen,
      List<Effect> effects) {
    if (COMMAND_KEYS.contains(key)) {
      if (value.isString()) {
        shell(call, value.stringValue(), files, seen, effects);
      } else if (value.isArray()) {
        shell(call, words(value), files, seen, effects);
        value.forEach(v -> {
          if (v.isString()) { // a list of commands, not of words
            shell(call, v.stringValue(), files, seen, effects);
          }
        });
      } else if (call.tool().startsWith("mcp__") && value.isObject()) {
        return; // a structure of its own; its members are looked at in turn
      }
    } else if (PATH_KEYS.contains(key) && value.isString()) {
      pathArgument(call, value.stringValue(), writes, files, seen, effects);
    } else if (PATH_KEYS.contains(key) && value.isArray()) {
      value.forEach(v -> {
        if (v.isString()) {
          pathArgument(call, v.stringValue(), writes, files, seen, effects);
        }
      });
    } else if (key.equals("url") && value.isString()) {
      String url = value.stringValue();
      if (Addresses.isMetadata(url)) {
        effects.add(new Effect.Network("metadata", url));
        seen.add(new Seen(Optional.of(Rule.CLOUD_METADATA), url, ""));
      } else if (guarded.addresses(url)) {
        seen.add(new Seen(Optional.of(Rule.GUARD_SELF_ACCESS), url, ""));
      }
    }
  }

  private void pathArgument(
      ToolCall call,
      String value,
      boolean writes,
      FileView files,
      List<Seen> seen,
      List<Effect> effects) {
    String path = value.replaceFirst("(?i)^file:(//[^/]*)?(?=/)", "");
    if (!path.isBlank() && !OTHER_SCHEME.matcher(path).lookingAt()) {
      path(call, path.replace('\0', '_'), writes, files, seen, effects);
    }
  }

  /// An argument vector as shell text with every word quoted.
  private static String words(JsonNode array) {
    List<String> words = new ArrayList<>();
    array.forEach(n -> words.add("'" + n.asString("").replace("'", "'\\''") + "'"));
    return String.join(" ", words);
  }

  private ToolDecision decision(ToolCall call, List<Seen> seen, List<Effect> effects, Instant now) {
    Optional<Seen> enforced = strictest(call, seen, now, r -> !policy.monitored(r));
    Optional<Seen> monitored = strictest(call, seen, now, policy::monitored);
    List<String> described = ShellRules.describe(effects);
    List<String> paths = changed(effects);
    if (enforced.isEmpty() && monitored.isEmpty()) {
      return ToolDecision.none(described, paths);
    }
    Seen worst = enforced.or(() -> monitored).orElseThrow();
    Rule rule = worst.rule().orElseThrow();
    return new ToolDecision(
        enforced.isPresent() ? policy.wanted(rule) : Verdict.NONE,
        rule.id(),
        (enforced.isPresent() ? "" : "Only monitored: ") + "This call " + rule.reason() + ".",
        cut(worst.span()),
        rule.suggestion(),
        described,
        paths);
  }

  /// The first of the strictest among the rules in question that object.
  private Optional<Seen> strictest(
      ToolCall call, List<Seen> seen, Instant now, Predicate<Rule> among) {
    Optional<Seen> worst = Optional.empty();
    Verdict verdict = Verdict.NONE;
    for (Seen one : seen) {
      if (one.rule().isEmpty() || !among.test(one.rule().get()) || allowed(one, call, now)) {
        continue;
      }
      Verdict wanted = policy.wanted(one.rule().get());
      // Of a secret that is read and then sent away, the sending is told.
      boolean tellsMore =
          wanted == verdict
              && one.rule().get() == Rule.CREDENTIAL_EXFIL
              && worst.flatMap(Seen::rule).equals(Optional.of(Rule.CREDENTIAL_READ));
      if (wanted.compareTo(verdict) > 0 || tellsMore) {
        verdict = wanted;
        worst = Optional.of(one);
      }
    }
    return worst;
  }

  private boolean allowed(Seen seen, ToolCall call, Instant now) {
    for (Allowance allowance : policy.allowances()) {
      if (seen.rule().equals(Optional.of(allowance.rule())) && now.isBefore(allowance.expires())) {
        boolean sameCommand = allowance.coversCommand(call.input().path("command").asString(""));
        boolean underPath = allowance.coversPath(seen.about(), call.home().toString());
        if (sameCommand || underPath) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<String> changed(List<Effect> effects) {
    Set<String> paths = new LinkedHashSet<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Delete || effect instanceof Effect.Write) {
        paths.add(path(effect).replace('\uFFFF', '?'));
      }
    }
    return paths.stream().limit(MAX_PATHS).toList();
  }

  private static String cut(String span) {
    String line = span.strip().replaceAll("\\s+", " ");
    return line.length() <= 200 ? line : line.substring(0, 199) + "…";
  }
}
