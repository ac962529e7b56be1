package dev.skillwarden.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The journal records by which rules secrets were taken out, so the number must tell rules apart.
class RulesVersionTest {
  private static String digest() throws IOException, GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Stream.<List<? extends Rule>>of(
            TokenRule.ALL, CredentialRule.ALL, CommandRule.ALL, EntropyRule.ALL)
        .flatMap(List::stream)
        .forEach(rule -> digest.update((rule + "\n").getBytes(StandardCharsets.UTF_8)));
    for (String template : SecretCorpus.templates()) { // what the rules do, code included
      for (int seed = 0; seed < 3; seed++) {
        String redacted = Redactor.redact(SecretCorpus.made(template, seed).text());
        digest.update((redacted + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void theVersionRisesWithTheRules() throws IOException, GeneralSecurityException {
    Properties recorded = new Properties();
    try (InputStream in = RulesVersionTest.class.getResourceAsStream("/redact/rules.properties")) {
      recorded.load(in);
    }
    assertEquals(
        "version %s, rules %s"
            .formatted(recorded.getProperty("version"), recorded.getProperty("rules")),
        "version %d, rules %s".formatted(Redactor.VERSION, digest()),
        "the rules, the corpus or the version changed: raise Redactor.VERSION by one if a text may"
            + " now be redacted otherwise, and write both values into"
            + " src/test/resources/redact/rules.properties");
  }
}
