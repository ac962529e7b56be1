package dev.skillwarden.search;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;

/// BM25 over one field that holds name, description, tags and the head of the body. How rare a word
/// is comes from the public skills only, so that no score tells anything about skills that the
/// caller may not see.
final class LexicalIndex implements AutoCloseable {
  /// Characters of a body that are indexed.
  static final int BODY = 8 << 10;

  private static final String TEXT = "text";

  /// Different words of a query that count; the rest is ignored.
  private static final int MAX_TERMS = 256;

  private final Analyzer analyzer = new EnglishAnalyzer();
  private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
  private final DirectoryReader publicOnly;
  private final DirectoryReader all;
  private final IndexSearcher searcher;
  private final double rareWord;

  /// @param skills public ones first; their position is their document number
  /// @throws IllegalArgumentException when a public skill follows another
  LexicalIndex(List<Skill> skills) {
    int publicCount = publicCount(skills);
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer)
            .setMergePolicy(NoMergePolicy.INSTANCE) // keeps document numbers and the public part
            .setMergeScheduler(new SerialMergeScheduler());
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      add(writer, skills.subList(0, publicCount));
      publicOnly = DirectoryReader.open(writer);
      add(writer, skills.subList(publicCount, skills.size()));
      writer.commit();
      all = DirectoryReader.open(writer);
    } catch (IOException e) {
      throw inMemory(e);
    }
    PublicStatisticsSearcher weighed = new PublicStatisticsSearcher(all, publicOnly);
    searcher = weighed;
    rareWord = weighed.rareWord();
  }

  private static int publicCount(List<Skill> skills) {
    int count = 0;
    for (int i = 0; i < skills.size(); i++) {
      if (skills.get(i).accessLevel() == AccessLevel.PUBLIC) {
        if (i != count) {
          throw new IllegalArgumentException("public skills come first; found one at " + i);
        }
        count++;
      }
    }
    return count;
  }

  private static void add(IndexWriter writer, List<Skill> skills) throws IOException {
    for (Skill skill : skills) {
      Document document = new Document();
      document.add(new TextField(TEXT, text(skill), Field.Store.NO));
      writer.addDocument(document);
    }
  }

  private static String text(Skill skill) {
    String whole = skill.body();
    String body = whole.substring(0, Math.min(BODY, whole.length()));
    return String.join(
        "\n", skill.id().name(), skill.description(), String.join(" ", skill.tags()), body);
  }

  /// Best permitted documents that share a word with the query, best first. Scores are BM25 in
  /// units of one word that a single document has, which makes catalogs of different size
  /// comparable.
  List<Scored> best(String query, int count, BitSet permitted) {
    Map<String, Integer> terms = terms(query);
    if (terms.isEmpty() || permitted.isEmpty()) {
      return List.of();
    }
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    terms.forEach((term, times) ->
        builder.add(
            new BoostQuery(new TermQuery(new Term(TEXT, term)), times),
            BooleanClause.Occur.SHOULD));
    builder.setMinimumNumberShouldMatch(1);
    builder.add(new PermittedQuery(permitted), BooleanClause.Occur.FILTER);
    try {
      List<Scored> best = new ArrayList<>();
      for (ScoreDoc hit : searcher.search(builder.build(), count).scoreDocs) {
        best.add(new Scored(hit.doc, (float) (hit.score / rareWord)));
      }
      best.sort(Scored.BEST_FIRST);
      return best;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /// Words of a query as the index knows them, with how often each occurs.
  private Map<String, Integer> terms(String query) {
    Map<String, Integer> terms = new LinkedHashMap<>();
    try (TokenStream stream = analyzer.tokenStream(TEXT, query)) {
      CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
      stream.reset();
      while (stream.incrementToken() && terms.size() < MAX_TERMS) {
        terms.merge(term.toString(), 1, Integer::sum);
      }
      if (terms.size() < MAX_TERMS) {
        stream.end();
      }
    } catch (IOException e) {
      throw inMemory(e);
    }
    return terms;
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("the word index is in memory and must be usable", e);
  }

  @Override
  public void close() {
    try (directory;
        all;
        publicOnly) {
      analyzer.close();
    } catch (IOException e) {
      throw inMemory(e);
    }
  }
}
