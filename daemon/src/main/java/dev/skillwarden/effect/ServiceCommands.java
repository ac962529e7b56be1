package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Commands that delete, stop or open something in a service: a database, a cloud, a cluster. They
/// are told as [Effect.Service]; the policy's packs decide what comes of it.
final class ServiceCommands {
  /// Programs whose arguments or input are SQL, with the options that hold it.
  private static final Set<String> SQL_CLIENTS =
      Set.of(
          "psql",
          "pgcli",
          "mysql",
          "mariadb",
          "mycli",
          "sqlite3",
          "sqlite",
          "litecli",
          "sqlcmd",
          "usql",
          "sqlplus",
          "duckdb",
          "cockroach",
          "clickhouse-client",
          "clickhouse",
          "bq",
          "snowsql",
          "cqlsh",
          "trino",
          "presto",
          "hive",
          "beeline",
          "spark-sql",
          "impala-shell",
          "isql",
          "osql",
          "tsql",
          "mssql-cli",
          "vsql",
          "db2",
          "pscale",
          "turso",
          "wrangler",
          "supabase");

  private static final Set<String> SQL_OPTIONS =
      Set.of("c", "e", "q", "Q", "command", "execute", "query", "eval", "sql");
  private static final Set<String> HARMLESS =
      Set.of("--help", "--dry-run", "--dryrun", "--dry-run=client", "--dry-run=server");
  private static final Set<String> NEAR_VERBS =
      Set.of("get", "list", "ls", "describe", "show", "help", "plan", "diff");
  private static final int NEAR = 5;

  private ServiceCommands() {}

  static void judge(Call call) {
    boolean version = call.arguments().size() == 1 && call.has("--version");
    if (version || call.hasAny(HARMLESS)) {
      return;
    }
    for (ServiceTable.Row row : ServiceTable.of(call.name())) {
      if (!row.what().isEmpty() && matches(row.words(), call)) {
        call.shell().emit(new Effect.Service(row.pack(), row.what(), call.span()));
        break;
      }
    }
    if (SQL_CLIENTS.contains(call.name())) {
      sql(call);
    }
    switch (call.name()) {
      case "sqlite3", "sqlite" ->
          CommandLine.of(call.arguments(), SQL_OPTIONS).operands().stream()
              .limit(1)
              .forEach(file -> call.shell().read(file, call.span()));
      case "mongo", "mongosh", "mongos" -> mongo(call);
      case "curl", "wget", "curlie" -> web(call);
      case "socat", "nc", "ncat" -> socket(call);
      case "drop", "delete", "truncate", "grant", "alter", "update" ->
          told(call, SqlText.destroys(call.name() + " " + call.joined()), Effect.Pack.DATABASE);
      case "scp", "sftp", "rsync" -> copied(call);
      default -> {}
    }
  }

  private static void told(Call call, Optional<String> what, Effect.Pack pack) {
    what.ifPresent(w -> call.shell().emit(new Effect.Service(pack, w, call.span())));
  }

  /// Operands, the value of an option among them: which options take one is not known here.
  private static boolean matches(List<ServiceTable.Word> words, Call call) {
    List<String> arguments = call.arguments().stream().map(Value::text).toList();
    int at = 0;
    boolean first = true;
    for (ServiceTable.Word word : words) {
      switch (word.where()) {
        case NEXT -> {
          at = first ? firstOperand(arguments, word) : next(arguments, at, word, 3);
          first = false;
        }
        case NEAR -> {
          at = next(arguments, at, word, NEAR);
          first = false;
        }
        case ANYWHERE -> {
          boolean found = arguments.stream().anyMatch(a -> word.matches(a) || letters(word, a));
          at = found ? at : -1;
        }
        case NOWHERE -> at = arguments.stream().anyMatch(word::matches) ? -1 : at;
      }
      if (at < 0) {
        return false;
      }
    }
    return true;
  }

  /// `-vf` holds `-f`.
  private static boolean letters(ServiceTable.Word word, String argument) {
    return argument.matches("-[A-Za-z]{2,6}")
        && word.patterns().stream()
            .anyMatch(p ->
                p.matches("-[a-z]") && argument.toLowerCase(Locale.ROOT).indexOf(p.charAt(1)) > 0);
  }

  /// Index after the first operand when it is the word, options and their values in front of it.
  private static int firstOperand(List<String> arguments, ServiceTable.Word word) {
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i);
      if (word.matches(text)) {
        return i + 1;
      }
      boolean option = text.startsWith("-") || text.indexOf('=') > 0;
      boolean value =
          i > 0 && arguments.get(i - 1).startsWith("-") && arguments.get(i - 1).indexOf('=') < 0;
      if (!option && !value) {
        return -1;
      }
    }
    return -1;
  }

  /// Index after the word among the next operands.
  private static int next(List<String> arguments, int from, ServiceTable.Word word, int within) {
    int seen = 0;
    for (int i = from; i < arguments.size() && seen < within; i++) {
      String text = arguments.get(i);
      if (word.matches(text)) {
        return i + 1;
      }
      if (NEAR_VERBS.contains(text.toLowerCase(Locale.ROOT)) && seen < 3) {
        return -1; // what follows is a name
      }
      seen += text.startsWith("-") ? 0 : 1;
    }
    return -1;
  }

  private static void sql(Call call) {
    List<Value> texts = new ArrayList<>();
    CommandLine line = CommandLine.of(call.arguments(), SQL_OPTIONS);
    texts.addAll(line.values(SQL_OPTIONS.toArray(String[]::new)));
    texts.addAll(line.operands());
    call.in().text().map(Value::of).ifPresent(texts::add);
    for (Value file : line.values("f", "file", "i")) {
      call.shell().content(file).text().map(Value::of).ifPresent(texts::add);
    }
    texts.stream()
        .map(t -> SqlText.destroys(t.text()))
        .flatMap(Optional::stream)
        .findFirst()
        .ifPresent(w -> told(call, Optional.of(w), Effect.Pack.DATABASE));
  }

  private static final Pattern MONGO =
      Pattern.compile(
          "\\.(?:dropDatabase|drop|dropIndexes|dropAllUsersFromDatabase|dropUser|remove|deleteMany|deleteOne"
              + "|findOneAndDelete|renameCollection|shutdownServer|updateMany)\\s*\\(");

  private static void mongo(Call call) {
    String text = call.joined() + "\n" + call.in().text().orElse("");
    if (MONGO.matcher(text).find()) {
      told(call, Optional.of("deletes or changes documents"), Effect.Pack.DATABASE);
    }
  }

  private static final Pattern WEB_PATH =
      Pattern.compile(
          ".*(?:_delete_by_query|delete-batch|_cluster/settings|/_close\\b|/_forcemerge|[/_]purge\\b|/destroy\\b).*");

  /// `curl -X DELETE`.
  private static void web(Call call) {
    CommandLine line =
        call.line("X", "request", "method", "d", "data", "H", "header", "o", "output");
    boolean deletes =
        line.values("X", "request", "method").stream()
            .anyMatch(m -> m.text().equalsIgnoreCase("DELETE"));
    boolean changes =
        line.has("X", "request", "d", "data")
            && line.operands().stream().anyMatch(o -> WEB_PATH.matcher(o.text()).matches());
    if (deletes || changes) {
      told(call, Optional.of("deletes something by its address"), Effect.Pack.SAAS);
    }
  }

  private static final Pattern BALANCER =
      Pattern.compile("(?s).*\\b(?:disable|shutdown|set server|del|clear|set maxconn)\\b.*");

  /// Commands to a load balancer's socket.
  private static void socket(Call call) {
    boolean local = call.arguments().stream().anyMatch(a -> a.text().matches(".*\\.sock\\b.*"));
    boolean stops = call.in().text().filter(t -> BALANCER.matcher(t).matches()).isPresent();
    if (local && stops) {
      told(call, Optional.of("takes a server out of a load balancer"), Effect.Pack.CLOUD);
    }
  }

  private static final Pattern REMOTE_SYSTEM =
      Pattern.compile("[^/:]+:/(?:$|(?:etc|bin|sbin|boot|lib|lib32|lib64|usr|root|var)(?:/.*)?)");

  /// Files copied into the system of another machine.
  private static void copied(Call call) {
    List<Value> operands =
        call.line("e", "rsh", "i", "P", "o", "F", "c", "J", "l", "exclude", "include").operands();
    if (operands.size() > 1 && REMOTE_SYSTEM.matcher(operands.getLast().text()).matches()) {
      told(call, Optional.of("writes into the system of another machine"), Effect.Pack.CLOUD);
    }
  }
}
