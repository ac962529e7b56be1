package dev.skillwarden.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The own tokenizer gives the ids of the reference, HuggingFace's `tokenizers`, token for token,
/// both reading the same `tokenizer.json`. There is one wanted difference: special tokens written
/// in a text, such as `[MASK]`, are ordinary text. Texts that hold some are compared with the
/// reference less its `added_tokens`.
///
/// UTF-8 cannot hold an unpaired surrogate and the reference takes UTF-8 only; it is given U+FFFD
/// in its place, which is what decoders make of it.
class WordPieceReferenceTest {
  private static final long SEED = Long.getLong("skillwarden.tokenizer.seed", 1);
  private static final int RANDOM_TEXTS = 100_000;
  private static final List<String> SPECIAL = List.of("[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]");

  /// Code points in one text, few enough that nothing is cut.
  private static final int BLOCK = 24;

  /// Beyond the basic plane, one of so many code points is a whole text too.
  private static final int STEP = 16;

  /// Kept here, since a logger that nobody holds forgets its level.
  private static final Logger REFERENCE_LOG = Logger.getLogger("ai.djl");

  private static WordPiece own;
  private static HuggingFaceTokenizer reference;
  private static HuggingFaceTokenizer referenceWithoutSpecial;
  private static List<String> pieces;

  @BeforeAll
  static void open() throws Exception {
    assumeTrue(
        WordPieceReferenceTest.class.getResource(nativeLibrary()) != null,
        "the reference has no native library for this platform: " + nativeLibrary());
    REFERENCE_LOG.setLevel(Level.SEVERE); // tells of every graphics card that it does not find
    String cache = Path.of("target/djl").toAbsolutePath().toString();
    System.setProperty("OPT_OUT_TRACKING", "true"); // nothing sent, no cloud's address asked
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("RUST_FLAVOR", "cpu"); // beside CUDA another one would be downloaded
    for (String place : List.of("DJL_CACHE_DIR", "ENGINE_CACHE_DIR", "jna.tmpdir")) {
      System.setProperty(place, cache); // else in the home
    }
    Files.createDirectories(Path.of(cache));

    own = MiniLm.tokenizer();
    byte[] json;
    try (InputStream in =
        WordPieceReferenceTest.class.getResourceAsStream("/all-minilm-l6-v2-q-tokenizer.json")) {
      json = in.readAllBytes();
    }
    ObjectNode stripped = (ObjectNode) Json.parse("tokenizer", json);
    pieces = List.copyOf(stripped.path("model").path("vocab").propertyNames());
    stripped.putArray("added_tokens");
    reference = reference(json);
    referenceWithoutSpecial = reference(Json.write(stripped).getBytes(StandardCharsets.UTF_8));
  }

  private static String nativeLibrary() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    return "/native/lib/%s-%s/cpu/%s"
        .formatted(
            os.startsWith("win") ? "win" : os.startsWith("mac") ? "osx" : os,
            arch.equals("amd64") ? "x86_64" : arch,
            System.mapLibraryName("tokenizers"));
  }

  private static HuggingFaceTokenizer reference(byte[] json) throws IOException {
    Map<String, String> options =
        Map.of(
            "truncation", "true",
            "maxLength", Integer.toString(WordPiece.MAX_TOKENS),
            "padding", "false");
    return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
  }

  @AfterAll
  static void close() {
    if (reference != null) {
      reference.close();
      referenceWithoutSpecial.close();
    }
  }

  @Test
  void randomTexts() {
    assertSame(
        IntStream.range(0, RANDOM_TEXTS).mapToObj(WordPieceReferenceTest::randomText),
        "-Dskillwarden.tokenizer.seed=" + SEED);
  }

  /// Inside a word, and alone between spaces where a plane has more than one kind of code point;
  /// many in one text, for speed.
  @Test
  void everyCodePointAmongOthers() {
    int blocks = (Character.MAX_CODE_POINT + BLOCK) / BLOCK;
    List<Integer> different =
        IntStream.range(0, blocks)
            .parallel()
            .filter(WordPieceReferenceTest::differs)
            .boxed()
            .toList();
    assertSame(
        different.stream()
            .flatMap(WordPieceReferenceTest::codePoints)
            .flatMap(c -> Stream.of(c, "a" + c + "b")),
        "each code point of the blocks that differ");
    assertEquals(List.of(), different, "blocks of " + BLOCK + " code points");
  }

  private static boolean differs(int block) {
    int plane = (block * BLOCK) >> 16;
    boolean mixed = plane < 4 || plane == 14; // in the others all are unassigned or private
    String text =
        codePoints(block)
            .map(c -> mixed ? "a" + c + "b " + c : "a" + c + "b")
            .collect(Collectors.joining(" "));
    long[] found = own.encode(text);
    assertTrue(found.length < WordPiece.MAX_TOKENS, () -> "cut: " + text);
    return !Arrays.equals(wanted(text), found);
  }

  private static Stream<String> codePoints(int block) {
    int end = Math.min((block + 1) * BLOCK, Character.MAX_CODE_POINT + 1);
    return IntStream.range(block * BLOCK, end).mapToObj(Character::toString);
  }

  @Test
  void codePointsAsWholeTexts() {
    assertSame(
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
            .filter(c -> Character.isBmpCodePoint(c) || c % STEP == 0)
            .mapToObj(Character::toString),
        "one code point");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[CLS]",
        "[MASK]",
        "a[SEP]b",
        "say [PAD] or [UNK], please",
        "Ignore the rest.[SEP][CLS]",
      })
  void specialTokensInATextAreOrdinaryTextUnlikeInTheReference(String text) {
    assertArrayEquals(ids(referenceWithoutSpecial, text), own.encode(text));
    assertFalse(Arrays.equals(ids(reference, text), own.encode(text)));
  }

  /// The texts belong to others: they are read from `-Dskillwarden.corpora=DIR`.
  @Test
  void realSkillsAndQueries() throws IOException, InvalidTextException {
    String corpora = System.getProperty("skillwarden.corpora", "");
    assumeTrue(
        !corpora.isEmpty(), "no -Dskillwarden.corpora=DIR: the texts are not in the project");
    List<String> texts = new ArrayList<>();
    for (String file : List.of("eval-corpus.jsonl", "skills-corpus.jsonl.gz", "queries.jsonl")) {
      for (String line : lines(Path.of(corpora, "skills", file))) {
        texts.addAll(texts(Json.parse(file, line)));
      }
    }
    assertTrue(texts.size() > 15_000, "only " + texts.size() + " texts");
    assertSame(texts.stream(), "in " + corpora);
  }

  private static List<String> lines(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in,
                    StandardCharsets.UTF_8))) {
      return lines.lines().toList();
    } catch (UncheckedIOException e) {
      throw new IOException("cannot read " + file, e);
    }
  }

  private static Collection<String> texts(JsonNode entry) {
    if (entry.has("query")) {
      return List.of(entry.path("query").asString(""));
    }
    String description = entry.path("description").asString("");
    String tags =
        entry.path("tags").valueStream().map(t -> t.asString("")).collect(Collectors.joining(" "));
    String body = entry.path("body").asString("");
    return List.of(
        description, description + " " + tags, body.substring(0, Math.min(2_000, body.length())));
  }

  /// Fails with the first few texts for which own and reference differ.
  private static void assertSame(Stream<String> texts, String where) {
    List<String> differences =
        texts
            .parallel()
            .map(WordPieceReferenceTest::difference)
            .flatMap(Optional::stream)
            .limit(10)
            .toList();
    assertTrue(differences.isEmpty(), () -> where + "\n" + String.join("\n", differences));
  }

  private static Optional<String> difference(String text) {
    long[] wanted = wanted(text);
    long[] found = own.encode(text);
    return Arrays.equals(wanted, found)
        ? Optional.empty()
        : Optional.of(
            "%s\n  reference %s\n  own       %s"
                .formatted(escaped(text), Arrays.toString(wanted), Arrays.toString(found)));
  }

  private static long[] wanted(String text) {
    boolean special = SPECIAL.stream().anyMatch(text::contains);
    return ids(special ? referenceWithoutSpecial : reference, withoutSurrogates(text));
  }

  /// Less than `encode(text).getIds()`, which fetches all about every token.
  private static long[] ids(HuggingFaceTokenizer tokenizer, String text) {
    long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, true);
    try {
      return TokenizersLibrary.LIB.getTokenIds(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  private static String withoutSurrogates(String text) {
    return text.codePoints()
        .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String escaped(String text) {
    return text.codePoints()
        .mapToObj(c -> c >= ' ' && c < 127 ? Character.toString(c) : "\\u{%X}".formatted(c))
        .collect(Collectors.joining());
  }

  private static String randomText(int number) {
    SplittableRandom random = new SplittableRandom(SEED * RANDOM_TEXTS + number);
    int parts = random.nextInt(random.nextInt(100) == 0 ? 400 : 7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts; i++) {
      text.append(PARTS.get(random.nextInt(PARTS.size())).apply(random));
      text.append(" ".repeat(random.nextInt(2)));
    }
    return text.toString();
  }

  private static final List<Function<SplittableRandom, String>> PARTS =
      List.of(
          WordPieceReferenceTest::englishWord,
          WordPieceReferenceTest::englishWord,
          some(1, 12, 'a', 'z', 'A', 'Z', '0', '9'),
          some(1, 4, '!', '/', ':', '@', '[', '`', '{', '~'),
          some(1, 6, 0xC0, 0x24F, 0x1E00, 0x1EFF), // Latin, composed
          some(1, 8, 'a', 'z', 0x300, 0x36F), // Latin, decomposed
          some(1, 8, 0x370, 0x52F, 0x1F00, 0x1FFF, 0x3A3, 0x3A3), // Greek, Cyrillic, final sigma
          some(1, 4, 0x4E00, 0x9FFF),
          some(1, 4, 0x3400, 0x4DBF, 0x20000, 0x323AF, 0x2B800, 0x2B9FF),
          some(1, 4, 0xF900, 0xFAFF, 0x2F800, 0x2FA1F, 0x2E80, 0x2FDF), // CJK, by compatibility
          some(1, 5, 0xAC00, 0xD7A3, 0x1100, 0x11FF, 0x3130, 0x318F), // Hangul
          some(1, 8, 0x3040, 0x30FF, 0xFF00, 0xFFEF), // kana, full and half width
          some(1, 8, 0x0E00, 0x0FFF), // Thai, Lao, Tibetan
          some(1, 8, 0x0590, 0x08FF), // Hebrew, Arabic and others
          some(1, 8, 0x0900, 0x0DFF), // Devanagari and others of India
          some(1, 6, 0x1F000, 0x1FAFF, 0x2190, 0x2BFF, 0x200D, 0x200D, 0xFE0F, 0xFE0F),
          some(1, 3, 0xE000, 0xF8FF, 0xF0000, 0xFFFFF, 0x100000, 0x10FFFF), // private use
          some(1, 3, 0x0, 0x1F, 0x7F, 0x9F), // control
          some(1, 3, 0xAD, 0xAD, 0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x206F, 0xFEFF, 0xFEFF),
          some(1, 2, 0xD800, 0xDFFF),
          some(1, 2, 0xFFF0, 0xFFFF),
          some(1, 3, '\t', '\r', 0x20, 0x20, 0xA0, 0xA0, 0x1680, 0x1680, 0x180E, 0x180E),
          some(
              1, 3, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000),
          some(1, 12, 0x300, 0x36F, 0x591, 0x5BD, 0x302A, 0x302F, 0x1D165, 0x1D16D, 0x3099, 0x309A),
          some(1, 6, 0x2010, 0x205E, 0x3001, 0x303F, 0xA1, 0xBF), // punctuation and signs
          some(1, 6, 0x0, 0xFFFF),
          some(1, 6, 0x10000, 0x1FFFF),
          some(1, 6, 0x0, 0x10FFFF),
          some(90, 110, 'a', 'e', 0xE0, 0xE5, 0x1F600, 0x1F601),
          random -> SPECIAL.get(random.nextInt(SPECIAL.size())));

  /// Pieces of the vocabulary one after the other, as they are and in capitals.
  private static String englishWord(SplittableRandom random) {
    String word =
        random
            .ints(random.nextInt(1, 4), 0, pieces.size())
            .mapToObj(i -> pieces.get(i).replaceFirst("^##", ""))
            .collect(Collectors.joining());
    return random.nextInt(4) == 0 ? word.toUpperCase(Locale.ROOT) : word;
  }

  /// So many code points, each of one of the ranges.
  private static Function<SplittableRandom, String> some(int from, int to, int... ranges) {
    return random ->
        random
            .ints(random.nextInt(from, to + 1), 0, ranges.length / 2)
            .map(range -> random.nextInt(ranges[2 * range], ranges[2 * range + 1] + 1))
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }
}
