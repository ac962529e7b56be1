package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.ModelHost;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.skill.SkillFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingTest {
  private static final byte[] SKILL =
      """
      ---
      name: support/refunds
      version: 1.0.0
      description: Pays money back to a customer who is entitled to it.
      tags: [money]
      access_level: public
      ---
      Look for the zebra receipt.
      """
          .getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  @Test
  void aServedSkillIsFoundByItsTextButDoesNotHoldIt() {
    AtomicInteger reads = new AtomicInteger();
    SkillFile file =
        new SkillFile(
            ".claude/skills/support/refunds.md",
            true,
            SKILL,
            Optional.of(() -> {
              reads.incrementAndGet();
              return SKILL;
            }));
    CatalogSnapshot snapshot = CatalogBuilder.tree("0".repeat(40), List.of(file));
    InstantSource clock = InstantSource.system();
    ModelHost noModel =
        new ModelHost(
            "none",
            () -> {
              throw new IllegalStateException("no model here");
            },
            ModelHost.Times.standard(Duration.ofMinutes(10)),
            clock);
    try (Serving serving = new Serving(Home.user(directory), false, noModel, clock)) {
      serving.publish(snapshot);
      assertEquals(
          1,
          serving
              .served()
              .index()
              .orElseThrow()
              .search(SearchQuery.of("zebra receipt", 5), skill -> true)
              .hits()
              .size());
      assertEquals(0, reads.get());

      String text = snapshot.releases().findFirst().orElseThrow().skill().body();
      assertEquals("Look for the zebra receipt.\n", text);
      assertEquals(1, reads.get());
    }
  }
}
