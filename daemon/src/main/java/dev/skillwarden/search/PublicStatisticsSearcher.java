package dev.skillwarden.search;

import java.io.IOException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.CollectionStatistics;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermStatistics;

/// Searches all documents but weighs words by the public ones. A word that no public document has
/// counts as if one had it, whether or not a restricted one does.
final class PublicStatisticsSearcher extends IndexSearcher {
  /// Length of a document assumed while there is no public one, in words.
  private static final long TYPICAL_LENGTH = 300;

  private final IndexSearcher publicOnly;

  PublicStatisticsSearcher(IndexReader all, IndexReader publicOnly) {
    super(all);
    this.publicOnly = new IndexSearcher(publicOnly);
    setQueryCache(null);
  }

  /// Inverse document frequency of a word, which is also the most that BM25 gives it.
  double rarity(Term word) throws IOException {
    return rarity(publicOnly.getIndexReader().docFreq(word));
  }

  /// That of a word which a single document has.
  double rareWord() {
    return rarity(1);
  }

  private double rarity(int having) {
    double documents = Math.max(1, publicOnly.getIndexReader().numDocs());
    double some = Math.max(1, having);
    return Math.log1p((documents - some + 0.5) / (some + 0.5));
  }

  @Override
  public CollectionStatistics collectionStatistics(String field) throws IOException {
    CollectionStatistics statistics = publicOnly.collectionStatistics(field);
    return statistics == null
        ? new CollectionStatistics(field, 1, 1, TYPICAL_LENGTH, TYPICAL_LENGTH)
        : statistics;
  }

  @Override
  public TermStatistics termStatistics(Term term, int docFreq, long totalTermFreq)
      throws IOException {
    return new TermStatistics(
        term.bytes(),
        Math.max(1, publicOnly.getIndexReader().docFreq(term)),
        Math.max(1, publicOnly.getIndexReader().totalTermFreq(term)));
  }
}
