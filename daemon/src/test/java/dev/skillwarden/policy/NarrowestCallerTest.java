package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import dev.skillwarden.text.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NarrowestCallerTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  /// `a/x sensitive` or `a/x role-restricted:dba,sre`.
  private static Skill skill(String text, List<Dependency> needs) {
    String[] parts = text.strip().split("[ :]", -1);
    SkillId id = SkillId.parse(parts[0]);
    AccessLevel level = Fields.parseEnum(AccessLevel.class, parts[1]);
    return new Skill(
        id,
        Version.parse("1.0.0"),
        "d",
        List.of(),
        level,
        parts.length > 2 ? Set.of(parts[2].split(",", -1)) : Set.of(),
        needs,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of("Steps.\n"),
        ".claude/skills/" + id + ".md",
        "");
  }

  private static String shown(Caller caller) {
    if (caller.equals(Caller.UNKNOWN)) {
      return "unknown";
    }
    return "%s role=%s elevated=%s"
        .formatted(
            new TreeSet<>(caller.teams()),
            caller.role(),
            caller.elevations().stream()
                .map(e -> e.team() + "/" + e.skill().orElse("*"))
                .sorted()
                .toList());
  }

  /// The first skill depends on all others.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/x public | unknown",
        "a/x team | [a] role= elevated=[]",
        "a/x sensitive | [a] role= elevated=[a/x]",
        "a/x role-restricted:sre,dba | [a] role=dba elevated=[]",
        "a/x public; b/y team | [b] role= elevated=[]",
        "a/x team; b/y sensitive | [a, b] role= elevated=[b/y]",
        "a/x role-restricted:dba,sre; b/y role-restricted:sre | [a] role=sre elevated=[]",
        "a/x public; b/y role-restricted:sre | [] role=sre elevated=[]",
        "a/x role-restricted:dba; b/y role-restricted:sre | nobody",
      })
  void hasWhatIsAskedForAndNothingElse(String skills, String expected) {
    List<Skill> all = new ArrayList<>();
    List<String> texts = List.of(skills.split(";", -1));
    texts.stream().skip(1).forEach(t -> all.add(skill(t, List.of())));
    List<Dependency> needs =
        all.stream().map(s -> new Dependency(s.id(), VersionRange.ANY)).toList();
    Skill first = skill(texts.getFirst(), needs);
    all.add(first);
    assertEquals(
        expected,
        Audience.narrowest(
                first, new CatalogSnapshot("", all, List.of()), Organization.empty(), NOW)
            .map(NarrowestCallerTest::shown)
            .orElse("nobody"));
  }

  @Test
  void followsTheOrganizationsStricterLevel() {
    Skill skill = skill("a/x public", List.of());
    Organization strict =
        new Organization(
            1,
            "",
            Set.of("a"),
            Map.of(),
            Map.of(),
            Organization.Member.NONE,
            Caps.NONE,
            Map.of(skill.id(), AccessLevel.SENSITIVE));
    assertEquals(
        Optional.of("[a] role= elevated=[a/x]"),
        Audience.narrowest(skill, new CatalogSnapshot("", List.of(skill), List.of()), strict, NOW)
            .map(NarrowestCallerTest::shown));
  }
}
