package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Splits the arguments of a command into options and operands.
///
/// @param flags short option letters and long option names without dashes, as given
/// @param operands what is no option
record CommandLineOptions(List<String> flags, List<Value> operands) {
  /// @param withValue options that take the next argument, as typed
  static CommandLineOptions of(List<Value> arguments, Set<String> withValue) {
    List<String> flags = new ArrayList<>();
    List<Value> operands = new ArrayList<>();
    boolean rest = false;
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i).text();
      if (rest || text.equals("-") || !text.startsWith("-")) {
        operands.add(arguments.get(i));
      } else if (text.equals("--")) {
        rest = true;
      } else if (withValue.contains(text)) {
        flags.add(text);
        i++;
      } else if (text.startsWith("--")) {
        flags.add(text.substring(2));
      } else {
        text.substring(1).chars().forEach(c -> flags.add(Character.toString(c)));
      }
    }
    return new CommandLineOptions(flags, operands);
  }

  boolean has(String... names) {
    return List.of(names).stream().anyMatch(flags::contains);
  }
}
