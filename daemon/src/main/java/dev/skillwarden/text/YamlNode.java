package dev.skillwarden.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node of a strictly read YAML document. Scalars stay text: typing is the reader's decision, so
/// `no`, `1.10` and `12:30` arrive as written.
public sealed interface YamlNode {
  /// 1-based line of the node's first character.
  int line();

  /// 1-based column of the node's first character.
  int column();

  /// What an author would call this kind of node, for messages.
  String kind();

  /// @param quoted whether the author wrote quotes or a block scalar; an unquoted empty value or
  ///   `~` is null
  record Scalar(String value, boolean quoted, int line, int column) implements YamlNode {
    /// An unquoted `null`, `~` or nothing at all.
    public boolean isNull() {
      return !quoted && (value.isEmpty() || value.equals("~") || value.equals("null"));
    }

    @Override
    public String kind() {
      return isNull() ? "nothing" : "text";
    }
  }

  record Sequence(List<YamlNode> items, int line, int column) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /// Keys in the order of the file.
  record Mapping(Map<String, Entry> entries, int line, int column) implements YamlNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    public Optional<YamlNode> get(String key) {
      return Optional.ofNullable(entries.get(key)).map(Entry::value);
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /// One key of a mapping, with the position of the key itself.
  record Entry(Scalar key, YamlNode value) {}
}
