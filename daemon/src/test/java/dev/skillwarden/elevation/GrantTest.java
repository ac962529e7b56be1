package dev.skillwarden.elevation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.elevation.GrantRefusedException.Code;
import dev.skillwarden.keys.SignedNote;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final String NONCE = "00112233445566778899aabbccddeeff";
  private static final TestKeys KEYS = TestKeys.generate();

  private static final Grant.Skills SKILLS =
      new Grant.Skills(
          new Grant.Terms("asset-7", NOON, NOON.plusSeconds(3600), NONCE, "month \"end\" ä"),
          "finance",
          Optional.of("budget-approval"),
          "ana",
          Optional.of("s-1"),
          5);
  private static final Grant.Skills TEAM =
      new Grant.Skills(SKILLS.terms(), "finance", Optional.empty(), "ana", Optional.empty(), 1000);
  private static final Grant.BreakGlass BREAK_GLASS =
      new Grant.BreakGlass(
          new Grant.Terms("asset-7", NOON, NOON.plusSeconds(4 * 3600), NONCE, "incident 12"));

  @Test
  void aSignedGrantReadsAsItWasWritten() throws GrantRefusedException {
    for (Grant grant : List.of(SKILLS, TEAM, BREAK_GLASS)) {
      assertEquals(grant, KEYS.trusted().read(KEYS.sign(grant)));
    }
  }

  private static Code refusal(GrantKeys keys, String note) {
    return assertThrows(GrantRefusedException.class, () -> keys.read(note)).code();
  }

  @Test
  void onlyTheConfiguredKeyUnderItsNameMaySign() {
    assertEquals(Code.SIGNATURE, refusal(KEYS.trusted(), TestKeys.generate().sign(SKILLS)));
    assertEquals(Code.SIGNATURE, refusal(KEYS.trusted(), KEYS.sign(SKILLS, "other/name")));
    assertEquals(
        Code.SIGNATURE, refusal(new GrantKeys(TestKeys.NAME, List.of()), KEYS.sign(SKILLS)));
    assertEquals(Code.SIGNATURE, refusal(KEYS.trusted(), SKILLS.document()));
    assertEquals(Code.SIGNATURE, refusal(KEYS.trusted(), ""));
    assertEquals(Code.SIGNATURE, refusal(KEYS.trusted(), "x".repeat(Grant.MAX_BYTES + 1)));
  }

  /// Every single character matters.
  @Test
  void aChangedTextIsRefused() {
    String note = KEYS.sign(SKILLS);
    int end = note.lastIndexOf("\n\n");
    for (int i = 0; i < end; i++) {
      char other = note.charAt(i) == '0' ? '1' : '0';
      String changed = note.substring(0, i) + other + note.substring(i + 1);
      assertEquals(Code.SIGNATURE, refusal(KEYS.trusted(), changed), changed);
    }
  }

  @Test
  void whatIsSignedMustStillBeAGrant() throws GeneralSecurityException {
    SignedNote note =
        SignedNote.sign("a checkpoint\n1\n", TestKeys.NAME, KEYS.key(), KEYS.publicKey().key());
    assertEquals(Code.MALFORMED, refusal(KEYS.trusted(), note.toString()));
  }

  @Test
  void aKeyThatIsNotThePublicOneSignsNothing() {
    assertThrows(
        GeneralSecurityException.class,
        () -> GrantKeys.sign(SKILLS, TestKeys.NAME, KEYS.key(), TestKeys.generate().publicKey()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"kind\" : \"elevation\"|\"kind\" : \"pointer\"|kind wants elevation or break-glass",
        "finance/budget-approval|finance|skill wants team/name or team/*",
        "finance/budget-approval|*/*|skill wants team/name or team/*",
        "finance/budget-approval|finance/*-approval|skill wants team/name or team/*",
        "\"max_uses\" : 5|\"max_uses\" : 0|max_uses wants a whole number 1..1000",
        "\"max_uses\" : 5|\"max_uses\" : 1001|max_uses wants a whole number 1..1000",
        "\"max_uses\" : 5|\"max_usage\" : 5|max_uses is missing",
        "\"ana\"|\"\"|account wants 1 to 256 characters",
        "\"s-1\"|\" \"|session wants 1 to 256 characters",
        "\"asset-7\"|\"asset 7\"|device wants a device's name",
        "T13:00:00Z|T12:00:00Z|expires wants a time after not_before and at most 24 hours after it",
        "01-02T13:00:00Z|01-03T12:00:01Z|expires wants a time after not_before and at most 24",
        "T13:00:00Z|T25:00:00Z|expires wants a time like",
        "00112233445566778899aabbccddeeff|00112233445566778899aabbccddee|nonce wants 32 to 128",
        "\"reason\"|\"account\" : \"bob\", \"reason\"|Duplicate",
        "\"reason\"|\"admin\" : true, \"reason\"|unknown key 'admin'",
        "\"account\" : \"ana\"|\"account\" : [\"ana\"]|account wants text",
      })
  void refusesWhatIsNoGrant(String part, String instead, String problem) {
    String document = SKILLS.document();
    assertTrue(document.contains(part), document);
    InvalidTextException e =
        assertThrows(
            InvalidTextException.class, () -> Grant.parse("g", document.replace(part, instead)));
    assertTrue(String.valueOf(e.getMessage()).contains(problem), e.getMessage());
  }

  @Test
  void listsEveryProblem() {
    InvalidTextException e =
        assertThrows(
            InvalidTextException.class,
            () -> Grant.parse("g", "{\"kind\": \"elevation\", \"extra\": 1}"));
    assertEquals(
        9, e.problems().size(), e.problems().stream().map(Problem::message).toList()::toString);
  }

  @Test
  void breakGlassLastsFourHoursAtMostAndIsForNoAccount() {
    String document = BREAK_GLASS.document();
    for (String wrong :
        List.of(
            document.replace("T16:00:00Z", "T16:00:01Z"),
            document.replace("\"reason\"", "\"account\": \"ana\", \"reason\""),
            document.replace("\"incident 12\"", "\"\""))) {
      assertThrows(InvalidTextException.class, () -> Grant.parse("g", wrong), wrong);
    }
  }

  @Test
  void noncesAreNew() {
    SecureRandom random = new SecureRandom();
    Grant.Terms one = Grant.Terms.of("d", NOON, NOON, "r", random);
    assertEquals(32, one.nonce().length());
    assertTrue(!one.nonce().equals(Grant.Terms.of("d", NOON, NOON, "r", random).nonce()));
  }
}
