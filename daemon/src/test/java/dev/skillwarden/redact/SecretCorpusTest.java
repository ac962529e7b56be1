package dev.skillwarden.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SecretCorpusTest {
  @ParameterizedTest
  @MethodSource("dev.skillwarden.redact.SecretCorpus#templates")
  void noPieceOfASecretIsLeft(String template) {
    for (int seed = 0; seed < 20; seed++) {
      SecretCorpus.Made made = SecretCorpus.made(template, seed);
      assertFalse(made.secrets().isEmpty(), template);
      String redacted = Redactor.redact(made.text());
      assertFalse(made.isTold(redacted), () -> made.text() + " became " + redacted);
      assertEquals(redacted, Redactor.redact(redacted), "a second pass changes nothing");
    }
  }
}
