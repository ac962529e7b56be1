package dev.skillwarden.cli;

import dev.skillwarden.effect.Effect;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = {
      "Judges the cases of JSON Lines files and compares with what they expect. Nothing is"
          + " executed;",
      "links and files are those of the case. Exit code 1 on any mismatch."
    })
final class PolicyTestCommand implements Callable<Integer> {
  /// Stands for the daemon's own directory in cases about tampering.
  private static final Path OWN = Path.of("/opt/skillwarden");

  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "JSON Lines: id, tool, input, cwd, expect, tier, category, …")
  private List<Path> files = List.of();

  @Option(names = "--out", paramLabel = "VERDICTS", description = "Writes a verdict line a case.")
  private @Nullable Path out;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "Policy to test (default: the home's, else the built-in one).")
  private @Nullable Path policy;

  @Option(
      names = "--packs",
      paramLabel = "PACKS",
      description = "'all', 'none' or names, instead of the policy's own packs.")
  private @Nullable String packs;

  @Option(
      names = "--replace",
      paramLabel = "OLD=NEW",
      description = "Replaces a text in every case, as for cases written for another program.")
  private Map<String, String> replace = new LinkedHashMap<>();

  @Option(names = "--report-only", description = "Exit with 0 whatever the cases expect.")
  private boolean reportOnly;

  /// One case with what came of it.
  private record Result(PolicyCase subject, ToolDecision decision, long micros) {
    boolean asExpected() {
      return switch (subject.expect()) {
        case ALLOW -> decision.verdict() == Verdict.NONE;
        case DENY ->
            decision.verdict() == Verdict.DENY
                || (decision.verdict() == Verdict.ASK && subject.tier().equals("caution"));
      };
    }
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    List<PolicyCase> cases = new ArrayList<>();
    PolicyFile file;
    try {
      file = LocalPolicy.read(Optional.ofNullable(policy), home.home());
      file = packs == null ? file : file.with(packs(packs));
      for (Path path : files) {
        cases.addAll(read(path));
      }
    } catch (InvalidTextException | IllegalArgumentException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    }
    if (cases.isEmpty()) {
      err.println("the files hold no case");
      return ExitCode.USAGE;
    }
    ToolPolicy tools = tools(file);
    judge(
        tools, cases,
        err); // once to warm up, so that the second pass shows what a running daemon takes
    List<Result> results = judge(tools, cases, err);
    if (out != null) {
      write(out, results);
    }
    report(
        results,
        packs == null
            ? judge(tools(file.with(EnumSet.allOf(Effect.Pack.class))), cases, err)
            : results);
    boolean matches = results.stream().allMatch(Result::asExpected);
    return matches || reportOnly ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private ToolPolicy tools(PolicyFile file) {
    return new ToolPolicy(
        file,
        new GuardedPaths(
            Stream.concat(home.home().directories().stream(), Stream.of(OWN)).toList(), 7717));
  }

  /// @throws IllegalArgumentException naming the packs there are
  private static Set<Effect.Pack> packs(String names) {
    Set<Effect.Pack> packs = EnumSet.noneOf(Effect.Pack.class);
    if (names.equals("all")) {
      return EnumSet.allOf(Effect.Pack.class);
    }
    for (String name : names.equals("none") ? List.<String>of() : List.of(names.split(",", -1))) {
      try {
        packs.add(Effect.Pack.valueOf(name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "--packs: '%s' is no pack; there are %s, all and none"
                .formatted(name, Arrays.toString(Effect.Pack.values()).toLowerCase(Locale.ROOT)),
            e);
      }
    }
    return packs;
  }

  private List<PolicyCase> read(Path path) throws IOException {
    List<PolicyCase> cases = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(path);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(path + " is not UTF-8", e);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      for (Map.Entry<String, String> text : replace.entrySet()) {
        line = line.replace(text.getKey(), text.getValue());
      }
      if (!line.isBlank()) {
        cases.add(PolicyCase.parse(path + ":" + (i + 1), line));
      }
    }
    return cases;
  }

  private static List<Result> judge(ToolPolicy tools, List<PolicyCase> cases, PrintWriter err) {
    List<Result> results = new ArrayList<>();
    Instant now = Instant.now();
    for (PolicyCase subject : cases) {
      long start = System.nanoTime();
      ToolDecision decision;
      try {
        decision = tools.decide(subject.call(), subject.files(), now);
      } catch (RuntimeException | StackOverflowError e) {
        err.println("case " + subject.id() + " crashed the guard: " + e);
        throw e;
      }
      results.add(new Result(subject, decision, (System.nanoTime() - start) / 1_000));
    }
    return results;
  }

  private static void write(Path out, List<Result> results) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(out)) {
      for (Result result : results) {
        writer.write(
            Json.write(
                Json.object()
                    .put("id", result.subject().id())
                    .put("decision", result.decision().verdict().text())
                    .put("rule", result.decision().rule())
                    .put("micros", result.micros())));
        writer.newLine();
      }
    }
  }

  /// @param withPacks the same cases with all packs on
  private void report(List<Result> results, List<Result> withPacks) {
    Map<String, int[]> groups = new TreeMap<>();
    for (Result result : results) {
      String key =
          result.subject().expect()
              + " "
              + result.subject().tier()
              + " "
              + result.subject().category();
      count(groups, key, result);
      count(groups, result.subject().expect() + " " + result.subject().tier() + " = all", result);
    }
    Result slowest = results.stream().max(Comparator.comparingLong(Result::micros)).orElseThrow();
    long[] micros = results.stream().mapToLong(Result::micros).sorted().toArray();
    PrintWriter out = spec.commandLine().getOut();
    if (format.json()) {
      ObjectNode root = Json.object();
      groups.forEach((key, n) ->
          root.putObject(key)
              .put("cases", n[0])
              .put("deny", n[1])
              .put("ask", n[2])
              .put("mismatch", n[3]));
      out.println(
          Json.pretty(
              root.put("median_micros", micros[micros.length / 2])
                  .put("max_micros", slowest.micros())));
      return;
    }
    Table table =
        new Table(
            "EXPECT",
            "TIER",
            "CATEGORY",
            "CASES",
            "DENY",
            "ASK",
            "NONE",
            "DENY %",
            "DENY+ASK %",
            "MISMATCH");
    groups.forEach((key, n) -> {
      String[] parts = key.split(" ", 3);
      table.row(
          parts[0].toLowerCase(Locale.ROOT),
          parts[1],
          parts[2],
          String.valueOf(n[0]),
          String.valueOf(n[1]),
          String.valueOf(n[2]),
          String.valueOf(n[0] - n[1] - n[2]),
          percent(n[1], n[0]),
          percent(n[1] + n[2], n[0]),
          String.valueOf(n[3]));
    });
    out.print(table);
    if (packs == null) {
      out.println(
          "With all packs: %s of the cases to stop denied, %s denied or asked about; of the others %s denied, %s denied or asked about"
              .formatted(
                  share(withPacks, PolicyCase.Expect.DENY, false),
                  share(withPacks, PolicyCase.Expect.DENY, true),
                  share(withPacks, PolicyCase.Expect.ALLOW, false),
                  share(withPacks, PolicyCase.Expect.ALLOW, true)));
    }
    out.println(
        "%d cases, %d as expected; median %d µs, slowest %d µs (case %s)"
            .formatted(
                results.size(),
                results.stream().filter(Result::asExpected).count(),
                micros[micros.length / 2],
                slowest.micros(),
                slowest.subject().id()));
  }

  private static String percent(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f", 100.0 * part / whole);
  }

  private static String share(List<Result> results, PolicyCase.Expect expect, boolean asks) {
    List<Result> of = results.stream().filter(r -> r.subject().expect() == expect).toList();
    long stopped =
        of.stream()
            .filter(r ->
                r.decision().verdict() == Verdict.DENY
                    || (asks && r.decision().verdict() == Verdict.ASK))
            .count();
    return percent(stopped, of.size()) + " %";
  }

  /// Cases, denies, asks, mismatches.
  private static void count(Map<String, int[]> groups, String key, Result result) {
    int[] n = groups.computeIfAbsent(key, k -> new int[4]);
    n[0]++;
    n[1] += result.decision().verdict() == Verdict.DENY ? 1 : 0;
    n[2] += result.decision().verdict() == Verdict.ASK ? 1 : 0;
    n[3] += result.asExpected() ? 0 : 1;
  }
}
