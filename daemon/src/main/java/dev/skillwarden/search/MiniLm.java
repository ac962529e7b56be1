package dev.skillwarden.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// all-MiniLM-L6-v2, quantised, run in this process on one thread. Sees the first
/// [WordPiece#MAX_TOKENS] tokens of a text. Opens no connection.
public final class MiniLm implements EmbeddingModel {
  /// Length of its vectors.
  public static final int DIMENSIONS = 384;

  private static final String MODEL = "/all-minilm-l6-v2-q.onnx";
  private static final String MODEL_SHA256 =
      "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1";
  private static final int MODEL_BYTES = 22_972_370;
  private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";
  private static final String TOKENIZER_SHA256 =
      "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0";
  private static final int TOKENIZER_BYTES = 711_661;

  /// Bump the last part when tokenising or pooling changes.
  private static final String ID = "all-minilm-l6-v2-q:" + MODEL_SHA256.substring(0, 16) + ":1";

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final WordPiece tokenizer;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private MiniLm(OrtEnvironment environment, OrtSession session, WordPiece tokenizer) {
    this.environment = environment;
    this.session = session;
    this.tokenizer = tokenizer;
  }

  /// Loads the model; takes about a second.
  ///
  /// @param stateDirectory where the native code is unpacked, on a file system that allows
  ///   executing it
  /// @throws ModelUnavailableException saying why, when it cannot be loaded here
  public static MiniLm open(Path stateDirectory) throws ModelUnavailableException {
    try {
      WordPiece tokenizer = tokenizer();
      NativeLibraries.prepare(stateDirectory);
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "skillwarden");
      environment.setTelemetry(false);
      return new MiniLm(environment, session(environment), tokenizer);
    } catch (IOException | OrtException | RuntimeException | LinkageError e) {
      throw new ModelUnavailableException(
          "the embedding model cannot be loaded (%s). Search stays lexical. The state directory %s must be writable and allow executing files."
              .formatted(reason(e), stateDirectory),
          e);
    }
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  private static OrtSession session(OrtEnvironment environment)
      throws IOException, OrtException, ModelUnavailableException {
    try (Arena arena = Arena.ofConfined();
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      // Outside the heap, and gone once the session has its own copy.
      ByteBuffer model = verified(MODEL, MODEL_SHA256, MODEL_BYTES, arena).asByteBuffer();
      return environment.createSession(model, options);
    }
  }

  static WordPiece tokenizer() throws IOException, ModelUnavailableException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment json = verified(TOKENIZER, TOKENIZER_SHA256, TOKENIZER_BYTES, arena);
      return WordPiece.parse(TOKENIZER, json.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
    } catch (InvalidTextException e) {
      throw new ModelUnavailableException("the tokenizer is damaged: " + e.getMessage(), e);
    }
  }

  /// A resource of the model artifact, refused unless it is exactly the pinned one.
  private static MemorySegment verified(String resource, String sha256, int bytes, Arena arena)
      throws IOException, ModelUnavailableException {
    MemorySegment content = arena.allocate(bytes);
    ByteBuffer rest = content.asByteBuffer();
    MessageDigest digest = Sha256.start();
    try (InputStream in = MiniLm.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new ModelUnavailableException("the model file " + resource + " is not installed");
      }
      byte[] block = new byte[1 << 16];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
        rest.put(block, 0, Math.min(n, rest.remaining()));
      }
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(sha256)) {
      throw new ModelUnavailableException(
          "the model file %s was changed: SHA-256 %s, wanted %s. Install the package again."
              .formatted(resource, found, sha256));
    }
    return content;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public float[] embed(String text) throws EmbeddingException {
    long[] ids = tokenizer.encode(text);
    lock.readLock().lock();
    try {
      if (closed) {
        throw new EmbeddingException("the embedding model is closed");
      }
      return pooled(ids);
    } catch (OrtException e) {
      throw new EmbeddingException("the embedding model failed: " + e.getMessage(), e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private float[] pooled(long[] ids) throws OrtException {
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    try (OnnxTensor idTensor = row(ids);
        OnnxTensor maskTensor = row(mask);
        OnnxTensor typeTensor = row(new long[ids.length]);
        OrtSession.Result result =
            session.run(
                Map.of(
                    "input_ids", idTensor,
                    "attention_mask", maskTensor,
                    "token_type_ids", typeTensor))) {
      FloatBuffer states = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] sum = new float[DIMENSIONS];
      for (int i = 0; i < ids.length * DIMENSIONS; i++) {
        sum[i % DIMENSIONS] += states.get(i);
      }
      return normalized(sum);
    }
  }

  private OnnxTensor row(long[] values) throws OrtException {
    return OnnxTensor.createTensor(
        environment, LongBuffer.wrap(values), new long[] {1, values.length});
  }

  /// The mean and the sum have the same direction.
  private static float[] normalized(float[] vector) {
    double square = 0;
    for (float x : vector) {
      square += (double) x * x;
    }
    float scale = square == 0 ? 0 : (float) (1 / Math.sqrt(square));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= scale;
    }
    return vector;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("the embedding model did not close", e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
