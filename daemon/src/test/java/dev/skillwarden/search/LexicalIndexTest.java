package dev.skillwarden.search;

import static dev.skillwarden.search.TestSkills.deprecated;
import static dev.skillwarden.search.TestSkills.skill;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LexicalIndexTest {
  private static final List<String> WORDS =
      List.of("refund", "deploy", "report", "invoice", "secret", "review", "merge", "rotate");

  @TempDir private Path directory;

  private static List<Skill> some(int count, Random random) {
    List<Skill> skills = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      skills.add(made("team/skill-" + i, random));
    }
    return skills;
  }

  private static Skill made(String id, Random random) {
    StringBuilder description = new StringBuilder("does");
    for (int word = 0; word < 12; word++) {
      description.append(' ').append(WORDS.get(random.nextInt(WORDS.size())));
    }
    AccessLevel[] levels = AccessLevel.values();
    return skill(id, description.toString(), levels[random.nextInt(levels.length)]);
  }

  private static List<Skill> sorted(List<Skill> skills) {
    return skills.stream().sorted(Comparator.comparing(Skill::id)).toList();
  }

  private LexicalIndex kept(List<Skill> skills) {
    return new LexicalIndex(Optional.of(directory), skills);
  }

  private static void same(LexicalIndex expected, LexicalIndex found, int skills) {
    BitSet all = new BitSet();
    all.set(0, skills);
    for (String query : List.of("refund", "deploy and review the invoice", "rotate a secret")) {
      assertEquals(
          expected.scores(expected.words(query), 20, all).best(),
          found.scores(found.words(query), 20, all).best(),
          query);
    }
  }

  /// Whatever its files were before, an index answers as one made from nothing, to the last bit.
  @Test
  void keptFilesAnswerAsFreshOnes() {
    Random random = new Random(3);
    List<Skill> skills = some(200, random);
    for (int round = 0; round < 12; round++) {
      for (int change = 0; change < 1 + random.nextInt(9); change++) {
        int at = random.nextInt(skills.size());
        switch (random.nextInt(3)) {
          case 0 -> skills.remove(at);
          case 1 -> skills.add(made("team/new-%d-%d".formatted(round, change), random));
          default -> skills.set(at, made(skills.get(at).id().toString(), random));
        }
      }
      List<Skill> now = sorted(skills);
      try (LexicalIndex fresh = new LexicalIndex(Optional.empty(), now);
          LexicalIndex kept = kept(now)) {
        same(fresh, kept, now.size());
      }
    }
  }

  @Test
  void whatDidNotChangeIsNotWrittenAgain() throws Exception {
    List<Skill> skills = sorted(some(50, new Random(5)));
    kept(skills).close();
    List<String> before = files();
    kept(skills).close();
    assertEquals(before, files());
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
    }
  }

  @Test
  void aDeprecationByTheCatalogChangesNoFile() throws Exception {
    kept(List.of(skill("a/x", "refund"))).close();
    List<String> before = files();
    kept(List.of(deprecated("a/x", "refund"))).close();
    assertEquals(before, files());
  }

  @ParameterizedTest
  @ValueSource(strings = {".si", ".cfs", "segments_"})
  void damagedFilesAreMadeAgain(String kind) throws Exception {
    List<Skill> skills = sorted(some(50, new Random(5)));
    kept(skills).close();
    for (String file : files()) {
      if (file.contains(kind)) {
        byte[] bytes = Files.readAllBytes(Path.of(file));
        bytes[bytes.length / 2] ^= 0x55;
        Files.write(Path.of(file), bytes);
      }
    }
    try (LexicalIndex fresh = new LexicalIndex(Optional.empty(), skills);
        LexicalIndex mended = kept(skills)) {
      same(fresh, mended, skills.size());
    }
  }

  @Test
  void aDirectoryThatCannotBeWrittenCostsTheNextStartOnly() throws Exception {
    Files.writeString(directory.resolve("public"), "a file where a directory is wanted");
    List<Skill> skills = sorted(some(20, new Random(5)));
    try (LexicalIndex fresh = new LexicalIndex(Optional.empty(), skills);
        LexicalIndex inMemory = kept(skills)) {
      same(fresh, inMemory, skills.size());
    }
  }

  @Test
  void oneThatIsReadIsNotClosed() {
    LexicalIndex index = kept(List.of(skill("a/x", "refund")));
    assertTrue(index.acquire());
    index.close();
    BitSet all = new BitSet();
    all.set(0);
    assertEquals(1, index.scores(index.words("refund"), 5, all).best().size());
    index.release();
    assertFalse(index.acquire());
  }

  /// A word nobody has counts as one that a single skill has; a word counts once however often it
  /// is asked for; hidden skills make none more common.
  @Test
  void coverageIsTheShareOfTheQuerysRareWords() {
    List<Skill> skills =
        sorted(
            List.of(
                skill("team/a", "refund an invoice"),
                skill("team/b", "deploy for an invoice"),
                skill("team/c", "invoice merge"),
                skill("team/d", "refund deploy merge", AccessLevel.TEAM)));
    LexicalIndex index = new LexicalIndex(Optional.empty(), skills);
    assertEquals(1, match(index, "Refunds, refunds of invoices", 0).coverage(), 1e-9);
    assertEquals(
        List.of("Refunds", "invoices"), match(index, "Refunds, refunds of invoices", 0).words());
    assertEquals(LexicalIndex.Match.NONE, match(index, "rotate a secret", 0));
    assertEquals(LexicalIndex.Match.NONE, match(index, "of the", 3));
    assertEquals(0.5, match(index, "refund or rotate", 3).coverage(), 1e-9);
    double rare = Math.log1p(2.5 / 1.5);
    double common = Math.log1p(0.5 / 3.5);
    double coverage = match(index, "deploy the invoice", 2).coverage();
    assertEquals(common / (rare + common), coverage, 1e-9);
    assertEquals(1 - coverage, match(index, "deploy the invoice", 3).coverage(), 1e-9);
  }

  private static LexicalIndex.Match match(LexicalIndex index, String query, int position) {
    return index
        .matches(index.words(query), List.of(0, 1, 2, 3))
        .getOrDefault(position, LexicalIndex.Match.NONE);
  }
}
