package dev.skillwarden.search;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Opens the model when somebody needs it and closes it when nobody did for a while. A model that
/// cannot be opened, fails or is slow never holds a query up longer than its deadline, and is tried
/// again by itself. Safe for use by several threads.
///
/// Queries run on one thread of their own, so that a stuck model costs one thread and nobody's
/// request.
public final class ModelHost implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ModelHost.class.getName());

  /// Queries that may wait for the one before them; more are refused at once.
  private static final int MAX_WAITING = 32;

  /// Queries in a row that missed the deadline before it is called a problem: one may be the
  /// machine's doing.
  static final int SLOW = 3;

  private final String id;
  private final Opener opener;
  private final Times times;
  private final InstantSource clock;
  private final ThreadPoolExecutor worker;
  private final Lock opening = new ReentrantLock();

  // All guarded by this object's monitor.
  private @Nullable EmbeddingModel model;
  private int users;
  private Instant lastUse;
  private Instant retryAt = Instant.MIN;
  private int failures;
  private int late;
  private String problem = "";
  private boolean closed;

  /// Opens a model, which may take its time.
  public interface Opener {
    EmbeddingModel open() throws ModelUnavailableException;
  }

  /// @param query longest time a query waits for its vector
  /// @param opening longest time a query waits when the model has to be opened first
  /// @param idle the model is closed when it was not used for so long
  /// @param retry time to the next attempt after a failure; doubles with each, up to [#maxRetry]
  public record Times(
      Duration query, Duration opening, Duration idle, Duration retry, Duration maxRetry) {
    /// Rest after the first failure.
    public static final Duration RETRY = Duration.ofSeconds(10);

    /// What the daemon uses, but for the idle time.
    public static Times standard(Duration idle) {
      return new Times(
          Duration.ofMillis(150), Duration.ofSeconds(1), idle, RETRY, Duration.ofMinutes(10));
    }
  }

  /// @param id the model's [EmbeddingModel#id]
  public ModelHost(String id, Opener opener, Times times, InstantSource clock) {
    this.id = id;
    this.opener = opener;
    this.times = times;
    this.clock = clock;
    this.lastUse = clock.instant();
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            times.idle().toMillis() + 1,
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("model").factory());
    worker.allowCoreThreadTimeOut(true);
  }

  /// The model for somebody who waits for an answer: within the deadline, which runs from the
  /// beginning, or not at all.
  public EmbeddingModel forQueries() {
    return view(this::begin);
  }

  /// The model for indexing: waits as long as it takes, on the caller's thread.
  public EmbeddingModel forIndexing() {
    return view(text -> () -> embed(text));
  }

  private interface Embedding {
    EmbeddingModel.Pending begin(String text);
  }

  private EmbeddingModel view(Embedding embedding) {
    return new EmbeddingModel() {
      @Override
      public String id() {
        return id;
      }

      @Override
      public float[] embed(String text) throws EmbeddingException {
        return begin(text).vector();
      }

      @Override
      public Pending begin(String text) {
        return embedding.begin(text);
      }

      @Override
      public void close() {
        // The host closes the model.
      }
    };
  }

  private EmbeddingModel.Pending begin(String text) {
    long begun = System.nanoTime();
    try {
      Duration limit = waitFor();
      Future<float[]> answer = worker.submit(() -> embed(text));
      return () -> await(answer, limit, begun);
    } catch (EmbeddingException e) {
      return () -> {
        throw e;
      };
    } catch (RejectedExecutionException e) {
      return () -> {
        throw new EmbeddingException("too many queries wait for the embedding model", e);
      };
    }
  }

  private float[] await(Future<float[]> answer, Duration limit, long begun)
      throws EmbeddingException {
    try {
      long left = limit.toNanos() - (System.nanoTime() - begun);
      float[] vector = answer.get(left, TimeUnit.NANOSECONDS);
      inTime();
      return vector;
    } catch (TimeoutException e) {
      tooLate(limit);
      throw new EmbeddingException(
          "the embedding model did not answer within %d ms".formatted(limit.toMillis()), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof EmbeddingException known
          ? known
          : new EmbeddingException("the embedding model failed: " + e.getCause(), e);
    } catch (CancellationException e) {
      throw new EmbeddingException("the embedding model is closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddingException("interrupted", e);
    } finally {
      answer.cancel(false); // one that still waits is nobody's any more
      worker.purge();
    }
  }

  /// While it is known to fail a query does not wait at all.
  private synchronized Duration waitFor() throws EmbeddingException {
    if (model == null && clock.instant().isBefore(retryAt)) {
      throw new EmbeddingException(problem);
    }
    return model == null ? times.opening() : times.query();
  }

  private synchronized void inTime() {
    if (late > 0) {
      late = 0;
      if (failures == 0) {
        problem = "";
      }
    }
  }

  private synchronized void tooLate(Duration limit) {
    if (++late >= SLOW && problem.isEmpty()) {
      problem =
          "the embedding model is slow: the last %d queries had no vector after %d ms and were answered by words"
              .formatted(late, limit.toMillis());
      LOG.log(Level.WARNING, problem);
    }
  }

  private float[] embed(String text) throws EmbeddingException {
    EmbeddingModel borrowed = borrow();
    try {
      float[] vector = borrowed.embed(text);
      worked();
      return vector;
    } catch (EmbeddingException | RuntimeException e) {
      broke(e);
      throw e;
    }
  }

  private EmbeddingModel borrow() throws EmbeddingException {
    opening.lock(); // not the monitor: nobody else's deadline is spent on it
    try {
      Optional<EmbeddingModel> open = borrowOpen();
      if (open.isPresent()) {
        return open.get();
      }
      return borrowNew(opener.open());
    } catch (ModelUnavailableException e) {
      rest(String.valueOf(e.getMessage()), e);
      throw new EmbeddingException(String.valueOf(e.getMessage()), e);
    } finally {
      opening.unlock();
    }
  }

  private synchronized Optional<EmbeddingModel> borrowOpen() throws EmbeddingException {
    if (closed) {
      throw new EmbeddingException("the embedding model is closed");
    }
    if (model == null) {
      if (clock.instant().isBefore(retryAt)) {
        throw new EmbeddingException(problem);
      }
      return Optional.empty();
    }
    users++;
    return Optional.of(model);
  }

  private synchronized EmbeddingModel borrowNew(EmbeddingModel opened) throws EmbeddingException {
    if (closed) {
      opened.close();
      throw new EmbeddingException("the embedding model is closed");
    }
    model = opened;
    users++;
    return opened;
  }

  private synchronized void worked() {
    giveBack();
    failures = 0;
    if (late < SLOW) {
      problem = "";
    }
  }

  /// A model that failed is opened anew, the second time in a row only after some rest.
  private synchronized void broke(Exception cause) {
    giveBack();
    if (users == 0) {
      release();
    }
    if (failures > 0) {
      rest("the embedding model failed: " + cause.getMessage(), cause);
    } else {
      failures = 1;
      LOG.log(Level.WARNING, "the embedding model failed once", cause);
    }
  }

  private void giveBack() {
    users--;
    lastUse = clock.instant();
    if (closed && users == 0) {
      release();
    }
  }

  private synchronized void rest(String why, Exception cause) {
    Duration wait = times.retry().multipliedBy(1L << Math.min(failures++, 20));
    retryAt = clock.instant().plus(wait.compareTo(times.maxRetry()) > 0 ? times.maxRetry() : wait);
    if (!why.equals(problem)) {
      LOG.log(Level.WARNING, why, cause);
    }
    problem = why;
  }

  /// Closes the model when it has been idle for long enough.
  ///
  /// @return whether it was closed now
  public synchronized boolean closeIdle() {
    boolean idle =
        model != null && users == 0 && !clock.instant().isBefore(lastUse.plus(times.idle()));
    if (idle) {
      release();
    }
    return idle;
  }

  private void release() {
    if (model != null) {
      model.close();
      model = null;
    }
  }

  /// Whether it takes memory now.
  public synchronized boolean isOpen() {
    return model != null;
  }

  /// What is wrong with it, empty when nothing is.
  public synchronized String problem() {
    return problem;
  }

  /// When it may be tried again, in the past unless it failed.
  public synchronized Instant retryAt() {
    return retryAt;
  }

  @Override
  public void close() {
    worker.shutdownNow();
    synchronized (this) {
      closed = true;
      if (users == 0) {
        release();
      }
    }
  }
}
