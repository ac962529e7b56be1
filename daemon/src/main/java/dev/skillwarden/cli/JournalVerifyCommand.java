package dev.skillwarden.cli;

import dev.skillwarden.journal.verify.Finding;
import dev.skillwarden.journal.verify.JournalVerifier;
import dev.skillwarden.journal.verify.NothingToVerifyException;
import dev.skillwarden.journal.verify.Progress;
import dev.skillwarden.journal.verify.Verdict;
import dev.skillwarden.journal.verify.VerifyOptions;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import dev.skillwarden.text.Json;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `skillwarden journal verify`
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Check that a journal was not changed.",
      "Follows numbers and hashes from the first record to the last, checks the signatures of the"
          + " checkpoints and, with the escrow key, the MAC of every record. Only reads: the daemon"
          + " may run or not.",
      "",
      "Without --key the device key that the journal itself names is believed; give the one you"
          + " collected at enrolment. A whole directory put back to an earlier state looks sound"
          + " here: only a receiver of the uploads sees that.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden journal verify",
      "  skillwarden journal verify export.jsonl.zst --key device.pem",
      "  skillwarden journal verify /mnt/copy/journal --escrow escrow.key --format json",
      "",
      "Exit codes: 0 sound, 1 damaged, 2 wrong usage or nothing to verify, 4 could not be read."
    })
final class JournalVerifyCommand implements Callable<Integer> {
  private static final int MOST_SHOWN = 20;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long BETWEEN_ON_TERMINAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long BETWEEN_NANOS = TimeUnit.SECONDS.toNanos(10);

  @Spec private CommandSpec command;

  @Mixin private final FormatOption format = new FormatOption();

  @Mixin private final HomeOption home = new HomeOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "PATH",
      description =
          "Directory of a journal, or file of an export (jsonl or otlp-jsonl, also .zst) with its"
              + " .checkpoint beside it; else the home's journal.")
  private Optional<Path> path = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Public key of the device (Ed25519, PEM) that the journal must be signed by.")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--escrow",
      paramLabel = "FILE",
      description = "Private escrow key (X25519, PEM): also checks the MAC of every record.")
  private Optional<Path> escrow = Optional.empty();

  @Override
  public Integer call() {
    PrintWriter err = command.commandLine().getErr();
    Optional<VerifyOptions> options = options(err);
    if (options.isEmpty()) {
      return ExitCode.USAGE;
    }
    if (path.isEmpty() && OwnRecords.needed(home.home())) {
      return JournalCommand.closed(home.home(), err);
    }
    Path what = path.orElseGet(() -> home.home().journal());
    try {
      return print(JournalVerifier.verify(what, options.get(), progress(err)));
    } catch (NothingToVerifyException e) {
      err.println("Nothing to verify: " + EntryText.plain(String.valueOf(e.getMessage())));
      return ExitCode.USAGE;
    } catch (AccessDeniedException e) {
      err.printf(
          "You may not read %s.%nIn system mode the journal belongs to the service account: ask an"
              + " administrator, or verify an export.%n",
          e.getFile());
      return ExitCode.FAILURE;
    } catch (IOException e) {
      err.printf("%s could not be read, which says nothing of the journal: %s%n", what, e);
      return ExitCode.FAILURE;
    }
  }

  private Optional<VerifyOptions> options(PrintWriter err) {
    Path current = Path.of("");
    try {
      Optional<Ed25519.Verifier> device = Optional.empty();
      if (key.isPresent()) {
        current = key.get();
        List<Ed25519.Verifier> keys = Ed25519.publicKeys(Files.readString(current));
        if (keys.size() > 1) {
          throw new IOException("it holds %d keys; one is wanted".formatted(keys.size()));
        }
        device = Optional.of(keys.getFirst());
      }
      Optional<Hpke.Opener> opener = Optional.empty();
      if (escrow.isPresent()) {
        current = escrow.get();
        opener = Optional.of(Hpke.Opener.parse(Files.readString(current)));
      }
      return Optional.of(new VerifyOptions(device, opener, Optional.empty()));
    } catch (IOException e) {
      err.printf("The key %s cannot be used: %s%n", current, EntryText.plain(reason(e)));
      return Optional.empty();
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : String.valueOf(e.getMessage());
  }

  private static Progress progress(PrintWriter err) {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    long between = terminal ? BETWEEN_ON_TERMINAL_NANOS : BETWEEN_NANOS;
    long begun = System.nanoTime();
    long[] next = {begun + Math.max(QUIET_NANOS, between)};
    return records -> {
      long now = System.nanoTime();
      if (now - next[0] >= 0) {
        next[0] = now + between;
        err.printf(
            Locale.ROOT,
            "%,d records verified, %d s%n",
            records,
            TimeUnit.NANOSECONDS.toSeconds(now - begun));
        err.flush();
      }
    };
  }

  private int print(Verdict verdict) {
    PrintWriter out = command.commandLine().getOut();
    if (format.json()) {
      out.println(Json.pretty(json(verdict)));
    } else {
      text(verdict, out);
    }
    out.flush();
    return verdict.sound() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private static void text(Verdict verdict, PrintWriter out) {
    Optional<Finding> first = verdict.firstFinding();
    if (first.isPresent()) {
      out.println("Damaged: first at " + where(first.get()) + ": " + what(first.get()));
    } else {
      out.printf(
          Locale.ROOT,
          "Sound: %,d records, %d to %d%n",
          verdict.records(),
          verdict.first(),
          verdict.last());
    }
    out.println();
    facts(verdict, out);
    if (verdict.findingCount() > 0) {
      out.printf(Locale.ROOT, "%n%,d findings:%n", verdict.findingCount());
      verdict.findings().stream()
          .limit(MOST_SHOWN)
          .forEach(finding -> out.println("  " + where(finding) + ": " + what(finding)));
      if (verdict.findingCount() > MOST_SHOWN) {
        out.printf(Locale.ROOT, "  and %,d more%n", verdict.findingCount() - MOST_SHOWN);
      }
    }
    out.println();
    out.println("Not checked:");
    verdict.notChecked().forEach(line -> out.println("  " + EntryText.plain(line)));
  }

  private static void facts(Verdict verdict, PrintWriter out) {
    fact(out, "verified", verdict.path());
    fact(
        out,
        "device",
        verdict.device().isEmpty() ? "unknown" : verdict.device() + "/" + verdict.install());
    fact(out, "device key", verdict.keyId().isEmpty() ? "unknown" : verdict.keyId());
    fact(
        out,
        "records",
        "%,d, %d to %d, in %d file%s"
            .formatted(
                verdict.records(),
                verdict.first(),
                verdict.last(),
                verdict.files(),
                verdict.files() == 1 ? "" : "s"));
    if (verdict.unchained() > 0) {
      fact(out, "version 1", "%,d records without a hash".formatted(verdict.unchained()));
    }
    fact(
        out,
        "checkpoints",
        "%,d right; not covered by one: %,d"
            .formatted(verdict.checkpoints(), verdict.unsignedTail()));
    fact(
        out,
        "MACs",
        verdict.ratchet().text()
            + (verdict.macs() > 0 ? ", %,d right".formatted(verdict.macs()) : ""));
    if (verdict.lost() > 0) {
      fact(out, "lost", "%,d numbers, as the journal itself says".formatted(verdict.lost()));
    }
    if (verdict.stubs() > 0) {
      fact(out, "deleted", "%d files, known by their stubs".formatted(verdict.stubs()));
    }
    if (verdict.clockBack() > 0) {
      fact(out, "clock", "went back %,d times (no fault)".formatted(verdict.clockBack()));
    }
  }

  private static void fact(PrintWriter out, String name, String text) {
    out.printf(Locale.ROOT, "%-12s %s%n", name, EntryText.plain(text));
  }

  private static String where(Finding finding) {
    String seq = finding.seq() == 0 ? "" : " (seq " + finding.seq() + ")";
    return EntryText.plain(finding.file()) + " " + finding.place() + seq;
  }

  private static String what(Finding finding) {
    String more = finding.records() > 1 ? " [%,d records]".formatted(finding.records()) : "";
    return finding.kind().label() + ": " + EntryText.plain(finding.message()) + more;
  }

  private static ObjectNode json(Verdict verdict) {
    ObjectNode json =
        Json.object()
            .put("sound", verdict.sound())
            .put("path", verdict.path())
            .put("device", verdict.device())
            .put("install", verdict.install())
            .put("key", verdict.keyId())
            .put("files", verdict.files())
            .put("records", verdict.records())
            .put("first", verdict.first())
            .put("last", verdict.last())
            .put("unchained", verdict.unchained())
            .put("checkpoints", verdict.checkpoints())
            .put("unsigned_tail", verdict.unsignedTail())
            .put("ratchet", verdict.ratchet().name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .put("macs", verdict.macs())
            .put("lost", verdict.lost())
            .put("stubs", verdict.stubs())
            .put("clock_back", verdict.clockBack())
            .put("finding_count", verdict.findingCount());
    ArrayNode findings = json.putArray("findings");
    for (Finding finding : verdict.findings()) {
      findings
          .addObject()
          .put("kind", finding.kind().label())
          .put("file", finding.file())
          .put(finding.place().line() ? "line" : "byte", finding.place().number())
          .put("seq", finding.seq())
          .put("records", finding.records())
          .put("message", finding.message());
    }
    ArrayNode notChecked = json.putArray("not_checked");
    verdict.notChecked().forEach(notChecked::add);
    return json;
  }
}
