package dev.skillwarden.search;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The tokenizer of BERT's uncased models: text is cleaned, stripped of accents and lower-cased,
/// split at white space, punctuation and CJK characters, and each word is cut greedily into the
/// longest pieces of the vocabulary. Special tokens written in the text are ordinary text.
final class WordPiece {
  /// Tokens of one text at most, `[CLS]` and `[SEP]` included; the rest of the text is dropped.
  static final int MAX_TOKENS = 256;

  /// A longer word is `[UNK]` as a whole, in code points.
  static final int MAX_WORD = 100;

  private static final String CONTINUES = "##";

  private final Map<String, Integer> starts = new HashMap<>();
  private final Map<String, Integer> continuations = new HashMap<>();
  private final int unknown;
  private final int first;
  private final int last;

  /// @param vocabulary piece to id, pieces inside a word with a leading `##`
  /// @throws IllegalArgumentException when `[CLS]`, `[SEP]` or `[UNK]` is missing
  WordPiece(Map<String, Integer> vocabulary) {
    unknown = special(vocabulary, "[UNK]");
    first = special(vocabulary, "[CLS]");
    last = special(vocabulary, "[SEP]");
    vocabulary.forEach((piece, id) -> {
      if (piece.startsWith(CONTINUES) && piece.length() > CONTINUES.length()) {
        continuations.put(piece.substring(CONTINUES.length()), id);
      } else {
        starts.put(piece, id);
      }
    });
  }

  /// Reads the vocabulary from a `tokenizer.json`.
  ///
  /// @throws InvalidTextException when the file is no JSON
  /// @throws IllegalArgumentException when it holds no WordPiece vocabulary
  static WordPiece parse(String what, byte[] tokenizerJson) throws InvalidTextException {
    JsonNode model = Json.parse(what, tokenizerJson).path("model");
    JsonNode vocabulary = model.path("vocab");
    if (!model.path("type").asString("").equals("WordPiece") || !vocabulary.isObject()) {
      throw new IllegalArgumentException(
          what + " wants model.type WordPiece and an object model.vocab");
    }
    Map<String, Integer> ids = new HashMap<>();
    vocabulary.properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    return new WordPiece(ids);
  }

  private static int special(Map<String, Integer> vocabulary, String token) {
    return Optional.ofNullable(vocabulary.get(token))
        .orElseThrow(() -> new IllegalArgumentException("the vocabulary has no " + token));
  }

  /// Token ids of a text, at least `[CLS] [SEP]`, at most [#MAX_TOKENS].
  long[] encode(String text) {
    long[] ids = new long[MAX_TOKENS];
    int count = 0;
    ids[count++] = first;
    for (String word : words(text)) {
      for (int id : pieces(word)) {
        if (count == MAX_TOKENS - 1) {
          break;
        }
        ids[count++] = id;
      }
    }
    ids[count++] = last;
    return Arrays.copyOf(ids, count);
  }

  private List<Integer> pieces(String word) {
    if (word.codePointCount(0, word.length()) > MAX_WORD) {
      return List.of(unknown);
    }
    List<Integer> ids = new ArrayList<>();
    int from = 0;
    while (from < word.length()) {
      Map<String, Integer> vocabulary = from == 0 ? starts : continuations;
      int to = word.length();
      while (to > from && !vocabulary.containsKey(word.substring(from, to))) {
        to--;
      }
      if (to == from) {
        return List.of(unknown);
      }
      ids.add(vocabulary.getOrDefault(word.substring(from, to), unknown));
      from = to;
    }
    return ids;
  }

  /// Words in order; each punctuation mark and CJK character is a word. Stops once there are more
  /// than any encoding holds.
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    String plain = normalize(text);
    for (int i = 0; i < plain.length() && words.size() < MAX_TOKENS; ) {
      int c = plain.codePointAt(i);
      i += Character.charCount(c);
      boolean alone = isPunctuation(c) || isCjk(c);
      if (alone || isSpace(c)) {
        flush(word, words);
      }
      if (alone) {
        words.add(Character.toString(c));
      } else if (!isSpace(c)) {
        word.appendCodePoint(c);
      }
    }
    flush(word, words);
    return words;
  }

  private static void flush(StringBuilder word, List<String> words) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  private static String normalize(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().filter(c -> isSpace(c) || !isDropped(c)).forEach(clean::appendCodePoint);
    StringBuilder bare = new StringBuilder(clean.length());
    Normalizer.normalize(clean, Normalizer.Form.NFD)
        .codePoints()
        .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
        .forEach(bare::appendCodePoint);
    return bare.toString().toLowerCase(Locale.ROOT);
  }

  private static boolean isSpace(int c) {
    return c == '\t' || c == '\n' || c == '\r' || Character.isSpaceChar(c);
  }

  private static boolean isDropped(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> c == 0xFFFD;
    };
  }

  /// Every ASCII symbol counts, as in the original.
  private static boolean isPunctuation(int c) {
    if (c < 128) {
      return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  /// The CJK ideograph blocks the model was trained with; Hangul and kana are written with spaces
  /// or handled as words.
  private static boolean isCjk(int c) {
    return (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F)
        || (c >= 0x2B820 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x2F800 && c <= 0x2FA1F);
  }
}
