package dev.skillwarden.search;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.SearchResult.Hit;
import dev.skillwarden.search.SearchResult.Mode;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.Version;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Finds skills of one snapshot by what the caller wants to do. Immutable and safe for use by
/// several threads.
///
/// A model that is still loading does not hold search up: [#byWords] is ready at once,
/// [#withMeaning] adds the rest. The models belong to the caller and are not closed here.
public final class SearchIndex implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SearchIndex.class.getName());

  static {
    Vectorization.types(); // before Lucene looks for the vector module and complains
  }

  /// By id, highest major first; their positions are the document numbers of both arms.
  private final List<Skill> releases;

  /// Of each position the one after the last release of its skill.
  private final int[] nextSkill;

  private final LexicalIndex lexical;
  private final Optional<Dense> dense;

  private record Dense(EmbeddingModel model, VectorIndex vectors) {}

  private SearchIndex(List<Skill> releases, LexicalIndex lexical, Optional<Dense> dense) {
    this.releases = releases;
    this.nextSkill = nextSkills(releases);
    this.lexical = lexical;
    this.dense = dense;
  }

  /// An index by words of the highest release of every major version of every skill.
  ///
  /// @param directory where the words are kept between runs, empty for nowhere; one index at a time
  ///   may be made there
  public static SearchIndex byWords(CatalogSnapshot snapshot, Optional<Path> directory) {
    List<Skill> releases = snapshot.majors();
    return new SearchIndex(releases, new LexicalIndex(directory, releases), Optional.empty());
  }

  /// The same index with vectors. The words are shared: closing one closes them for both.
  ///
  /// @param forIndexing makes the vectors that are not in the cache
  /// @param forQueries makes those of queries
  /// @throws EmbeddingException when a skill could not be embedded
  /// @throws java.util.concurrent.CancellationException when progress told not to go on
  public SearchIndex withMeaning(
      EmbeddingModel forIndexing,
      EmbeddingModel forQueries,
      VectorCache cache,
      VectorCache.Progress progress)
      throws EmbeddingException {
    if (releases.isEmpty()) {
      return this;
    }
    List<String> texts = releases.stream().map(SearchIndex::embeddedText).toList();
    VectorIndex vectors = VectorIndex.of(cache.vectors(texts, forIndexing, progress));
    return new SearchIndex(releases, lexical, Optional.of(new Dense(forQueries, vectors)));
  }

  /// As [#build(CatalogSnapshot, Optional, VectorCache, VectorCache.Progress)], telling nobody.
  public static SearchIndex build(
      CatalogSnapshot snapshot, Optional<EmbeddingModel> model, VectorCache cache) {
    return build(snapshot, model, cache, (done, total) -> true);
  }

  /// An index in memory. A failing model gives one by words, never an exception.
  ///
  /// @param model absent for an index by words
  public static SearchIndex build(
      CatalogSnapshot snapshot,
      Optional<EmbeddingModel> model,
      VectorCache cache,
      VectorCache.Progress progress) {
    SearchIndex words = byWords(snapshot, Optional.empty());
    if (model.isEmpty()) {
      return words;
    }
    try {
      return words.withMeaning(model.get(), model.get(), cache, progress);
    } catch (EmbeddingException e) {
      LOG.log(Level.WARNING, "search stays lexical, the skills could not be embedded: " + e);
      return words;
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "search stays lexical, the vector index could not be built", e);
      return words;
    }
  }

  /// Description and tags only: names and bodies make the vectors worse.
  static String embeddedText(Skill skill) {
    return skill.tags().isEmpty()
        ? skill.description()
        : skill.description() + " " + String.join(" ", skill.tags());
  }

  /// What a search answers with while the model works.
  public Mode mode() {
    return dense.isPresent() ? Mode.HYBRID : Mode.LEXICAL;
  }

  /// As [#search(SearchQuery, Predicate, Mode)] with everything this index has.
  public SearchResult search(SearchQuery query, Predicate<Skill> permitted) {
    return search(query, permitted, Mode.HYBRID);
  }

  /// The best permitted skills, each once, in its highest permitted major version. What is not
  /// permitted takes no place in the result and does not influence any score.
  ///
  /// @param permitted what the caller may see, asked of a release at most once
  /// @param wanted arms to use; without a working model the answer is lexical whatever was wanted
  /// @return at most `query.k()` hits, deprecated ones after live ones
  /// @throws IllegalStateException when the index is closed
  public SearchResult search(SearchQuery query, Predicate<Skill> permitted, Mode wanted) {
    if (!lexical.acquire()) {
      throw new IllegalStateException("the search index is closed");
    }
    try {
      return answer(query, permitted, wanted);
    } finally {
      lexical.release();
    }
  }

  private SearchResult answer(SearchQuery query, Predicate<Skill> permitted, Mode wanted) {
    // The model works while this thread looks at permissions and words.
    Optional<EmbeddingModel.Pending> vector =
        wanted == Mode.LEXICAL
            ? Optional.empty()
            : dense.map(arm -> arm.model().begin(query.text()));
    BitSet candidates = candidates(query, permitted);
    Collection<LexicalIndex.QueryWord> asked = lexical.words(query.text());
    Optional<ArmScores> early =
        wanted == Mode.DENSE ? Optional.empty() : Optional.of(scores(asked, candidates));
    Optional<ArmScores> near = vector.flatMap(pending -> near(pending, candidates));
    Mode mode = near.isPresent() ? wanted : Mode.LEXICAL;
    ArmScores words =
        mode == Mode.DENSE ? ArmScores.NONE : early.orElseGet(() -> scores(asked, candidates));
    Fusion fusion = new Fusion(mode, words, near.orElse(ArmScores.NONE));
    List<Ranked> best = best(fusion, Math.max(query.k(), Fusion.LEADERS));
    Map<Integer, LexicalIndex.Match> matches =
        lexical.matches(asked, best.stream().map(Ranked::position).toList());
    double strength =
        fusion.strength(
            best.stream().limit(Fusion.LEADERS).map(Ranked::position).toList(),
            position -> matches.getOrDefault(position, LexicalIndex.Match.NONE).coverage());
    List<Hit> hits =
        best.stream()
            .limit(query.k())
            .sorted(Comparator.comparing(Ranked::deprecated)) // stable
            .map(r ->
                new Hit(
                    releases.get(r.position()),
                    rounded(strength * r.share()),
                    majors(r.position(), permitted),
                    matches.getOrDefault(r.position(), LexicalIndex.Match.NONE).words(),
                    similarity(near, r.position())))
            .toList();
    return new SearchResult(hits, mode, fusion.abstains(strength));
  }

  private ArmScores scores(Collection<LexicalIndex.QueryWord> asked, BitSet candidates) {
    return lexical.scores(asked, Fusion.CANDIDATES, candidates);
  }

  /// A place in the ranking.
  ///
  /// @param share 0 to 1, of the query's strength
  private record Ranked(int position, double share, double standing, boolean deprecated) {
    static final Comparator<Ranked> BEST_FIRST =
        Comparator.comparingDouble((Ranked r) -> -r.share())
            .thenComparingDouble(r -> -r.standing())
            .thenComparingInt(Ranked::position);
  }

  /// A deprecated skill gives way to a live one that fits about as well.
  private List<Ranked> best(Fusion fusion, int count) {
    return fusion.candidates().entrySet().stream()
        .map(e -> ranked(e.getKey(), e.getValue()))
        .sorted(Ranked.BEST_FIRST)
        .limit(count)
        .toList();
  }

  private Ranked ranked(int position, Fusion.Fused fused) {
    boolean deprecated = releases.get(position).deprecated().isPresent();
    double share = deprecated ? fused.share() * Fusion.DEPRECATED : fused.share();
    return new Ranked(position, share, fused.standing(), deprecated);
  }

  private List<Version> majors(int highest, Predicate<Skill> permitted) {
    return IntStream.range(highest, nextSkill[highest])
        .filter(position -> position == highest || permitted.test(releases.get(position)))
        .mapToObj(position -> releases.get(position).version())
        .toList();
  }

  private static OptionalDouble similarity(Optional<ArmScores> near, int position) {
    return near.stream()
        .mapToDouble(arm -> rounded(arm.score().applyAsDouble(position)))
        .findFirst();
  }

  private static double rounded(double score) {
    return Math.round(score * 1_000) / 1_000.0;
  }

  /// Of each skill the highest permitted release, when it passes the filters.
  private BitSet candidates(SearchQuery query, Predicate<Skill> permitted) {
    BitSet candidates = new BitSet(releases.size());
    int next;
    for (int first = 0; first < releases.size(); first = next) {
      next = nextSkill[first];
      for (int release = first; release < next; release++) {
        if (permitted.test(releases.get(release))) {
          candidates.set(release, query.admits(releases.get(release)));
          break;
        }
      }
    }
    return candidates;
  }

  private static int[] nextSkills(List<Skill> releases) {
    int[] next = new int[releases.size()];
    for (int i = next.length - 1; i >= 0; i--) {
      boolean last = i == next.length - 1 || !releases.get(i).id().equals(releases.get(i + 1).id());
      next[i] = last ? i + 1 : next[i + 1];
    }
    return next;
  }

  private Optional<ArmScores> near(EmbeddingModel.Pending pending, BitSet candidates) {
    return dense.flatMap(arm -> {
      try {
        float[] vector = pending.vector();
        return Optional.of(arm.vectors().scores(vector, Fusion.CANDIDATES, candidates));
      } catch (EmbeddingException e) {
        LOG.log(Level.DEBUG, "answered lexically, the query could not be embedded: " + e);
        return Optional.empty();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "answered lexically, the vector index failed", e);
        return Optional.empty();
      }
    });
  }

  /// Searches that run now are answered before the files go.
  @Override
  public void close() {
    dense.ifPresent(arm -> arm.vectors().close());
    lexical.close();
  }
}
