package dev.skillwarden.effect;

import java.util.List;
import java.util.Set;

/// One command that runs, with its words expanded.
///
/// @param name base name of the program in lower case
/// @param in what it reads on standard input
/// @param span the text it was read from, for people
record Call(ShellAnalyzer shell, String name, List<Value> arguments, Content in, String span) {
  CommandLine line(String... withValue) {
    return CommandLine.of(arguments, Set.of(withValue));
  }

  /// The same with other words.
  Call of(String otherName, List<Value> otherArguments) {
    return new Call(shell, otherName, otherArguments, in, span);
  }

  boolean has(String word) {
    return arguments.stream().anyMatch(a -> a.text().equals(word));
  }

  boolean hasAny(Set<String> words) {
    return arguments.stream().anyMatch(a -> words.contains(a.text()));
  }

  /// The argument, empty text when there is none.
  String word(int index) {
    return index < arguments.size() ? arguments.get(index).text() : "";
  }

  List<Value> after(int index) {
    return arguments.subList(Math.min(index, arguments.size()), arguments.size());
  }

  String joined() {
    return arguments.isEmpty() ? "" : WordExpander.join(arguments).text();
  }

  void emit(Effect.What what) {
    shell.emit(what, span);
  }
}
