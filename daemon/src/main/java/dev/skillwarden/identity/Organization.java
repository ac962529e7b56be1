package dev.skillwarden.identity;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.ValidUntil;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `organization.yaml`: who belongs to which team, with which role, and where to ask for access.
///
/// @param version number of the file, never goes down
/// @param requestUrl template with `{skill}`, `{account}`, `{id}`, `{reason}`; empty when there is
///   none
/// @param teams every team there is
/// @param users membership by login name
/// @param groups membership by operating-system group
/// @param everyone membership of accounts that neither users nor groups name
/// @param caps what is left of an account's rights to subagents and in workspaces
/// @param levels access levels that tighten those the skills give themselves
/// @param least what every skill's level is at least
/// @param validUntil when it ends, empty for never
public record Organization(
    int version,
    String requestUrl,
    Set<String> teams,
    Map<String, Member> users,
    Map<String, Member> groups,
    Member everyone,
    Caps caps,
    Map<SkillId, AccessLevel> levels,
    AccessLevel least,
    Optional<Instant> validUntil) {
  /// Largest accepted file, in bytes.
  public static final int MAX_FILE = 4 << 20;

  /// Each is looked up for a decision about a skill.
  private static final int MAX_WORKSPACES = 64;

  private static final Pattern DIRECTORY = Pattern.compile("(?s)(/|[A-Za-z]:[/\\\\]).*");
  private static final Pattern DOTS = Pattern.compile("(?:^|[/\\\\])\\.\\.?(?:[/\\\\]|$)");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
  private static final Set<String> PLACEHOLDERS = Set.of("skill", "account", "id", "reason");

  /// @param role empty when none
  public record Member(Set<String> teams, String role) {
    public static final Member NONE = new Member(Set.of(), "");

    public Member {
      teams = Set.copyOf(teams);
    }
  }

  public Organization {
    teams = Set.copyOf(teams);
    users = Map.copyOf(users);
    groups = Map.copyOf(groups);
    levels = Map.copyOf(levels);
  }

  /// One without an end.
  public Organization(
      int version,
      String requestUrl,
      Set<String> teams,
      Map<String, Member> users,
      Map<String, Member> groups,
      Member everyone,
      Caps caps,
      Map<SkillId, AccessLevel> levels) {
    this(
        version,
        requestUrl,
        teams,
        users,
        groups,
        everyone,
        caps,
        levels,
        AccessLevel.PUBLIC,
        Optional.empty());
  }

  /// Nobody belongs to anything: `public` skills only.
  public static Organization empty() {
    return new Organization(0, "", Set.of(), Map.of(), Map.of(), Member.NONE, Caps.NONE, Map.of());
  }

  /// Nobody may use any skill: there is a file, and what it closes is not known.
  public static Organization closed() {
    return new Organization(
        0,
        "",
        Set.of(),
        Map.of(),
        Map.of(),
        Member.NONE,
        Caps.NONE,
        Map.of(),
        AccessLevel.SENSITIVE,
        Optional.empty());
  }

  /// The same in which nobody belongs to anything; what it closes stays closed.
  public Organization withoutMembers() {
    return new Organization(
        version,
        requestUrl,
        teams,
        Map.of(),
        Map.of(),
        Member.NONE,
        caps,
        levels,
        least,
        validUntil);
  }

  /// Reads the file strictly.
  ///
  /// @throws InvalidTextException with every problem, line and column
  public static Organization parse(String name, byte[] utf8) throws InvalidTextException {
    List<Problem> problems = new ArrayList<>();
    Fields fields = Fields.root(name, StrictYaml.parse(name, utf8, MAX_FILE), problems);
    int version = fields.integer("version", 1, Integer.MAX_VALUE).orElse(1);
    if (!fields.has("version")) {
      fields.problem("version", "is missing; start with 1 and raise it with every change");
    }
    Optional<Instant> validUntil = fields.value("valid_until", ValidUntil::parse);
    String url = fields.value("request_url", Organization::checkedTemplate).orElse("");
    Set<String> teams = new HashSet<>(fields.texts("teams"));
    Map<String, Member> users = members(fields.section("users"), teams);
    Map<String, Member> groups = members(fields.section("groups"), teams);
    Fields everyone = fields.section("default");
    Member rest = member(everyone, teams);
    Map<String, Cap> agents = caps(fields.section("agents"), teams);
    Fields places = fields.section("workspaces");
    Map<String, Cap> workspaces = caps(places, teams);
    checkWorkspaces(places);
    Map<SkillId, AccessLevel> levels = levels(fields.section("skills"));
    fields.finish();
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    return new Organization(
        version,
        url,
        teams,
        users,
        groups,
        rest,
        new Caps(agents, workspaces),
        levels,
        AccessLevel.PUBLIC,
        validUntil);
  }

  private static Map<String, Member> members(Fields section, Set<String> teams) {
    Map<String, Member> members = new HashMap<>();
    section.named().forEach((name, fields) -> members.put(name, member(fields, teams)));
    return members;
  }

  private static Member member(Fields fields, Set<String> teams) {
    Set<String> of = teams(fields, teams);
    String role = fields.text("role").orElse("");
    fields.finish();
    return new Member(of, role);
  }

  /// Teams that are named here; those there are not are problems.
  private static Set<String> teams(Fields fields, Set<String> teams) {
    Set<String> of = new HashSet<>(fields.texts("teams"));
    for (String team : of) {
      if (!teams.contains(team)) {
        fields.problem(
            "teams",
            "names '%s', which is not in the list teams%s"
                .formatted(team, Suggest.nearest(team, teams)));
      }
    }
    return of;
  }

  private static Map<String, Cap> caps(Fields section, Set<String> teams) {
    Map<String, Cap> caps = new HashMap<>();
    section
        .named()
        .forEach((name, fields) -> {
          if (name.isBlank() || !section.has(name)) {
            section.problem(name, "wants a name, and teams or levels; {} narrows nothing");
          }
          caps.put(name, cap(fields, teams));
        });
    return caps;
  }

  private static Cap cap(Fields fields, Set<String> teams) {
    Optional<Set<String>> of =
        listed(fields, "teams") ? Optional.of(teams(fields, teams)) : Optional.empty();
    Optional<Set<AccessLevel>> levels =
        listed(fields, "levels") ? Optional.of(capLevels(fields)) : Optional.empty();
    fields.finish();
    return new Cap(of, levels);
  }

  /// Whether there is a list. A key without one is a problem: it looks like a cap and would be
  /// none.
  private static boolean listed(Fields fields, String key) {
    boolean listed = fields.has(key);
    if (!listed && fields.keys().contains(key)) {
      fields.problem(key, "wants a list, [] when nothing of it remains");
    }
    return listed;
  }

  private static Set<AccessLevel> capLevels(Fields fields) {
    Set<AccessLevel> levels = new HashSet<>();
    for (String text : fields.texts("levels")) {
      try {
        levels.add(Fields.parseEnum(AccessLevel.class, text));
      } catch (IllegalArgumentException e) {
        fields.problem("levels", String.valueOf(e.getMessage()));
      }
    }
    return levels;
  }

  private static void checkWorkspaces(Fields section) {
    for (String directory : section.keys()) {
      if (!DIRECTORY.matcher(directory).matches() || DOTS.matcher(directory).find()) {
        section.problem(directory, "wants an absolute directory without '.' and '..'");
      }
    }
    if (section.keys().size() > MAX_WORKSPACES) {
      section.problem(
          section.keys().iterator().next(),
          "is one of %d; at most %d workspaces are looked at"
              .formatted(section.keys().size(), MAX_WORKSPACES));
    }
  }

  private static Map<SkillId, AccessLevel> levels(Fields section) {
    Map<SkillId, AccessLevel> levels = new HashMap<>();
    section
        .named()
        .forEach((name, fields) -> {
          Optional<AccessLevel> level = fields.oneOf("access_level", AccessLevel.class);
          fields.finish();
          try {
            SkillId id = SkillId.parse(name);
            level.ifPresent(l -> levels.put(id, l));
          } catch (IllegalArgumentException e) {
            section.problem(name, String.valueOf(e.getMessage()));
          }
        });
    return levels;
  }

  private static String checkedTemplate(String url) {
    if (!url.matches("https?://[^\\s{}]+\\S*")) {
      throw new IllegalArgumentException("wants an https:// address, found '" + url + "'");
    }
    Matcher matcher = PLACEHOLDER.matcher(url);
    while (matcher.find()) {
      if (!PLACEHOLDERS.contains(matcher.group(1))) {
        throw new IllegalArgumentException(
            "knows no placeholder {%s}; use {skill}, {account}, {id}, {reason}"
                .formatted(matcher.group(1)));
      }
    }
    return url;
  }

  /// What the account is here: its own entry, joined with those of its groups; the default only
  /// when neither names it.
  public Caller caller(
      String account, Set<String> osGroups, List<Elevation> elevations, boolean admin) {
    Set<String> teams = new HashSet<>();
    String role = "";
    boolean named = false;
    for (String group : osGroups.stream().sorted().toList()) {
      Member member = groups.get(group);
      if (member != null) {
        named = true;
        teams.addAll(member.teams());
        role = role.isEmpty() ? member.role() : role;
      }
    }
    Member own = users.get(account);
    if (own != null) {
      named = true;
      teams.addAll(own.teams());
      role = own.role().isEmpty() ? role : own.role();
    }
    return named
        ? new Caller(account, role, teams, elevations, admin)
        : new Caller(account, everyone.role(), everyone.teams(), elevations, admin);
  }

  /// The address at which to ask for access; empty when the file gives none.
  public String requestUrl(SkillId skill, String account, String id, String reason) {
    Map<String, String> values =
        Map.of("skill", skill.toString(), "account", account, "id", id, "reason", reason);
    return PLACEHOLDER
        .matcher(requestUrl)
        .replaceAll(m ->
            Matcher.quoteReplacement(
                URLEncoder.encode(values.getOrDefault(m.group(1), ""), StandardCharsets.UTF_8)));
  }

  /// The stricter of the level the skill gives itself and the one written here.
  public AccessLevel effective(SkillId id, AccessLevel own) {
    if (levels.isEmpty() && least == AccessLevel.PUBLIC) {
      return own; // asked once a skill in every search
    }
    return stricter(stricter(levels.getOrDefault(id, own), own), least);
  }

  private static AccessLevel stricter(AccessLevel one, AccessLevel other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
