package dev.skillwarden.search;

import java.io.IOException;
import java.util.BitSet;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.ConstantScoreScorerSupplier;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.FixedBitSet;

/// Matches the documents whose bits are set; the permission filter inside a lexical search.
final class PermittedQuery extends Query {
  private final BitSet permitted;

  PermittedQuery(BitSet permitted) {
    this.permitted = (BitSet) permitted.clone();
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
    return new ConstantScoreWeight(this, boost) {
      @Override
      public ScorerSupplier scorerSupplier(LeafReaderContext leaf) throws IOException {
        return ConstantScoreScorerSupplier.fromIterator(
            documents(leaf), score(), mode, leaf.reader().maxDoc());
      }

      @Override
      public boolean isCacheable(LeafReaderContext leaf) {
        return false;
      }
    };
  }

  private DocIdSetIterator documents(LeafReaderContext leaf) {
    int size = leaf.reader().maxDoc();
    FixedBitSet bits = new FixedBitSet(size);
    BitSet mine = permitted.get(leaf.docBase, leaf.docBase + size);
    mine.stream().forEach(bits::set);
    return new BitSetIterator(bits, mine.cardinality());
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public String toString(String field) {
    return permitted.cardinality() + " permitted";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PermittedQuery q && q.permitted.equals(permitted);
  }

  @Override
  public int hashCode() {
    return permitted.hashCode();
  }
}
