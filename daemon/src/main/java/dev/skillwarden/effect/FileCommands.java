package dev.skillwarden.effect;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Commands that create, copy, move and link files or change their permissions.
final class FileCommands {
  private FileCommands() {}

  static void register(Map<String, Commands.Handler> handlers) {
    handlers.put("mv", FileCommands::move);
    for (String name : List.of("cp", "gcp", "install", "ln", "link", "ditto", "xcp")) {
      handlers.put(name, FileCommands::copy);
    }
    handlers.put("tee", FileCommands::tee);
    handlers.put("sponge", FileCommands::tee);
    handlers.put("touch", FileCommands::touch);
    for (String name :
        List.of("strip", "objcopy", "patchelf", "install_name_tool", "upx", "chrpath")) {
      handlers.put(name, FileCommands::rewritten);
    }
    handlers.put("truncate", FileCommands::touch);
    handlers.put("mkfifo", FileCommands::fifo);
    handlers.put("mknod", FileCommands::fifo);
    handlers.put("dd", FileCommands::dd);
    for (String name :
        List.of(
            "chmod", "chown", "chgrp", "setfacl", "chattr", "setcap", "xattr", "icacls",
            "takeown")) {
      handlers.put(name, FileCommands::permissions);
    }
    handlers.put("mount", FileCommands::mount);
    handlers.put("patch", FileCommands::patch);
  }

  private static Content move(Call call) {
    CommandLine line = call.line("t", "S", "suffix", "target-directory");
    List<Value> operands = line.operands();
    Optional<Value> directory = line.value("t", "target-directory");
    List<Value> sources =
        directory.isPresent() ? operands : operands.subList(0, Math.max(0, operands.size() - 1));
    Optional<Value> target =
        directory.or(
            () -> operands.size() > 1 ? Optional.of(operands.getLast()) : Optional.empty());
    for (Value source : sources) {
      call.shell().delete(source, true, "mv", call.span());
      if (target.filter(t -> t.text().equals("/dev/null")).isPresent()) {
        call.emit(Effect.What.UNRECOVERABLE);
      }
      target.ifPresent(t -> uncovered(call, source, t));
      target.ifPresent(t -> arrived(call, source, t, sources.size() > 1 || directory.isPresent()));
    }
    return Content.EMPTY;
  }

  /// Under a name that does not say so any more, a secret is as good as read.
  private static void uncovered(Call call, Value source, Value target) {
    String home = call.shell().home().toString();
    String from = call.shell().resolve(source);
    String to = call.shell().resolve(target);
    SecretPaths.Kind before = SecretPaths.kind(from, home);
    boolean directory =
        target.text().endsWith("/")
            || target.text().matches("(?:.*/)?\\.{1,2}")
            || call.shell().exists(to);
    boolean renamed = !directory && SecretPaths.kind(to, home).compareTo(before) < 0;
    if (renamed || SecretPaths.isKept(from, home)) {
      call.shell().read(source, call.span());
    }
  }

  /// What was in the source is in the target now.
  private static void arrived(Call call, Value source, Value target, boolean isDirectory) {
    Content content = call.shell().content(source);
    String name = source.text().replaceFirst("/+$", "");
    Value inside = target.text(target.text() + "/" + name.substring(name.lastIndexOf('/') + 1));
    boolean directory =
        isDirectory
            || target.text().endsWith("/")
            || target.text().equals(".")
            || target.text().equals("..");
    Value file = directory ? inside : target;
    call.shell().writes(file, call.span());
    if (!content.equals(Content.PLAIN)) {
      call.shell().remember(file, content, false);
      if (!directory) {
        call.shell().remember(inside, content, false);
      }
    }
  }

  private static Content copy(Call call) {
    CommandLine line =
        call.line(
            "t",
            "m",
            "o",
            "g",
            "S",
            "suffix",
            "target-directory",
            "mode",
            "owner",
            "group",
            "backup");
    List<Value> operands = line.operands();
    boolean makesDirectories = call.name().equals("install") && line.has("d", "directory");
    if (makesDirectories) {
      operands.forEach(o -> call.shell().writes(o, call.span()));
      return Content.EMPTY;
    }
    Optional<Value> directory = line.value("t", "target-directory");
    boolean links = call.name().equals("ln") || call.name().equals("link");
    List<Value> sources =
        directory.isPresent() || operands.size() < 2
            ? operands
            : operands.subList(0, operands.size() - 1);
    Value target = directory.orElse(operands.size() > 1 ? operands.getLast() : Value.of("."));
    for (Value source : sources) {
      if (!links) {
        call.shell().read(source, call.span());
      } else if (SecretPaths.isSecret(
          call.shell().resolve(source), call.shell().home().toString())) {
        call.shell().read(source, call.span());
      }
      // A link to a protected file is a way to write it under another name.
      if (links || line.has("l", "link")) {
        call.shell().writes(source, call.span());
      }
      arrived(call, source, target, sources.size() > 1 || directory.isPresent());
    }
    line.value("m", "mode")
        .map(Value::text)
        .filter(FileCommands::raises)
        .ifPresent(m ->
            call.shell()
                .emit(new Effect.Permissions(call.shell().resolve(target), "raises", call.span())));
    return Content.EMPTY;
  }

  private static boolean raises(String mode) {
    return mode.matches("0?[2467][0-7]{3}|.*[ugoa]*\\+[rwx]*s.*");
  }

  private static Content tee(Call call) {
    CommandLine line = call.line();
    for (Value operand : line.operands()) {
      call.shell().deliver(operand, call.in(), line.has("a", "append"), call.span());
    }
    return call.in();
  }

  /// Tools that rewrite a program in place, or the last one named.
  private static Content rewritten(Call call) {
    List<Value> operands = call.line("o", "R", "N", "K", "set-rpath").operands();
    if (!operands.isEmpty()) {
      call.shell().writes(operands.getLast(), call.span());
    }
    call.line("o").value("o").ifPresent(o -> call.shell().writes(o, call.span()));
    return Content.EMPTY;
  }

  private static Content touch(Call call) {
    call.line("s", "d", "t", "r", "reference", "date", "size")
        .operands()
        .forEach(o -> call.shell().writes(o, call.span()));
    return Content.EMPTY;
  }

  private static Content fifo(Call call) {
    call.shell().background(); // readers and writers meet later
    call.line("m", "mode", "Z").operands().stream()
        .limit(call.name().equals("mknod") ? 1 : 20)
        .forEach(o -> call.shell().writes(o, call.span()));
    return Content.EMPTY;
  }

  private static Content dd(Call call) {
    Content in = call.in();
    boolean out = false;
    for (Value argument : call.arguments()) {
      if (argument.text().startsWith("if=")) {
        in = call.shell().read(argument.from(3), call.span());
      }
    }
    for (Value argument : call.arguments()) {
      if (argument.text().startsWith("of=")) {
        call.shell().deliver(argument.from(3), in, false, call.span());
        out = true;
      }
    }
    return out ? Content.EMPTY : in;
  }

  private static final Set<String> SWAPS = Set.of("chown", "chgrp");

  private static Content permissions(Call call) {
    CommandLine line = call.line("reference", "from", "m", "M", "x", "modify", "set");
    boolean first = !line.has("reference") && line.value("m", "M", "modify", "x", "set").isEmpty();
    String mode = first && !line.operands().isEmpty() ? line.operands().getFirst().text() : "";
    if (call.name().equals("chmod")) {
      // `chmod -x file`: a mode that looks like an option.
      mode =
          call.arguments().stream()
              .map(Value::text)
              .filter(t -> t.matches("-[rwxXst]+"))
              .findFirst()
              .orElse(mode);
    }
    boolean recursive = line.has("R", "recursive") || call.name().equals("takeown");
    boolean wide =
        (mode.matches("0?[0-7]?[0-7]?[0-7]?[2367]") && call.name().equals("chmod"))
            || mode.matches("[augo]*o[augo]*[+=][rx]*w.*|a?\\+[rx]*w.*|a=?\\+?r?w.*");
    boolean raises = (call.name().equals("chmod") && raises(mode)) || call.name().equals("setcap");
    boolean closes = mode.matches("0*|[augo]*-[rwx]+|[augo]*=");
    List<Value> paths =
        first
            ? line.operands().subList(Math.min(1, line.operands().size()), line.operands().size())
            : line.operands();
    for (Value path : paths) {
      String resolved = call.shell().resolve(path);
      String how =
          raises
              ? "raises"
              : recursive
                  ? "recursive"
                  : wide || closes || SWAPS.contains(call.name()) ? "wide" : "";
      call.shell().emit(new Effect.Permissions(resolved, how, call.span()));
    }
    return Content.EMPTY;
  }

  private static Content mount(Call call) {
    CommandLine line = call.line("t", "o", "L", "U", "types", "options");
    boolean binds =
        line.has("bind", "rbind", "B", "R", "move")
            || line.values("o", "options").stream().anyMatch(o -> o.text().contains("bind"));
    List<Value> operands = line.operands();
    if (binds && operands.size() > 1) {
      call.shell().writes(operands.getFirst(), call.span());
      arrived(call, operands.getFirst(), operands.get(1), false);
    } else if (operands.size() > 1) {
      call.shell().writes(operands.get(1), call.span());
    }
    return Content.PLAIN;
  }

  private static Content patch(Call call) {
    CommandLine line = call.line("i", "d", "p", "o", "r", "input", "directory", "output");
    line.operands().stream().limit(1).forEach(o -> call.shell().writes(o, call.span()));
    line.values("o", "output").forEach(o -> call.shell().writes(o, call.span()));
    call.in().text().ifPresent(t -> patched(call, t));
    return Content.PLAIN;
  }

  /// Files a patch on standard input names.
  private static void patched(Call call, String text) {
    text.lines()
        .filter(l -> l.startsWith("+++ "))
        .limit(50)
        .map(l -> l.substring(4).replaceFirst("^[ab]/", "").replaceFirst("\t.*", ""))
        .filter(p -> !p.equals("/dev/null"))
        .forEach(p -> call.shell().writes(Value.of(p), call.span()));
  }
}
