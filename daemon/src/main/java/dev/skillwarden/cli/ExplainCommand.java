package dev.skillwarden.cli;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.files.PathLookups;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.journal.StoredEntry;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.Rule;
import dev.skillwarden.policy.ToolCall;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description =
        "Says what a tool call would do and why it is blocked: one given here, or one in the"
            + " journal.")
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(arity = "0..1", paramLabel = "ID", description = "The id that came with a denial.")
  private @Nullable String id;

  @Option(names = "--last", description = "Your last denial.")
  private boolean last;

  @Option(
      names = "--tool",
      paramLabel = "NAME",
      description = "Tool name (default: ${DEFAULT-VALUE}).")
  private String tool = "Bash";

  @Option(
      names = "--command",
      paramLabel = "TEXT",
      description = "A shell command to judge; it is not run.")
  private @Nullable String command;

  @Option(names = "--input", paramLabel = "JSON", description = "The tool's arguments to judge.")
  private @Nullable String input;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "Policy to judge by (default: the home's).")
  private @Nullable Path policy;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (command != null || input != null) {
      return judge();
    }
    if (id == null && !last) {
      err.println("say what to explain: an ID, --last, or --command '…'");
      return ExitCode.USAGE;
    }
    if (OwnRecords.needed(home.home())) {
      return new OwnRecords(home, err)
          .one(
              Optional.ofNullable(id),
              (entry, result) -> journaled(entry.entry(), result.map(StoredEntry::entry)));
    }
    try {
      JournalReader journal = JournalReader.open(home.home().journal());
      Optional<StoredEntry> entry =
          id == null
              ? journal.lastDenied(OwnNames.of(home.home(), System.getProperty("user.name")))
              : journal.find(id, Set.of());
      if (entry.isEmpty()) {
        err.println(
            id == null
                ? "the journal holds no denial of yours"
                : "the journal holds no decision with the id " + id);
        return ExitCode.USAGE;
      }
      JournalEntry decision = entry.get().entry();
      return journaled(decision, journal.resultOf(decision).map(StoredEntry::entry));
    } catch (java.nio.file.NoSuchFileException e) {
      err.println("there is no journal in " + home.home() + "; name another --home");
      return ExitCode.USAGE;
    }
  }

  private int judge() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    ToolDecision decision;
    try {
      PolicyFile file = LocalPolicy.read(Optional.ofNullable(policy), home.home());
      Path cwd = Path.of("").toAbsolutePath();
      Path userHome = Path.of(System.getProperty("user.home"));
      ToolCall call =
          new ToolCall(
              tool,
              command != null
                  ? Json.object().put("command", command)
                  : Json.parse("--input", String.valueOf(input)),
              cwd,
              cwd,
              userHome,
              Map.of("HOME", userHome.toString(), "PWD", cwd.toString()));
      decision =
          new ToolPolicy(file, new GuardedPaths(home.home().directories(), 0))
              .decide(call, ownView(), Instant.now());
    } catch (InvalidTextException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    }
    Explanation explanation =
        new Explanation(
            tool, command == null ? "" : command, decision, InstantSource.system().instant());
    PrintWriter out = spec.commandLine().getOut();
    if (format.json()) {
      out.println(Json.pretty(explanation.json()));
    } else {
      explanation.print(out);
    }
    return decision.verdict() == Verdict.NONE ? ExitCode.DONE : ExitCode.REFUSED;
  }

  /// What is closed to this person is so to his agent.
  private static FileView ownView() {
    String account = System.getProperty("user.name");
    return new PathLookups(Optional.empty(), account, a -> OptionalInt.empty()).view(account);
  }

  private int journaled(JournalEntry entry, Optional<JournalEntry> result) {
    PrintWriter out = spec.commandLine().getOut();
    Optional<Rule> rule = Rule.of(entry.rule());
    if (format.json()) {
      out.println(
          Json.pretty(
              Json.object()
                  .put("id", entry.id())
                  .put("time", entry.time().toString())
                  .put("decision", entry.decision())
                  .put("rule", entry.rule())
                  .put("reason", entry.reason())
                  .put("command", entry.command())
                  .put("skill", entry.skill())
                  .put("outcome", result.map(JournalEntry::outcome).orElse(""))
                  .put("suggestion", rule.map(Rule::suggestion).orElse(""))));
      return ExitCode.DONE;
    }
    out.println("id         " + entry.id() + ", " + entry.time());
    out.println(
        "decision   "
            + entry.decision()
            + (entry.rule().isEmpty() ? "" : " by rule " + entry.rule()));
    line(out, "reason     ", entry.reason());
    line(out, "tool       ", entry.tool());
    line(out, "command    ", entry.command());
    line(out, "skill      ", entry.skill());
    line(out, "because    ", entry.kind() == JournalEntry.Kind.INVOKE ? entry.detail() : "");
    line(out, "outcome    ", result.map(ExplainCommand::outcome).orElse(""));
    rule.ifPresent(r -> {
      out.println("instead    " + r.suggestion());
      out.println("more       " + r.documentation());
    });
    out.println(
        "go on      "
            + (entry.skill().isEmpty()
                ? "run it yourself in a terminal if you are sure;"
                : "ask for access with the request URL of the denial;"));
    out.println(
        "           or report a mistake: skillwarden appeal "
            + entry.id()
            + " --text WHY"
            + home.again());
    return ExitCode.DONE;
  }

  private static String outcome(JournalEntry result) {
    return "%s after %d ms%s"
        .formatted(
            result.outcome(),
            result.duration().toMillis(),
            result.detail().isEmpty() ? "" : ": " + result.detail());
  }

  private static void line(PrintWriter out, String label, String value) {
    if (!value.isEmpty()) {
      out.println(label + value);
    }
  }
}
