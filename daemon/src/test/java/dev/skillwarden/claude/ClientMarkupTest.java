package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the client does with each of these was seen on the client itself; `SeedIT` repeats it.
class ClientMarkupTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "run !`id` now",
        "word!`id`",
        "```!\nid\n```",
        "  ````!\nid\n````",
        "~~~ !\nid\n~~~",
        "for $ARGUMENTS",
        "in ${CLAUDE_SKILL_DIR}",
        "costs \\$5",
        "see @/etc/hostname",
        "@README.md",
        "(@notes.txt)",
        "\"@/etc/issue\"",
        "`@decorator`"
      })
  void whatTheClientWouldActOnHasNoSpelling(String text) {
    assertEquals(Optional.empty(), ClientMarkup.literal(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "mail ada@example.com",
        "<!-- skill data/sql-review@1.3.0 -->",
        "an @ alone",
        "$HOME and ${HOME} and $(date)",
        "```sh\n!ls\n```",
        "Careful! `id` is harmless"
      })
  void whatTheClientLeavesAloneStaysAsItIs(String text) {
    assertEquals(Optional.of(text), ClientMarkup.literal(text));
  }

  @Test
  void positionsAreEscaped() {
    assertEquals(
        Optional.of("\\$100 for awk '{print \\$1}'"),
        ClientMarkup.literal("$100 for awk '{print $1}'"));
  }
}
