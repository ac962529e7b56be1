package dev.skillwarden.search;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The tokenizer of BERT's uncased models: text is cleaned, stripped of accents and lower-cased,
/// split at white space, punctuation and CJK characters, and each word is cut greedily into the
/// longest pieces of the vocabulary.
///
/// Gives the ids of HuggingFace's `tokenizers`, the reference, for every text, with one exception:
/// special tokens written in a text, such as `[SEP]`, are ordinary text. Texts come from third
/// parties, and none of them may end its own sentence or mask a word.
final class WordPiece {
  /// Tokens of one text at most, `[CLS]` and `[SEP]` included; the rest of the text is dropped.
  static final int MAX_TOKENS = 256;

  /// A longer word is `[UNK]` as a whole, in code points.
  static final int MAX_WORD = 100;

  /// Marks, format characters and punctuation younger than Unicode 8, whose tables the reference
  /// has: there they are part of a word. Ranges run on over what is part of a word anyway.
  private static final BitSet NEWER =
      ranges(
          """
          61D 7FD 890-8E2 9FD-9FE A76 AFA-AFF B55 C04-C3C C77 C84 D00 D3B-D3C D81 EBA ECE 180F-1886
          1ABF-1ACE 1B4E-1B4F 1B7D-1B7F 1DF6-1DFB 2E43-2E5D A82C A8C5 A8FF A9BD 10D24-10F89
          11070-11074 110C2-110CD 111CF 1123E-11241 1133B 113BB-1145E 11660-1166C 116B9 1182F-11FFF
          12FF1-1612F 16D6D-16F4F 16FE2-16FE4 1CF00-1CF46 1E000-1E5FF 1E944-1E95F
          """);

  private final Vocabulary pieces;
  private final int unknown;
  private final int first;
  private final int last;

  /// @param vocabulary piece to id, pieces inside a word with a leading `##`
  /// @throws IllegalArgumentException when `[CLS]`, `[SEP]` or `[UNK]` is missing
  WordPiece(Map<String, Integer> vocabulary) {
    unknown = special(vocabulary, "[UNK]");
    first = special(vocabulary, "[CLS]");
    last = special(vocabulary, "[SEP]");
    pieces = new Vocabulary(vocabulary);
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
    Iterator<String> words = words(text).iterator();
    while (count < MAX_TOKENS - 1 && words.hasNext()) {
      List<Integer> pieces = pieces(words.next());
      for (int id : pieces.subList(0, Math.min(pieces.size(), MAX_TOKENS - 1 - count))) {
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
      Vocabulary.Piece piece = pieces.longest(word, from);
      if (piece.length() == 0) {
        return List.of(unknown);
      }
      ids.add(piece.id());
      from += piece.length();
    }
    return ids;
  }

  /// Words in order; each punctuation mark and CJK character is a word. Reads no further than any
  /// encoding needs.
  ///
  /// Marks are not brought into canonical order. It would change no id: most marks are dropped, and
  /// a word with one of the others is unknown as a whole.
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < text.length() && words.size() < MAX_TOKENS; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      Kind kind = kind(c);
      boolean alone = isCjk(c);
      if (alone || kind == Kind.SPACE) {
        flush(word, words);
      }
      if (kind != Kind.SPACE && kind != Kind.DROPPED) {
        decomposed(c).codePoints().forEach(part -> add(part, word, words));
      }
      if (alone) {
        flush(word, words);
      }
    }
    flush(word, words);
    return words;
  }

  private static String decomposed(int c) {
    String text = Character.toString(c);
    return c < 128 ? text : Normalizer.normalize(text, Normalizer.Form.NFD);
  }

  private static void add(int c, StringBuilder word, List<String> words) {
    switch (kind(c)) {
      case PUNCTUATION -> {
        flush(word, words);
        words.add(Character.toString(c));
      }
      case OTHER -> {
        if (word.length() <= 2 * MAX_WORD) { // else it is too long already
          word.appendCodePoint(Character.toLowerCase(c));
        }
      }
      case MARK, SPACE, DROPPED -> {}
    }
  }

  private static void flush(StringBuilder word, List<String> words) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  private enum Kind {
    SPACE,
    DROPPED,
    MARK,
    PUNCTUATION,
    OTHER
  }

  /// As in the tables of the reference. Every ASCII symbol is punctuation there, and what is not
  /// assigned is part of a word.
  private static Kind kind(int c) {
    if (NEWER.get(c)) {
      return Kind.OTHER;
    }
    return switch (c) {
      case '\t', '\n', '\r' -> Kind.SPACE;
      case '$', '+', '<', '=', '>', '^', '`', '|', '~' -> Kind.PUNCTUATION;
      case 0xFFFD -> Kind.DROPPED;
      case 0x1734, 0x1171E -> Kind.MARK; // spacing marks now
      case 0x166D, 0x111C9 -> Kind.PUNCTUATION; // a symbol and a mark now
      default -> assignedKind(c);
    };
  }

  private static Kind assignedKind(int c) {
    return switch (Character.getType(c)) {
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          Kind.SPACE;
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE ->
          Kind.DROPPED;
      case Character.NON_SPACING_MARK -> Kind.MARK;
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          Kind.PUNCTUATION;
      default -> Kind.OTHER;
    };
  }

  /// The CJK ideograph blocks the model was trained with; Hangul and kana are written with spaces
  /// or handled as words. 2B820 to 2B91F are missing in the reference too.
  private static boolean isCjk(int c) {
    return (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2B73F)
        || (c >= 0x2B740 && c <= 0x2B81F)
        || (c >= 0x2B920 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x2F800 && c <= 0x2FA1F);
  }

  private static BitSet ranges(String hex) {
    BitSet set = new BitSet();
    for (String range : hex.strip().split("\\s+", -1)) {
      List<String> ends = List.of(range.split("-", -1));
      set.set(
          HexFormat.fromHexDigits(ends.getFirst()), HexFormat.fromHexDigits(ends.getLast()) + 1);
    }
    return set;
  }
}
