package dev.skillwarden.daemon;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.gate.Served;
import dev.skillwarden.search.EmbeddingException;
import dev.skillwarden.search.MiniLm;
import dev.skillwarden.search.ModelHost;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.VectorCache;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// The snapshot in service with its index. A new one is searchable by words at once and by meaning
/// as soon as its vectors are there, which one thread of low priority sees to.
final class Serving implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Serving.class.getName());

  /// No request lasts longer; an index that was replaced is closed then.
  private static final Duration RETIRED = Duration.ofSeconds(30);

  private static final Duration STOP = Duration.ofSeconds(2);
  private static final Duration TIDY = Duration.ofSeconds(5);
  private static final Duration LOG_PROGRESS = Duration.ofSeconds(5);

  private final AtomicReference<Served> served = new AtomicReference<>(Served.NOTHING);
  private final Path words;
  private final VectorCache cache;
  private final boolean useModel;
  private final ModelHost model;
  private final InstantSource clock;
  private final ScheduledThreadPoolExecutor index;
  private volatile boolean closed;
  private volatile String indexProblem = "";
  private volatile String progress = "";

  /// Of the index thread.
  private final Heap heap;

  Serving(Home home, DaemonConfig.Search config, InstantSource clock) {
    this(
        home,
        config.model(),
        new ModelHost(
            MiniLm.ID,
            () -> MiniLm.open(home.natives()),
            ModelHost.Times.standard(config.modelIdle()),
            clock),
        clock);
  }

  Serving(Home home, boolean useModel, ModelHost model, InstantSource clock) {
    this.words = home.words();
    this.cache = VectorCache.in(home.vectors());
    this.useModel = useModel;
    this.model = model;
    this.clock = clock;
    this.heap = new Heap(Heap.Memory.OWN, clock);
    this.index =
        new ScheduledThreadPoolExecutor(
            1,
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("index")
                    .unstarted(() -> {
                      LowPriority.ofThisThread();
                      task.run();
                    }));
    later(TIDY, this::tidy);
  }

  private void later(Duration delay, Runnable task) {
    if (closed) {
      return;
    }
    Future<?> _ =
        index.schedule(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a task of the search index failed", e);
              }
            },
            delay.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  Served served() {
    return served.get();
  }

  /// Puts a snapshot into service; returns when it can be searched by words.
  synchronized void publish(CatalogSnapshot snapshot) {
    if (closed) {
      return;
    }
    Served byWords =
        new Served(snapshot, Optional.of(SearchIndex.byWords(snapshot, Optional.of(words))));
    // The words are indexed; whoever wants a text from now on reads it from the store.
    snapshot.releases().forEach(release -> release.skill().instructions().forget());
    served.getAndSet(byWords).index().ifPresent(old -> later(RETIRED, old::close));
    if (useModel) {
      later(Duration.ZERO, () -> addVectors(byWords));
    }
  }

  private void addVectors(Served byWords) {
    if (!isServed(byWords)) {
      return; // a newer snapshot is in service
    }
    Instant start = clock.instant();
    try {
      SearchIndex hybrid =
          byWords
              .index()
              .orElseThrow()
              .withMeaning(
                  model.forIndexing(), model.forQueries(), cache, new Reporting(byWords, start));
      served.compareAndSet(byWords, new Served(byWords.snapshot(), Optional.of(hybrid)));
      indexProblem = "";
      LOG.log(
          Level.INFO,
          "searchable by meaning after %d ms"
              .formatted(Duration.between(start, clock.instant()).toMillis()));
    } catch (CancellationException e) {
      LOG.log(Level.DEBUG, "stopped making vectors: " + e.getMessage());
    } catch (EmbeddingException e) {
      again(byWords, "search goes by words only: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      again(byWords, "search goes by words only: the index could not be made; see the log", e);
    } finally {
      progress = "";
    }
    heap.collect();
  }

  @SuppressWarnings("ReferenceEquality") // the very same: an equal one has files of its own
  private boolean isServed(Served wanted) {
    return served.get() == wanted;
  }

  private void again(Served byWords, String problem, Exception cause) {
    if (!problem.equals(indexProblem)) {
      LOG.log(Level.WARNING, problem, cause);
    }
    indexProblem = problem;
    Duration rest = Duration.between(clock.instant(), model.retryAt());
    Duration least = ModelHost.Times.RETRY;
    later(rest.compareTo(least) > 0 ? rest : least, () -> addVectors(byWords));
  }

  /// Tells how far the vectors are, and stops when nobody wants them any more.
  private final class Reporting implements VectorCache.Progress {
    private final Served wanted;
    private Instant told;

    Reporting(Served wanted, Instant start) {
      this.wanted = wanted;
      this.told = start;
    }

    @Override
    public boolean goOn(int done, int total) {
      progress = "%,d of %,d skills have their vector".formatted(done, total);
      Instant now = clock.instant();
      if (Duration.between(told, now).compareTo(LOG_PROGRESS) > 0) {
        told = now;
        LOG.log(Level.INFO, progress);
      }
      return !closed && isServed(wanted);
    }
  }

  private void tidy() {
    try {
      if (model.closeIdle()) {
        LOG.log(Level.DEBUG, "the embedding model is closed until it is needed");
        heap.collect();
      } else {
        heap.look();
      }
    } finally {
      later(TIDY, this::tidy);
    }
  }

  /// `hybrid`, `lexical`, or `none` before the first sync.
  String mode() {
    return served.get().index().map(i -> i.mode().name().toLowerCase(Locale.ROOT)).orElse("none");
  }

  /// How far the vectors of a new snapshot are, empty when nothing is to be done.
  String progress() {
    return progress;
  }

  /// Whether the model takes memory now.
  boolean modelOpen() {
    return model.isOpen();
  }

  /// Why search goes by words although it should not, empty when it does not, or the vectors are
  /// still being made.
  String problem() {
    return indexProblem.isEmpty() ? model.problem() : indexProblem;
  }

  @Override
  public synchronized void close() {
    closed = true; // what runs stops at the next skill, and keeps what it has
    index.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    index.shutdown();
    try {
      if (!index.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.log(Level.WARNING, "the index is still being made; its newest vectors may be lost");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    model.close();
  }
}
