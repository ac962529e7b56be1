package dev.skillwarden.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Typed reads from one YAML mapping. Collects every problem instead of stopping at the first;
/// [#finish] reports keys nobody asked for, with a did-you-mean.
public final class Fields {
  private final String file;
  private final YamlNode.Mapping mapping;
  private final String path;
  private final List<Problem> problems;
  private final Set<String> known = new LinkedHashSet<>();

  private Fields(String file, YamlNode.Mapping mapping, String path, List<Problem> problems) {
    this.file = file;
    this.mapping = mapping;
    this.path = path;
    this.problems = problems;
  }

  /// @param problems receives what is wrong, in the order of discovery
  public static Fields of(String file, YamlNode.Mapping mapping, List<Problem> problems) {
    return new Fields(file, mapping, "", problems);
  }

  /// Reads `root` as a mapping; anything else is a problem and yields an empty mapping.
  public static Fields root(String file, Optional<YamlNode> root, List<Problem> problems) {
    if (root.isPresent() && root.get() instanceof YamlNode.Mapping m) {
      return of(file, m, problems);
    }
    root.ifPresent(n ->
        problems.add(
            new Problem(
                file, n.line(), n.column(), "wants 'key: value' lines, found " + n.kind())));
    return of(file, new YamlNode.Mapping(Map.of(), 1, 1), problems);
  }

  public boolean has(String key) {
    known.add(key);
    return mapping
        .get(key)
        .filter(n -> !(n instanceof YamlNode.Scalar s && s.isNull()))
        .isPresent();
  }

  /// The raw node of a key, for readers with their own shape.
  public Optional<YamlNode> node(String key) {
    known.add(key);
    return mapping.get(key).filter(n -> !(n instanceof YamlNode.Scalar s && s.isNull()));
  }

  /// Line of the key, or of the mapping when the key is absent.
  public int line(String key) {
    YamlNode.Entry entry = mapping.entries().get(key);
    return entry == null ? mapping.line() : entry.key().line();
  }

  /// Column of the value, or of the mapping when the key is absent.
  public int column(String key) {
    YamlNode.Entry entry = mapping.entries().get(key);
    return entry == null ? mapping.column() : entry.value().column();
  }

  public Set<String> keys() {
    return mapping.entries().keySet();
  }

  public Optional<String> text(String key) {
    return node(key).flatMap(n -> scalar(key, n));
  }

  public Optional<String> requiredText(String key) {
    if (!has(key)) {
      problem(key, "is missing");
      return Optional.empty();
    }
    return text(key);
  }

  /// Reads text and converts it.
  ///
  /// @param parse throws [IllegalArgumentException] with a message that says what is wanted
  public <T> Optional<T> value(String key, Function<String, T> parse) {
    return text(key)
        .flatMap(t -> {
          try {
            return Optional.of(parse.apply(t));
          } catch (IllegalArgumentException e) {
            problem(key, String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  public Optional<Integer> integer(String key, int min, int max) {
    return value(
        key,
        t -> {
          try {
            int n = Integer.parseInt(t);
            if (n >= min && n <= max) {
              return n;
            }
          } catch (NumberFormatException e) {
            // reported below, with the range
          }
          throw new IllegalArgumentException(
              "wants a whole number %d..%d, found '%s'".formatted(min, max, t));
        });
  }

  public Optional<Boolean> bool(String key) {
    return value(
        key,
        t ->
            switch (t) {
              case "true" -> true;
              case "false" -> false;
              default ->
                  throw new IllegalArgumentException("wants true or false, found '" + t + "'");
            });
  }

  /// Reads one of the constants of an enum, written in lower case with hyphens.
  public <E extends Enum<E>> Optional<E> oneOf(String key, Class<E> type) {
    return value(key, t -> parseEnum(type, t));
  }

  /// @throws IllegalArgumentException naming the allowed values and the nearest one
  public static <E extends Enum<E>> E parseEnum(Class<E> type, String text) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(text)) {
        return constant;
      }
      names.add(name);
    }
    throw new IllegalArgumentException(
        "wants one of %s, found '%s'%s".formatted(names, text, Suggest.nearest(text, names)));
  }

  /// A list of text; absent is an empty list.
  public List<String> texts(String key) {
    Optional<YamlNode> node = node(key);
    List<String> out = new ArrayList<>();
    if (node.isEmpty()) {
      return out;
    }
    if (node.get() instanceof YamlNode.Sequence s) {
      for (YamlNode item : s.items()) {
        scalar(key, item).ifPresent(out::add);
      }
    } else {
      problem(key, "wants a list like [a, b], found " + node.get().kind());
    }
    return out;
  }

  /// A nested mapping; absent is an empty mapping that reports nothing.
  public Fields section(String key) {
    Optional<YamlNode> node = node(key);
    if (node.isPresent() && node.get() instanceof YamlNode.Mapping m) {
      return new Fields(file, m, path + key + ".", problems);
    }
    node.ifPresent(n -> problem(key, "wants a mapping, found " + n.kind()));
    return new Fields(
        file, new YamlNode.Mapping(Map.of(), line(key), column(key)), path + key + ".", problems);
  }

  /// A list of mappings; absent is an empty list.
  public List<Fields> sections(String key) {
    List<Fields> out = new ArrayList<>();
    node(key)
        .ifPresent(n -> {
          if (!(n instanceof YamlNode.Sequence s)) {
            problem(key, "wants a list, found " + n.kind());
            return;
          }
          for (int i = 0; i < s.items().size(); i++) {
            YamlNode item = s.items().get(i);
            if (item instanceof YamlNode.Mapping m) {
              out.add(new Fields(file, m, path + key + "[" + i + "].", problems));
            } else {
              problems.add(
                  new Problem(
                      file,
                      item.line(),
                      item.column(),
                      path + key + "[" + i + "] wants a mapping, found " + item.kind()));
            }
          }
        });
    return out;
  }

  /// Every key with its section, for mappings whose keys are names.
  public Map<String, Fields> named() {
    Map<String, Fields> out = new LinkedHashMap<>();
    for (String key : keys()) {
      out.put(key, section(key));
    }
    return out;
  }

  /// Adds a problem at a key of this mapping.
  public void problem(String key, String message) {
    problems.add(new Problem(file, line(key), column(key), path + key + " " + message));
  }

  /// Reports every key that no read asked for.
  public void finish() {
    for (YamlNode.Entry entry : mapping.entries().values()) {
      String key = entry.key().value();
      if (!known.contains(key)) {
        problems.add(
            new Problem(
                file,
                entry.key().line(),
                entry.key().column(),
                "unknown key '%s%s'%s; allowed here: %s"
                    .formatted(path, key, Suggest.nearest(key, known), String.join(", ", known))));
      }
    }
  }

  private Optional<String> scalar(String key, YamlNode node) {
    if (node instanceof YamlNode.Scalar s && !s.isNull()) {
      return Optional.of(s.value());
    }
    problems.add(
        new Problem(
            file, node.line(), node.column(), path + key + " wants text, found " + node.kind()));
    return Optional.empty();
  }
}
