package dev.skillwarden.skill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstructionsTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "x", "Schritt für Schritt 🧑‍💼\n", "注文を確認する"})
  void givesBackWhatItGot(String text) {
    for (String whole : new String[] {text, text.repeat(20_000)}) {
      Instructions instructions = Instructions.of(whole);
      assertEquals(whole, instructions.text());
      assertEquals(whole.length(), instructions.length());
      assertEquals(instructions, Instructions.of(whole));
      assertNotEquals(instructions, Instructions.of(whole + "."));
    }
  }
}
