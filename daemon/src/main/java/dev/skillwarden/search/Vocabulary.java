package dev.skillwarden.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.lucene.util.IntsRefBuilder;
import org.apache.lucene.util.fst.FST;
import org.apache.lucene.util.fst.FSTCompiler;
import org.apache.lucene.util.fst.PositiveIntOutputs;

/// Pieces of words and their ids, as a transducer: 30,000 pieces take a quarter of a megabyte, a
/// tenth of what they take in a map.
final class Vocabulary {
  /// Before a piece that continues a word.
  private static final String CONTINUES = "##";

  private final FST<Long> pieces;

  /// @param ids piece to id, at least 0; pieces inside a word with a leading `##`
  Vocabulary(Map<String, Integer> ids) {
    PositiveIntOutputs outputs = PositiveIntOutputs.getSingleton();
    FSTCompiler<Long> compiler = new FSTCompiler.Builder<>(FST.INPUT_TYPE.BYTE2, outputs).build();
    try {
      IntsRefBuilder key = new IntsRefBuilder();
      for (Map.Entry<String, Integer> piece : new TreeMap<>(ids).entrySet()) { // wants them sorted
        key.clear();
        piece.getKey().chars().forEach(key::append);
        compiler.add(key.get(), piece.getValue().longValue());
      }
      pieces =
          Objects.requireNonNull(
              FST.fromFSTReader(compiler.compile(), compiler.getFSTReader()), "no piece");
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /// @param id in the vocabulary
  /// @param length in characters; 0 when no piece fits, and then there is no id
  record Piece(int id, int length) {}

  /// The longest piece that stands in a word at a place.
  Piece longest(String word, int from) {
    String prefix = from == 0 ? "" : CONTINUES;
    String wanted = prefix + word.substring(from);
    FST.BytesReader reader = pieces.getBytesReader();
    FST.Arc<Long> arc = pieces.getFirstArc(new FST.Arc<>());
    Piece longest = new Piece(-1, 0);
    long id = 0;
    try {
      for (int at = 0; at < wanted.length(); at++) {
        if (pieces.findTargetArc(wanted.charAt(at), arc, arc, reader) == null) {
          break;
        }
        id += arc.output();
        if (at >= prefix.length() && arc.isFinal()) {
          longest =
              new Piece(Math.toIntExact(id + arc.nextFinalOutput()), at + 1 - prefix.length());
        }
      }
    } catch (IOException e) {
      throw inMemory(e);
    }
    return longest;
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("a vocabulary in memory cannot be read", e);
  }
}
