package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.SkillId;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SkillNamesTest {
  private static final CatalogSnapshot SNAPSHOT =
      new CatalogSnapshot(
          "c",
          List.of(
              TestGate.skill("ops/restart", "d", AccessLevel.PUBLIC),
              TestGate.skill("pay/refund", "d", AccessLevel.TEAM),
              TestGate.skill("web/restart", "d", AccessLevel.TEAM)),
          List.of());

  @ParameterizedTest
  @CsvSource({
    "refund, pay/refund",
    "' refund ', pay/refund",
    "/refund, pay/refund",
    "//refund, pay/refund",
    "/ refund, pay/refund",
    "Refund, pay/refund",
    "pay/refund, pay/refund",
    "/pay/refund, pay/refund",
    "company:refund, pay/refund",
    "company: refund, pay/refund",
    "a:b:refund, pay/refund",
    "company:pay/refund, pay/refund",
    "\uFF52efund, pay/refund",
    "restart, ops/restart web/restart",
    "any:restart, ops/restart web/restart",
    "web/restart, web/restart",
    "ops/refund, ''",
    "refund:, ''",
    "refunds, ''",
    "'', ''",
    "/, ''"
  })
  void aNameMeansEverySkillTheClientCouldTakeItFor(String written, String wanted) {
    assertEquals(
        wanted,
        String.join(
            " ",
            SkillNames.candidates(SNAPSHOT, written).stream().map(SkillId::toString).toList()));
  }
}
