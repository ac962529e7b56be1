package dev.skillwarden.search;

import dev.skillwarden.skill.Skill;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
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
  /// @param skills their positions are what [#scores] answers with
  LexicalIndex(Optional<Path> directory, List<Skill> skills) {
    files = LexicalFiles.open(directory, skills, analyzer);
    searcher = new PublicStatisticsSearcher(files.all(), files.publicOnly());
    rareWord = searcher.rareWord();
  }

  /// BM25 of the permitted skills, in units of one word that a single document has, which makes
  /// catalogs of different size comparable. Candidates are the best that share a word with the
  /// query.
  ArmScores scores(Collection<QueryWord> words, int count, BitSet permitted) {
    if (words.isEmpty() || permitted.isEmpty()) {
      return ArmScores.NONE;
    }
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    for (QueryWord word : words) {
      builder.add(
          new BoostQuery(new TermQuery(new Term(LexicalFiles.TEXT, word.stem())), word.times()),
          BooleanClause.Occur.SHOULD);
    }
    Scores found = new Scores(permitted);
    try {
      return searcher.search(
          builder.build(),
          new CollectorManager<Scores, ArmScores>() {
            @Override
            public Scores newCollector() {
              return found; // there is one thread only
            }

            @Override
            public ArmScores reduce(Collection<Scores> all) {
              return found.ranked(count);
            }
          });
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Every score, by position and not by document number: that one tells the history of the files.
  private final class Scores extends SimpleCollector {
    private final BitSet permitted;
    private final float[] scores = new float[files.documents().length];
    private Scorable scorer = new Unscored();
    private int base;

    Scores(BitSet permitted) {
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
      if (permitted.get(position)) {
        scores[position] = (float) (scorer.score() / rareWord);
      }
    }

    @Override
    public ScoreMode scoreMode() {
      return ScoreMode.COMPLETE;
    }

    ArmScores ranked(int count) {
      ArmScores.Best best = new ArmScores.Best(count);
      ArmScores.Moments moments = new ArmScores.Moments();
      int zeros = permitted.cardinality();
      for (int position = 0; position < scores.length; position++) {
        if (scores[position] > 0) {
          best.add(position, scores[position]);
          moments.add(scores[position]);
          zeros--;
        }
      }
      moments.addZeros(zeros);
      return new ArmScores(
          best.sorted(), moments.mean(), moments.deviation(), position -> scores[position]);
    }
  }

  /// Stands for the scorer until the search sets one.
  private static final class Unscored extends Scorable {
    @Override
    public float score() {
      return 0;
    }
  }

  /// A word of a query.
  ///
  /// @param stem as the index knows it
  /// @param written as the query has it first
  record QueryWord(String stem, String written, int times) {
    QueryWord again() {
      return new QueryWord(stem, written, times + 1);
    }
  }

  /// The different words of a query that count.
  Collection<QueryWord> words(String query) {
    SequencedMap<String, QueryWord> words = new LinkedHashMap<>();
    try (TokenStream stream = analyzer.tokenStream(LexicalFiles.TEXT, query)) {
      CharTermAttribute stem = stream.addAttribute(CharTermAttribute.class);
      OffsetAttribute at = stream.addAttribute(OffsetAttribute.class);
      stream.reset();
      while (stream.incrementToken() && words.size() < MAX_TERMS) {
        words.merge(
            stem.toString(),
            new QueryWord(stem.toString(), query.substring(at.startOffset(), at.endOffset()), 1),
            (known, again) -> known.again());
      }
      if (words.size() < MAX_TERMS) {
        stream.end();
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return words.values();
  }

  /// What a skill has of a query.
  ///
  /// @param words in the order and spelling of the query
  /// @param coverage their share of all words of the query, 0 to 1, each counted once and by how
  ///   rare it is among public skills
  record Match(List<String> words, double coverage) {
    static final Match NONE = new Match(List.of(), 0);

    private Match and(Match other) {
      List<String> both = new ArrayList<>(words);
      both.addAll(other.words);
      return new Match(both, coverage + other.coverage);
    }

    private Match of(double whole) {
      return new Match(words, coverage / whole);
    }
  }

  /// @param positions of skills
  /// @return for each of these that has a word of the query
  Map<Integer, Match> matches(Collection<QueryWord> words, Collection<Integer> positions) {
    Map<Integer, Match> matches = new HashMap<>();
    int[] documents = positions.stream().mapToInt(p -> files.documents()[p]).sorted().toArray();
    double whole = 0;
    try {
      for (QueryWord word : words) {
        double rarity = searcher.rarity(new Term(LexicalFiles.TEXT, word.stem()));
        whole += rarity;
        Match match = new Match(List.of(word.written()), rarity);
        for (int document : having(word, documents)) {
          matches.merge(files.positions()[document], match, Match::and);
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    double all = whole;
    matches.replaceAll((_, match) -> match.of(all));
    return matches;
  }

  /// Which of the documents have a word.
  private List<Integer> having(QueryWord word, int[] documents) throws IOException {
    List<Integer> having = new ArrayList<>();
    for (LeafReaderContext leaf : files.all().leaves()) {
      PostingsEnum has = leaf.reader().postings(new Term(LexicalFiles.TEXT, word.stem()));
      for (int document : documents) {
        int wanted = document - leaf.docBase;
        if (has != null && wanted >= 0 && wanted < leaf.reader().maxDoc()) {
          int found = has.docID() < wanted ? has.advance(wanted) : has.docID();
          if (found == wanted) {
            having.add(document);
          }
        }
      }
    }
    return having;
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
