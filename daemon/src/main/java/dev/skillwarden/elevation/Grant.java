package dev.skillwarden.elevation;

import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/// What one grant says.
public sealed interface Grant {
  /// Largest text that is read, in bytes.
  int MAX_BYTES = 16 << 10;

  /// What every grant has.
  Terms terms();

  /// What it is for, in one word of the document.
  String kind();

  /// Longest time one of its kind may last.
  Duration longest();

  /// What every grant has.
  ///
  /// @param device name of the one machine it is for, as its journal has it
  /// @param notBefore from when it holds
  /// @param expires from when it holds no longer
  /// @param nonce random, 32 to 128 hex digits; a grant is taken once
  /// @param reason why, 1 to 500 characters
  record Terms(String device, Instant notBefore, Instant expires, String nonce, String reason) {
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern NONCE = Pattern.compile("([0-9a-f]{2}){16,64}");
    private static final int MAX_REASON = 500;

    /// New terms, with a nonce of their own.
    public static Terms of(
        String device, Instant notBefore, Instant expires, String reason, RandomGenerator random) {
      byte[] nonce = new byte[16];
      random.nextBytes(nonce);
      return new Terms(device, notBefore, expires, HexFormat.of().formatHex(nonce), reason);
    }

    /// Whether it holds at this time.
    boolean hold(Instant now) {
      return !now.isBefore(notBefore) && now.isBefore(expires);
    }
  }

  /// Opens sensitive skills to one account.
  ///
  /// @param skill the one skill of the team, empty for all its sensitive ones
  /// @param account login name
  /// @param session the client's id of the one session it holds in, empty for any and for none
  /// @param maxUses how many loads it opens, 1 to [#MAX_USES]
  record Skills(
      Terms terms,
      String team,
      Optional<String> skill,
      String account,
      Optional<String> session,
      int maxUses)
      implements Grant {
    public static final String KIND = "elevation";
    public static final Duration LONGEST = Duration.ofHours(24);
    public static final int MAX_USES = 1_000;

    /// `team/name` or `team/*`.
    public String pattern() {
      return team + "/" + skill.orElse("*");
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public Duration longest() {
      return LONGEST;
    }
  }

  /// Lets the tool guard only watch.
  record BreakGlass(Terms terms) implements Grant {
    public static final String KIND = "break-glass";
    public static final Duration LONGEST = Duration.ofHours(4);

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public Duration longest() {
      return LONGEST;
    }
  }

  /// As a document: JSON on lines of its own, without an empty one.
  default String document() {
    ObjectNode json = Json.object().put("kind", kind());
    if (this instanceof Skills skills) {
      json.put("skill", skills.pattern()).put("account", skills.account());
      skills.session().ifPresent(s -> json.put("session", s));
      json.put("max_uses", skills.maxUses());
    }
    json.put("device", terms().device())
        .put("not_before", terms().notBefore().toString())
        .put("expires", terms().expires().toString())
        .put("nonce", terms().nonce())
        .put("reason", terms().reason());
    return Json.pretty(json) + "\n";
  }

  /// In words, for people.
  default String described() {
    String during = "from %s until %s".formatted(terms().notBefore(), terms().expires());
    return switch (this) {
      case Skills s ->
          "opens %s to account %s on device %s%s, %s, for at most %d loads: %s"
              .formatted(
                  s.pattern(),
                  s.account(),
                  terms().device(),
                  s.session().map(id -> " in session " + id).orElse(""),
                  during,
                  s.maxUses(),
                  terms().reason());
      case BreakGlass _ ->
          "lets the tool guard of device %s only watch, for all accounts, %s: %s"
              .formatted(terms().device(), during, terms().reason());
    };
  }

  /// Reads a document strictly.
  ///
  /// @throws InvalidTextException with every problem, line and column
  static Grant parse(String name, String document) throws InvalidTextException {
    byte[] utf8 = document.getBytes(StandardCharsets.UTF_8);
    Json.parse(name, utf8); // exactly one JSON value, no key twice; all JSON is YAML
    List<Problem> problems = new ArrayList<>();
    Fields fields = Fields.root(name, StrictYaml.parse(name, utf8, MAX_BYTES), problems);
    Optional<String> kind = required(fields, "kind", Grant::known);
    Terms terms =
        new Terms(
            required(fields, "device", t -> matching(t, Terms.DEVICE, "a device's name"))
                .orElse(""),
            required(fields, "not_before", Grant::instant).orElse(Instant.EPOCH),
            required(fields, "expires", Grant::instant).orElse(Instant.EPOCH),
            required(fields, "nonce", t -> matching(t, Terms.NONCE, "32 to 128 hex digits"))
                .orElse(""),
            required(fields, "reason", t -> bounded(t, Terms.MAX_REASON)).orElse(""));
    Grant grant =
        kind.orElse("").equals(BreakGlass.KIND) ? new BreakGlass(terms) : skills(fields, terms);
    fields.finish();
    if (problems.isEmpty()) {
      checkTimes(fields, grant);
    }
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    return grant;
  }

  private static Skills skills(Fields fields, Terms terms) {
    String pattern = required(fields, "skill", Grant::pattern).orElse("/");
    int slash = pattern.indexOf('/');
    Optional<String> one =
        Optional.of(pattern.substring(slash + 1)).filter(part -> !part.equals("*"));
    if (!fields.has("max_uses")) {
      fields.problem("max_uses", "is missing");
    }
    return new Skills(
        terms,
        pattern.substring(0, slash),
        one,
        required(fields, "account", t -> bounded(t, 256)).orElse(""),
        fields.value("session", t -> bounded(t, 256)),
        fields.integer("max_uses", 1, Skills.MAX_USES).orElse(1));
  }

  private static void checkTimes(Fields fields, Grant grant) {
    Duration lasts = Duration.between(grant.terms().notBefore(), grant.terms().expires());
    if (!lasts.isPositive() || lasts.compareTo(grant.longest()) > 0) {
      fields.problem(
          "expires",
          "wants a time after not_before and at most %d hours after it, found %s"
              .formatted(grant.longest().toHours(), grant.terms().expires()));
    }
  }

  private static <T> Optional<T> required(Fields fields, String key, Function<String, T> parse) {
    if (!fields.has(key)) {
      fields.problem(key, "is missing");
      return Optional.empty();
    }
    return fields.value(key, parse);
  }

  private static String known(String kind) {
    if (!kind.equals(Skills.KIND) && !kind.equals(BreakGlass.KIND)) {
      throw new IllegalArgumentException(
          "wants %s or %s, found '%s'".formatted(Skills.KIND, BreakGlass.KIND, kind));
    }
    return kind;
  }

  private static String pattern(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2
        || !SkillId.isPart(parts[0])
        || !(parts[1].equals("*") || SkillId.isPart(parts[1]))) {
      throw new IllegalArgumentException("wants team/name or team/*, found '" + text + "'");
    }
    return text;
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "wants a time like 2027-01-31T00:00:00Z, found '" + text + "'", e);
    }
  }

  private static String matching(String text, Pattern pattern, String wanted) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("wants " + wanted + ", found '" + text + "'");
    }
    return text;
  }

  private static String bounded(String text, int max) {
    if (text.isBlank() || text.length() > max) {
      throw new IllegalArgumentException(
          "wants 1 to %d characters, found %d".formatted(max, text.strip().length()));
    }
    return text;
  }
}
