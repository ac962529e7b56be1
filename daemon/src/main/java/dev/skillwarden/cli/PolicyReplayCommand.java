package dev.skillwarden.cli;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.journal.ReadReport;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolCall;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Judges the recorded tool calls once by the policy in force and once by a new one, and"
          + " shows what differs, per rule. Nothing is executed.",
      "The journal holds neither working directories nor secrets: calls are judged as if made in"
          + " one workspace, the same for both policies; texts that were cut are left out and"
          + " counted."
    })
final class PolicyReplayCommand implements Callable<Integer> {
  private static final Path HOME = Path.of("/home/user");
  private static final Path WORKSPACE = HOME.resolve("workspace");

  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "Journal to read (default: the home's).")
  private @Nullable Path journal;

  @Option(names = "--policy", required = true, paramLabel = "NEW", description = "The new policy.")
  private Path policy = Path.of("");

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      defaultValue = "30d",
      description = "How far back: 7d, 2026-11-01, … (default: ${DEFAULT-VALUE}).")
  private String since = "30d";

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "Examples shown per change (default: ${DEFAULT-VALUE}).")
  private int examples = 3;

  /// One kind of change: from which decision to which.
  private record Change(String before, String after) implements Comparable<Change> {
    @Override
    public int compareTo(Change other) {
      return (before + after).compareTo(other.before + other.after);
    }
  }

  private final Map<Change, List<String>> changes = new TreeMap<>();
  private final Map<String, Integer> appeals = new TreeMap<>();
  private int judged;
  private int incomplete;
  private int otherwise;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    try {
      ToolPolicy before = tools(LocalPolicy.read(Optional.empty(), home.home()));
      ToolPolicy after = tools(LocalPolicy.read(Optional.of(policy), home.home()));
      JournalFilter filter =
          new JournalFilter(
              Optional.of(Since.parse(since, InstantSource.system())), false, "", false);
      ReadReport report =
          JournalReader.open(journal == null ? home.home().journal() : journal)
              .forEach(filter, stored -> entry(stored.entry(), before, after));
      report.problems().forEach(problem -> err.println("warning: " + EntryText.plain(problem)));
      if (!report.clean()) {
        err.println(
            "warning: %d unreadable, %d missing entries are not in the figures"
                .formatted(report.unreadable(), report.missing()));
      }
    } catch (NoSuchFileException e) {
      err.println("there is no such file or journal: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (InvalidTextException | IllegalArgumentException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    }
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(json()));
    } else {
      print(spec.commandLine().getOut());
    }
    return ExitCode.DONE;
  }

  private ToolPolicy tools(PolicyFile file) {
    return new ToolPolicy(file, new GuardedPaths(home.home().directories(), 0));
  }

  private void entry(JournalEntry entry, ToolPolicy before, ToolPolicy after) {
    if (entry.kind() == JournalEntry.Kind.APPEAL) {
      appeals.merge(entry.rule(), 1, Integer::sum);
    }
    if (entry.kind() != JournalEntry.Kind.TOOL) {
      return;
    }
    Optional<ToolCall> call = call(entry);
    if (call.isEmpty()) {
      incomplete++;
      return;
    }
    judged++;
    Instant now = Instant.now();
    ToolDecision old = before.decide(call.get(), FileView.NONE, now);
    ToolDecision changed = after.decide(call.get(), FileView.NONE, now);
    if (!old.verdict().text().equals(entry.decision())) {
      otherwise++;
    }
    if (old.verdict() != changed.verdict() || !old.rule().equals(changed.rule())) {
      changes
          .computeIfAbsent(new Change(shown(old), shown(changed)), c -> new ArrayList<>())
          .add(entry.id() + "  " + subject(entry));
    }
  }

  private static String shown(ToolDecision decision) {
    return (decision.verdict().text() + " " + decision.rule()).strip();
  }

  private static String subject(JournalEntry entry) {
    String text = entry.command().isEmpty() ? String.join(" ", entry.paths()) : entry.command();
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= 100 ? line : line.substring(0, 99) + "…";
  }

  /// The call as far as the journal has it; empty when it holds only part of it.
  private static Optional<ToolCall> call(JournalEntry entry) {
    ObjectNode input = Json.object();
    if (!entry.command().isEmpty()) {
      if (Redactor.isCut(entry.command())) {
        return Optional.empty();
      }
      input.put("command", entry.command());
    } else if (entry.paths().size() == 1) {
      String key = entry.tool().equals("NotebookEdit") ? "notebook_path" : "file_path";
      input.put(key, entry.paths().getFirst());
    } else {
      return Optional.empty();
    }
    return Optional.of(
        new ToolCall(
            entry.tool(),
            input,
            WORKSPACE,
            WORKSPACE,
            HOME,
            Map.of("HOME", HOME.toString(), "PWD", WORKSPACE.toString())));
  }

  private void print(PrintWriter out) {
    Table table = new Table("NOW", "THEN", "CALLS");
    changes.forEach((change, calls) ->
        table.row(change.before(), change.after(), String.valueOf(calls.size())));
    if (!changes.isEmpty()) {
      out.print(table);
      changes.forEach((change, calls) -> {
        out.println();
        out.println(change.before() + " -> " + change.after());
        calls.stream().limit(examples).forEach(c -> out.println("  " + c));
      });
      out.println();
    }
    out.println(
        "%d calls judged, %d differ, %d left out since the journal holds only part of them"
            .formatted(judged, differing(), incomplete));
    if (otherwise > 0) {
      out.println(
          "%d were decided otherwise when they were made: elsewhere, or by another policy"
              .formatted(otherwise));
    }
    appeals.forEach((rule, count) -> out.println("appeals    %s: %d".formatted(rule, count)));
  }

  private int differing() {
    return changes.values().stream().mapToInt(List::size).sum();
  }

  private ObjectNode json() {
    ObjectNode root =
        Json.object()
            .put("judged", judged)
            .put("differ", differing())
            .put("incomplete", incomplete)
            .put("decided_otherwise", otherwise);
    ArrayNode list = root.putArray("changes");
    changes.forEach((change, calls) -> {
      ObjectNode node = list.addObject();
      node.put("now", change.before()).put("then", change.after()).put("calls", calls.size());
      ArrayNode shown = node.putArray("examples");
      calls.stream().limit(examples).forEach(shown::add);
    });
    ObjectNode counts = root.putObject("appeals");
    appeals.forEach(counts::put);
    return root;
  }
}
