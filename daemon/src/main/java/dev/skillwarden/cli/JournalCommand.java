package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import dev.skillwarden.journal.EntryCodec;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.journal.JournalStats;
import dev.skillwarden.journal.Pseudonyms;
import dev.skillwarden.journal.ReadReport;
import dev.skillwarden.journal.StoredEntry;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `skillwarden journal`: reads the journal, with or without a running daemon.
@Command(
    name = "journal",
    description = "Show what was decided, and how often.",
    mixinStandardHelpOptions = true)
public final class JournalCommand implements Callable<Integer> {
  private static final int NOTHING_TO_READ = 2;
  private static final int IO_ERROR = 4;

  @Spec private CommandSpec spec;

  private final InstantSource clock;
  private final String account;

  /// @param account login name of the user, for `--mine`
  public JournalCommand(InstantSource clock, String account) {
    this.clock = clock;
    this.account = account;
  }

  /// The command with its subcommands, ready to be added to the main one.
  public CommandLine commandLine() {
    return new CommandLine(this)
        .addSubcommand("show", new Show())
        .addSubcommand("stats", new Stats())
        .addSubcommand("verify", new JournalVerifyCommand())
        .addSubcommand("export", new JournalExportCommand(clock))
        .addSubcommand("pseudonym", new Pseudonym())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /// Without a subcommand there is nothing to do.
  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "Say which: journal show, stats, verify, export or pseudonym");
  }

  /// How results are written.
  enum Format {
    TEXT,
    JSON
  }

  /// Options of all subcommands.
  static final class Common {
    @Mixin private final HomeOption where = new HomeOption();

    @Option(names = "--mine", description = "Only what your own account did.")
    private boolean mine;

    @Option(
        names = "--since",
        paramLabel = "WHEN",
        description = "Only from then on: 30m, 2h, 7d, 2026-11-20 or 2026-11-20T09:00:00Z.")
    private Optional<String> since = Optional.empty();

    @Option(
        names = "--format",
        defaultValue = "text",
        description = "text or json (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TEXT;
  }

  private Optional<Instant> since(Common common, CommandSpec command) {
    try {
      return common.since.map(text -> Since.parse(text, clock));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /// What a subcommand does with the reader.
  private interface Work {
    int read(JournalReader reader) throws IOException;
  }

  private int withReader(Common common, PrintWriter err, Work work) {
    Path directory = common.where.home().journal();
    try {
      return work.read(JournalReader.open(directory));
    } catch (NoSuchFileException | NotDirectoryException e) {
      err.printf(
          "There is no journal at %s.%nStart the daemon once (skillwarden start), or say where it"
              + " is with --home DIR.%n",
          directory);
      return NOTHING_TO_READ;
    } catch (AccessDeniedException e) {
      err.printf("You may not read %s; ask who owns it.%n", e.getFile());
      return IO_ERROR;
    } catch (IOException e) {
      err.printf("The journal at %s could not be read: %s%n", directory, e);
      return IO_ERROR;
    }
  }

  /// What is said of a journal that only its daemon can read.
  static int closed(Home home, PrintWriter err) {
    err.printf(
        "You may not read %s.%nThe journal of the whole machine belongs to the account of the"
            + " daemon: ask an administrator. What your own account did: skillwarden journal show"
            + " --mine%n",
        home.journal());
    return IO_ERROR;
  }

  private JournalFilter filter(Common common, boolean denied, boolean chain, CommandSpec command) {
    return new JournalFilter(
        since(common, command),
        denied,
        common.mine ? OwnNames.of(common.where.home(), account) : Set.of(),
        chain);
  }

  private static void tell(ReadReport report, long shown, PrintWriter err) {
    if (report.entries() == 0 && report.clean()) {
      err.println("The journal is empty: nothing was decided yet.");
    } else if (shown == 0) {
      err.printf("None of %d entries matches.%n", report.entries());
    }
    report.problems().forEach(problem -> err.println("warning: " + EntryText.plain(problem)));
    if (report.unreadable() > 0 || report.missing() > 0) {
      err.printf("warning: %d unreadable, %d missing%n", report.unreadable(), report.missing());
    }
    err.flush();
  }

  /// `journal show`
  @Command(
      name = "show",
      description = "Print entries, oldest first.",
      mixinStandardHelpOptions = true)
  final class Show implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(200);

    @Spec private CommandSpec command;

    @Mixin private final Common common = new Common();

    @Option(names = "--follow", description = "Go on with new entries until interrupted.")
    private boolean follow;

    @Option(names = "--denied", description = "Only what was denied.")
    private boolean denied;

    @Option(
        names = "--chain",
        description = "Also what the journal writes for its own sake: checkpoints and such.")
    private boolean chain;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "100",
        description = "Only the newest N; 0 for all (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Override
    public Integer call() {
      if (limit < 0) {
        throw new ParameterException(
            command.commandLine(), "--limit is " + limit + "; 0 (all) or more is wanted");
      }
      if (OwnRecords.needed(common.where.home())) {
        return told();
      }
      JournalFilter filter = filter(common, denied, chain, command);
      return withReader(common, command.commandLine().getErr(), reader -> show(reader, filter));
    }

    /// As the daemon tells it.
    private int told() {
      PrintWriter err = command.commandLine().getErr();
      if (follow || chain) {
        return closed(common.where.home(), err);
      }
      Deque<StoredEntry> newest = new ArrayDeque<>();
      OwnRecords.Read read =
          new OwnRecords(common.where, err)
              .newest(
                  new JournalFilter(since(common, command), denied, "", false),
                  common.mine,
                  limit,
                  newest::addFirst);
      PrintWriter out = command.commandLine().getOut();
      newest.forEach(stored -> print(stored, out));
      out.flush();
      if (read.exit() == 0 && newest.isEmpty()) {
        err.println("No entry matches.");
      } else if (read.more()) {
        err.printf("Newest %d; --limit 0 shows all.%n", newest.size());
      }
      err.flush();
      return read.exit();
    }

    private int show(JournalReader reader, JournalFilter filter) throws IOException {
      PrintWriter out = command.commandLine().getOut();
      PrintWriter err = command.commandLine().getErr();
      Deque<StoredEntry> newest = new ArrayDeque<>();
      long[] matching = new long[1];
      ReadReport report =
          reader.forEach(
              filter,
              stored -> {
                matching[0]++;
                newest.addLast(stored);
                if (limit > 0 && newest.size() > limit) {
                  newest.removeFirst();
                }
              });
      newest.forEach(stored -> print(stored, out));
      out.flush();
      tell(report, matching[0], err);
      if (matching[0] > newest.size()) {
        err.printf("Newest %d of %d; --limit 0 shows all.%n", newest.size(), matching[0]);
        err.flush();
      }
      if (follow) {
        long last = newest.isEmpty() ? 0 : newest.getLast().seq();
        reader.follow(filter, POLL, printNewer(last, out));
      }
      return 0;
    }

    /// Stops following when nobody reads any more.
    private Consumer<StoredEntry> printNewer(long last, PrintWriter out) {
      return stored -> {
        if (stored.seq() > last) {
          print(stored, out);
          if (out.checkError()) {
            Thread.currentThread().interrupt();
          }
        }
      };
    }

    private void print(StoredEntry stored, PrintWriter out) {
      out.println(
          switch (common.format) {
            case TEXT -> EntryText.line(stored.entry());
            case JSON -> Json.write(EntryCodec.toJson(stored));
          });
    }
  }

  /// `journal stats`
  @Command(
      name = "stats",
      description = "Count entries by kind, decision, rule, tool and day.",
      mixinStandardHelpOptions = true)
  final class Stats implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Mixin private final Common common = new Common();

    @Override
    public Integer call() {
      if (OwnRecords.needed(common.where.home())) {
        return told();
      }
      JournalFilter filter = filter(common, false, false, command);
      return withReader(common, command.commandLine().getErr(), reader -> stats(reader, filter));
    }

    /// As the daemon tells it.
    private int told() {
      PrintWriter err = command.commandLine().getErr();
      JournalStats.Counter counter = new JournalStats.Counter();
      OwnRecords.Read read =
          new OwnRecords(common.where, err)
              .newest(
                  new JournalFilter(since(common, command), false, "", false),
                  common.mine,
                  0,
                  counter::add);
      if (read.exit() == 0) {
        JournalStats stats = counter.stats();
        print(stats, new ReadReport(stats.entries(), 0, 0, List.of()));
      }
      return read.exit();
    }

    private int stats(JournalReader reader, JournalFilter filter) throws IOException {
      JournalStats.Counter counter = new JournalStats.Counter();
      ReadReport report = reader.forEach(filter, counter::add);
      print(counter.stats(), report);
      return 0;
    }

    private void print(JournalStats stats, ReadReport report) {
      PrintWriter out = command.commandLine().getOut();
      switch (common.format) {
        case TEXT -> out.print(stats.entries() == 0 ? "" : StatsText.text(stats));
        case JSON -> out.println(Json.pretty(StatsText.json(stats, report)));
      }
      out.flush();
      tell(report, stats.entries(), command.commandLine().getErr());
    }
  }

  /// `journal pseudonym`
  @Command(
      name = "pseudonym",
      description = {
        "Print what the journal calls an account while journal.pseudonyms is on.",
        "",
        "It takes the key, so only who may read that can tell whose entries are whose. Nobody can"
            + " be told from a pseudonym alone: compare it with those of the accounts there are.",
      },
      mixinStandardHelpOptions = true)
  final class Pseudonym implements Callable<Integer> {
    @Spec private CommandSpec command;

    @Parameters(
        arity = "0..1",
        paramLabel = "ACCOUNT",
        description = "Login name (default: your own).")
    private Optional<String> wanted = Optional.empty();

    @Mixin private final HomeOption where = new HomeOption();

    @Override
    public Integer call() {
      PrintWriter err = command.commandLine().getErr();
      Home place = where.home();
      try {
        if (OwnRecords.needed(place)) {
          throw new AccessDeniedException(OwnNames.key(place).toString());
        }
        Optional<Pseudonyms> pseudonyms = OwnNames.pseudonyms(place);
        if (pseudonyms.isEmpty()) {
          err.printf(
              "There is no key of pseudonyms at %s.%nThe daemon makes it when it starts with"
                  + " journal.pseudonyms: true.%n",
              OwnNames.key(place));
          return NOTHING_TO_READ;
        }
        command.commandLine().getOut().println(pseudonyms.get().of(wanted.orElse(account)));
        return 0;
      } catch (AccessDeniedException e) {
        err.printf("You may not read %s; only who keeps that key can tell.%n", e.getFile());
        return IO_ERROR;
      } catch (IOException e) {
        err.printf("The key of pseudonyms could not be read: %s%n", e.getMessage());
        return IO_ERROR;
      }
    }
  }
}
