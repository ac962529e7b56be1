package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.catalog.Archive;
import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.repo.WorkRepository;
import dev.skillwarden.skill.Deprecation;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a caller gets of a catalog with old, deprecated, yanked and archived releases.
class ReleasesTest {
  private static final SkillId REFUND = SkillId.parse("pay/refund");
  private static final SkillId OLD = SkillId.parse("pay/old");
  private static final SkillId SECRET = SkillId.parse("pay/secret");
  private static final String INPUTS =
      "inputs: {type: object, required: [order], properties: {order: {type: integer}}}\n";

  private final Map<String, SkillFile> files = new HashMap<>();
  private CatalogFile catalog = CatalogFile.empty("stable");

  private CatalogFile.Entry release(SkillId id, String version, String keys, String level) {
    byte[] bytes =
        WorkRepository.skillText(id.toString(), version, keys, "body of " + version)
            .replace("access_level: public", "access_level: " + level)
            .getBytes(StandardCharsets.UTF_8);
    CatalogFile.Entry entry =
        new CatalogFile.Entry(
            id,
            Version.parse(version),
            "0123456789012345678901234567890123456789",
            Sha256.of(bytes),
            TestGate.NOON,
            Optional.empty(),
            Optional.empty());
    files.put(entry.tag(), new SkillFile(entry.path(), true, bytes));
    catalog = catalog.with(entry);
    return entry;
  }

  private CatalogSnapshot snapshot() {
    return CatalogBuilder.releases(
        "c0ffee",
        new CatalogFile.Parsed(catalog, List.of()),
        e -> Optional.ofNullable(files.get(e.tag())),
        CatalogSnapshot.EMPTY);
  }

  private Gate gate() {
    CatalogFile.Entry one = release(REFUND, "1.4.0", "", "public");
    release(REFUND, "1.5.0-rc.1", "", "public");
    CatalogFile.Entry leaky = release(REFUND, "1.4.1", "", "public");
    release(REFUND, "2.0.0", INPUTS, "public");
    catalog = catalog.with(leaky.yanked(Optional.of("leaks data")));
    catalog =
        catalog.with(
            one.deprecated(
                Optional.of(
                    new Deprecation(
                        LocalDate.of(2026, 8, 31),
                        "2.x asks for the order",
                        Optional.of(REFUND),
                        Optional.empty()))));
    release(OLD, "1.0.0", "", "public");
    release(SECRET, "1.0.0", "", "team");
    catalog =
        new CatalogFile(
            "stable",
            catalog.releases(),
            Map.of(
                OLD, new Archive(LocalDate.of(2026, 1, 1), "nobody used it", Optional.of(REFUND)),
                SECRET, new Archive(LocalDate.of(2026, 1, 1), "", Optional.empty())));
    return new TestGate(Duration.ofSeconds(2)).gateOver(snapshot());
  }

  private static String invoke(Gate gate, String name, String range, String payload)
      throws InvalidTextException {
    Outcome<Invocation> outcome =
        gate.invoke(
            TestGate.ANA, new InvokeRequest(name, range, Json.parse("payload", payload), true, ""));
    return switch (outcome) {
      case Outcome.Ok<Invocation>(Invocation i) ->
          i.skill().release()
              + (i.warnings().isEmpty() ? "" : " " + String.join(" ", i.warnings()));
      case Outcome.Refused<Invocation>(ApiError e) -> e.code() + ": " + e.message();
    };
  }

  @Test
  void anOldMajorIsServedWithANoticeAndAnArchiveDate() throws Exception {
    assertEquals(
        "pay/refund@1.4.0 DEPRECATED: deprecated since 2026-08-31: 2.x asks for the order; use"
            + " pay/refund instead; to be archived on 2027-02-28",
        invoke(gate(), "pay/refund", "1.x", "{}"));
  }

  @Test
  void aYankedReleaseIsInNoRangeAndSaysWhy() throws Exception {
    Gate gate = gate();
    assertTrue(invoke(gate, "pay/refund", "^1.4.0", "{}").startsWith("pay/refund@1.4.0"));
    assertEquals(
        "VERSION_YANKED: pay/refund@1.4.1 was withdrawn: leaks data. Served: [2.0.0, 1.5.0-rc.1,"
            + " 1.4.0]. Pin one of these, or a range.",
        invoke(gate, "pay/refund", "1.4.1", "{}"));
    assertEquals("pay/refund@1.5.0-rc.1", invoke(gate, "pay/refund", "1.5.0-rc.1", "{}"));
  }

  @Test
  void anArchivedSkillSaysSoToThoseWhoMightUseIt() throws Exception {
    Gate gate = gate();
    assertEquals(
        "SKILL_ARCHIVED: pay/old was archived on 2026-01-01: nobody used it. Use pay/refund"
            + " instead. To have it back, ask its owners to restore it in the catalog.",
        invoke(gate, "pay/old", "1.x", "{}"));
    assertTrue(invoke(gate, "pay/secret", "1.x", "{}").startsWith("ACL_DENIED: "));
  }

  private static String loads(Gate gate, String skill) {
    GateAnswer answer =
        gate.tool(
            TestGate.ANA,
            new ToolRequest(
                "s", "", "", "Skill", Json.object().put("skill", skill), Path.of("/w")));
    return answer.verdict() + (answer.text().isEmpty() ? "" : " " + answer.text());
  }

  @Test
  void aRetiredSkillDoesNotBecomeOneThatNobodyManages() {
    CatalogFile.Entry only = release(SkillId.parse("pay/gone"), "1.0.0", "", "public");
    catalog = catalog.with(only.yanked(Optional.of("leaks")));
    files.remove(release(SkillId.parse("pay/broken"), "1.0.0", "", "public").tag());
    Gate gate = gate();
    assertTrue(loads(gate, "broken").contains("has errors in the registry"));
    assertTrue(loads(gate, "gone").contains("every release was withdrawn"), loads(gate, "gone"));
    assertTrue(loads(gate, "plugin:old").contains("was archived on 2026-01-01"));
    assertTrue(loads(gate, "pay/secret").contains("is not in team pay"));
    assertEquals("NONE", loads(gate, "refund"));
  }

  @Test
  void aPayloadMustFitTheInputsOfTheReleaseThatIsServed() throws Exception {
    Gate gate = gate();
    assertEquals(
        "INVALID_REQUEST: the payload does not fit pay/refund@2.0.0: order required property"
            + " 'order' not found. Correct it and invoke again.",
        invoke(gate, "pay/refund", "2.x", "{}"));
    assertEquals("pay/refund@2.0.0", invoke(gate, "pay/refund", "2.x", "{\"order\": 7}"));
  }

  @Test
  void aDeprecationTakenBackIsGoneWithoutReadingTheFileAgain() {
    gate();
    CatalogSnapshot first = snapshot();
    CatalogFile.Entry one = catalog.find(REFUND, Version.parse("1.4.0")).orElseThrow();
    // The archived skills are read each time, for their access level; they are not part of this.
    catalog = new CatalogFile("stable", Map.of(REFUND, catalog.of(REFUND)), Map.of());
    catalog = catalog.with(one.deprecated(Optional.empty()));
    CatalogSnapshot second =
        CatalogBuilder.releases(
            "c0ffee2",
            new CatalogFile.Parsed(catalog, List.of()),
            e -> {
              throw new AssertionError("read again: " + e.tag());
            },
            first);
    assertTrue(
        second
            .release(REFUND, Version.parse("1.4.0"))
            .orElseThrow()
            .skill()
            .deprecated()
            .isEmpty());
  }
}
