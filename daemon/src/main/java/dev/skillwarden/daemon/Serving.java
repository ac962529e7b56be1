package dev.skillwarden.daemon;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.gate.Served;
import dev.skillwarden.search.EmbeddingModel;
import dev.skillwarden.search.MiniLm;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.VectorCache;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// The snapshot in service with its index. A new one is searchable by words at once and by meaning
/// as soon as its vectors are there.
final class Serving implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Serving.class.getName());

  private final AtomicReference<Served> served = new AtomicReference<>(Served.NOTHING);
  private final boolean useModel;
  private final Path natives;
  private final VectorCache cache;
  private Optional<MiniLm> model = Optional.empty();
  private volatile String modelProblem = "";

  /// @param natives where native code is unpacked
  Serving(boolean useModel, Path natives, Path vectors) {
    this.useModel = useModel;
    this.natives = natives;
    this.cache = VectorCache.in(vectors);
  }

  Served served() {
    return served.get();
  }

  /// Puts a snapshot into service; returns when it can be searched by words. Old indexes are left
  /// to the requests that still use them.
  void publish(CatalogSnapshot snapshot) {
    Served byWords =
        new Served(snapshot, Optional.of(SearchIndex.build(snapshot, Optional.empty(), cache)));
    served.set(byWords);
    if (useModel) {
      Thread.ofPlatform().daemon().name("index").start(() -> addVectors(byWords));
    }
  }

  private synchronized void addVectors(Served byWords) {
    try {
      if (!served.get().snapshot().commit().equals(byWords.snapshot().commit())) {
        return;
      }
      if (model.isEmpty()) {
        model = Optional.of(MiniLm.open(natives));
      }
      Optional<EmbeddingModel> opened = Optional.of(model.orElseThrow());
      SearchIndex index = SearchIndex.build(byWords.snapshot(), opened, cache);
      if (!served.compareAndSet(byWords, new Served(byWords.snapshot(), Optional.of(index)))) {
        index.close(); // a newer commit is in service
      }
      modelProblem = "";
    } catch (ModelUnavailableException e) {
      modelProblem = String.valueOf(e.getMessage());
      LOG.log(Level.WARNING, "search goes by words only", e);
    } catch (RuntimeException e) {
      modelProblem = "the index could not be built; see the log";
      LOG.log(Level.ERROR, "search goes by words only", e);
    }
  }

  /// `hybrid`, `lexical`, or `none` before the first sync.
  String mode() {
    return served.get().index().map(i -> i.mode().name().toLowerCase(Locale.ROOT)).orElse("none");
  }

  /// Why the model is not in use, empty when it is, or is still loading.
  String modelProblem() {
    return modelProblem;
  }

  @Override
  public synchronized void close() {
    model.ifPresent(MiniLm::close);
    model = Optional.empty();
  }
}
