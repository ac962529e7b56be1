package dev.skillwarden.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// Knows a few topics; a text's vector is how often it names each. Records what it embedded.
final class FakeModel implements EmbeddingModel {
  private static final List<List<String>> TOPICS =
      List.of(
          List.of("refund", "money", "payment"),
          List.of("deploy", "release", "ship"),
          List.of("password", "secret", "credential"),
          List.of("report", "summary", "digest"));

  private final String id;
  private final Predicate<String> fails;
  final List<String> embedded = new ArrayList<>();

  FakeModel(String id, Predicate<String> fails) {
    this.id = id;
    this.fails = fails;
  }

  static FakeModel working() {
    return new FakeModel("fake:1", text -> false);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public float[] embed(String text) throws EmbeddingException {
    if (fails.test(text)) {
      throw new EmbeddingException("told to fail on " + text);
    }
    embedded.add(text);
    String lower = text.toLowerCase(Locale.ROOT);
    float[] vector = new float[TOPICS.size() + 1];
    vector[TOPICS.size()] = 0.1f;
    for (int i = 0; i < TOPICS.size(); i++) {
      for (String word : TOPICS.get(i)) {
        vector[i] += lower.contains(word) ? 1 : 0;
      }
    }
    double length = 0;
    for (float x : vector) {
      length += x * x;
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) Math.sqrt(length);
    }
    return vector;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
