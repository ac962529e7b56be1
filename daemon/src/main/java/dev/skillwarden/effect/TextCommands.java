package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Commands that print, read, filter and decode text. Known text is computed, so that code hidden
/// in it is judged when it runs.
final class TextCommands {
  private TextCommands() {}

  static void register(Map<String, Commands.Handler> handlers) {
    handlers.put("echo", TextCommands::echo);
    handlers.put("man", TextCommands::manual);
    handlers.put("printf", TextCommands::printf);
    for (String name :
        List.of(
            "cat",
            "tac",
            "bat",
            "batcat",
            "less",
            "more",
            "nl",
            "strings",
            "zcat",
            "gzcat",
            "bzcat",
            "xzcat",
            "pv",
            "dos2unix",
            "iconv",
            "fold",
            "pr",
            "column",
            "expand",
            "unexpand",
            "fmt",
            "view",
            "vim",
            "vi",
            "nano",
            "emacs",
            "code",
            "hexdump",
            "od",
            "diff",
            "cmp",
            "comm",
            "join",
            "paste",
            "colordiff",
            "vimdiff",
            "csplit",
            "split",
            "wc",
            "md5sum",
            "sha1sum",
            "sha256sum",
            "sha512sum",
            "shasum",
            "cksum",
            "file",
            "stat",
            "date",
            "uniq",
            "cut",
            "head",
            "tail",
            "look",
            "ul",
            "rev",
            "tr",
            "jq",
            "yq",
            "xq",
            "sort",
            "tsort",
            "shuf",
            "openssl",
            "gpg",
            "age",
            "sops",
            "glow",
            "mdcat",
            "highlight",
            "pygmentize",
            "aspell",
            "dc",
            "bc",
            "tput",
            "envsubst",
            "xmllint",
            "xsltproc",
            "csvcut",
            "mlr",
            "awk",
            "gawk",
            "mawk",
            "nawk",
            "sed",
            "gsed",
            "grep",
            "egrep",
            "fgrep",
            "zgrep",
            "rg",
            "ag",
            "ack",
            "ugrep",
            "base64",
            "base32",
            "basenc",
            "xxd",
            "uudecode",
            "ansible-vault",
            "op")) {
      handlers.put(name, TextCommands::filter);
    }
  }

  private static Content echo(Call call) {
    List<Value> words = new ArrayList<>(call.arguments());
    boolean newline = true;
    boolean escapes = false;
    while (!words.isEmpty() && words.getFirst().text().matches("-[neE]+")) {
      String flags = words.removeFirst().text();
      newline &= flags.indexOf('n') < 0;
      escapes |= flags.indexOf('e') >= 0;
    }
    if (words.isEmpty()) {
      return Content.of(newline ? "\n" : "");
    }
    Value text = WordExpander.join(words);
    String printed = escapes ? unescaped(text.text()) : text.text();
    return new Content(text.taints(), Optional.of(newline ? printed + "\n" : printed));
  }

  private static Content printf(Call call) {
    CommandLine line = CommandLine.of(call.arguments(), Set.of("v"), true);
    if (line.operands().isEmpty()) {
      return Content.EMPTY;
    }
    String format = line.operands().getFirst().text();
    List<Value> values = line.operands().subList(1, line.operands().size());
    StringBuilder out = new StringBuilder();
    int used = 0;
    int rounds = 0;
    do {
      int before = used;
      used = formatted(unescaped(format), values, used, out);
      rounds++;
      if (used == before) {
        break;
      }
    } while (used < values.size() && rounds < 200);
    Taints taints = Variables.taints(line.operands());
    if (format.contains("%b") && values.stream().anyMatch(v -> !v.known())) {
      taints = taints.plus(Taints.SCRAMBLED); // escapes of a text that is not known
    }
    Value text =
        new Value(out.toString(), out.indexOf(String.valueOf(Value.HOLE)) < 0, taints, false);
    line.value("v").ifPresent(name -> call.shell().assign(name.text(), text));
    return line.value("v").isPresent()
        ? Content.EMPTY
        : new Content(taints, Optional.of(out.toString()));
  }

  /// One pass over the format; how many values are used by then.
  private static int formatted(String format, List<Value> values, int from, StringBuilder out) {
    int used = from;
    for (int i = 0; i < format.length(); i++) {
      if (format.charAt(i) != '%' || i + 1 >= format.length()) {
        out.append(format.charAt(i));
        continue;
      }
      int j = i + 1;
      while (j < format.length() && "-+ #0123456789.*".indexOf(format.charAt(j)) >= 0) {
        j++;
      }
      char conversion = j < format.length() ? format.charAt(j) : '%';
      if (conversion == '%') {
        out.append('%');
      } else {
        String value = used < values.size() ? values.get(used).text() : "";
        used++;
        out.append(
            conversion == 'b'
                ? unescaped(value)
                : conversion == 'c' && !value.isEmpty() ? value.substring(0, 1) : value);
      }
      i = j;
    }
    return used;
  }

  /// Escapes of `echo -e`, `printf` and `%b`.
  static String unescaped(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 >= text.length()) {
        out.append(c);
        continue;
      }
      char e = text.charAt(++i);
      int radix = e == 'x' || e == 'u' || e == 'U' ? 16 : e >= '0' && e <= '7' ? 8 : 0;
      if (radix != 0) {
        int start = radix == 16 ? i + 1 : i;
        int most = e == 'x' ? 2 : e == 'u' ? 4 : e == 'U' ? 8 : e == '0' ? 4 : 3;
        int end = start;
        while (end < text.length()
            && end - start < most
            && Character.digit(text.charAt(end), radix) >= 0) {
          end++;
        }
        if (end > start) {
          int code =
              (int)
                  Math.min(
                      Long.parseLong(text.substring(start, end), radix), Character.MAX_CODE_POINT);
          out.appendCodePoint(radix == 8 ? code & 0xFF : code); // octal wraps to a byte
          i = end - 1;
        }
        continue;
      }
      switch (e) {
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'a', 'b', 'f', 'v', 'e', 'E' -> out.append(' ');
        case 'c' -> {
          return out.toString();
        }
        case '\\' -> out.append('\\');
        default -> out.append('\\').append(e);
      }
    }
    return out.toString();
  }

  /// First operand is a program or pattern, not a file.
  private static final Set<String> PATTERN_FIRST =
      Set.of(
          "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "ugrep", "awk", "gawk", "mawk",
          "nawk", "sed", "gsed", "jq", "yq", "xq", "csvcut", "mlr", "tr", "look");

  /// Print numbers or names only.
  private static final Set<String> SUMS =
      Set.of(
          "wc",
          "md5sum",
          "sha1sum",
          "sha256sum",
          "sha512sum",
          "shasum",
          "cksum",
          "file",
          "stat",
          "date",
          "bc",
          "dc",
          "tput",
          "cmp");

  private static final Map<String, Set<String>> WITH_VALUE =
      Map.ofEntries(
          Map.entry(
              "grep",
              Set.of(
                  "e",
                  "f",
                  "A",
                  "B",
                  "C",
                  "m",
                  "include",
                  "exclude",
                  "exclude-dir",
                  "regexp",
                  "file",
                  "max-count",
                  "D",
                  "d")),
          Map.entry(
              "rg",
              Set.of(
                  "e",
                  "f",
                  "A",
                  "B",
                  "C",
                  "m",
                  "g",
                  "t",
                  "T",
                  "glob",
                  "iglob",
                  "type",
                  "regexp",
                  "file",
                  "max-count",
                  "max-depth",
                  "pre",
                  "j",
                  "M",
                  "sort",
                  "r",
                  "replace",
                  "E",
                  "context")),
          Map.entry("sed", Set.of("e", "f", "l", "expression", "file")),
          Map.entry(
              "awk",
              Set.of(
                  "F",
                  "v",
                  "f",
                  "field-separator",
                  "assign",
                  "file",
                  "e",
                  "source",
                  "i",
                  "include",
                  "l",
                  "load")),
          Map.entry("head", Set.of("n", "c", "lines", "bytes")),
          Map.entry("tail", Set.of("n", "c", "lines", "bytes", "s", "pid")),
          Map.entry("cut", Set.of("d", "f", "c", "b", "delimiter", "fields")),
          Map.entry(
              "sort",
              Set.of(
                  "k",
                  "t",
                  "o",
                  "S",
                  "T",
                  "key",
                  "output",
                  "field-separator",
                  "compress-program",
                  "temporary-directory",
                  "files0-from")),
          Map.entry("jq", Set.of("f", "from-file", "indent", "L")),
          Map.entry("base64", Set.of("w", "wrap")),
          Map.entry("xxd", Set.of("l", "s", "c", "g", "o")),
          Map.entry("od", Set.of("A", "t", "N", "j", "w")),
          Map.entry("hexdump", Set.of("e", "f", "n", "s")),
          Map.entry("split", Set.of("a", "b", "C", "l", "n")),
          Map.entry("date", Set.of("d", "s", "I", "date", "set")),
          Map.entry("openssl", Set.of()));

  private static Set<String> withValue(String name) {
    String key =
        switch (name) {
          case "egrep", "fgrep", "zgrep", "ugrep", "ack", "ag" -> "grep";
          case "gawk", "mawk", "nawk" -> "awk";
          case "gsed" -> "sed";
          case "gpg" -> "gpg";
          default -> name;
        };
    return WITH_VALUE.getOrDefault(key, Set.of());
  }

  private static Content filter(Call call) {
    String name = call.name();
    CommandLine line = CommandLine.of(call.arguments(), withValue(name));
    List<Value> operands = new ArrayList<>(line.operands());
    boolean program = PATTERN_FIRST.contains(name);
    boolean given =
        line.has("e", "f", "regexp", "expression", "file", "from-file")
            && program
            && !name.equals("tr");
    if (program && !given && !operands.isEmpty()) {
      operands.removeFirst();
    }
    if (name.equals("tr") || name.equals("openssl")) {
      operands.clear();
    }
    if (name.equals("cut") && line.options().isEmpty() && operands.isEmpty()) {
      return call.in();
    }
    carried(call, line);
    Content read = operands.isEmpty() ? call.in() : Content.EMPTY;
    for (Value operand : operands) {
      boolean standard = Builtins.isStandardInput(operand.text());
      read = read.then(standard ? call.in() : call.shell().read(operand, call.span()));
    }
    for (Value file : line.values("f", "file", "from-file", "files0-from")) {
      boolean isFile = !Set.of("cut", "hexdump").contains(name) || line.has("file");
      if (isFile) {
        call.shell().read(file, call.span());
      }
    }
    special(call, line, operands);
    return transformed(call, line, read);
  }

  /// `man`: its pager, browser and preprocessors are commands.
  private static Content manual(Call call) {
    CommandLine line =
        call.line("P", "pager", "H", "html", "p", "preprocessor", "M", "C", "S", "s");
    for (Value program : line.values("P", "pager", "H", "html")) {
      Archives.carried(call, program);
    }
    return Content.PLAIN;
  }

  /// Options whose value is a command, of tools that filter.
  private static void carried(Call call, CommandLine line) {
    for (Value program : line.values("compress-program", "pre")) {
      call.shell().code(program, Content.PLAIN, call.span());
      if (Interpreters.runsCode(program.text())) {
        call.emit(What.ARGUMENT_EXEC);
      }
    }
    for (Value target : line.values("output")) {
      call.shell().writes(target, call.span());
    }
    if (call.name().equals("sort")) {
      line.value("o").ifPresent(o -> call.shell().writes(o, call.span()));
    }
  }

  private static void special(Call call, CommandLine line, List<Value> operands) {
    switch (call.name()) {
      case "sed", "gsed" -> {
        if (line.has("i", "in-place")
            || call.arguments().stream().anyMatch(a -> a.text().matches("-[nrEsz]*[iI].*"))) {
          operands.forEach(o -> call.shell().writes(o, call.span()));
        }
        scripts(line).forEach(s -> InlineCode.scan("sed", s.text(), new ShellSink(call, "sed")));
      }
      case "awk", "gawk", "mawk", "nawk" -> {
        scripts(line).forEach(s -> InlineCode.scan("awk", s.text(), new ShellSink(call, "awk")));
        if (call.has("inplace")) {
          operands.forEach(o -> call.shell().writes(o, call.span()));
        }
      }
      case "vim", "vi", "view", "emacs" -> editor(call);
      case "op" -> {
        if (call.word(0).equals("read") || call.joined().startsWith("item get")) {
          call.emit(What.SECRET_STORE);
        }
      }
      case "ansible-vault", "sops" -> {
        if (call.hasAny(Set.of("view", "decrypt", "-d", "--decrypt"))) {
          call.emit(What.SECRET_STORE);
        }
      }
      default -> {}
    }
    if (call.name().equals("date")) {
      call.line("f", "file", "r", "reference")
          .values("f", "file")
          .forEach(f -> call.shell().read(f, call.span()));
    }
  }

  /// Editors run commands given as `+cmd`, `-c` and `--cmd`.
  private static void editor(Call call) {
    List<Value> commands =
        new ArrayList<>(call.line("c", "cmd", "S", "eval").values("c", "cmd", "eval"));
    call.arguments().stream()
        .filter(a -> a.text().startsWith("+"))
        .map(a -> a.from(1))
        .forEach(commands::add);
    for (Value command : commands) {
      String text = command.text().strip();
      if (text.matches("(?:silent!?\\s+)?(?:w|wq|wqa|wa|x|xa|up|update|write|exit)!?(?:\\s.*)?")) {
        call.line("c", "cmd", "S", "eval", "u", "T", "s").operands().stream()
            .filter(o -> !o.text().startsWith("+"))
            .forEach(o -> call.shell().writes(o, call.span()));
      }
      int bang = text.indexOf('!');
      if (bang >= 0 && bang <= 12) {
        call.shell().code(command.text(text.substring(bang + 1)), Content.PLAIN, call.span());
        call.emit(What.ARGUMENT_EXEC);
      } else if (text.contains("system(")) {
        InlineCode.scan("awk", "BEGIN{" + text + "}", new ShellSink(call, "awk"));
      }
    }
  }

  private static List<Value> scripts(CommandLine line) {
    List<Value> given = line.values("e", "expression", "source");
    return given.isEmpty() ? line.operands().stream().limit(1).toList() : given;
  }

  private static final int MAX_HEAD = 10_000;

  private static Content transformed(Call call, CommandLine line, Content read) {
    String name = call.name();
    if (SUMS.contains(name)) {
      return name.equals("date") ? Content.of(read.taints()) : Content.PLAIN;
    }
    return switch (name) {
      case "cat", "less", "more", "bat", "batcat", "pv", "view" -> read;
      case "base64", "base32", "basenc" ->
          line.has("d", "D", "decode")
              ? decoded(read, name.equals("base64") ? TextCommands::base64 : t -> Optional.empty())
              : hidden(read);
      case "xxd" -> line.has("r", "revert") ? decoded(read, TextCommands::hex) : hidden(read);
      case "uudecode" -> decoded(read, t -> Optional.empty());
      case "openssl" ->
          call.hasAny(Set.of("-d", "-decrypt"))
              ? decoded(
                  read,
                  call.hasAny(Set.of("-base64", "-a", "base64")) && !call.joined().contains("aes")
                      ? TextCommands::base64
                      : t -> Optional.empty())
              : hidden(opened(call, read));
      case "gpg", "age" ->
          line.has("d", "decrypt") ? decoded(read, t -> Optional.empty()) : hidden(read);
      case "zcat", "gzcat", "bzcat", "xzcat" -> decoded(read, t -> Optional.empty());
      case "rev" -> map(read, t -> lines(t, l -> new StringBuilder(l).reverse().toString()), true);
      case "tac" -> map(read, t -> lines(t, l -> l), false);
      case "tr" -> translated(line, read);
      case "head" ->
          read.text().filter(t -> t.length() < MAX_HEAD && line.options().isEmpty()).isPresent()
              ? read
              : hidden(read);
      case "sed", "gsed" -> substituted(line, read);
      case "grep", "egrep", "fgrep", "sort", "uniq" -> hidden(read);
      case "envsubst" -> read;
      default -> hidden(read);
    };
  }

  /// Files that `openssl` and its kin read by option.
  private static Content opened(Call call, Content read) {
    Content all = read;
    for (int i = 0; i + 1 < call.arguments().size(); i++) {
      if (call.word(i).equals("-in") || call.word(i).equals("-inkey")) {
        all = all.with(call.shell().content(call.arguments().get(i + 1)).taints());
      } else if (call.word(i).equals("-out")) {
        call.shell().writes(call.arguments().get(i + 1), call.span());
        call.shell().remember(call.arguments().get(i + 1), hidden(all), false);
      }
    }
    return all;
  }

  /// The text changes in a way that is not followed.
  private static Content hidden(Content read) {
    return Content.of(read.taints());
  }

  private static Content map(Content read, UnaryOperator<String> how, boolean scrambles) {
    Content out = new Content(read.taints(), read.text().map(how));
    return scrambles && read.text().isEmpty() ? out.with(Taints.SCRAMBLED) : out;
  }

  private static String lines(String text, UnaryOperator<String> how) {
    StringBuilder out = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      out.append(out.isEmpty() ? "" : "\n").append(how.apply(line));
    }
    return out.toString();
  }

  private static Content decoded(
      Content read, java.util.function.Function<String, Optional<String>> decoder) {
    return new Content(read.taints().plus(Taints.DECODED), read.text().flatMap(decoder));
  }

  static Optional<String> base64(String text) {
    try {
      byte[] bytes =
          Base64.getMimeDecoder().decode(text.strip().getBytes(StandardCharsets.ISO_8859_1));
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // no base64: what comes out is unknown
    }
  }

  private static Optional<String> hex(String text) {
    String digits = text.replaceAll("[^0-9A-Fa-f]", "");
    StringBuilder out = new StringBuilder();
    for (int i = 0; i + 1 < digits.length(); i += 2) {
      out.append((char) Integer.parseInt(digits.substring(i, i + 2), 16));
    }
    return Optional.of(out.toString());
  }

  private static Content translated(CommandLine line, Content read) {
    List<Value> sets = line.operands();
    if (read.text().isEmpty() || sets.isEmpty()) {
      boolean rotates =
          sets.size() == 2
              && sets.getFirst().text().matches("(?i).*a-z.*")
              && !sets.get(1).text().matches("(?i)\\[?(a-z|:upper:|:lower:).*|_|-|\\\\n");
      return rotates ? hidden(read).with(Taints.SCRAMBLED) : hidden(read);
    }
    String from = spelled(sets.getFirst().text());
    String to = sets.size() > 1 ? spelled(sets.get(1).text()) : "";
    boolean deletes = line.has("d", "delete");
    StringBuilder out = new StringBuilder();
    for (char c : read.text().get().toCharArray()) {
      int at = from.indexOf(c);
      boolean complement = line.has("c", "C", "complement");
      if (complement ? at >= 0 : at < 0) {
        out.append(c);
      } else if (!deletes && !to.isEmpty()) {
        out.append(to.charAt(complement ? to.length() - 1 : Math.min(at, to.length() - 1)));
      } else if (!deletes) {
        out.append(c);
      }
    }
    return new Content(read.taints(), Optional.of(out.toString()));
  }

  /// A set of `tr` with its ranges and classes written out.
  private static String spelled(String set) {
    String text =
        unescaped(
            set.replace("[:lower:]", "a-z")
                .replace("[:upper:]", "A-Z")
                .replace("[:digit:]", "0-9")
                .replace("[:space:]", " \t\n")
                .replace("[:alnum:]", "a-zA-Z0-9")
                .replace("[:alpha:]", "a-zA-Z"));
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < 2_000; i++) {
      if (i + 2 < text.length()
          && text.charAt(i + 1) == '-'
          && text.charAt(i) <= text.charAt(i + 2)
          && text.charAt(i + 2) - text.charAt(i) < 256) {
        for (char c = text.charAt(i); c <= text.charAt(i + 2); c++) {
          out.append(c);
        }
        i += 2;
      } else {
        out.append(text.charAt(i));
      }
    }
    return out.toString();
  }

  private static final Pattern SUBSTITUTION =
      Pattern.compile("s([/|#,:@])((?:(?!\\1).)*)\\1((?:(?!\\1).)*)\\1([gI]*)");

  /// `sed s/x/y/` over plain text; anything more is not followed.
  private static Content substituted(CommandLine line, Content read) {
    List<Value> scripts = scripts(line);
    if (read.text().isEmpty() || scripts.size() != 1) {
      return hidden(read);
    }
    var matcher = SUBSTITUTION.matcher(scripts.getFirst().text().strip());
    if (!matcher.matches()
        || matcher.group(2).matches(".*[\\\\.*\\[^$+?(].*")
        || matcher.group(3).matches(".*[\\\\&].*")) {
      return hidden(read);
    }
    String text = read.text().get();
    String from = matcher.group(2);
    if (from.isEmpty()) {
      return hidden(read);
    }
    String to = matcher.group(3);
    boolean all = matcher.group(4).indexOf('g') >= 0;
    return new Content(
        read.taints(),
        Optional.of(lines(text, l -> all ? l.replace(from, to) : replacedFirst(l, from, to))));
  }

  private static String replacedFirst(String line, String from, String to) {
    int at = line.indexOf(from);
    return at < 0 ? line : line.substring(0, at) + to + line.substring(at + from.length());
  }
}
