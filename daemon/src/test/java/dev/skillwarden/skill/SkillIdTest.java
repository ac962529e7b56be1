package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SkillIdTest {
  @Test
  void isTeamAndName() {
    assertEquals(new SkillId("team-1", "a-b2"), SkillId.parse("team-1/a-b2"));
    assertEquals("team-1/a-b2", SkillId.parse("team-1/a-b2").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "name", "a/b/c", "a//b"})
  void wantsOneSlash(String text) {
    assertEquals(
        "wants team/name, found '" + text + "'",
        assertThrows(IllegalArgumentException.class, () -> SkillId.parse(text)).getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "/a, team, ''",
    "a/, name, ''",
    "A/b, team, A",
    "a/b_c, name, b_c",
    "a/-b, name, -b",
    "a/b--c, name, b--c",
    "a/.., name, ..",
    "a/b c, name, b c",
    "a/\u00e9, name, \u00e9"
  })
  void namesThePartThatIsWrong(String text, String part, String value) {
    assertEquals(
        "the %s wants lower-case letters, digits and hyphens, at most 64, found '%s'"
            .formatted(part, value),
        assertThrows(IllegalArgumentException.class, () -> SkillId.parse(text)).getMessage());
  }

  @Test
  void takesSixtyFourCharacters() {
    assertEquals("a".repeat(64), SkillId.parse("t/" + "a".repeat(64)).name());
    assertThrows(IllegalArgumentException.class, () -> SkillId.parse("t/" + "a".repeat(65)));
  }

  @Test
  void readsADependency() {
    assertEquals(
        new Dependency(new SkillId("a", "b"), VersionRange.parse(">=1.0.0 <2.0.0")),
        Dependency.parse("a/b:>=1.0.0 <2.0.0"));
    assertEquals(
        "wants team/name:RANGE such as support/case-facts:1.x, found 'a/b'",
        assertThrows(IllegalArgumentException.class, () -> Dependency.parse("a/b")).getMessage());
  }
}
