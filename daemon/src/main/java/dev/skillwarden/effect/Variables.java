package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Variables of a shell. A name has several values when branches assign different ones.
final class Variables {
  private static final int MAX_ALTERNATIVES = 8;

  private Map<String, List<Value>> scalars = new HashMap<>();
  private final Map<String, List<Value>> arrays = new HashMap<>();
  private final Set<String> sealed = new HashSet<>();

  /// From here on assignments do not change the variable.
  void seal(String name) {
    sealed.add(name);
  }

  void set(String name, Value value) {
    if (sealed.contains(name)) {
      return;
    }
    scalars.put(name, List.of(value));
    arrays.remove(name);
  }

  void set(String name, List<Value> elements) {
    arrays.put(name, List.copyOf(elements));
    scalars.put(name, elements.isEmpty() ? List.of(Value.of("")) : List.of(elements.getFirst()));
  }

  void unset(String name) {
    if (sealed.contains(name)) {
      return;
    }
    scalars.remove(name);
    arrays.remove(name);
  }

  /// The value, or one with a hole when there are several.
  Optional<Value> get(String name) {
    List<Value> values = scalars.getOrDefault(name, List.of());
    return switch (values.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(values.getFirst());
      default -> Optional.of(Value.unknown(taints(values)));
    };
  }

  List<Value> alternatives(String name) {
    return scalars.getOrDefault(name, List.of());
  }

  void alternatives(String name, List<Value> values) {
    if (sealed.contains(name)) {
      return;
    }
    scalars.put(name, values);
  }

  Optional<List<Value>> elements(String name) {
    return Optional.ofNullable(arrays.get(name));
  }

  static Taints taints(List<Value> values) {
    return values.stream().map(Value::taints).reduce(Taints.NONE, Taints::plus);
  }

  /// A copy of the scalar variables, for [#merge].
  Map<String, List<Value>> snapshot() {
    return new HashMap<>(scalars);
  }

  void restore(Map<String, List<Value>> before) {
    scalars = new HashMap<>(before);
  }

  /// After code that may or may not have run: what was before is possible too.
  void merge(Map<String, List<Value>> before) {
    before.forEach((name, old) -> {
      List<Value> now = scalars.get(name);
      if (now == null) {
        scalars.put(name, old);
      } else if (!now.equals(old)) {
        Set<Value> all = new LinkedHashSet<>(old);
        all.addAll(now);
        scalars.put(
            name,
            all.size() <= MAX_ALTERNATIVES
                ? List.copyOf(all)
                : List.of(Value.unknown(taints(new ArrayList<>(all)))));
      }
    });
  }
}
