package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.effect.Content;
import dev.skillwarden.effect.Taints;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionFilesTest {
  private static final Taints FETCHED = new Taints(true, false, false, false);

  private final SessionFiles files = new SessionFiles();

  private static Content text(String text) {
    return new Content(FETCHED, Optional.of(text));
  }

  @Test
  void remembersByAccountAndSession() {
    files.add("ann", "s1", Map.of("/w/x", text("a")));
    assertEquals(Map.of("/w/x", text("a")), files.of("ann", "s1"));
    assertEquals(Map.of(), files.of("ann", "s2"));
    assertEquals(Map.of(), files.of("bob", "s1"));
    files.add("ann", "", Map.of("/w/y", text("b")));
    assertEquals(Map.of(), files.of("ann", ""));
  }

  @Test
  void forgetsTheOldestFilesFirst() {
    for (int i = 0; i < 250; i++) {
      files.add("ann", "s", Map.of("/w/" + i, text("a")));
    }
    assertEquals(200, files.of("ann", "s").size());
    assertFalse(files.of("ann", "s").containsKey("/w/49"));
    assertTrue(files.of("ann", "s").containsKey("/w/50"));
  }

  @Test
  void keepsOfALongTextItsOriginOnly() {
    files.add("ann", "s", Map.of("/w/long", text("a".repeat(20_000))));
    assertEquals(Map.of("/w/long", new Content(FETCHED, Optional.empty())), files.of("ann", "s"));
    for (int i = 0; i < 20; i++) {
      files.add("ann", "s", Map.of("/w/" + i, text("a".repeat(10_000))));
    }
    int kept =
        files.of("ann", "s").values().stream()
            .mapToInt(c -> c.text().map(String::length).orElse(0))
            .sum();
    assertTrue(kept <= 128 << 10, () -> kept + " characters");
  }

  @Test
  void forgetsTheSessionUnusedLongest() {
    for (int i = 0; i < 70; i++) {
      files.add("ann", "s" + i, Map.of("/w/x", text("a")));
      files.of("ann", "s0");
    }
    assertEquals(1, files.of("ann", "s0").size());
    assertEquals(0, files.of("ann", "s1").size());
    assertEquals(1, files.of("ann", "s69").size());
  }

  @Test
  void noAccountMakesAnotherForget() {
    files.add("bob", "s", Map.of("/w/x", text("a")));
    for (int i = 0; i < 200; i++) {
      files.add("ann", "s" + i, Map.of("/w/x", text("a")));
    }
    assertEquals(1, files.of("bob", "s").size());
  }
}
