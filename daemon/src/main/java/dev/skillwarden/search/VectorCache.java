package dev.skillwarden.search;

import dev.skillwarden.text.Sha256;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;

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
  private static final int HEADER_BYTES = 2 * Integer.BYTES;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
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

  /// Told how many texts are done; says whether to go on.
  public interface Progress {
    /// @param done texts that have their vector
    /// @param total texts wanted
    boolean goOn(int done, int total);
  }

  /// The vectors of the texts, in their order. What had to be embedded is kept even when a later
  /// text fails.
  ///
  /// @throws EmbeddingException when the model failed on a text or answers vectors of another size
  /// @throws CancellationException when told not to go on
  synchronized List<float[]> vectors(List<String> texts, EmbeddingModel model, Progress progress)
      throws EmbeddingException {
    try (Arena arena = Arena.ofConfined()) {
      return vectors(texts, model, progress, load(arena));
    }
  }

  private List<float[]> vectors(
      List<String> texts,
      EmbeddingModel model,
      Progress progress,
      SequencedMap<String, MemorySegment> known)
      throws EmbeddingException {
    int before = known.size();
    List<float[]> vectors = new ArrayList<>();
    OptionalInt size = OptionalInt.empty();
    try {
      for (String text : texts) {
        String key = key(model.id(), text);
        MemorySegment kept = known.get(key);
        float[] vector = kept == null ? model.embed(text) : floats(kept);
        if (size.isPresent() && size.getAsInt() != vector.length) {
          throw new EmbeddingException(
              "vectors of %s have %d and %d numbers"
                  .formatted(model.id(), size.getAsInt(), vector.length));
        }
        size = OptionalInt.of(vector.length);
        known.putLast(key, kept == null ? bytes(vector) : kept); // used last, dropped last
        vectors.add(vector);
        if (!progress.goOn(vectors.size(), texts.size())) {
          throw new CancellationException("%d of %d".formatted(vectors.size(), texts.size()));
        }
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

  private static float[] floats(MemorySegment bytes) {
    FloatBuffer buffer = bytes.asByteBuffer().asFloatBuffer(); // big-endian, as in the file
    float[] vector = new float[buffer.remaining()];
    buffer.get(vector);
    return vector;
  }

  private static MemorySegment bytes(float[] vector) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[vector.length * Float.BYTES]);
    bytes.asByteBuffer().asFloatBuffer().put(vector);
    return bytes;
  }

  private static String key(String modelId, String text) {
    MessageDigest digest = Sha256.start();
    digest.update(modelId.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// @param arena how long the vectors can be read
  private SequencedMap<String, MemorySegment> load(Arena arena) {
    if (file.isEmpty() || !Files.exists(file.get())) {
      return new LinkedHashMap<>();
    }
    try (FileChannel channel = FileChannel.open(file.get())) {
      if (channel.size() > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      // Mapped: some ten MB that the heap need not grow for.
      return read(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "vector cache %s is ignored and will be rebuilt: %s"
              .formatted(file.get(), e.getMessage()));
      return new LinkedHashMap<>();
    }
  }

  private static SequencedMap<String, MemorySegment> read(MemorySegment file) throws IOException {
    long end = file.byteSize() - DIGEST_BYTES;
    if (end < HEADER_BYTES) {
      throw new IOException("too short");
    }
    MessageDigest digest = Sha256.start();
    digest.update(file.asSlice(0, end).asByteBuffer());
    if (!MessageDigest.isEqual(digest.digest(), file.asSlice(end).toArray(ValueLayout.JAVA_BYTE))) {
      throw new IOException("its checksum does not match");
    }
    if (file.get(INT, 0) != MAGIC) {
      throw new IOException("another format");
    }
    SequencedMap<String, MemorySegment> vectors = new LinkedHashMap<>();
    long at = HEADER_BYTES;
    for (int left = file.get(INT, Integer.BYTES); left > 0; left--) {
      String key =
          HexFormat.of().formatHex(file.asSlice(at, KEY_BYTES).toArray(ValueLayout.JAVA_BYTE));
      int dimensions = file.get(INT, at + KEY_BYTES);
      if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
        throw new IOException("a vector of " + dimensions + " numbers");
      }
      at += KEY_BYTES + Integer.BYTES;
      vectors.put(key, file.asSlice(at, (long) dimensions * Float.BYTES));
      at += (long) dimensions * Float.BYTES;
    }
    return vectors;
  }

  /// A failure to save costs the next start some time; it is no reason not to search.
  private void save(Map<String, MemorySegment> vectors) {
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

  private static void write(Path target, Map<String, MemorySegment> vectors) throws IOException {
    try (DigestOutputStream digesting =
            new DigestOutputStream(
                new BufferedOutputStream(Files.newOutputStream(target), 1 << 16), Sha256.start());
        DataOutputStream out = new DataOutputStream(digesting)) {
      out.writeInt(MAGIC);
      out.writeInt(vectors.size());
      for (Map.Entry<String, MemorySegment> entry : vectors.entrySet()) {
        byte[] vector = entry.getValue().toArray(ValueLayout.JAVA_BYTE);
        out.write(HexFormat.of().parseHex(entry.getKey()));
        out.writeInt(vector.length / Float.BYTES);
        out.write(vector);
      }
      out.flush();
      byte[] digest = digesting.getMessageDigest().digest();
      digesting.on(false);
      out.write(digest);
    }
  }
}
