package dev.skillwarden.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogBuilderTest {
  /// @param text `name version dependency...`
  private static SkillFile file(String text) {
    String[] words = text.split(" ", -1);
    String id = "t/" + words[0];
    List<String> needs = new ArrayList<>();
    for (int i = 2; i < words.length; i++) {
      needs.add("'t/" + words[i] + "'");
    }
    String content =
        """
        ---
        name: %s
        version: %s
        description: d
        tags: [t]
        access_level: public
        depends_on: %s
        ---
        Do it.
        """
            .formatted(id, words[1], needs);
    return new SkillFile(
        ".claude/skills/" + id + ".md", true, content.getBytes(StandardCharsets.UTF_8));
  }

  private static CatalogSnapshot build(String... skills) {
    List<SkillFile> files = new ArrayList<>();
    for (String skill : skills) {
      files.add(file(skill));
    }
    return CatalogBuilder.tree("c", files);
  }

  private static String served(CatalogSnapshot snapshot) {
    return names(snapshot.skills());
  }

  private static String names(List<Skill> skills) {
    return String.join(" ", skills.stream().map(s -> s.id().name()).toList());
  }

  private static List<String> findings(CatalogSnapshot snapshot) {
    return snapshot.findings().stream()
        .map(f ->
            f.at().file().replaceAll(".*/|\\.md", "")
                + ": "
                + f.rule().id()
                + " "
                + f.at().message())
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a 1.0.0;b 1.0.0 a:1.x|a b|''",
        "a 1.0.0 b:1.x|''|a: SK030 depends on t/b:1.x, which does not exist",
        "a 1.0.0 build-tol:1.x;build-tool 1.0.0|build-tool|a: SK030 depends on t/build-tol:1.x,"
            + " which does not exist (did you mean 't/build-tool'?)",
        "a 1.0.0 b:1.x;b 2.0.0|b|a: SK031 depends on t/b:1.x, but the releases are 2.0.0",
        "a 1.0.0 b:1.x;b 1.0.0 c:1.x;d 1.0.0|d|b: SK030 depends on t/c:1.x, which does not exist"
            + " (did you mean 't/d'?);a: SK037 depends on t/b:1.x, which is left out",
        "a 1.0.0 b:1.x;b 1.0.0 a:1.x;c 1.0.0 a:1.x;d 1.0.0|d|a: SK032 is part of the dependency"
            + " circle t/a@1.0.0 -> t/b@1.0.0 -> t/a@1.0.0;b: SK032 is part of the dependency"
            + " circle t/b@1.0.0 -> t/a@1.0.0 -> t/b@1.0.0;c: SK037 depends on t/a:1.x, which is"
            + " left out",
        "a 1.0.0 b:1.x;b 1.0.0 c:1.x;c 1.0.0 d:1.x;d 1.0.0 b:1.x|''|b: SK032 is part of the"
            + " dependency circle t/b@1.0.0 -> t/c@1.0.0 -> t/d@1.0.0 -> t/b@1.0.0;c: SK032 is part"
            + " of the dependency circle t/c@1.0.0 -> t/d@1.0.0 -> t/b@1.0.0 -> t/c@1.0.0;d: SK032"
            + " is part of the dependency circle t/d@1.0.0 -> t/b@1.0.0 -> t/c@1.0.0 ->"
            + " t/d@1.0.0;a: SK037 depends on t/b:1.x, which is left out",
        "a 1.0.0 b:^1.0.0-rc.1;b 1.0.0-rc.2|b|a: SK031 depends on t/b:^1.0.0-rc.1, but the releases"
            + " are 1.0.0-rc.2",
        "a 1.0.0 b:1.0.0-rc.2;b 1.0.0-rc.2|a b|''",
        "a 1.0.0;a 1.0.0|a|a: SK014 t/a@1.0.0 is also in .claude/skills/t/a.md"
      })
  void servesWhatIsSoundAndReportsTheRest(String skills, String served, String findings) {
    CatalogSnapshot snapshot = build(skills.split(";", -1));
    assertEquals(served, served(snapshot));
    assertEquals(
        findings.isEmpty() ? List.of() : List.of(findings.split(";(?=\\w+: SK)", -1)),
        findings(snapshot));
  }

  @Test
  void ordersDependenciesBeforeWhatNeedsThemEachOnce() {
    CatalogSnapshot snapshot =
        build(
            "top 1.0.0 left:1.x right:1.x",
            "left 1.0.0 base:1.x",
            "right 1.0.0 base:1.x left:1.x",
            "base 1.0.0");
    Skill top = snapshot.highest(SkillId.parse("t/top"), VersionRange.ANY).orElseThrow();
    assertEquals("base left right", names(snapshot.dependencies(top)));
  }

  @Test
  void followsALongChain() {
    int length = 5000;
    List<SkillFile> files = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      files.add(file("s%d 1.0.0%s".formatted(i, i == 0 ? "" : " s%d:1.x".formatted(i - 1))));
    }
    CatalogSnapshot snapshot = CatalogBuilder.tree("c", files);
    assertEquals(List.of(), snapshot.findings());
    Skill last = snapshot.highest(SkillId.parse("t/s4999"), VersionRange.ANY).orElseThrow();
    assertEquals(length - 1, snapshot.dependencies(last).size());
  }

  @Test
  void leavesOutABrokenFileAndWhatIsNoSkill() {
    SkillFile broken = new SkillFile(".claude/skills/t/x.md", true, new byte[] {'x'});
    SkillFile other = new SkillFile(".claude/skills/README.md", true, new byte[] {'x'});
    CatalogSnapshot snapshot = CatalogBuilder.tree("c", List.of(broken, other, file("a 1.0.0")));
    assertEquals("a", served(snapshot));
    assertEquals(List.of("SK001"), snapshot.findings().stream().map(f -> f.rule().id()).toList());
    assertEquals("c", snapshot.commit());
  }

  @ParameterizedTest
  @CsvSource({
    "*, 2.0.0",
    "1.x, 1.5.0",
    "^1.0.0, 1.5.0",
    "1.0.0, 1.0.0",
    "3.x, none",
    "3.0.0-rc.1, 3.0.0-rc.1",
    ">=2.0.1, none"
  })
  void resolvesToTheHighestRelease(String range, String version) {
    List<Skill> releases = new ArrayList<>();
    for (String v : List.of("1.0.0", "3.0.0-rc.1", "2.0.0", "1.5.0")) {
      releases.addAll(build("a " + v).skills());
    }
    CatalogSnapshot snapshot = new CatalogSnapshot("c", releases, List.of());
    Optional<Version> expected =
        version.equals("none") ? Optional.empty() : Optional.of(Version.parse(version));
    assertEquals(
        expected,
        snapshot.highest(SkillId.parse("t/a"), VersionRange.parse(range)).map(Skill::version));
    assertEquals(
        List.of("3.0.0-rc.1", "2.0.0", "1.5.0", "1.0.0"),
        snapshot.versions(SkillId.parse("t/a")).stream().map(Version::toString).toList());
  }
}
