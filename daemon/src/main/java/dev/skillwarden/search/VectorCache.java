package dev.skillwarden.search;

import dev.skillwarden.text.Sha256;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.IntConsumer;

/// Vectors of texts embedded before, kept in one file and keyed by the SHA-256 of model id and
/// exact text: a changed description is embedded again, an unchanged one never. Losing the file
/// costs time, nothing else. One process writes it.
public final class VectorCache {
  /// Vectors kept although the last build did not need them, so that a rollback is cheap.
  static final int SPARE = 5_000;

  private static final System.Logger LOG = System.getLogger(VectorCache.class.getName());
  private static final String FILE = "vectors.bin";
  private static final int MAGIC = 0x53_57_56_31;
  private static final int KEY_BYTES = 32;
  private static final int DIGEST_BYTES = 32;
  private static final long MAX_BYTES = 512L << 20;
  private static final int MAX_DIMENSIONS = 4_096;

  private final Optional<Path> file;

  private VectorCache(Optional<Path> file) {
    this.file = file;
  }

  /// A cache in the given directory, which is created when the first vectors are kept.
  public static VectorCache in(Path directory) {
    return new VectorCache(Optional.of(directory.resolve(FILE)));
  }

  /// Keeps nothing: every text is embedded every time.
  public static VectorCache none() {
    return new VectorCache(Optional.empty());
  }

  /// The vectors of the texts, in their order. What had to be embedded is kept even when a later
  /// text fails.
  ///
  /// @param progress told how many texts are done
  /// @throws EmbeddingException when the model failed on a text or answers vectors of another size
  synchronized List<float[]> vectors(List<String> texts, EmbeddingModel model, IntConsumer progress)
      throws EmbeddingException {
    SequencedMap<String, float[]> known = load();
    int before = known.size();
    List<float[]> vectors = new ArrayList<>();
    OptionalInt size = OptionalInt.empty();
    try {
      for (String text : texts) {
        String key = key(model.id(), text);
        float[] kept = known.get(key);
        float[] vector = kept == null ? model.embed(text) : kept;
        if (size.isPresent() && size.getAsInt() != vector.length) {
          throw new EmbeddingException(
              "vectors of %s have %d and %d numbers"
                  .formatted(model.id(), size.getAsInt(), vector.length));
        }
        size = OptionalInt.of(vector.length);
        known.putLast(key, vector); // used last, dropped last
        vectors.add(vector);
        progress.accept(vectors.size());
      }
    } finally {
      int added = known.size() - before;
      int excess = known.size() - vectors.size() - SPARE;
      for (int i = 0; i < excess; i++) {
        known.pollFirstEntry();
      }
      if (added > 0 || excess > 0) {
        save(known);
      }
    }
    return vectors;
  }

  private static String key(String modelId, String text) {
    MessageDigest digest = Sha256.start();
    digest.update(modelId.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private SequencedMap<String, float[]> load() {
    if (file.isEmpty() || !Files.exists(file.get())) {
      return new LinkedHashMap<>();
    }
    try {
      if (Files.size(file.get()) > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      return read(Files.readAllBytes(file.get()));
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "vector cache %s is ignored and will be rebuilt: %s"
              .formatted(file.get(), e.getMessage()));
      return new LinkedHashMap<>();
    }
  }

  private static SequencedMap<String, float[]> read(byte[] bytes) throws IOException {
    int end = bytes.length - DIGEST_BYTES;
    if (end < 0) {
      throw new IOException("too short");
    }
    MessageDigest digest = Sha256.start();
    digest.update(bytes, 0, end);
    if (!MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(bytes, end, bytes.length))) {
      throw new IOException("its checksum does not match");
    }
    SequencedMap<String, float[]> vectors = new LinkedHashMap<>();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, end));
    if (in.readInt() != MAGIC) {
      throw new IOException("another format");
    }
    for (int left = in.readInt(); left > 0; left--) {
      byte[] key = in.readNBytes(KEY_BYTES);
      int dimensions = in.readInt();
      if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
        throw new IOException("a vector of " + dimensions + " numbers");
      }
      float[] vector = new float[dimensions];
      for (int i = 0; i < dimensions; i++) {
        vector[i] = in.readFloat();
      }
      vectors.put(HexFormat.of().formatHex(key), vector);
    }
    return vectors;
  }

  /// A failure to save costs the next start some time; it is no reason not to search.
  private void save(Map<String, float[]> vectors) {
    if (file.isEmpty()) {
      return;
    }
    Path target = file.get();
    try {
      Path directory = Files.createDirectories(target.toAbsolutePath().getParent());
      Path partial = Files.createTempFile(directory, FILE, ".part");
      try {
        write(partial, vectors);
        Files.move(
            partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "vector cache %s was not saved".formatted(target), e);
    }
  }

  private static void write(Path target, Map<String, float[]> vectors) throws IOException {
    try (DigestOutputStream digesting =
            new DigestOutputStream(
                new BufferedOutputStream(Files.newOutputStream(target), 1 << 16), Sha256.start());
        DataOutputStream out = new DataOutputStream(digesting)) {
      out.writeInt(MAGIC);
      out.writeInt(vectors.size());
      for (Map.Entry<String, float[]> entry : vectors.entrySet()) {
        out.write(HexFormat.of().parseHex(entry.getKey()));
        out.writeInt(entry.getValue().length);
        for (float x : entry.getValue()) {
          out.writeFloat(x);
        }
      }
      out.flush();
      byte[] digest = digesting.getMessageDigest().digest();
      digesting.on(false);
      out.write(digest);
    }
  }
}
