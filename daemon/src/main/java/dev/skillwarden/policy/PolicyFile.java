package dev.skillwarden.policy;

import dev.skillwarden.effect.Effect;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.ValidUntil;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `policy.yaml`, validated.
///
/// @param version number of the file, never goes down
/// @param rules verdicts that differ from the rules' own
/// @param packs services whose destructive commands are judged; none by default
/// @param protectedWrite paths closed to writes on top of the built-in ones
/// @param protectedRead paths closed to reads on top of the built-in ones
/// @param unmanagedSkills what happens to skills the registry does not know
/// @param validUntil when it ends, empty for never
public record PolicyFile(
    int version,
    Mode mode,
    Journaling journal,
    Verdict unmanagedSkills,
    Map<Rule, Verdict> rules,
    Set<Effect.Pack> packs,
    List<String> protectedWrite,
    List<String> protectedRead,
    List<Allowance> allowances,
    Optional<Instant> validUntil) {
  /// Largest accepted file, in bytes.
  public static final int MAX_FILE = 1 << 20;

  /// Whether tool-guard rules stop calls or are only journaled.
  public enum Mode {
    ENFORCE,
    MONITOR
  }

  /// What a failed append does to a decision.
  public enum Journaling {
    REQUIRED,
    BEST_EFFORT
  }

  /// Verdicts as written in the file.
  private enum Written {
    DENY,
    ASK,
    OFF;

    Verdict verdict() {
      return switch (this) {
        case DENY -> Verdict.DENY;
        case ASK -> Verdict.ASK;
        case OFF -> Verdict.NONE;
      };
    }
  }

  private enum Unmanaged {
    ALLOW,
    ASK,
    DENY
  }

  /// Lets one rule pass for one command or one path.
  ///
  /// @param command the whole command text, `*` for any text without shell operators; empty when
  ///   the allowance is for a path
  /// @param path a path and everything below it, `*` for any name; empty when the allowance is for
  ///   a command
  /// @param reason why, for the reviewer of the file
  /// @param expires when it ends
  public record Allowance(Rule rule, String command, String path, String reason, Instant expires) {
    private static final String ANY_TEXT = "[^;|&<>$`()\\n\\\\]*";

    /// Whether the allowance is for the command; `*` takes no operators, so that nothing is
    /// smuggled behind what was meant.
    boolean coversCommand(String text) {
      return !command.isEmpty()
          && (command.indexOf('*') < 0
              ? text.strip().equals(command.strip())
              : Pattern.matches(expression(command.strip(), ANY_TEXT), text.strip()));
    }

    /// Whether the allowance is for the path or one above it.
    boolean coversPath(String absolute, String home) {
      if (path.isEmpty() || absolute.isEmpty()) {
        return false;
      }
      if (path.indexOf('*') < 0) {
        return GuardedPaths.listed(absolute, home, List.of(path));
      }
      String wanted = path.startsWith("~/") ? home + path.substring(1) : path;
      return Pattern.matches(expression(wanted, "[^/]*") + "(?:/.*)?", absolute);
    }

    private static String expression(String pattern, String any) {
      return Arrays.stream(pattern.split("\\*", -1))
          .map(Pattern::quote)
          .collect(Collectors.joining(any));
    }
  }

  public PolicyFile {
    rules = Map.copyOf(rules);
    packs = packs.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(packs));
    protectedWrite = List.copyOf(protectedWrite);
    protectedRead = List.copyOf(protectedRead);
    allowances = List.copyOf(allowances);
  }

  /// One without an end.
  public PolicyFile(
      int version,
      Mode mode,
      Journaling journal,
      Verdict unmanagedSkills,
      Map<Rule, Verdict> rules,
      Set<Effect.Pack> packs,
      List<String> protectedWrite,
      List<String> protectedRead,
      List<Allowance> allowances) {
    this(
        version,
        mode,
        journal,
        unmanagedSkills,
        rules,
        packs,
        protectedWrite,
        protectedRead,
        allowances,
        Optional.empty());
  }

  /// The policy of a home that has no file.
  public static PolicyFile defaults() {
    return new PolicyFile(
        0,
        Mode.ENFORCE,
        Journaling.REQUIRED,
        Verdict.NONE,
        Map.of(),
        Set.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /// Reads the file strictly.
  ///
  /// @throws InvalidTextException with every problem, line and column
  public static PolicyFile parse(String name, byte[] utf8) throws InvalidTextException {
    List<Problem> problems = new ArrayList<>();
    Fields fields = Fields.root(name, StrictYaml.parse(name, utf8, MAX_FILE), problems);
    if (!fields.has("version")) {
      fields.problem("version", "is missing; start with 1 and raise it with every change");
    }
    int version = fields.integer("version", 1, Integer.MAX_VALUE).orElse(1);
    Optional<Instant> validUntil = fields.value("valid_until", ValidUntil::parse);
    Mode mode = fields.oneOf("mode", Mode.class).orElse(Mode.ENFORCE);
    Journaling journal = fields.oneOf("journal", Journaling.class).orElse(Journaling.REQUIRED);
    Unmanaged unmanaged = fields.oneOf("unmanaged_skills", Unmanaged.class).orElse(Unmanaged.ALLOW);
    Map<Rule, Verdict> rules = rules(fields.section("rules"));
    Set<Effect.Pack> packs = packs(fields);
    Fields paths = fields.section("protected_paths");
    List<String> write = paths(paths, "write");
    List<String> read = paths(paths, "read");
    paths.finish();
    List<Allowance> allowances = new ArrayList<>();
    for (Fields entry : fields.sections("allowances")) {
      allowance(entry).ifPresent(allowances::add);
      entry.finish();
    }
    fields.finish();
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    Verdict unmanagedVerdict =
        switch (unmanaged) {
          case ALLOW -> Verdict.NONE;
          case ASK -> Verdict.ASK;
          case DENY -> Verdict.DENY;
        };
    return new PolicyFile(
        version,
        mode,
        journal,
        unmanagedVerdict,
        rules,
        packs,
        write,
        read,
        allowances,
        validUntil);
  }

  private static Map<Rule, Verdict> rules(Fields section) {
    Map<Rule, Verdict> rules = new EnumMap<>(Rule.class);
    for (String id : section.keys()) {
      Optional<Written> verdict = section.oneOf(id, Written.class);
      Optional<Rule> rule = Rule.of(id);
      if (rule.isEmpty()) {
        section.problem(id, unknownRule(id));
      } else if (verdict.isPresent()) {
        if (rule.get().alwaysEnforced() && verdict.get() != Written.DENY) {
          section.problem(id, "cannot be softened; remove the line");
        }
        rules.put(rule.get(), verdict.get().verdict());
      }
    }
    return rules;
  }

  private static Set<Effect.Pack> packs(Fields fields) {
    Set<Effect.Pack> packs = EnumSet.noneOf(Effect.Pack.class);
    Map<String, Effect.Pack> names = new LinkedHashMap<>();
    for (Effect.Pack pack : Effect.Pack.values()) {
      names.put(pack.name().toLowerCase(Locale.ROOT), pack);
    }
    for (String name : fields.texts("packs")) {
      Optional<Effect.Pack> pack = Optional.ofNullable(names.get(name));
      if (pack.isEmpty()) {
        fields.problem(
            "packs",
            "'%s' is no pack%s; there are %s"
                .formatted(
                    name,
                    Suggest.nearest(name, names.keySet()),
                    String.join(", ", names.keySet())));
      } else if (!packs.add(pack.get())) {
        fields.problem("packs", "names '" + name + "' twice");
      }
    }
    return packs;
  }

  /// The same with other packs.
  public PolicyFile with(Set<Effect.Pack> others) {
    return new PolicyFile(
        version,
        mode,
        journal,
        unmanagedSkills,
        rules,
        others,
        protectedWrite,
        protectedRead,
        allowances,
        validUntil);
  }

  /// The same, whose tool-guard rules are only journaled.
  public PolicyFile monitoring() {
    return new PolicyFile(
        version,
        Mode.MONITOR,
        journal,
        unmanagedSkills,
        rules,
        packs,
        protectedWrite,
        protectedRead,
        allowances,
        validUntil);
  }

  /// The same without the allowances that have ended.
  public PolicyFile at(Instant now) {
    if (allowances.stream().allMatch(a -> now.isBefore(a.expires()))) {
      return this;
    }
    return new PolicyFile(
        version,
        mode,
        journal,
        unmanagedSkills,
        rules,
        packs,
        protectedWrite,
        protectedRead,
        allowances.stream().filter(a -> now.isBefore(a.expires())).toList(),
        validUntil);
  }

  private static String unknownRule(String id) {
    List<String> ids = Arrays.stream(Rule.values()).map(Rule::id).toList();
    return "is no rule%s; docs/guard.md lists them".formatted(Suggest.nearest(id, ids));
  }

  private static List<String> paths(Fields section, String key) {
    List<String> paths = section.texts(key);
    for (String path : paths) {
      if (!path.startsWith("/") && !path.startsWith("~/")) {
        section.problem(key, "wants paths that begin with / or ~/, found '" + path + "'");
      }
    }
    return paths;
  }

  private static Optional<Allowance> allowance(Fields entry) {
    Optional<Rule> rule =
        entry
            .requiredText("rule")
            .flatMap(t ->
                entry.value(
                    "rule",
                    id ->
                        Rule.of(id)
                            .orElseThrow(() -> new IllegalArgumentException(unknownRule(id)))));
    String command = entry.text("command").orElse("");
    String path = entry.text("path").orElse("");
    if (command.isBlank() == path.isBlank()) {
      entry.problem("command", "or path is wanted, exactly one of them");
    }
    Optional<String> reason = entry.requiredText("reason");
    Optional<Instant> expires =
        entry
            .requiredText("expires")
            .flatMap(t ->
                entry.value(
                    "expires",
                    when -> {
                      try {
                        return Instant.parse(when);
                      } catch (DateTimeException e) {
                        throw new IllegalArgumentException(
                            "wants a time like 2027-01-31T00:00:00Z, found '" + when + "'", e);
                      }
                    }));
    rule.filter(Rule::alwaysEnforced)
        .ifPresent(r -> entry.problem("rule", r.id() + " takes no allowance"));
    if (rule.isEmpty() || reason.isEmpty() || expires.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new Allowance(rule.get(), command, path, reason.get(), expires.get()));
  }

  /// What the policy wants for a rule, were it enforced.
  public Verdict wanted(Rule rule) {
    return rules.getOrDefault(rule, rule.defaultVerdict());
  }

  /// Whether the rule is only journaled.
  public boolean monitored(Rule rule) {
    return mode == Mode.MONITOR && !rule.alwaysEnforced();
  }
}
