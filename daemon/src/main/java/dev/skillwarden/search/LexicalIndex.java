package dev.skillwarden.search;

import dev.skillwarden.skill.Skill;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.CollectorManager;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.TermQuery;

/// BM25 over one field, see [LexicalText]. How rare a word is comes from the public skills only, so
/// that no score tells anything about skills that the caller may not see.
final class LexicalIndex implements AutoCloseable {
  /// Different words of a query that count; the rest is ignored.
  private static final int MAX_TERMS = 256;

  private final Analyzer analyzer = new EnglishAnalyzer();
  private final LexicalFiles.Opened files;
  private final PublicStatisticsSearcher searcher;
  private final double rareWord;

  /// @param directory where the index is kept between runs, empty for nowhere
  /// @param skills their positions are what [#best] answers with
  LexicalIndex(Optional<Path> directory, List<Skill> skills) {
    files = LexicalFiles.open(directory, skills, analyzer);
    searcher = new PublicStatisticsSearcher(files.all(), files.publicOnly());
    rareWord = searcher.rareWord();
  }

  /// Best permitted skills that share a word with the query, best first. Scores are BM25 in units
  /// of one word that a single document has, which makes catalogs of different size comparable.
  List<Scored> best(String query, int count, BitSet permitted) {
    Map<String, Integer> terms = terms(query);
    if (terms.isEmpty() || permitted.isEmpty()) {
      return List.of();
    }
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    terms.forEach((term, times) ->
        builder.add(
            new BoostQuery(new TermQuery(new Term(LexicalFiles.TEXT, term)), times),
            BooleanClause.Occur.SHOULD));
    try {
      return searcher.search(
          builder.build(),
          new CollectorManager<Best, List<Scored>>() {
            @Override
            public Best newCollector() {
              return new Best(count, permitted);
            }

            @Override
            public List<Scored> reduce(Collection<Best> parts) {
              return parts.stream()
                  .flatMap(part -> part.best.stream())
                  .sorted(Scored.BEST_FIRST)
                  .limit(count)
                  .toList();
            }
          });
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Keeps the best permitted ones. Equal scores go by position and not by document number, which
  /// tells the history of the files.
  private final class Best extends SimpleCollector {
    private final int count;
    private final BitSet permitted;
    private final PriorityQueue<Scored> best = new PriorityQueue<>(Scored.BEST_FIRST.reversed());
    private Scorable scorer = new Unscored();
    private int base;

    Best(int count, BitSet permitted) {
      this.count = count;
      this.permitted = permitted;
    }

    @Override
    protected void doSetNextReader(LeafReaderContext leaf) {
      base = leaf.docBase;
    }

    @Override
    public void setScorer(Scorable scorer) {
      this.scorer = scorer;
    }

    @Override
    public void collect(int doc) throws IOException {
      int position = files.positions()[base + doc];
      if (!permitted.get(position)) {
        return;
      }
      Scored found = new Scored(position, (float) (scorer.score() / rareWord));
      if (best.size() < count) {
        best.add(found);
      } else if (Scored.BEST_FIRST.compare(found, best.element()) < 0) {
        best.poll();
        best.add(found);
      }
    }

    @Override
    public ScoreMode scoreMode() {
      return ScoreMode.COMPLETE;
    }
  }

  /// Stands for the scorer until the search sets one.
  private static final class Unscored extends Scorable {
    @Override
    public float score() {
      return 0;
    }
  }

  /// Words of a query as the index knows them, with how often each occurs.
  private Map<String, Integer> terms(String query) {
    Map<String, Integer> terms = new LinkedHashMap<>();
    try (TokenStream stream = analyzer.tokenStream(LexicalFiles.TEXT, query)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken() && terms.size() < MAX_TERMS) {
        terms.merge(term.toString(), 1, Integer::sum);
      }
      if (terms.size() < MAX_TERMS) {
        stream.end();
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return terms;
  }

  static UncheckedIOException unreadable(IOException e) {
    return new UncheckedIOException("the word index cannot be read", e);
  }

  /// Keeps it from being closed while it is read.
  ///
  /// @return whether it is still open; then [#release] must follow
  boolean acquire() {
    return files.all().tryIncRef();
  }

  void release() {
    try {
      files.all().decRef();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public void close() {
    release();
  }
}
