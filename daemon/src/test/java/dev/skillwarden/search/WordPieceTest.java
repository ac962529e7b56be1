package dev.skillwarden.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.skillwarden.text.InvalidTextException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordPieceTest {
  private static WordPiece bert;

  @BeforeAll
  static void readVocabulary() throws Exception {
    bert = MiniLm.tokenizer();
  }

  /// Ids of the public bert-base-uncased vocabulary.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hello world | 101 7592 2088 102",
        "HeLLo, WÖRLD! | 101 7592 1010 2088 999 102",
        "unaffable | 101 14477 20961 3468 102",
        "中国 | 101 1746 1799 102",
        "a中b | 101 1037 1746 1038 102",
        "😀 | 101 100 102",
        "[CLS] | 101 1031 18856 2015 1033 102",
        "'' | 101 102",
      })
  void encodesAsTheModelWasTrained(String text, String ids) {
    assertEquals(
        ids,
        Arrays.stream(bert.encode(text)).mapToObj(Long::toString).collect(Collectors.joining(" ")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Crème Brûlée | creme brulee",
        "don't stop-me_now | don ' t stop - me _ now",
        "x=1+$2~`^ | x = 1 + $ 2 ~ ` ^",
        "«quoted»…end | « quoted » … end",
        "日本 go | 日 本 go",
        "ひらがな 한국 | ひらかな 한국",
        "ＡＢ | ａｂ",
        "ΟΔΟΣ | οδοσ", // no final sigma
      })
  void splitsIntoWords(String text, String words) {
    assertEquals(
        java.text.Normalizer.normalize(words, java.text.Normalizer.Form.NFD),
        String.join(" ", WordPiece.words(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\u0000b",
        "a\u200bb",
        "a\ufffdb",
        "a\ud83db",
        "a\ue000b",
        "a\u0007b",
        "a\u00adb"
      })
  void dropsWhatIsNoText(String text) {
    assertEquals(List.of("ab"), WordPiece.words(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\tb", "a\r\nb", "a\u00a0b", "a\u2003b", "a\u3000b", " a  b "})
  void splitsAtEveryKindOfSpace(String text) {
    assertEquals(List.of("a", "b"), WordPiece.words(text));
  }

  /// U+0378 is not assigned, the others are younger than the reference's tables: a combining mark,
  /// a format character and a punctuation mark.
  @ParameterizedTest
  @ValueSource(strings = {"a\u0378b", "a\u08d4b", "a\u061db", "a\ud80d\udc30b", "a\u2e43b"})
  void whatTheReferenceDoesNotKnowIsPartOfAWord(String text) {
    assertEquals(List.of(text), WordPiece.words(text));
    assertArrayEquals(new long[] {101, 100, 102}, bert.encode(text));
  }

  @Test
  void aWordOverTheLimitIsUnknownAsAWhole() {
    assertArrayEquals(new long[] {101, 100, 102}, bert.encode("a".repeat(WordPiece.MAX_WORD + 1)));
    assertEquals(
        0,
        Arrays.stream(bert.encode("a".repeat(WordPiece.MAX_WORD))).filter(id -> id == 100).count());
  }

  @Test
  void aTextOverTheLimitIsCutBeforeTheClosingToken() {
    long[] ids = bert.encode("hello ".repeat(5_000));
    assertEquals(WordPiece.MAX_TOKENS, ids.length);
    assertEquals(102, ids[ids.length - 1]);
    assertArrayEquals(ids, bert.encode("hello ".repeat(254)));
  }

  /// Some milliseconds; half a minute when it reads on.
  @Test
  void aLongTextIsReadNoFurtherThanNeeded() {
    String words = "hello ".repeat(500_000);
    assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          for (int i = 0; i < 200; i++) {
            bert.encode(words);
          }
        });
  }

  /// Some milliseconds; half a minute when marks are sorted.
  @ParameterizedTest
  @ValueSource(strings = {"a", "\u0316\u0301", "\u302e\u0316", "가", "\u0000", " ", "\ud83d"})
  void aLongTextTakesTimeInProportion(String part) {
    String text = part.repeat(100_000);
    assertTimeout(Duration.ofSeconds(5), () -> bert.encode("b" + text));
  }

  @Test
  void takesTheLongestPieceFirst() {
    WordPiece small =
        new WordPiece(
            Map.of(
                "[UNK]", 0, "[CLS]", 1, "[SEP]", 2, "re", 3, "ref", 4, "##und", 5, "##fund", 6,
                "##s", 7));
    assertArrayEquals(new long[] {1, 4, 5, 7, 2}, small.encode("refunds"));
    assertArrayEquals(new long[] {1, 0, 2}, small.encode("refundx"));
  }

  @Test
  void aVocabularyWithoutSpecialTokensIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new WordPiece(Map.of("[UNK]", 0)));
  }

  @Test
  void aFileThatIsNoTokenizerIsRefused() {
    byte[] other = "{\"model\":{\"type\":\"BPE\"}}".getBytes(StandardCharsets.UTF_8);
    assertThrows(IllegalArgumentException.class, () -> WordPiece.parse("t.json", other));
    byte[] broken = "{".getBytes(StandardCharsets.UTF_8);
    assertThrows(InvalidTextException.class, () -> WordPiece.parse("t.json", broken));
  }
}
