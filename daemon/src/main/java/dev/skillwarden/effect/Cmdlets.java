package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// PowerShell's own commands, by name and by alias. Programs are judged as in any other shell.
final class Cmdlets {
  private static final Map<String, String> ALIASES = new HashMap<>();

  static {
    alias("remove-item", "rm ri del erase rd rmdir");
    alias("copy-item", "cp cpi copy");
    alias("move-item", "mv mi move");
    alias("rename-item", "ren rni");
    alias("get-content", "cat gc type");
    alias("set-content", "sc");
    alias("add-content", "ac");
    alias("clear-content", "clc");
    alias("new-item", "ni mkdir md");
    alias("get-childitem", "ls dir gci");
    alias("set-location", "cd sl chdir pushd push-location");
    alias("invoke-expression", "iex");
    alias("invoke-webrequest", "iwr curl wget invoke-restmethod irm");
    alias("start-process", "saps start");
    alias("invoke-command", "icm start-job sajb start-threadjob");
    alias("foreach-object", "% foreach");
    alias("where-object", "? where");
    alias("write-output", "echo write");
    alias("stop-process", "kill spps");
    alias("set-itemproperty", "sp new-itemproperty");
    alias("tee-object", "tee");
    alias("select-object", "select sort sort-object select-string sls measure-object out-string");
  }

  private static void alias(String name, String aliases) {
    for (String alias : aliases.split(" ", -1)) {
      ALIASES.put(alias, name);
    }
  }

  private Cmdlets() {}

  /// Empty when the command is none of PowerShell's own.
  static Optional<Content> run(Call call) {
    String given = call.name().replaceFirst("^[a-z0-9.]+\\\\", "");
    if (given.startsWith("[") || given.startsWith(".")) {
      return Optional.of(DotNet.run(call, given));
    }
    if (given.startsWith("{")) {
      return Optional.of(block(call, Value.of(given), call.in()));
    }
    String name = ALIASES.getOrDefault(given, given);
    if (name.indexOf('-') < 0) {
      return Optional.empty();
    }
    Parameters parameters = Parameters.of(call.arguments());
    if (parameters.has("whatif")) {
      return Optional.of(Content.PLAIN);
    }
    return Optional.ofNullable(run(call, name, parameters));
  }

  private static @org.jspecify.annotations.Nullable Content run(
      Call call, String name, Parameters p) {
    return switch (name) {
      case "remove-item" -> remove(call, p);
      case "copy-item", "move-item", "rename-item" -> copy(call, name, p);
      case "get-content" -> read(call, p);
      case "set-content", "add-content", "out-file", "clear-content", "new-item", "tee-object" ->
          write(call, name, p);
      case "get-childitem", "resolve-path", "get-item" -> list(p);
      case "set-location" -> {
        p.value("path", 0).ifPresent(call.shell()::changeDirectory);
        yield Content.EMPTY;
      }
      case "invoke-expression" -> evaluate(call, p);
      case "invoke-webrequest", "start-bitstransfer" -> fetch(call, p);
      case "start-process" -> start(call, p);
      case "invoke-command", "foreach-object", "where-object" -> blocks(call, p);
      case "write-output", "write-host" -> written(call);
      case "select-object", "format-table", "convertto-json", "out-null", "out-host" -> call.in();
      case "stop-process" -> unix(call, "kill", call.arguments());
      case "set-itemproperty" -> registry(call, p);
      case "new-object" -> created(call, p);
      default -> system(call, name);
    };
  }

  private static Content unix(Call call, String name, List<Value> arguments) {
    List<Value> words = new ArrayList<>();
    words.add(Value.of(name));
    words.addAll(arguments);
    return call.shell().program(words, call.in(), call.span());
  }

  private static Content remove(Call call, Parameters p) {
    List<Value> paths = new ArrayList<>(p.values("path", "literalpath"));
    if (paths.isEmpty()) {
      paths.addAll(lines(call.in()));
    }
    boolean recursive = p.has("recurse");
    for (Value path : paths) {
      if (isRegistry(path.text())) {
        call.emit(What.SYSTEM_SETTING);
      } else {
        call.shell().delete(path, recursive || path.text().endsWith("/*"), "rm", call.span());
      }
    }
    return Content.EMPTY;
  }

  private static List<Value> lines(Content in) {
    return in.text().stream()
        .flatMap(String::lines)
        .map(String::strip)
        .filter(l -> !l.isEmpty())
        .limit(64)
        .map(in.value()::text)
        .toList();
  }

  private static Content copy(Call call, String name, Parameters p) {
    List<Value> from = new ArrayList<>(p.values("path", "literalpath"));
    Optional<Value> to = p.value("destination").or(() -> p.value("newname"));
    if (to.isEmpty() && from.size() > 1) {
      to = Optional.of(from.removeLast());
    }
    if (from.isEmpty()) {
      from.addAll(lines(call.in()));
    }
    for (Value source : from) {
      to.ifPresent(t ->
          unix(
              call,
              name.equals("copy-item") ? "cp" : "mv",
              name.equals("copy-item") ? List.of(Value.of("-r"), source, t) : List.of(source, t)));
    }
    return Content.EMPTY;
  }

  private static Content read(Call call, Parameters p) {
    Content out = Content.EMPTY;
    for (Value path : p.values("path", "literalpath")) {
      out = out.then(call.shell().read(path, call.span()));
    }
    return out;
  }

  private static Content write(Call call, String name, Parameters p) {
    Optional<Value> path =
        p.value("filepath").or(() -> p.value("literalpath")).or(() -> p.value("path", 0));
    int second = p.value("path").isPresent() || p.value("filepath").isPresent() ? 0 : 1;
    Content content =
        p.value("value", second)
            .map(Content::of)
            .or(() -> p.value("inputobject").map(Content::of))
            .orElse(call.in());
    boolean append = name.equals("add-content") || p.has("append");
    Optional<Value> name2 = name.equals("new-item") ? p.value("name") : Optional.empty();
    path.ifPresent(t -> {
      Value target = name2.map(n -> t.text(t.text() + "/" + n.text())).orElse(t);
      if (isRegistry(target.text())) {
        call.emit(What.SYSTEM_SETTING);
      } else {
        call.shell().deliver(target, content, append, call.span());
      }
    });
    return name.equals("tee-object") ? call.in() : Content.EMPTY;
  }

  private static Content list(Parameters p) {
    List<Value> paths = p.values("path", "literalpath");
    Value root = paths.isEmpty() ? Value.of(".") : paths.getFirst();
    boolean narrow = p.value("filter").isPresent() || p.value("include").isPresent();
    String text = root.text();
    String below = text.endsWith("*") ? text : text + (narrow ? "/" + Value.HOLE : "/*");
    return Content.of(root.text(below));
  }

  private static Content evaluate(Call call, Parameters p) {
    Optional<Value> code = p.value("command", 0);
    Value text = code.orElseGet(() -> call.in().value());
    return call.shell().powerShell(text, call.in(), call.span());
  }

  private static Content fetch(Call call, Parameters p) {
    Optional<Value> url = p.value("uri").or(() -> p.value("source")).or(() -> p.value("url", 0));
    Value address = url.orElse(Value.unknown(Taints.NONE));
    Optional<Value> file = p.value("outfile").or(() -> p.value("destination"));
    Optional<Value> sent = p.value("body").or(() -> p.value("infile"));
    if (sent.isPresent()) {
      boolean isFile = p.value("infile").isPresent();
      Content content = isFile ? call.shell().content(sent.get()) : Content.of(sent.get());
      call.shell().upload(content, isFile ? call.shell().resolve(sent.get()) : "", call.span());
    }
    List<Value> words = new ArrayList<>();
    file.ifPresent(f -> words.addAll(List.of(Value.of("-o"), f)));
    words.add(address);
    Content out = unix(call, "curl", words);
    return file.isPresent() ? Content.EMPTY : out.with(Taints.NETWORK);
  }

  private static Content start(Call call, Parameters p) {
    List<Value> words = new ArrayList<>();
    p.value("filepath", 0).ifPresent(words::add);
    p.value("argumentlist")
        .ifPresent(a -> {
          for (String word : a.text().strip().split("\\s+", 200)) {
            words.add(a.text(word));
          }
        });
    p.positional().stream().skip(p.value("filepath").isPresent() ? 0 : 1).forEach(words::add);
    if (p.value("verb").filter(v -> v.text().equalsIgnoreCase("runas")).isPresent()) {
      call.emit(What.PRIVILEGE);
    }
    return words.isEmpty() ? Content.PLAIN : call.shell().command(words, call.in(), call.span());
  }

  private static Content blocks(Call call, Parameters p) {
    Content out = call.in();
    List<Value> items = new ArrayList<>(lines(call.in()));
    if (items.isEmpty()) {
      items.add(call.in().value());
    }
    for (Value argument : call.arguments()) {
      if (argument.text().startsWith("{")) {
        for (Value item : items.subList(0, Math.min(8, items.size()))) {
          call.shell().assign("_", item);
          out = out.or(block(call, argument, call.in()));
        }
      }
    }
    p.value("filepath")
        .ifPresent(f -> call.shell().command(List.of(f), Content.PLAIN, call.span()));
    return out;
  }

  private static Content block(Call call, Value block, Content in) {
    String text = block.text();
    int end = text.endsWith("}") ? text.length() - 1 : text.length();
    return call.shell().powerShell(block.text(text.substring(1, end)), in, call.span());
  }

  private static Content written(Call call) {
    return call.arguments().isEmpty() ? call.in() : Content.of(WordExpander.join(call.arguments()));
  }

  private static boolean isRegistry(String path) {
    return path.matches("(?i)(?:registry::)?hk(?:lm|cu|cr|u|cc|ey_[a-z_]+)[:\\\\].*");
  }

  private static Content registry(Call call, Parameters p) {
    boolean registry = p.values("path", "literalpath").stream().anyMatch(v -> isRegistry(v.text()));
    if (registry) {
      call.emit(What.SYSTEM_SETTING);
    }
    return Content.EMPTY;
  }

  private static Content created(Call call, Parameters p) {
    String type = p.value("typename", 0).map(Value::text).orElse("").toLowerCase(Locale.ROOT);
    boolean socket = type.contains("sockets.");
    if (socket) {
      call.shell().emit(new Effect.Network(call.joined(), call.span()));
    }
    return Content.of(socket ? Taints.NETWORK : Taints.NONE);
  }

  private static @org.jspecify.annotations.Nullable Content system(Call call, String name) {
    switch (name) {
      case "stop-computer", "restart-computer" -> call.emit(What.POWER);
      case "format-volume", "clear-disk", "initialize-disk", "remove-partition", "set-disk" ->
          call.shell().emit(new Effect.DiskWrite(call.joined(), call.span()));
      case "register-scheduledtask", "set-scheduledtask" -> call.emit(What.SCHEDULED);
      case "new-service",
          "set-mppreference",
          "add-mppreference",
          "disable-windowsoptionalfeature",
          "remove-service" ->
          call.emit(What.SYSTEM_SETTING);
      case "new-netfirewallrule", "set-netfirewallprofile", "disable-netfirewallrule" ->
          call.emit(What.FIREWALL);
      case "new-localuser", "add-localgroupmember", "set-localuser", "enable-localuser" ->
          call.emit(What.ACCOUNTS);
      case "get-secret",
          "convertfrom-securestring",
          "get-azkeyvaultsecret",
          "get-storedcredential" ->
          call.emit(What.SECRET_STORE);
      case "stop-service", "set-service", "unregister-scheduledtask" -> {
        if (call.joined().toLowerCase(Locale.ROOT).contains("skillwarden")) {
          call.emit(What.GUARD_CONTROL);
        }
      }
      default -> {
        blocks(call, Parameters.of(call.arguments()));
        return null;
      }
    }
    return Content.PLAIN;
  }

  /// Methods of .NET that are called by name.
  private static final class DotNet {
    private static final Set<String> NETWORK =
        Set.of(".downloadstring", ".downloaddata", ".getstringasync", ".getasync", ".openread");

    static Content run(Call call, String name) {
      String method =
          name.substring(name.lastIndexOf(name.startsWith("[") ? "::" : ".") + 1)
              .replaceFirst("^:", "");
      List<Value> arguments = call.arguments();
      Value first = arguments.isEmpty() ? Value.unknown(Taints.NONE) : arguments.getFirst();
      if (NETWORK.contains(name)) {
        return unix(call, "curl", List.of(first)).with(Taints.NETWORK);
      }
      if (name.equals(".downloadfile") && arguments.size() > 1) {
        return unix(call, "curl", List.of(Value.of("-o"), arguments.get(1), first));
      }
      if (name.startsWith(".upload")) {
        Value sent = arguments.isEmpty() ? first : arguments.getLast();
        call.shell()
            .upload(Content.of(sent).with(call.shell().content(sent).taints()), "", call.span());
        return Content.of(Taints.NETWORK);
      }
      if (name.startsWith("[") && (name.contains("file]") || name.contains("directory]"))) {
        return file(call, method, arguments, first);
      }
      return switch (method) {
        case "frombase64string" -> decoded(first);
        case "getstring",
            "tostring",
            "trim",
            "join",
            "invoke",
            "create",
            "readtoend",
            "expandenvironmentvariables" ->
            method.equals("invoke") || method.equals("create")
                ? invoked(call, name, first)
                : arguments.isEmpty() ? call.in() : Content.of(WordExpander.join(arguments));
        case "start" ->
            name.contains("process]")
                ? call.shell().command(arguments, Content.PLAIN, call.span())
                : call.in();
        case "getenvironmentvariable" -> Content.PLAIN;
        default ->
            Content.of(
                call.in()
                    .taints()
                    .plus(arguments.stream().map(Value::taints).reduce(Taints.NONE, Taints::plus)));
      };
    }

    private static Content invoked(Call call, String name, Value first) {
      if (name.equals("[scriptblock]::create")) {
        return call.shell().powerShell(first, Content.PLAIN, call.span());
      }
      return call.in();
    }

    private static Content file(Call call, String method, List<Value> arguments, Value first) {
      String span = call.span();
      switch (method) {
        case "delete" -> call.shell().delete(first, arguments.size() > 1, "rm", span);
        case "writealltext", "writealllines", "writeallbytes", "appendalltext", "create" ->
            call.shell()
                .deliver(
                    first,
                    arguments.size() > 1 ? Content.of(arguments.get(1)) : Content.PLAIN,
                    method.startsWith("append"),
                    span);
        case "copy" -> unix(call, "cp", arguments);
        case "move" -> unix(call, "mv", arguments);
        case "readalltext", "readalllines", "readallbytes", "openread", "opentext" -> {
          return call.shell().read(first, span);
        }
        default -> {}
      }
      return Content.PLAIN;
    }

    private static Content decoded(Value text) {
      Taints taints = text.taints().plus(Taints.DECODED);
      if (!text.known()) {
        return Content.of(taints);
      }
      try {
        byte[] bytes = Base64.getMimeDecoder().decode(text.text().strip());
        boolean wide = bytes.length > 1 && bytes[1] == 0;
        return new Content(
            taints,
            Optional.of(
                new String(bytes, wide ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException e) {
        return Content.of(taints); // no Base64
      }
    }
  }
}
