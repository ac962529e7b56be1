package dev.skillwarden.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorCacheTest {
  private static final List<String> TEXTS = List.of("refund", "deploy", "password");

  @TempDir private Path directory;

  private List<float[]> vectors(FakeModel model, List<String> texts) throws EmbeddingException {
    return VectorCache.in(directory).vectors(texts, model, (done, total) -> true);
  }

  @Test
  void anUnchangedTextIsNeverEmbeddedAgain() throws Exception {
    FakeModel first = FakeModel.working();
    List<float[]> fresh = vectors(first, TEXTS);
    assertEquals(TEXTS, first.embedded);

    FakeModel second = FakeModel.working();
    List<float[]> kept = vectors(second, List.of("deploy", "refund a payment", "refund"));
    assertEquals(List.of("refund a payment"), second.embedded);
    assertArrayEquals(fresh.get(1), kept.get(0));
    assertArrayEquals(fresh.get(0), kept.get(2));
  }

  @Test
  void anotherModelHasVectorsOfItsOwn() throws Exception {
    vectors(FakeModel.working(), TEXTS);
    FakeModel other = new FakeModel("fake:2", text -> false);
    vectors(other, TEXTS);
    assertEquals(TEXTS, other.embedded);
  }

  @Test
  void aRollbackFindsItsVectorsAgain() throws Exception {
    vectors(FakeModel.working(), TEXTS);
    vectors(FakeModel.working(), List.of("release"));
    FakeModel back = FakeModel.working();
    vectors(back, TEXTS);
    assertEquals(List.of(), back.embedded);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flipped", "cut", "empty", "text"})
  void aDamagedFileIsRebuilt(String damage) throws Exception {
    vectors(FakeModel.working(), TEXTS);
    Path file = directory.resolve("vectors.bin");
    byte[] good = Files.readAllBytes(file);
    byte[] bad =
        switch (damage) {
          case "flipped" -> {
            byte[] copy = good.clone();
            copy[good.length / 2] ^= 4;
            yield copy;
          }
          case "cut" -> java.util.Arrays.copyOf(good, good.length - 5);
          case "empty" -> new byte[0];
          default ->
              "not a cache, but long enough to hold a checksum"
                  .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        };
    Files.write(file, bad);

    FakeModel model = FakeModel.working();
    vectors(model, TEXTS);
    assertEquals(TEXTS, model.embedded);
    assertArrayEquals(good, Files.readAllBytes(file));
  }

  @Test
  void whatWasEmbeddedBeforeAFailureIsKept() throws Exception {
    FakeModel failing = new FakeModel("fake:1", "password"::equals);
    assertThrows(EmbeddingException.class, () -> vectors(failing, TEXTS));
    FakeModel model = FakeModel.working();
    vectors(model, TEXTS);
    assertEquals(List.of("password"), model.embedded);
  }

  @Test
  void keepsOnlySoManyVectorsThatNobodyNeeds() throws Exception {
    List<String> many =
        IntStream.range(0, VectorCache.SPARE + 10).mapToObj(i -> "text " + i).toList();
    vectors(FakeModel.working(), many);
    vectors(FakeModel.working(), List.of("release"));
    FakeModel model = FakeModel.working();
    vectors(model, many);
    assertEquals(many.subList(0, 10), model.embedded, "the oldest ones went");
  }

  @Test
  void leavesNoPartialFile() throws Exception {
    vectors(FakeModel.working(), TEXTS);
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(directory.resolve("vectors.bin")), files.toList());
    }
  }

  @Test
  void aDirectoryThatCannotBeWrittenCostsOnlyTime() throws Exception {
    Path file = Files.writeString(directory.resolve("taken"), "");
    List<float[]> vectors =
        VectorCache.in(file).vectors(TEXTS, FakeModel.working(), (done, total) -> true);
    assertEquals(TEXTS.size(), vectors.size());
  }

  @Test
  void reportsProgress() throws Exception {
    List<Integer> done = new ArrayList<>();
    VectorCache.none()
        .vectors(
            TEXTS,
            FakeModel.working(),
            (n, total) -> {
              assertEquals(TEXTS.size(), total);
              return done.add(n);
            });
    assertEquals(List.of(1, 2, 3), done);
  }

  @Test
  void keepsWhatItHasWhenToldToStop() throws Exception {
    VectorCache cache = VectorCache.in(directory);
    assertThrows(
        CancellationException.class,
        () -> cache.vectors(TEXTS, FakeModel.working(), (n, total) -> n < 2));
    FakeModel next = FakeModel.working();
    vectors(next, TEXTS);
    assertEquals(TEXTS.subList(2, 3), next.embedded);
  }
}
