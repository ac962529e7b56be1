package dev.skillwarden.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
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
  private static final System.Logger LOG = System.getLogger(MiniLm.class.getName());

  /// Length of its vectors.
  public static final int DIMENSIONS = 384;

  private static final String MODEL = "/all-minilm-l6-v2-q.onnx";
  private static final String MODEL_SHA256 =
      "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1";
  private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";
  private static final String TOKENIZER_SHA256 =
      "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0";
  private static final int BLOCK = 1 << 16;

  /// Its [#id]. Bump the last part when tokenising or pooling changes.
  public static final String ID = "all-minilm-l6-v2-q:" + MODEL_SHA256.substring(0, 16) + ":2";

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

  /// Loads the model; takes some 200 ms, a second the first time.
  ///
  /// @param stateDirectory where native code and model are unpacked; when that is not possible
  ///   there, a private temporary directory is used
  /// @throws ModelUnavailableException saying why, when it cannot be loaded here
  public static MiniLm open(Path stateDirectory) throws ModelUnavailableException {
    try {
      WordPiece tokenizer = tokenizer();
      Path directory = NativeLibraries.load(stateDirectory);
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "skillwarden");
      environment.setTelemetry(false);
      return new MiniLm(
          environment, session(environment, modelFile(stateDirectory, directory)), tokenizer);
    } catch (IOException | OrtException | RuntimeException | LinkageError e) {
      throw new ModelUnavailableException(
          "the embedding model cannot be loaded: " + reason(e) + ". Search stays lexical.", e);
    }
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  private static OrtSession session(OrtEnvironment environment, Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      // From a file: given as bytes, the library keeps some 25 MB more.
      return environment.createSession(model.toString(), options);
    }
  }

  /// The model as a file, checked whenever it is opened.
  private static Path modelFile(Path stateDirectory, Path otherwise)
      throws IOException, ModelUnavailableException {
    try {
      return modelFile(stateDirectory);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the model goes to " + otherwise, e);
      return modelFile(otherwise);
    }
  }

  private static Path modelFile(Path directory) throws IOException, ModelUnavailableException {
    Path file = directory.resolve(MODEL.substring(1));
    if (!Files.isRegularFile(file) || !sha256(file).equals(MODEL_SHA256)) {
      Files.createDirectories(directory);
      NativeLibraries.replace(
          file,
          partial -> {
            try (OutputStream out = Files.newOutputStream(partial)) {
              copy(MODEL, MODEL_SHA256, out);
            }
          });
    }
    return file;
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = Sha256.start();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = new byte[BLOCK];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static WordPiece tokenizer() throws IOException, ModelUnavailableException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    copy(TOKENIZER, TOKENIZER_SHA256, json);
    try {
      return WordPiece.parse(TOKENIZER, json.toByteArray());
    } catch (InvalidTextException e) {
      throw new ModelUnavailableException("the tokenizer is damaged: " + e.getMessage(), e);
    }
  }

  /// Copies a resource of the model artifact.
  ///
  /// @throws ModelUnavailableException after copying, when it is not exactly the pinned one
  private static void copy(String resource, String sha256, OutputStream out)
      throws IOException, ModelUnavailableException {
    MessageDigest digest = Sha256.start();
    try (InputStream in = MiniLm.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new ModelUnavailableException("the model file " + resource + " is not installed");
      }
      byte[] block = new byte[BLOCK];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        digest.update(block, 0, n);
        out.write(block, 0, n);
      }
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(sha256)) {
      throw new ModelUnavailableException(
          "the model file %s was changed: SHA-256 %s, wanted %s. Install the package again."
              .formatted(resource, found, sha256));
    }
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
