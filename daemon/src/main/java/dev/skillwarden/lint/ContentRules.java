package dev.skillwarden.lint;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.skillwarden.redact.Tokens;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.YamlNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a skill's text says that a reviewer should see: secrets, the network, orders to hide
/// things, paths elsewhere, tools the reader may not have. Linear in the length of the text.
final class ContentRules {
  /// Findings of one rule in one file; more would only repeat them.
  private static final int MOST = 5;

  /// Shorter descriptions say nothing, in characters.
  private static final int SHORTEST = 20;

  private static final Pattern URL =
      Pattern.compile("(?i)\\bhttps?://([a-z0-9.-]+|\\[[0-9a-f:]+])");
  private static final Pattern FETCH =
      Pattern.compile(
          "(?i)(?:^|[\\s`$(|;&])((?:curl|wget|Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\\s+\\S"
              + "|fetch\\(|requests\\.(?:get|post|put)\\(|httpx?\\.(?:get|post)\\()");
  private static final Set<String> OWN_HOSTS =
      Set.of("localhost", "127.0.0.1", "[::1]", "example.com", "example.org", "example.net");
  private static final Pattern HIDE =
      Pattern.compile(
          "(?i)\\b((?:ignore|disregard|forget|override)\\s+(?:(?:all|any|of|the|your|these|previous|prior|above|earlier|other|system|safety|security)\\s+){0,4}(?:instructions?|rules?|prompts?|guidelines|guardrails|policy|policies)\\b"
              + "|(?:do\\s+not|don't|never)\\s+(?:tell|inform|alert|warn|notify|mention\\s+(?:this|it)\\s+to|reveal\\s+(?:this|it)\\s+to)\\s+(?:the\\s+)?(?:users?|developers?|security|anyone|admins?)\\b"
              + "|(?:hide|conceal)\\s+(?:this|it|these|them|(?:the|your)\\s+\\S+)\\s+from\\s+(?:the\\s+)?(?:users?|developers?|security|reviewers?|logs?)\\b"
              + "|without\\s+(?:telling|informing|notifying|asking)\\s+(?:the\\s+)?(?:users?|developers?)\\b"
              + "|(?:bypass|disable|switch\\s+off|turn\\s+off|circumvent)\\s+(?:(?:the|all)\\s+)?(?:hooks?|guard|guardrails|skillwarden|sandbox|permission\\s+checks?|safety\\s+checks?)\\b)"
              + "|(--dangerously-skip-permissions)");
  private static final Pattern PATH =
      Pattern.compile(
          "(?:^|[\\s`'\"(=])(~/[^\\s`'\")]*|(?:\\.\\./){2,}[^\\s`'\")]*|/(?:etc|root|home|Users|var|usr|opt|srv|boot|sys|proc)/[^\\s`'\")]*|[A-Z]:\\\\[^\\s`'\")]*)");
  private static final Pattern MCP = Pattern.compile("\\b(mcp__[A-Za-z0-9-]+__[A-Za-z0-9_-]+)");
  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "(\\b(?:TODO|FIXME|TBD)\\b|(?i:lorem"
              + " ipsum)|\\{\\{[^}]*}}|\\[(?i:insert|your|add|write|describe|description)\\b[^\\]]*]|<(?i:insert|your|description)[^>]*>)");
  private static final Pattern MARKUP = Pattern.compile("(</?[A-Za-z][A-Za-z0-9 =\"'-]*>)");
  private static final Pattern ORDER =
      Pattern.compile(
          "(\\b(?:ALWAYS|MUST|NEVER)\\b|\\b(?i:always (?:use|invoke|run|prefer|choose|pick)|you"
              + " must|must (?:be )?(?:used?|invoked?|called?|run)|use (?:this (?:skill"
              + " )?)?(?:first|before any|instead of|for everything|whenever)|never use (?:any"
              + " )?other|execute \\S+ first)\\b)");

  private final ParsedSkill parsed;
  private final List<Finding> findings;
  private final Set<String> seen = new HashSet<>();
  private final Map<SkillRule, Integer> counts = new EnumMap<>(SkillRule.class);

  private ContentRules(ParsedSkill parsed, List<Finding> findings) {
    this.parsed = parsed;
    this.findings = findings;
  }

  static List<Finding> check(ParsedSkill parsed) {
    ContentRules rules = new ContentRules(parsed, new ArrayList<>());
    rules.text();
    rules.description();
    return rules.findings;
  }

  /// Most texts hold none of these words, and then the patterns need not be tried on any line.
  private enum Watch {
    FETCHES("http", "curl", "wget", "invoke-", "iwr", "irm", "fetch(", "requests."),
    HIDES(
        "ignore",
        "disregard",
        "forget",
        "override",
        "do not",
        "don't",
        "never",
        "hide",
        "conceal",
        "without",
        "bypass",
        "disable",
        "switch",
        "turn",
        "circumvent",
        "--dangerously"),
    LEAVES(
        "~/", "../..", "/etc/", "/root/", "/home/", "/users/", "/var/", "/usr/", "/opt/", "/srv/",
        "/boot/", "/sys/", "/proc/", ":\\"),
    CALLS("mcp__");

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<String> words;

    Watch(String... words) {
      this.words = List.of(words);
    }

    boolean appliesTo(String folded) {
      return words.stream().anyMatch(folded::contains);
    }
  }

  private void text() {
    Set<Watch> watched = EnumSet.noneOf(Watch.class);
    String folded = parsed.text().toLowerCase(Locale.ROOT);
    for (Watch watch : Watch.values()) {
      if (watch.appliesTo(folded)) {
        watched.add(watch);
      }
    }
    boolean secrets = Tokens.holds(parsed.text());
    if (watched.isEmpty() && !secrets) {
      return;
    }
    int number = 0;
    for (String line : (Iterable<String>) parsed.text().lines()::iterator) {
      number++;
      if (secrets && Tokens.holds(line)) {
        add(SkillRule.SECRET, "" + number, number, 1, "has the shape of a credential");
      }
      if (parsed.bodyLine() > 0 && number >= parsed.bodyLine()) {
        line(line, number, watched);
      }
    }
    if (secrets && !counts.containsKey(SkillRule.SECRET)) { // a key of several lines
      add(SkillRule.SECRET, "text", 1, 1, "holds something of the shape of a private key");
    }
  }

  private void line(String line, int number, Set<Watch> watched) {
    String folded = line.toLowerCase(Locale.ROOT);
    if (watched.contains(Watch.FETCHES) && Watch.FETCHES.appliesTo(folded)) {
      network(line, number);
    }
    if (watched.contains(Watch.HIDES) && Watch.HIDES.appliesTo(folded)) {
      each(HIDE, SkillRule.HIDDEN_INSTRUCTION, line, number, "says '%s'");
    }
    if (watched.contains(Watch.LEAVES) && Watch.LEAVES.appliesTo(folded)) {
      each(PATH, SkillRule.OUTSIDE_PATH, line, number, "names %s");
    }
    if (watched.contains(Watch.CALLS)) {
      each(MCP, SkillRule.MCP_TOOL, line, number, "names the MCP tool %s");
    }
  }

  private void network(String line, int number) {
    Matcher url = URL.matcher(line);
    boolean named = false;
    while (url.find()) {
      named = true;
      String host = url.group(1).toLowerCase(Locale.ROOT);
      if (!OWN_HOSTS.contains(host) && !host.endsWith(".example.com")) {
        add(SkillRule.OUTBOUND, host, number, url.start() + 1, "names an address at " + host);
      }
    }
    if (!named) {
      each(FETCH, SkillRule.OUTBOUND, line, number, "fetches: %s");
    }
  }

  private void each(Pattern pattern, SkillRule rule, String line, int number, String message) {
    Matcher matcher = pattern.matcher(line);
    while (matcher.find()) {
      int group = matcher.group(1) == null ? 2 : 1;
      String found = matcher.group(group);
      add(rule, found, number, matcher.start(group) + 1, message.formatted(cut(found)));
    }
  }

  private static String cut(String text) {
    return text.length() <= 60 ? text : text.substring(0, 59) + "…";
  }

  private void description() {
    Optional<YamlNode> node = parsed.frontmatter().flatMap(f -> f.get("description"));
    if (node.isEmpty() || !(node.get() instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
      return;
    }
    String text = scalar.value().strip();
    if (!text.isEmpty() && text.length() < SHORTEST) {
      weak("is %d characters long; at least %d are wanted".formatted(text.length(), SHORTEST));
    }
    if (text.contains("\\n")) {
      weak("holds a literal \\n; write one line, or a block with |");
    }
    first(PLACEHOLDER, text).ifPresent(p -> weak("still holds the placeholder %s".formatted(p)));
    first(MARKUP, text)
        .ifPresent(m -> weak("holds the markup %s; plain text is wanted".formatted(m)));
    first(ORDER, text)
        .ifPresent(o ->
            findings.add(
                new Finding(
                    SkillRule.COMMANDING_DESCRIPTION,
                    parsed.at("description", "description orders the agent: '%s'".formatted(o)))));
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(cut(matcher.group())) : Optional.empty();
  }

  private void weak(String message) {
    findings.add(
        new Finding(
            SkillRule.WEAK_DESCRIPTION, parsed.at("description", "description " + message)));
  }

  /// Once per thing found, and not without end.
  private void add(SkillRule rule, String what, int line, int column, String message) {
    if (seen.add(rule.id() + what) && counts.merge(rule, 1, Integer::sum) <= MOST) {
      findings.add(new Finding(rule, new Problem(parsed.path(), line, column, message)));
    }
  }
}
