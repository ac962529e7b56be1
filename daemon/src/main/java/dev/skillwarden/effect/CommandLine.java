package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Arguments of a command, split into options and operands as GNU `getopt_long` does.
///
/// @param options in the order given, long names in full where they are known
/// @param operands what is no option
record CommandLine(List<Option> options, List<Value> operands) {
  /// @param name a letter, or a long name without dashes, as given or completed
  record Option(String name, Optional<Value> value) {}

  private static final int LONGEST_CLUSTER = 40;

  /// @param withValue letters and long names of the options that take a value
  static CommandLine of(List<Value> arguments, Set<String> withValue) {
    return of(arguments, withValue, false);
  }

  /// @param withValue letters and long names of the options that take a value
  /// @param stops whether the first operand ends the options, as for commands that run others
  static CommandLine of(List<Value> arguments, Set<String> withValue, boolean stops) {
    List<Option> options = new ArrayList<>();
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      Value argument = arguments.get(i);
      String text = argument.text();
      if (text.equals("--")) {
        operands.addAll(arguments.subList(i + 1, arguments.size()));
        break;
      }
      if (text.length() < 2 || text.charAt(0) != '-') {
        if (stops) {
          operands.addAll(arguments.subList(i, arguments.size()));
          break;
        }
        operands.add(argument);
      } else if (text.startsWith("--")) {
        int equals = text.indexOf('=');
        String given = text.substring(2, equals < 0 ? text.length() : equals);
        // `--h` is no letter.
        String name = given.length() == 1 ? text.substring(0, 3) : complete(given, withValue);
        if (equals >= 0) {
          options.add(new Option(name, Optional.of(argument.from(equals + 1))));
        } else if (withValue.contains(name) && i + 1 < arguments.size()) {
          options.add(new Option(name, Optional.of(arguments.get(++i))));
        } else {
          options.add(new Option(name, Optional.empty()));
        }
      } else {
        i += letters(argument, i, arguments, withValue, options);
      }
    }
    return new CommandLine(List.copyOf(options), List.copyOf(operands));
  }

  /// Letters in one argument; the number of further arguments taken.
  private static int letters(
      Value argument, int at, List<Value> arguments, Set<String> withValue, List<Option> options) {
    String text = argument.text();
    for (int i = 1; i < Math.min(text.length(), LONGEST_CLUSTER); i++) {
      String letter = text.substring(i, i + 1);
      if (!withValue.contains(letter)) {
        options.add(new Option(letter, Optional.empty()));
      } else if (i + 1 < text.length()) {
        options.add(new Option(letter, Optional.of(argument.from(i + 1))));
        return 0;
      } else {
        boolean follows = at + 1 < arguments.size();
        options.add(
            new Option(letter, follows ? Optional.of(arguments.get(at + 1)) : Optional.empty()));
        return follows ? 1 : 0;
      }
    }
    return 0;
  }

  /// Long options may be cut as long as they stay unambiguous.
  private static String complete(String name, Set<String> withValue) {
    if (withValue.contains(name) || name.length() < 2) {
      return name;
    }
    List<String> longer =
        withValue.stream().filter(w -> w.length() > 1 && w.startsWith(name)).toList();
    return longer.size() == 1 ? longer.getFirst() : name;
  }

  /// Whether one of the options is given; a long one also when it is cut to two letters or more.
  boolean has(String... names) {
    for (String name : names) {
      for (Option option : options) {
        String given = option.name().startsWith("--") ? option.name().substring(2) : option.name();
        boolean isLong = option.name().length() > 1;
        if (option.name().equals(name) || (isLong && name.length() > 2 && name.startsWith(given))) {
          return true;
        }
      }
    }
    return false;
  }

  /// Values of the options, in order.
  List<Value> values(String... names) {
    Set<String> wanted = Set.of(names);
    return options.stream()
        .filter(o -> wanted.contains(o.name()))
        .flatMap(o -> o.value().stream())
        .toList();
  }

  Optional<Value> value(String... names) {
    return values(names).stream().findFirst();
  }
}
