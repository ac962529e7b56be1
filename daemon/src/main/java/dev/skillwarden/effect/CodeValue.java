package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is known of a value in inline code.
///
/// @param texts texts it may be, one unless a loop makes it several
/// @param items elements, when it is a list
/// @param fields members, when it is written as an object or as named arguments
/// @param path name of the function or module it is, empty when it is none
record CodeValue(
    List<Value> texts, List<CodeValue> items, Map<String, CodeValue> fields, String path) {
  private static final int MAX_TEXTS = 16;

  static final CodeValue UNKNOWN = unknown(Taints.NONE);

  static CodeValue unknown(Taints taints) {
    return new CodeValue(List.of(Value.unknown(taints)), List.of(), Map.of(), "");
  }

  static CodeValue of(Value value) {
    return new CodeValue(List.of(value), List.of(), Map.of(), "");
  }

  static CodeValue text(String text) {
    return of(Value.of(text));
  }

  static CodeValue named(String path) {
    return new CodeValue(List.of(Value.unknown(Taints.NONE)), List.of(), Map.of(), path);
  }

  static CodeValue list(List<CodeValue> items) {
    Taints taints = items.stream().map(CodeValue::taints).reduce(Taints.NONE, Taints::plus);
    return new CodeValue(List.of(Value.unknown(taints)), List.copyOf(items), Map.of(), "");
  }

  /// One of the elements, not known which.
  CodeValue element() {
    if (items.isEmpty()) {
      return path.isEmpty() ? this : unknown(taints());
    }
    Set<Value> all = new LinkedHashSet<>();
    items.forEach(i -> all.addAll(i.texts()));
    return new CodeValue(
        all.stream().limit(MAX_TEXTS).toList(), List.of(), Map.of(), items.getFirst().path());
  }

  Value text() {
    return texts.getFirst();
  }

  boolean known() {
    return texts.stream().allMatch(Value::known);
  }

  Taints taints() {
    return texts.stream().map(Value::taints).reduce(Taints.NONE, Taints::plus);
  }

  CodeValue with(Taints taints) {
    return new CodeValue(texts.stream().map(t -> t.with(taints)).toList(), items, fields, path);
  }

  /// Longest text that is put together, in characters; a longer one is not known.
  private static final int MAX_TEXT = 8 << 10;

  private static Value joined(Value first, String between, Value second) {
    Taints taints = first.taints().plus(second.taints());
    if (first.text().length() + second.text().length() > MAX_TEXT) {
      return Value.unknown(taints);
    }
    String hole = String.valueOf(Value.HOLE);
    boolean oneHole =
        between.isEmpty() && first.text().endsWith(hole) && second.text().startsWith(hole);
    return new Value(
        first.text() + between + (oneHole ? second.text().substring(1) : second.text()),
        first.known() && second.known(),
        taints,
        first.glob() || second.glob());
  }

  /// This text and then the other.
  CodeValue then(String between, CodeValue next) {
    List<Value> joined = new ArrayList<>();
    for (Value first : texts) {
      for (Value second : next.texts()) {
        if (joined.size() < MAX_TEXTS) {
          joined.add(joined(first, between, second));
        }
      }
    }
    return new CodeValue(List.copyOf(joined), List.of(), Map.of(), "");
  }
}
