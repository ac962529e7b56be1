package dev.skillwarden.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MiniLmTest {
  @TempDir private static Path state;
  private static MiniLm model;

  @BeforeAll
  static void open() throws Exception {
    model = MiniLm.open(state);
  }

  @AfterAll
  static void close() {
    model.close();
    model.close(); // harmless
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "give the customer their money back | process a refund | deploy a container to production",
        "summarise a long document | shorten text to its key points | rotate database passwords",
        "a dog runs in the park | a puppy plays outside | quarterly tax filing",
      })
  void similarTextsAreCloserThanUnrelatedOnes(String text, String similar, String unrelated)
      throws Exception {
    float[] vector = model.embed(text);
    assertTrue(dot(vector, model.embed(similar)) > dot(vector, model.embed(unrelated)) + 0.2);
  }

  @Test
  void vectorsHaveUnitLengthAndDoNotChange() throws Exception {
    for (String text : List.of("hello", "", "😀", "word ".repeat(2_000))) {
      float[] vector = model.embed(text);
      assertEquals(MiniLm.DIMENSIONS, vector.length);
      assertEquals(1, dot(vector, vector), 1e-4);
      assertArrayEquals(vector, model.embed(text));
    }
  }

  @Test
  void caseAndAccentsDoNotMatter() throws Exception {
    assertArrayEquals(model.embed("cafe menu"), model.embed("CAFÉ Menu"));
  }

  @Test
  void aClosedModelSaysSo() throws Exception {
    MiniLm closed = MiniLm.open(state);
    closed.close();
    assertThrows(EmbeddingException.class, () -> closed.embed("hello"));
    model.embed("the other one still works");
  }

  @Test
  void aPlaceThatCannotBeUsedGivesWayToTheNext(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("state"), "a file, no directory");
    Path noexec = directory.resolve("noexec");
    Path good = directory.resolve("good");
    NativeLibraries.Loader loader =
        library -> {
          if (library.startsWith(noexec)) {
            throw new UnsatisfiedLinkError("failed to map segment from shared object");
          }
        };
    Path used = NativeLibraries.firstUsable(List.of(() -> file, () -> noexec, () -> good), loader);
    assertTrue(used.startsWith(good), used.toString());

    ModelUnavailableException e =
        assertThrows(
            ModelUnavailableException.class,
            () -> NativeLibraries.firstUsable(List.of(() -> file, () -> noexec), loader));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains(noexec + ": java.lang.UnsatisfiedLinkError"), message);
  }

  @Test
  void aDamagedModelFileIsReplaced() throws Exception {
    Path file;
    try (Stream<Path> files = Files.walk(state)) {
      file = files.filter(f -> f.toString().endsWith(".onnx")).findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, 1_000));
    MiniLm.open(state).close();
    assertArrayEquals(good, Files.readAllBytes(file));
  }

  @Test
  void nativeCodeIsKeptWhenGoodAndReplacedWhenNot(@TempDir Path directory) throws Exception {
    Path libraries = NativeLibraries.prepare(directory);
    Path library = libraries.resolve(System.mapLibraryName("onnxruntime4j_jni"));
    byte[] good = Files.readAllBytes(library);
    FileTime long_ago = FileTime.fromMillis(1_000);
    Files.setLastModifiedTime(library, long_ago);

    NativeLibraries.prepare(directory);
    assertEquals(long_ago, Files.getLastModifiedTime(library));

    byte[] bad = good.clone();
    bad[good.length - 1] ^= 1;
    Files.write(library, bad);
    NativeLibraries.prepare(directory);
    assertArrayEquals(good, Files.readAllBytes(library));
    try (Stream<Path> files = Files.list(libraries)) {
      assertEquals(2, files.count());
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
