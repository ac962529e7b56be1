package dev.skillwarden.e2e.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.e2e.lab.Attack.Profile;
import dev.skillwarden.e2e.lab.AttackResults.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What docs/security.md says of attacks is what the suite found.
final class AttackTableTest {
  private static final Path RESULTS = Path.of("src", "test", "e2e", "lab", "attack-results.json");
  private static final Path DOCUMENT = Path.of("..", "docs", "security.md");

  /// With `-Dattacks.docs` the document is written anew instead.
  @Test
  void theDocumentHasTheTable() throws Exception {
    String text = Files.readString(DOCUMENT);
    int begin = text.indexOf(AttackTable.BEGIN) + AttackTable.BEGIN.length();
    int end = text.indexOf(AttackTable.END);
    assertTrue(begin >= AttackTable.BEGIN.length() && end > begin, "no place for the table");
    String table = "\n\n" + AttackTable.of(Attacks.all(), AttackResults.read(RESULTS)) + "\n";
    if (System.getProperty("attacks.docs") != null) {
      Files.writeString(DOCUMENT, text.substring(0, begin) + table + text.substring(end));
      return;
    }
    assertEquals(
        table,
        text.substring(begin, end),
        "write it anew: mvn test -Dtest=AttackTableTest -Dattacks.docs");
  }

  @Test
  void everyAttackWasTriedAndEndedAsExpected() throws Exception {
    AttackResults results = AttackResults.read(RESULTS);
    for (Attack attack : Attacks.all()) {
      for (Profile profile : List.of(Profile.NONE, Profile.STANDARD, Profile.STRICT)) {
        Map<String, Verdict> byVersion = results.of(attack, profile);
        assertFalse(byVersion.isEmpty(), attack.id() + " was not tried with " + profile);
        boolean open =
            profile == Profile.NONE ? attack.inert().isEmpty() : attack.open().containsKey(profile);
        byVersion.forEach((version, verdict) ->
            assertEquals(
                open, verdict == Verdict.OPEN, attack.id() + " " + profile + " " + version));
      }
    }
  }

  @Test
  void whatIsOpenIsExplained() throws Exception {
    String text = Files.readString(DOCUMENT);
    for (Attack attack : Attacks.all()) {
      attack
          .open()
          .values()
          .forEach(remedy ->
              assertTrue(text.contains(remedy), "docs/security.md does not say: " + remedy));
    }
  }
}
