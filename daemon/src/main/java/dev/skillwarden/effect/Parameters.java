package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Arguments of a cmdlet: `-Name value`, `-Name:value`, switches, and the rest. Names may be cut as
/// long as they begin the same.
///
/// @param named in lower case as given
/// @param switches in lower case as given
record Parameters(Map<String, List<Value>> named, Set<String> switches, List<Value> positional) {
  /// Switches of any cmdlet, which take no value.
  private static final List<String> SWITCHES =
      List.of(
          "recurse",
          "force",
          "confirm",
          "whatif",
          "verbose",
          "debug",
          "passthru",
          "nonewline",
          "append",
          "wait",
          "asjob",
          "nonewwindow",
          "raw",
          "usebasicparsing",
          "hidden",
          "noclobber",
          "leaf",
          "container",
          "asplaintext",
          "asbytestream",
          "unique",
          "descending");

  static Parameters of(List<Value> arguments) {
    Map<String, List<Value>> named = new HashMap<>();
    Set<String> switches = new HashSet<>();
    List<Value> positional = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      Value argument = arguments.get(i);
      String text = argument.text();
      boolean name =
          text.length() > 1 && text.charAt(0) == '-' && Character.isLetter(text.charAt(1));
      if (!name) {
        positional.add(argument);
        continue;
      }
      int colon = text.indexOf(':');
      String key = text.substring(1, colon < 0 ? text.length() : colon).toLowerCase(Locale.ROOT);
      boolean last = i + 1 >= arguments.size() || arguments.get(i + 1).text().startsWith("-");
      if (colon > 0 && colon + 1 < text.length()) {
        named.computeIfAbsent(key, k -> new ArrayList<>()).add(argument.from(colon + 1));
        switches.add(key);
      } else if (last || isSwitch(key)) {
        switches.add(key);
      } else {
        named.computeIfAbsent(key, k -> new ArrayList<>()).add(arguments.get(++i));
      }
    }
    return new Parameters(named, switches, positional);
  }

  private static boolean isSwitch(String key) {
    return SWITCHES.stream().anyMatch(s -> s.startsWith(key));
  }

  boolean has(String name) {
    return switches.stream().anyMatch(s -> name.startsWith(s));
  }

  Optional<Value> value(String name) {
    return named.entrySet().stream()
        .filter(e -> name.startsWith(e.getKey()))
        .map(e -> e.getValue().getFirst())
        .findFirst();
  }

  /// Named values, else those without a name.
  List<Value> values(String... names) {
    List<Value> values = new ArrayList<>();
    for (String name : names) {
      value(name).ifPresent(values::add);
    }
    values.addAll(positional);
    return values;
  }

  /// The named value, else the one at the position.
  Optional<Value> value(String name, int position) {
    Optional<Value> value = value(name);
    return value.isPresent() || position >= positional.size()
        ? value
        : Optional.of(positional.get(position));
  }
}
