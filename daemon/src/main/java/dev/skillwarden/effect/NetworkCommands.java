package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Commands that talk to the network: what they fetch and what they send.
final class NetworkCommands {
  private NetworkCommands() {}

  static void register(Map<String, Commands.Handler> handlers) {
    handlers.put("curl", NetworkCommands::curl);
    handlers.put("wget", NetworkCommands::wget);
    for (String name : List.of("http", "https", "xh", "xhs", "httpie")) {
      handlers.put(name, NetworkCommands::httpie);
    }
    for (String name : List.of("aria2c", "axel", "fetch", "lwp-download")) {
      handlers.put(name, NetworkCommands::downloader);
    }
    for (String name :
        List.of(
            "lynx",
            "w3m",
            "links",
            "elinks",
            "grpcurl",
            "websocat",
            "wscat",
            "lwp-request",
            "ftp",
            "lftp",
            "tftp",
            "telnet",
            "finger",
            "whois",
            "gsutil",
            "s3cmd",
            "mosquitto_pub",
            "mosquitto_sub",
            "nats",
            "redis-cli",
            "irc")) {
      handlers.put(name, NetworkCommands::client);
    }
    for (String name :
        List.of("nc", "ncat", "netcat", "nc.traditional", "nc.openbsd", "cryptcat", "pwncat")) {
      handlers.put(name, NetworkCommands::netcat);
    }
    handlers.put("socat", NetworkCommands::socat);
    for (String name : List.of("scp", "sftp", "rsync", "rclone")) {
      handlers.put(name, NetworkCommands::transfer);
    }
    for (String name : List.of("mail", "mailx", "mutt", "sendmail", "msmtp", "swaks", "mpack")) {
      handlers.put(name, NetworkCommands::mail);
    }
    for (String name : List.of("dig", "nslookup", "host", "ping", "drill", "kdig")) {
      handlers.put(name, NetworkCommands::lookup);
    }
    for (String name :
        List.of(
            "gh",
            "glab",
            "aws",
            "az",
            "wormhole",
            "croc",
            "transfer",
            "pbcopy",
            "xclip",
            "xsel",
            "wl-copy")) {
      handlers.put(name, NetworkCommands::sender);
    }
  }

  private static final String[] CURL_VALUES = {
    "o",
    "d",
    "F",
    "T",
    "H",
    "X",
    "A",
    "b",
    "c",
    "e",
    "E",
    "K",
    "m",
    "u",
    "U",
    "w",
    "x",
    "y",
    "Y",
    "z",
    "C",
    "D",
    "P",
    "Q",
    "r",
    "t",
    "h",
    "output",
    "data",
    "data-raw",
    "data-binary",
    "data-ascii",
    "data-urlencode",
    "json",
    "form",
    "form-string",
    "upload-file",
    "header",
    "request",
    "user-agent",
    "cookie",
    "cookie-jar",
    "referer",
    "cert",
    "key",
    "cacert",
    "capath",
    "config",
    "max-time",
    "connect-timeout",
    "user",
    "proxy-user",
    "write-out",
    "proxy",
    "retry",
    "retry-delay",
    "retry-max-time",
    "url",
    "output-dir",
    "dump-header",
    "resolve",
    "interface",
    "limit-rate",
    "unix-socket",
    "abstract-unix-socket",
    "url-query",
    "variable",
    "netrc-file",
    "trace",
    "trace-ascii",
    "stderr",
    "range",
    "quote",
    "connect-to",
    "doh-url",
    "max-redirs",
    "proto",
    "proto-default",
    "ciphers",
    "tls-max",
    "speed-limit",
    "speed-time",
    "oauth2-bearer",
    "aws-sigv4",
    "mail-from",
    "mail-rcpt",
    "time-cond",
    "continue-at",
    "request-target",
    "create-file-mode"
  };

  private static Content curl(Call call) {
    CommandLine line = call.line(CURL_VALUES);
    List<Value> urls = new ArrayList<>(line.operands());
    urls.addAll(line.values("url"));
    Content fetched = asks(call, urls);
    for (Value config : line.values("K", "config")) {
      call.shell().read(config, call.span());
    }
    for (Value data :
        line.values(
            "d",
            "data",
            "data-binary",
            "data-ascii",
            "data-urlencode",
            "json",
            "url-query",
            "variable")) {
      sent(call, data);
    }
    for (Value form : line.values("F", "form")) {
      form(call, form);
    }
    for (Value file : line.values("T", "upload-file")) {
      sentFile(call, file);
    }
    for (Value plain :
        line.values(
            "H", "header", "b", "cookie", "u", "user", "data-raw", "form-string", "A", "e")) {
      boolean fromFile = plain.text().startsWith("@");
      if (fromFile) {
        sentFile(call, plain.from(1));
      }
      call.shell().upload(Content.of(plain.taints()), "", call.span());
    }
    urls.forEach(u -> call.shell().upload(Content.of(u.taints()), "", call.span()));
    List<Value> outputs = line.values("o", "output");
    for (Value output : outputs) {
      Value file =
          line.value("output-dir")
              .map(d -> output.text(d.text() + "/" + output.text()))
              .orElse(output);
      if (!output.text().equals("-")) {
        call.shell().deliver(file, fetched, false, call.span());
      }
    }
    boolean named =
        line.has("remote-name", "remote-name-all")
            || line.options().stream().anyMatch(o -> o.name().equals("O"));
    if (named) {
      urls.forEach(u -> remoteName(call, u, line.value("output-dir"), fetched));
    }
    for (Value jar :
        line.values("c", "cookie-jar", "D", "dump-header", "trace", "trace-ascii", "stderr")) {
      call.shell().writes(jar, call.span());
    }
    boolean printed = !named && outputs.stream().allMatch(o -> o.text().equals("-"));
    boolean headOnly = line.has("I", "head");
    return printed ? (headOnly ? Content.PLAIN : fetched) : Content.EMPTY;
  }

  /// Asks URLs: the network, or files of this machine.
  private static Content asks(Call call, List<Value> urls) {
    Content fetched = Content.of(Taints.NETWORK);
    for (Value url : urls) {
      String text = url.text();
      if (Addresses.isMetadata(text)) {
        call.shell().emit(new Effect.Network("metadata", call.span()));
      }
      if (text.toLowerCase(Locale.ROOT).startsWith("file:")) {
        fetched =
            call.shell()
                .read(url.text(text.substring(5).replaceFirst("^//[^/]*", "")), call.span());
      } else {
        call.shell().emit(new Effect.Network(text, call.span()));
      }
    }
    return fetched;
  }

  /// `-d text`, `-d @file`, `name@file`.
  private static void sent(Call call, Value data) {
    int at = data.text().indexOf('@');
    boolean file =
        at == 0 || (at > 0 && data.text().substring(0, at).matches("[A-Za-z_][A-Za-z0-9_]*"));
    if (file) {
      sentFile(call, data.from(at + 1));
    }
    call.shell().upload(Content.of(data.taints()), "", call.span());
  }

  /// `-F name=@file;type=…`, `-F name=<file`, several files joined by commas.
  private static void form(Call call, Value form) {
    int equals = form.text().indexOf('=');
    String value = form.text().substring(equals + 1);
    if (value.startsWith("@") || value.startsWith("<")) {
      for (String part : value.substring(1).split(",", 20)) {
        int end = part.indexOf(';');
        sentFile(
            call, form.text((end < 0 ? part : part.substring(0, end)).replaceAll("^\"|\"$", "")));
      }
    }
    call.shell().upload(Content.of(form.taints()), "", call.span());
  }

  private static void sentFile(Call call, Value file) {
    Content content =
        Builtins.isStandardInput(file.text()) ? call.in() : call.shell().content(file);
    call.shell()
        .upload(content, file.text().equals("-") ? "" : call.shell().resolve(file), call.span());
  }

  private static void remoteName(
      Call call, Value url, java.util.Optional<Value> directory, Content fetched) {
    String path = url.text().replaceFirst("[?#].*", "");
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (!name.isEmpty()) {
      Value file = url.text(directory.map(d -> d.text() + "/").orElse("") + name);
      call.shell().deliver(file, fetched, false, call.span());
    }
  }

  private static Content wget(Call call) {
    CommandLine line =
        call.line(
            "O",
            "o",
            "a",
            "P",
            "U",
            "t",
            "T",
            "e",
            "i",
            "B",
            "w",
            "Q",
            "l",
            "A",
            "R",
            "D",
            "I",
            "X",
            "output-document",
            "output-file",
            "append-output",
            "directory-prefix",
            "post-data",
            "post-file",
            "body-data",
            "body-file",
            "method",
            "header",
            "user-agent",
            "user",
            "password",
            "tries",
            "timeout",
            "execute",
            "input-file",
            "referer",
            "load-cookies",
            "save-cookies",
            "use-askpass",
            "config",
            "level",
            "accept",
            "reject",
            "domains",
            "ca-certificate",
            "certificate",
            "private-key",
            "wait",
            "limit-rate",
            "base");
    Content fetched = asks(call, line.operands());
    for (Value file : line.values("post-file", "body-file")) {
      sentFile(call, file);
    }
    for (Value data :
        line.values("post-data", "body-data", "header", "user-agent", "U", "password")) {
      call.shell().upload(Content.of(data.taints()), "", call.span());
    }
    line.operands().forEach(u -> call.shell().upload(Content.of(u.taints()), "", call.span()));
    for (Value program : line.values("use-askpass")) {
      Archives.carried(call, program);
    }
    var document = line.value("O", "output-document");
    if (document.filter(d -> d.text().equals("-") || d.text().equals("/dev/stdout")).isPresent()) {
      return fetched;
    }
    if (line.has("spider")) {
      return Content.PLAIN;
    }
    if (document.isPresent()) {
      call.shell().deliver(document.get(), fetched, false, call.span());
    } else {
      line.operands()
          .forEach(u -> remoteName(call, u, line.value("P", "directory-prefix"), fetched));
    }
    return Content.EMPTY;
  }

  private static Content httpie(Call call) {
    CommandLine line =
        call.line(
            "o", "a", "A", "output", "auth", "session", "print", "p", "verify", "cert", "proxy",
            "timeout");
    List<Value> operands = line.operands();
    List<Value> urls =
        operands.stream()
            .filter(o -> !o.text().matches("[A-Z]{3,7}") && o.text().indexOf('=') < 0)
            .limit(1)
            .toList();
    Content fetched = asks(call, urls);
    for (Value item : operands) {
      int at = item.text().indexOf('@');
      if (at >= 0 && !urls.contains(item)) {
        sentFile(call, item.from(at + 1));
      }
      call.shell().upload(Content.of(item.taints()), "", call.span());
    }
    call.shell().upload(call.in(), "", call.span());
    var output = line.value("o", "output");
    output.ifPresent(o -> call.shell().deliver(o, fetched, false, call.span()));
    return output.isPresent() ? Content.EMPTY : fetched;
  }

  private static Content downloader(Call call) {
    CommandLine line = call.line("o", "d", "out", "dir", "x", "s", "j", "n", "output", "header");
    Content fetched = asks(call, line.operands());
    var output = line.value("o", "out", "output");
    if (output.filter(o -> o.text().equals("-")).isPresent()) {
      return fetched;
    }
    if (output.isPresent()) {
      Value file =
          line.value("d", "dir")
              .map(d -> output.get().text(d.text() + "/" + output.get().text()))
              .orElse(output.get());
      call.shell().deliver(file, fetched, false, call.span());
    } else {
      line.operands().forEach(u -> remoteName(call, u, line.value("d", "dir"), fetched));
    }
    return Content.EMPTY;
  }

  /// Prints what the network says and sends what it reads.
  private static Content client(Call call) {
    asks(call, call.line().operands());
    call.shell().upload(call.in(), "", call.span());
    call.arguments().forEach(a -> call.shell().upload(Content.of(a.taints()), "", call.span()));
    if (Set.of("gsutil", "s3cmd").contains(call.name())) {
      return sender(call);
    }
    return Content.of(Taints.NETWORK);
  }

  private static Content netcat(Call call) {
    CommandLine line =
        call.line(
            "e",
            "c",
            "g",
            "G",
            "i",
            "o",
            "p",
            "q",
            "s",
            "T",
            "w",
            "W",
            "x",
            "X",
            "exec",
            "sh-exec",
            "lua-exec",
            "proxy",
            "source",
            "source-port",
            "idle-timeout",
            "output",
            "allow",
            "deny",
            "ssl-cert",
            "ssl-key");
    for (Value program : line.values("e", "c", "exec", "sh-exec", "lua-exec")) {
      if (Interpreters.runsCode(program.text()) || program.text().indexOf(' ') >= 0) {
        call.shell().emit(new Effect.ReverseShell(call.span()));
      }
      call.shell().code(program, Content.PLAIN, call.span());
    }
    call.shell()
        .emit(
            new Effect.Network(
                String.join(":", line.operands().stream().map(Value::text).toList()), call.span()));
    call.shell().upload(call.in(), "", call.span());
    return Content.of(Taints.NETWORK);
  }

  private static final Pattern SOCAT_NETWORK =
      Pattern.compile(
          "(?i)(?:tcp|tcp4|tcp6|udp|udp4|udp6|openssl|ssl|sctp|socks|socks4|socks4a|socks5|proxy|vsock|dtls|dccp|fd|ip|tun|udplite)[-a-z0-9]*:.*");
  private static final Pattern SOCAT_PROGRAM = Pattern.compile("(?i)(?:exec|system|shell):(.*)");
  private static final Pattern SOCAT_FILE =
      Pattern.compile("(?i)(?:open|file|gopen|rdonly|creat|create|pipe|fifo):(.*)");

  private static Content socat(Call call) {
    List<Value> addresses = call.line("b", "t", "T", "l", "x").operands();
    boolean network = false;
    List<Value> programs = new ArrayList<>();
    Content read = Content.EMPTY;
    for (Value address : addresses) {
      for (String part : address.text().split("!!", 4)) {
        boolean descriptor = part.toLowerCase(Locale.ROOT).startsWith("fd:");
        network |= SOCAT_NETWORK.matcher(part).matches() && !descriptor;
        network |=
            descriptor
                && call.shell()
                    .isSocket(part.substring(3).replaceFirst("^0x", "").replaceFirst(",.*", ""));
        var program = SOCAT_PROGRAM.matcher(part);
        var file = SOCAT_FILE.matcher(part);
        if (program.matches()) {
          programs.add(address.text(options(program.group(1))));
        } else if (file.matches() || part.startsWith("/") || part.startsWith("./")) {
          String name = options(file.matches() ? file.group(1) : part);
          String directory = part.replaceFirst("(?i)^.*,chdir=([^,]*).*$", "$1");
          String path = directory.equals(part) ? name : directory + "/" + name;
          read = read.then(call.shell().content(address.text(path)));
        } else if (part.equals("-")
            || part.equalsIgnoreCase("stdin")
            || part.equalsIgnoreCase("stdio")) {
          read = read.then(call.in());
        }
      }
    }
    for (Value program : programs) {
      if (network && Interpreters.runsCode(program.text())) {
        call.shell().emit(new Effect.ReverseShell(call.span()));
      }
      Content out =
          call.shell()
              .code(program, network ? Content.of(Taints.NETWORK) : Content.PLAIN, call.span());
      read = read.then(out);
    }
    if (network) {
      call.shell().emit(new Effect.Network("", call.span()));
      call.shell().upload(read, "", call.span());
      return Content.of(Taints.NETWORK);
    }
    return read;
  }

  /// An address without its options and quotes.
  private static String options(String address) {
    boolean quoted = address.startsWith("\"") || address.startsWith("'");
    if (quoted) {
      int close = address.indexOf(address.charAt(0), 1);
      return close < 0 ? address.substring(1) : address.substring(1, close);
    }
    int comma = address.indexOf(',');
    return comma < 0 ? address : address.substring(0, comma);
  }

  private static Content transfer(Call call) {
    CommandLine line =
        switch (call.name()) {
          case "rsync" ->
              call.line(
                  "e",
                  "rsh",
                  "f",
                  "B",
                  "T",
                  "M",
                  "exclude",
                  "include",
                  "rsync-path",
                  "exclude-from",
                  "include-from",
                  "files-from",
                  "filter",
                  "temp-dir",
                  "port",
                  "out-format",
                  "log-file",
                  "bwlimit",
                  "backup-dir",
                  "suffix",
                  "compare-dest",
                  "copy-dest",
                  "link-dest",
                  "chmod",
                  "chown",
                  "timeout",
                  "max-size",
                  "min-size",
                  "password-file",
                  "block-size",
                  "info",
                  "debug",
                  "partial-dir");
          case "rclone" -> call.line("config", "include", "exclude", "transfers", "filter");
          default ->
              call.line("P", "i", "F", "o", "S", "J", "c", "l", "b", "B", "D", "R", "X", "s");
        };
    Executors.sshOptions(call, line.values("o"));
    for (Value program : line.values("e", "rsh", "rsync-path", "S", "D")) {
      Archives.carried(call, program);
    }
    for (Value more : line.values("M", "remote-option")) {
      call.shell().upload(Content.of(more.taints()), "", call.span());
    }
    List<Value> operands = line.operands();
    boolean verb = call.name().equals("rclone") && !operands.isEmpty();
    List<Value> paths = verb ? operands.subList(1, operands.size()) : operands;
    if (paths.isEmpty()) {
      return Content.PLAIN;
    }
    if (call.name().equals("sftp") || paths.size() < 2) {
      call.shell().upload(call.in(), "", call.span());
      return Content.PLAIN;
    }
    Value target = paths.getLast();
    boolean away = isRemote(target.text());
    for (Value source : paths.subList(0, paths.size() - 1)) {
      if (isRemote(source.text())) {
        call.shell().emit(new Effect.Network(source.text(), call.span()));
        if (!away) {
          fetched(call, source, target);
        }
      } else {
        Content content = call.shell().read(source, call.span());
        if (away) {
          call.shell().upload(content, call.shell().resolve(source), call.span());
        } else {
          call.shell().remember(target, content, false);
        }
      }
    }
    boolean dry = line.has("dry-run", "n", "list-only");
    if (!away) {
      call.shell().writes(target, call.span());
      boolean deletes =
          line.options().stream().anyMatch(o -> o.name().startsWith("del"))
              || (call.word(0).equals("sync") && verb);
      if (!dry && deletes) {
        call.shell().delete(target, true, "rsync", call.span());
      }
    }
    if (line.has("remove-source-files") && !dry) {
      paths.subList(0, paths.size() - 1).stream()
          .filter(p -> !isRemote(p.text()))
          .forEach(p -> call.shell().delete(p, true, "rsync", call.span()));
    }
    return Content.PLAIN;
  }

  private static void fetched(Call call, Value source, Value target) {
    Content content = Content.of(Taints.NETWORK);
    String name = source.text().substring(source.text().lastIndexOf('/') + 1);
    call.shell().remember(target, content, false);
    call.shell().remember(target.text(target.text() + "/" + name), content, false);
  }

  /// `host:path`, `user@host:path`, `rsync://…`, and a bare host name as the target of a copy.
  static boolean isRemote(String path) {
    int colon = path.indexOf(':');
    int slash = path.indexOf('/');
    boolean drive =
        colon == 1
            && Character.isLetter(path.charAt(0))
            && path.length() > 2
            && (path.charAt(2) == '/' || path.charAt(2) == '\\');
    return (colon > 0 && (slash < 0 || colon < slash) && !drive) || path.contains("://");
  }

  private static Content mail(Call call) {
    call.shell().upload(call.in(), "", call.span());
    call.line("a", "A", "attach", "s", "c", "b", "r", "t", "body", "header")
        .values("a", "A", "attach", "body")
        .forEach(f -> sentFile(call, f.text().startsWith("@") ? f.from(1) : f));
    call.arguments().forEach(a -> call.shell().upload(Content.of(a.taints()), "", call.span()));
    return Content.PLAIN;
  }

  /// A name looked up tells its owner every part of it.
  private static Content lookup(Call call) {
    call.arguments().forEach(a -> call.shell().upload(Content.of(a.taints()), "", call.span()));
    call.shell()
        .upload(
            call.name().equals("dig") || call.name().equals("nslookup") ? call.in() : Content.EMPTY,
            "",
            call.span());
    return call.name().equals("ping") ? Content.PLAIN : Content.of(Taints.NETWORK);
  }

  /// Tools that put files somewhere others read them, and print tokens.
  private static Content sender(Call call) {
    String all = call.joined();
    boolean sends =
        switch (call.name()) {
          case "gh", "glab" ->
              all.startsWith("gist create")
                  || all.startsWith("snippet create")
                  || all.startsWith("release upload");
          case "aws" -> call.has("s3") && (call.has("cp") || call.has("sync") || call.has("mv"));
          case "gsutil", "s3cmd" -> call.has("cp") || call.has("put") || call.has("rsync");
          case "az" -> call.has("upload");
          case "wormhole", "croc", "transfer" -> true;
          default -> false;
        };
    if (sends) {
      call.shell().upload(call.in(), "", call.span());
      for (Value argument : call.arguments()) {
        boolean local = !argument.text().startsWith("-") && argument.text().indexOf("://") < 0;
        if (local) {
          call.shell()
              .upload(call.shell().content(argument), call.shell().resolve(argument), call.span());
        }
      }
    }
    boolean api = all.startsWith("api ") || (all.contains("s3 cp s3://") && all.endsWith(" -"));
    return api ? Content.of(Taints.NETWORK) : Content.PLAIN;
  }
}
