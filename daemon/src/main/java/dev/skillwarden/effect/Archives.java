package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Archivers and compressors: what goes in comes out under another name.
final class Archives {
  private Archives() {}

  static void register(Map<String, Commands.Handler> handlers) {
    for (String name : List.of("tar", "gtar", "bsdtar")) {
      handlers.put(name, Archives::tar);
    }
    for (String name : List.of("zip", "7z", "7za", "7zz", "rar", "ar", "jar")) {
      handlers.put(name, Archives::packed);
    }
    for (String name :
        List.of(
            "gzip",
            "gunzip",
            "bzip2",
            "bunzip2",
            "xz",
            "unxz",
            "zstd",
            "unzstd",
            "lz4",
            "lzma",
            "brotli",
            "compress",
            "uncompress",
            "pigz")) {
      handlers.put(name, Archives::compressed);
    }
    handlers.put("unzip", Archives::unzip);
    handlers.put("cpio", call -> call.in());
  }

  private static final Set<String> TAR_VALUES =
      Set.of(
          "f",
          "C",
          "T",
          "X",
          "b",
          "g",
          "H",
          "I",
          "K",
          "L",
          "N",
          "V",
          "F",
          "file",
          "directory",
          "files-from",
          "exclude",
          "exclude-from",
          "transform",
          "xform",
          "to-command",
          "use-compress-program",
          "checkpoint-action",
          "info-script",
          "new-volume-script",
          "rsh-command",
          "rmt-command",
          "owner",
          "group",
          "mode",
          "strip-components",
          "format",
          "newer",
          "suffix",
          "warning",
          "add-file");

  private static Content tar(Call call) {
    List<Value> arguments = new ArrayList<>();
    call.shell().variables().alternatives("TAR_OPTIONS").forEach(o -> arguments.addAll(words(o)));
    List<Value> given = new ArrayList<>(call.arguments());
    if (!given.isEmpty()
        && given.getFirst().text().matches("[A-Za-z]{1,12}")
        && !given.getFirst().text().contains(".")) {
      // The old form: letters without a dash, their values after it in order.
      given.set(0, given.getFirst().text("-" + given.getFirst().text()));
    }
    arguments.addAll(given);
    CommandLine line = CommandLine.of(arguments, TAR_VALUES);
    for (Value program :
        line.values(
            "I",
            "to-command",
            "use-compress-program",
            "info-script",
            "F",
            "new-volume-script",
            "rsh-command",
            "rmt-command")) {
      carried(call, program);
    }
    for (Value action : line.values("checkpoint-action")) {
      if (action.text().startsWith("exec=")) {
        call.emit(What.ARGUMENT_EXEC);
        call.shell().code(action.from(5), Content.PLAIN, call.span());
      }
    }
    boolean creates = line.has("c", "create", "r", "append", "u", "update", "A");
    boolean extracts = line.has("x", "extract", "get");
    Value file =
        line.value("f", "file")
            .or(() -> call.shell().variables().get("TAPE"))
            .orElse(Value.of("-"));
    List<Value> files = new ArrayList<>(line.operands());
    files.addAll(line.values("add-file"));
    if (extracts) {
      Content archive = isStandard(file) ? call.in() : call.shell().content(file);
      Value directory = line.value("C", "directory").orElse(Value.of("."));
      call.shell().writes(directory.text(directory.text() + "/" + Value.HOLE), call.span());
      if (archive.taints().network()) {
        call.shell().remember(directory, Content.of(Taints.NETWORK), false);
      }
      return line.has("O", "to-stdout") ? Content.of(archive.taints()) : Content.EMPTY;
    }
    if (!creates) {
      return Content.PLAIN;
    }
    Taints taints = Taints.NONE;
    for (Value value : files) {
      Value inside =
          line.value("C", "directory")
              .filter(d -> !value.text().startsWith("/"))
              .map(d -> value.text(d.text() + "/" + value.text()))
              .orElse(value);
      taints = taints.plus(call.shell().read(inside, call.span()).taints());
    }
    Content out = Content.of(taints);
    if (line.has("remove-files")) {
      files.forEach(f -> call.shell().delete(f, true, "rm", call.span()));
    }
    if (isStandard(file)) {
      return out;
    }
    if (file.text().matches("[^/]+:.*") && !line.has("force-local")) {
      call.shell().upload(out, "", call.span()); // another machine's tape
    } else {
      call.shell().deliver(file, out, false, call.span());
    }
    return Content.EMPTY;
  }

  /// An option whose value is a program: judged as one, and told when it is no compressor.
  static void carried(Call call, Value program) {
    if (Interpreters.runsCode(program.text())) {
      call.emit(What.ARGUMENT_EXEC);
    }
    call.shell().code(program, Content.PLAIN, call.span());
  }

  private static List<Value> words(Value text) {
    List<Value> words = new ArrayList<>();
    for (String word : text.text().strip().split("\\s+", 100)) {
      if (!word.isEmpty()) {
        words.add(text.text(word));
      }
    }
    return words;
  }

  private static boolean isStandard(Value file) {
    return file.text().equals("-")
        || file.text().equals("/dev/stdout")
        || file.text().equals("/dev/stdin");
  }

  private static Content packed(Call call) {
    List<Value> operands =
        call.line("x", "i", "P", "p", "o", "b", "TT", "unzip-command").operands();
    if (call.name().equals("zip")) {
      for (int i = 0; i < call.arguments().size(); i++) {
        if (call.word(i).equals("-TT") || call.word(i).startsWith("--unzip-command")) {
          carried(
              call,
              call.word(i).contains("=")
                  ? call.arguments().get(i).from(call.word(i).indexOf('=') + 1)
                  : call.after(i + 1).stream().findFirst().orElse(Value.of("")));
        }
      }
    } else if (!operands.isEmpty()) {
      operands = operands.subList(1, operands.size()); // the verb
    }
    if (operands.isEmpty()) {
      return Content.PLAIN;
    }
    Value archive = operands.getFirst();
    Taints taints = Taints.NONE;
    for (Value file : operands.subList(1, operands.size())) {
      taints = taints.plus(call.shell().read(file, call.span()).taints());
    }
    if (isStandard(archive)) {
      return Content.of(taints);
    }
    call.shell().writes(archive, call.span());
    call.shell().remember(archive, Content.of(taints), false);
    if (archive.text().indexOf('.') < 0) {
      call.shell()
          .remember(archive.text(archive.text() + "." + call.name()), Content.of(taints), false);
    }
    return Content.EMPTY;
  }

  private static Content unzip(Call call) {
    CommandLine line = call.line("d", "x", "P");
    Taints taints =
        line.operands().stream()
            .limit(1)
            .map(o -> call.shell().content(o).taints())
            .findFirst()
            .orElse(Taints.NONE);
    if (line.has("p", "c")) {
      return Content.of(taints);
    }
    Value directory = line.value("d").orElse(Value.of("."));
    call.shell().writes(directory.text(directory.text() + "/" + Value.HOLE), call.span());
    if (taints.network()) {
      call.shell().remember(directory, Content.of(Taints.NETWORK), false);
    }
    return Content.EMPTY;
  }

  private static final Map<String, String> SUFFIXES =
      Map.of(
          "gzip",
          ".gz",
          "pigz",
          ".gz",
          "bzip2",
          ".bz2",
          "xz",
          ".xz",
          "zstd",
          ".zst",
          "lz4",
          ".lz4",
          "lzma",
          ".lzma",
          "brotli",
          ".br",
          "compress",
          ".Z");

  private static Content compressed(Call call) {
    CommandLine line = call.line("S", "suffix", "o", "T", "output");
    boolean opens =
        line.has("d", "decompress", "uncompress")
            || call.name().startsWith("un")
            || call.name().equals("gunzip")
            || call.name().equals("bunzip2");
    String suffix =
        line.value("S", "suffix")
            .map(Value::text)
            .orElse(SUFFIXES.getOrDefault(call.name(), ".gz"));
    if (line.operands().isEmpty()) {
      return opens
          ? Content.of(call.in().taints().plus(Taints.DECODED))
          : Content.of(call.in().taints());
    }
    Content out = Content.EMPTY;
    for (Value file : line.operands()) {
      Content content = Content.of(call.shell().read(file, call.span()).taints());
      Content now = opens ? content.with(Taints.DECODED) : content;
      String name = file.text();
      int dot = name.lastIndexOf('.');
      Value target =
          line.value("o", "output")
              .orElse(
                  file.text(
                      opens ? name.substring(0, dot > 0 ? dot : name.length()) : name + suffix));
      if (line.has("c", "stdout", "to-stdout")) {
        out = out.then(now);
      } else {
        call.shell().remember(target, now, false);
      }
    }
    return out;
  }
}
