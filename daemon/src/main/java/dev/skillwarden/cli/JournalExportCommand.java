package dev.skillwarden.cli;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.upload.Journal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `skillwarden journal export`: a range of the journal as a file that can be verified elsewhere.
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes entries to a file, and beside it FILE.checkpoint with what a verifier needs.",
      "A name that ends in .zst is compressed. Works while the daemon runs."
    })
final class JournalExportCommand implements Callable<Integer> {
  private static final Duration PROGRESS = Duration.ofSeconds(2);

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description = "Directory of the journal; else that of --home.")
  private Optional<Path> path = Optional.empty();

  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = "--format",
      required = true,
      paramLabel = "otlp-jsonl|jsonl",
      converter = FormConverter.class,
      description = "jsonl: the lines as they are. otlp-jsonl: what the upload sends, for import.")
  private JournalExport.Form form = JournalExport.Form.jsonl;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write.")
  private Path out = Path.of("");

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description = "Only from then on: 30m, 2h, 7d, 2026-11-20 or 2026-11-20T09:00:00Z.")
  private Optional<String> since = Optional.empty();

  @Option(names = "--until", paramLabel = "WHEN", description = "Only before then.")
  private Optional<String> until = Optional.empty();

  @Option(names = "--force", description = "Replace the files if they are there.")
  private boolean force;

  private final InstantSource clock;

  JournalExportCommand(InstantSource clock) {
    this.clock = clock;
  }

  /// Names with a hyphen, as everywhere on the command line.
  static final class FormConverter
      implements picocli.CommandLine.ITypeConverter<JournalExport.Form> {
    @Override
    public JournalExport.Form convert(String text) {
      for (JournalExport.Form form : JournalExport.Form.values()) {
        if (form.toString().equals(text)) {
          return form;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "'%s' is no format; otlp-jsonl or jsonl is wanted".formatted(text));
    }
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Optional<Instant> from = when("--since", since);
    Optional<Instant> to = when("--until", until);
    if (path.isEmpty() && OwnRecords.needed(home.home())) {
      return JournalCommand.closed(home.home(), err);
    }
    Path directory = path.orElseGet(() -> home.home().journal());
    if (!Files.isDirectory(directory)) {
      err.printf(
          "There is no journal at %s; say where it is with PATH or --home DIR.%n", directory);
      return ExitCode.USAGE;
    }
    for (Path file : new Path[] {out, JournalExport.sibling(out, JournalFormat.SIDECAR)}) {
      if (!force && Files.exists(file)) {
        err.printf("%s is there already; choose another name, or replace it with --force.%n", file);
        return ExitCode.USAGE;
      }
    }
    return export(new Journal(directory), from, to);
  }

  private int export(Journal journal, Optional<Instant> from, Optional<Instant> to) {
    PrintWriter err = spec.commandLine().getErr();
    try {
      JournalExport export = new JournalExport(journal, clock);
      JournalExport.Range range = export.range(from, to);
      long unreadable = journal.lines().unreadable();
      long bytes = export.write(range, form, out, progress(range.records()));
      tell(range, bytes);
      if (unreadable > 0) {
        err.printf(
            "warning: %d places of the journal are damaged and not in the export; see: skillwarden"
                + " journal verify%n",
            unreadable);
      }
      return ExitCode.DONE;
    } catch (JournalExport.NothingException e) {
      err.printf("Nothing was exported: %s.%n", e.getMessage());
      return ExitCode.USAGE;
    } catch (AccessDeniedException e) {
      err.printf("You may not use %s; ask who owns it.%n", e.getFile());
      return ExitCode.FAILURE;
    } catch (IOException e) {
      err.printf("Nothing was exported: %s%n", e);
      return ExitCode.FAILURE;
    }
  }

  private Optional<Instant> when(String option, Optional<String> text) {
    try {
      return text.map(t -> Since.parse(option, t, clock));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /// Every two seconds, on the error stream.
  private LongConsumer progress(long records) {
    Instant[] next = {clock.instant().plus(PROGRESS)};
    return done -> {
      if (done % 1000 == 0 && !clock.instant().isBefore(next[0])) {
        next[0] = clock.instant().plus(PROGRESS);
        spec.commandLine().getErr().printf("%,d of %,d records%n", done, records);
        spec.commandLine().getErr().flush();
      }
    };
  }

  private void tell(JournalExport.Range range, long bytes) {
    PrintWriter text = spec.commandLine().getOut();
    text.printf(
        "%,d records, %d (%s) to %d (%s), %,d bytes in %s%n",
        range.records(), range.first(), range.from(), range.last(), range.to(), bytes, out);
    if (range.note().isEmpty()) {
      text.println("No checkpoint of the journal covers them yet: only the chain can be verified.");
    }
    text.flush();
  }
}
