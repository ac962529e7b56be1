package dev.skillwarden.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Fields;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The skills under `.claude/skills` that people copy: all of them are served.
class ReferenceSkillsTest {
  private static final Path TOP = Path.of("..").toAbsolutePath().normalize();

  private static final CatalogSnapshot SNAPSHOT = read();

  private static CatalogSnapshot read() {
    try (Stream<Path> paths = Files.walk(TOP.resolve(".claude/skills"))) {
      List<SkillFile> files = new ArrayList<>();
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        String name = TOP.relativize(path).toString().replace('\\', '/');
        files.add(new SkillFile(name, true, Files.readAllBytes(path)));
      }
      return CatalogBuilder.tree("", files);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<String> ids(List<Skill> skills) {
    return skills.stream().map(s -> s.id().toString()).toList();
  }

  @Test
  void allAreServedWithoutFindings() {
    assertEquals(List.of(), SNAPSHOT.findings());
    assertTrue(SNAPSHOT.skills().size() >= 12, () -> ids(SNAPSHOT.skills()).toString());
  }

  @Test
  void comeFromFiveTeams() {
    Set<String> teams = new TreeSet<>();
    SNAPSHOT.skills().forEach(s -> teams.add(s.id().team()));
    assertEquals(Set.of("data", "finance", "growth", "platform", "support"), teams);
  }

  @Test
  void showEveryAccessLevel() {
    EnumSet<AccessLevel> levels = EnumSet.noneOf(AccessLevel.class);
    SNAPSHOT.skills().forEach(s -> levels.add(s.accessLevel()));
    assertEquals(EnumSet.allOf(AccessLevel.class), levels);
    assertTrue(
        SNAPSHOT.skills().stream().filter(s -> s.accessLevel() == AccessLevel.PUBLIC).count() >= 4);
  }

  @Test
  void shareOneShortNameBetweenTeams() {
    assertEquals(
        List.of("platform/incident-report", "support/incident-report"),
        ids(
            SNAPSHOT.skills().stream()
                .filter(s -> s.id().name().equals("incident-report"))
                .toList()));
  }

  @Test
  void dependAcrossTeams() {
    Skill report =
        SNAPSHOT
            .highest(
                SkillId.parse("support/incident-report"), dev.skillwarden.skill.VersionRange.ANY)
            .orElseThrow();
    assertEquals(
        List.of("platform/incident-report", "support/case-facts", "support/customer-reply"),
        ids(SNAPSHOT.dependencies(report)));
  }

  /// Whoever may use a skill may use what it builds on.
  @Test
  void buildOnlyOnSkillsAtLeastAsOpen() {
    List<String> narrow = new ArrayList<>();
    for (Skill skill : SNAPSHOT.skills()) {
      for (Skill needed : SNAPSHOT.dependencies(skill)) {
        boolean sameTeam = needed.id().team().equals(skill.id().team());
        boolean open =
            needed.accessLevel() == AccessLevel.PUBLIC
                || (sameTeam
                    && needed.accessLevel() == AccessLevel.TEAM
                    && skill.accessLevel() != AccessLevel.ROLE_RESTRICTED);
        if (!open) {
          narrow.add(skill.id() + " -> " + needed.id());
        }
      }
    }
    assertEquals(List.of(), narrow);
  }

  @Test
  void areAllListedInTheReadme() throws IOException {
    List<String> rows =
        Files.readAllLines(TOP.resolve(".claude/skills/README.md")).stream()
            .filter(l -> l.startsWith("| ") && l.contains("/"))
            .map(l -> l.split("\\|", -1)[1].strip() + " " + l.split("\\|", -1)[2].strip())
            .sorted()
            .toList();
    assertEquals(
        SNAPSHOT.skills().stream()
            .map(s ->
                s.id()
                    + " "
                    + s.accessLevel().text()
                    + (s.allowedRoles().isEmpty()
                        ? ""
                        : ": " + String.join(", ", new TreeSet<>(s.allowedRoles()))))
            .toList(),
        rows);
  }

  @Test
  void followTheSchemaFile() throws IOException, InvalidTextException {
    List<Problem> problems = new ArrayList<>();
    byte[] bytes = Files.readAllBytes(TOP.resolve(".claude/skills/_schema.yaml"));
    Fields schema =
        Fields.root("_schema.yaml", StrictYaml.parse("_schema.yaml", bytes, 1 << 16), problems);
    assertEquals(dev.skillwarden.skill.SkillParser.REQUIRED, schema.texts("required"));
    Fields properties = schema.section("properties");
    assertEquals(dev.skillwarden.skill.SkillParser.KEYS, properties.keys());
    assertEquals(
        Arrays.stream(AccessLevel.values()).map(AccessLevel::text).collect(Collectors.toList()),
        properties.section("access_level").texts("enum"));
    assertEquals(List.of(), problems);
  }

  /// `skillwarden init` writes the same file.
  @Test
  void areWhatInitStartsFrom() throws IOException {
    try (java.io.InputStream in =
        dev.skillwarden.registry.Scaffold.class.getResourceAsStream("schema.yaml")) {
      assertNotNull(in);
      assertEquals(
          Files.readString(TOP.resolve(".claude/skills/_schema.yaml")),
          new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    }
  }
}
