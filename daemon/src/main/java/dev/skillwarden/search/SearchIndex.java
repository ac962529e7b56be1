package dev.skillwarden.search;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.SearchResult.Hit;
import dev.skillwarden.search.SearchResult.Mode;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/// Finds skills of one snapshot by what the caller wants to do. Immutable and safe for use by
/// several threads.
///
/// A model that is still loading does not hold search up: build without it first, build again with
/// it, and swap. All of an index is memory, so one that is still in use by a request may simply be
/// dropped; [#close] is for owners that know nobody uses it any more. The model belongs to the
/// caller and is not closed here.
public final class SearchIndex implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SearchIndex.class.getName());

  static {
    Vectorization.types(); // before Lucene looks for the vector module and complains
  }

  /// Public skills first, then by id; positions are the document numbers of both arms.
  private final List<Skill> skills;

  private final LexicalIndex lexical;
  private final Optional<Dense> dense;

  private record Dense(EmbeddingModel model, VectorIndex vectors) {}

  private SearchIndex(List<Skill> skills, Optional<Dense> dense) {
    this.skills = skills;
    this.lexical = new LexicalIndex(skills);
    this.dense = dense;
  }

  /// As [#build(CatalogSnapshot, Optional, VectorCache, IntConsumer)], telling nobody.
  public static SearchIndex build(
      CatalogSnapshot snapshot, Optional<EmbeddingModel> model, VectorCache cache) {
    return build(snapshot, model, cache, done -> {});
  }

  /// Indexes the newest version of every skill. A failing model gives a lexical index, never an
  /// exception.
  ///
  /// @param model absent for a lexical index
  /// @param progress told after each skill how many have their vector
  public static SearchIndex build(
      CatalogSnapshot snapshot,
      Optional<EmbeddingModel> model,
      VectorCache cache,
      IntConsumer progress) {
    List<Skill> skills =
        snapshot.skills().stream()
            .sorted(
                Comparator.comparing((Skill s) -> s.accessLevel() != AccessLevel.PUBLIC)
                    .thenComparing(Skill::id))
            .toList();
    return new SearchIndex(skills, model.flatMap(m -> dense(skills, m, cache, progress)));
  }

  private static Optional<Dense> dense(
      List<Skill> skills, EmbeddingModel model, VectorCache cache, IntConsumer progress) {
    if (skills.isEmpty()) {
      return Optional.empty();
    }
    try {
      List<String> texts = skills.stream().map(SearchIndex::embeddedText).toList();
      return Optional.of(new Dense(model, VectorIndex.of(cache.vectors(texts, model, progress))));
    } catch (EmbeddingException e) {
      LOG.log(Level.WARNING, "search stays lexical, the skills could not be embedded: " + e);
      return Optional.empty();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "search stays lexical, the vector index could not be built", e);
      return Optional.empty();
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

  /// The best permitted skills. Skills that are not permitted take no place in the result and do
  /// not influence any score.
  ///
  /// @param permitted what the caller may see, asked once a skill
  /// @param wanted arms to use; without a working model the answer is lexical whatever was wanted
  /// @return at most `query.k()` hits, deprecated ones after live ones
  public SearchResult search(SearchQuery query, Predicate<Skill> permitted, Mode wanted) {
    BitSet candidates = candidates(query, permitted);
    Optional<List<Scored>> near =
        wanted == Mode.LEXICAL ? Optional.empty() : near(query.text(), candidates);
    Mode mode = near.isPresent() ? wanted : Mode.LEXICAL;
    List<Scored> words =
        mode == Mode.DENSE ? List.of() : lexical.best(query.text(), Fusion.CANDIDATES, candidates);
    Fusion fusion = new Fusion(mode, words, near.orElse(List.of()));
    return new SearchResult(hits(fusion, query.k()), mode, fusion.abstains());
  }

  private BitSet candidates(SearchQuery query, Predicate<Skill> permitted) {
    BitSet candidates = new BitSet(skills.size());
    for (int doc = 0; doc < skills.size(); doc++) {
      Skill skill = skills.get(doc);
      if (query.team().map(skill.id().team()::equals).orElse(true)
          && query.accessLevel().map(skill.accessLevel()::equals).orElse(true)
          && query.tag().map(skill.tags()::contains).orElse(true)
          && permitted.test(skill)) {
        candidates.set(doc);
      }
    }
    return candidates;
  }

  private Optional<List<Scored>> near(String text, BitSet candidates) {
    return dense.flatMap(arm -> {
      try {
        float[] vector = arm.model().embed(text);
        return Optional.of(arm.vectors().nearest(vector, Fusion.CANDIDATES, candidates));
      } catch (EmbeddingException e) {
        LOG.log(Level.WARNING, "answered lexically, the query could not be embedded: " + e);
        return Optional.empty();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "answered lexically, the vector index failed", e);
        return Optional.empty();
      }
    });
  }

  private List<Hit> hits(Fusion fusion, int k) {
    List<Hit> hits = new ArrayList<>();
    fusion.scores().forEach((doc, score) -> hits.add(hit(skills.get(doc), score)));
    hits.sort(Comparator.comparingDouble((Hit h) -> -h.score()).thenComparing(h -> h.skill().id()));
    List<Hit> best = new ArrayList<>(hits.subList(0, Math.min(k, hits.size())));
    best.sort(Comparator.comparing(h -> h.skill().deprecated().isPresent()));
    return best;
  }

  /// A deprecated skill gives way to a live one that fits about as well.
  private static Hit hit(Skill skill, double score) {
    return new Hit(skill, skill.deprecated().isPresent() ? score * Fusion.DEPRECATED : score);
  }

  @Override
  public void close() {
    lexical.close();
    dense.ifPresent(arm -> arm.vectors().close());
  }
}
