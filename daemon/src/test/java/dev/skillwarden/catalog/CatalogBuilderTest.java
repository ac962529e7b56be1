package dev.skillwarden.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.skill.Finding;
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
    return new CatalogBuilder().read("c", files);
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
            f.at().file().replaceAll(".*/|\\.md", "") + ": " + f.rule() + " " + f.at().message())
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a 1.0.0;b 1.0.0 a:1.x|a b|''",
        "a 1.0.0 b:1.x|''|a: SK022 depends on t/b:1.x, which does not exist or has errors",
        "a 1.0.0 build-tol:1.x;build-tool 1.0.0|build-tool|a: SK022 depends on t/build-tol:1.x,"
            + " which does not exist or has errors (did you mean 't/build-tool'?)",
        "a 1.0.0 b:1.x;b 2.0.0|b|a: SK022 depends on t/b:1.x, but the version here is 2.0.0; widen"
            + " the range or migrate",
        "a 1.0.0 b:1.x;b 1.0.0 c:1.x;d 1.0.0|d|b: SK022 depends on t/c:1.x, which does not exist or"
            + " has errors (did you mean 't/a'?);a: SK022 depends on t/b:1.x, which is left out;"
            + " mend that first",
        "a 1.0.0 b:1.x;b 1.0.0 a:1.x;c 1.0.0 a:1.x;d 1.0.0|d|a: SK023 is part of the dependency"
            + " cycle t/a -> t/b -> t/a; break it;b: SK023 is part of the dependency cycle t/a ->"
            + " t/b -> t/a; break it;c: SK022 depends on t/a:1.x, which is left out; mend that"
            + " first",
        "a 1.0.0 b:1.x;b 1.0.0 c:1.x;c 1.0.0 d:1.x;d 1.0.0 b:1.x|''|b: SK023 is part of the"
            + " dependency cycle t/b -> t/c -> t/d -> t/b; break it;c: SK023 is part of the"
            + " dependency cycle t/b -> t/c -> t/d -> t/b; break it;d: SK023 is part of the"
            + " dependency cycle t/b -> t/c -> t/d -> t/b; break it;a: SK022 depends on t/b:1.x,"
            + " which is left out; mend that first",
        "a 1.0.0 b:^1.0.0-rc.1;b 1.0.0-rc.2|b|a: SK022 depends on t/b:^1.0.0-rc.1, but the version"
            + " here is 1.0.0-rc.2; widen the range or migrate",
        "a 1.0.0 b:1.0.0-rc.2;b 1.0.0-rc.2|a b|''",
        "a 1.0.0;a 2.0.0|a|a: SK020 has the name t/a, and so has .claude/skills/t/a.md; rename one"
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
    Skill top = snapshot.resolve(SkillId.parse("t/top"), VersionRange.ANY).orElseThrow();
    assertEquals("base left right", names(snapshot.dependencies(top)));
  }

  @Test
  void followsALongChain() {
    int length = 5000;
    List<SkillFile> files = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      files.add(file("s%d 1.0.0%s".formatted(i, i == 0 ? "" : " s%d:1.x".formatted(i - 1))));
    }
    CatalogSnapshot snapshot = new CatalogBuilder().read("c", files);
    assertEquals(List.of(), snapshot.findings());
    Skill last = snapshot.resolve(SkillId.parse("t/s4999"), VersionRange.ANY).orElseThrow();
    assertEquals(length - 1, snapshot.dependencies(last).size());
  }

  @Test
  void leavesOutABrokenFileAndWhatIsNoSkill() {
    SkillFile broken = new SkillFile(".claude/skills/t/x.md", true, new byte[] {'x'});
    SkillFile other = new SkillFile(".claude/skills/README.md", true, new byte[] {'x'});
    CatalogSnapshot snapshot =
        new CatalogBuilder().read("c", List.of(broken, other, file("a 1.0.0")));
    assertEquals("a", served(snapshot));
    assertEquals(List.of("SK007"), snapshot.findings().stream().map(Finding::rule).toList());
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
        snapshot.resolve(SkillId.parse("t/a"), VersionRange.parse(range)).map(Skill::version));
    assertEquals(
        List.of("3.0.0-rc.1", "2.0.0", "1.5.0", "1.0.0"),
        snapshot.versions(SkillId.parse("t/a")).stream().map(Version::toString).toList());
  }
}
