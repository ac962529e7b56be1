package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.EmbeddingModel;
import dev.skillwarden.search.MiniLm;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.search.VectorCache;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/// The embedding model of a verb that measures search: without it the verb fails, where others
/// would go on by words.
final class LocalModel implements AutoCloseable {
  private static final int PROGRESS_STEP = 100;

  private final Optional<EmbeddingModel> model;
  private final VectorCache cache;
  private final Optional<Path> temporary;

  private LocalModel(Optional<EmbeddingModel> model, VectorCache cache, Optional<Path> temporary) {
    this.model = model;
    this.cache = cache;
    this.temporary = temporary;
  }

  /// @param mode none is loaded for lexical
  /// @param state where vectors and native code stay; without it nothing is kept
  static LocalModel open(SearchResult.Mode mode, Optional<Path> state)
      throws IOException, ModelUnavailableException {
    if (mode == SearchResult.Mode.LEXICAL) {
      return new LocalModel(Optional.empty(), VectorCache.none(), Optional.empty());
    }
    if (state.isPresent()) {
      Path directory = Files.createDirectories(state.get());
      return new LocalModel(
          Optional.of(MiniLm.open(directory)),
          VectorCache.in(directory.resolve("vectors")),
          Optional.empty());
    }
    Path directory = Files.createTempDirectory("skillwarden-eval");
    try {
      return new LocalModel(
          Optional.of(MiniLm.open(directory)), VectorCache.none(), Optional.of(directory));
    } catch (ModelUnavailableException e) {
      deleteTree(directory);
      throw e;
    }
  }

  /// An index of the snapshot, telling how far it is.
  SearchIndex index(CatalogSnapshot snapshot, PrintWriter err) {
    return SearchIndex.build(
        snapshot, model, cache, (done, all) -> progress(err, "embedded", done, all));
  }

  /// Tells every hundredth, and the last.
  ///
  /// @return true: go on
  static boolean progress(PrintWriter err, String what, int done, int total) {
    if (done % PROGRESS_STEP == 0 || done == total) {
      err.printf("%s %,d of %,d%n", what, done, total);
      err.flush();
    }
    return true;
  }

  /// The answer, when it was made in the wanted way.
  ///
  /// @throws ModelUnavailableException when the model failed and words alone answered
  static SearchResult wanted(SearchResult answer, SearchResult.Mode mode, String query)
      throws ModelUnavailableException {
    if (answer.mode() != mode) {
      throw new ModelUnavailableException(
          "the embedding model failed on query %s; see the log".formatted(query));
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    model.ifPresent(EmbeddingModel::close);
    if (temporary.isPresent()) {
      deleteTree(temporary.get());
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
