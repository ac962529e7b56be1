package dev.skillwarden.effect;

import dev.skillwarden.effect.CodeCalls.Arguments;
import dev.skillwarden.effect.CodeFunctions.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Methods called on texts, paths and lists.
final class CodeMethods {
  private CodeMethods() {}

  /// Empty when the method says nothing about the value.
  static Optional<CodeValue> call(
      String method, CodeValue on, Arguments given, CodeCalls calls, String span) {
    return switch (method) {
      case "unlink", "rmdir", "delete", "deleteDir", "rmtree", "rm_rf" ->
          on.text().blank()
              ? Optional.empty()
              : run(
                  method.startsWith("rm") && !method.equals("rmdir")
                      ? Action.DELETE_TREE
                      : Action.DELETE,
                  on,
                  given,
                  calls,
                  span);
      case "read_text", "read_bytes", "readlines" -> run(Action.READ, on, given, calls, span);
      case "write_text", "write_bytes", "touch", "symlink_to", "hardlink_to" ->
          run(Action.WRITE, on, given, calls, span);
      case "rename", "move_to" -> run(Action.MOVE, on, given, calls, span);
      case "chmod", "lchmod" -> run(Action.CHMOD, on, given, calls, span);
      case "execute" -> run(Action.SHELL, on, given, calls, span);
      case "open" ->
          on.text().blank() ? Optional.empty() : run(Action.OPEN, on, given, calls, span);
      case "joinpath" -> run(Action.JOIN_PATH, on, given, calls, span);
      case "iterdir", "rglob", "glob" ->
          Optional.of(calls.run(Action.LIST, new Arguments(List.of(on), given.named()), span));
      case "with_name" -> Optional.of(sibling(on, given.get(0)));
      case "decode",
          "encode",
          "strip",
          "trim",
          "toString",
          "expanduser",
          "resolve",
          "absolute",
          "text",
          "read",
          "json",
          "to_s",
          "chomp",
          "rstrip",
          "lstrip",
          "copy",
          "splitlines",
          "body",
          "String",
          "flat",
          "values",
          "keys" ->
          Optional.of(on);
      case "join" -> Optional.of(joined(on, given));
      case "replace" ->
          on.known()
                  && given.positional().size() == 2
                  && given.get(0).known()
                  && given.get(1).known()
              ? Optional.of(
                  CodeValue.of(
                      on.text()
                          .text(
                              on.text()
                                  .text()
                                  .replace(
                                      given.get(0).text().text(), given.get(1).text().text()))))
              : replaced(on, given, calls, span);
      case "reverse" ->
          Optional.of(
              on.known() && on.items().isEmpty()
                  ? CodeValue.text(new StringBuilder(on.text().text()).reverse().toString())
                  : on);
      case "unpack", "unpack1" -> Optional.of(CodeValue.unknown(on.taints().plus(Taints.DECODED)));
      case "forEach", "map", "each", "filter", "concat", "split", "format" ->
          Optional.of(CodeValue.unknown(on.taints().plus(given.taints())));
      default -> Optional.empty();
    };
  }

  /// `Path.replace(target)` renames; text replaced by what is not known is not known.
  private static Optional<CodeValue> replaced(
      CodeValue on, Arguments given, CodeCalls calls, String span) {
    return given.positional().size() == 1
        ? run(Action.MOVE, on, given, calls, span)
        : Optional.of(CodeValue.unknown(on.taints().plus(given.taints())));
  }

  private static Optional<CodeValue> run(
      Action action, CodeValue on, Arguments given, CodeCalls calls, String span) {
    List<CodeValue> all = new ArrayList<>();
    all.add(on);
    all.addAll(given.positional());
    CodeValue result = calls.run(action, new Arguments(all, given.named()), span);
    return Optional.of(result);
  }

  private static CodeValue sibling(CodeValue on, CodeValue name) {
    String path = on.text().text();
    String directory = path.substring(0, path.lastIndexOf('/') + 1);
    return CodeValue.text(directory).then("", name);
  }

  /// `",".join(list)` and `list.join(",")`.
  private static CodeValue joined(CodeValue on, Arguments given) {
    boolean separatorFirst = on.items().isEmpty();
    CodeValue list = separatorFirst ? given.get(0) : on;
    CodeValue separator =
        separatorFirst ? on : given.positional().isEmpty() ? CodeValue.text(",") : given.get(0);
    if (list.items().isEmpty()) {
      return CodeValue.unknown(on.taints().plus(given.taints()));
    }
    CodeValue text = list.items().getFirst();
    for (CodeValue item : list.items().subList(1, list.items().size())) {
      text = text.then(separator.text().text(), item);
    }
    return text;
  }
}
