package dev.skillwarden.cli;

import dev.skillwarden.eval.Baseline;
import dev.skillwarden.eval.Suite;
import dev.skillwarden.eval.SuiteReader;
import dev.skillwarden.eval.TriggerReport;
import dev.skillwarden.eval.TriggerResult;
import dev.skillwarden.eval.TriggerRun;
import dev.skillwarden.lint.CheckoutReader;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "triggers",
    mixinStandardHelpOptions = true,
    description = {
      "Asks search what the eval suites of a checkout ask: does a skill come up?",
      "A query that should trigger must have the skill among its first k hits, any",
      "other must not have it first; edge cases are only told. Each is asked as the",
      "narrowest caller who may use the skill. Needs no daemon.",
      "Suites are evals/TEAM/NAME/evals.json, see docs/search.md."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden eval triggers                         the checkout you are in",
      "  skillwarden eval triggers --out before.json       keep what is so today",
      "  skillwarden eval triggers --baseline before.json  fail only where it is worse",
      "",
      "Exit codes: 0 all as wanted, 1 a trigger failed, 2 wrong usage, bad or no",
      "suites, 3 the model cannot be loaded, 4 failure."
    })
final class EvalTriggersCommand implements Callable<Integer> {
  /// Where suites are; the first that is there counts.
  private static final List<String> PLACES = List.of("evals", ".claude/evals");

  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "Top of the skills repository (default: the current directory).")
  private Path directory = Path.of("");

  @Option(
      names = "--organization",
      paramLabel = "FILE",
      description = "Levels it tightens count (default: policy/organization.yaml, if any).")
  private Optional<Path> organization = Optional.empty();

  @Option(
      names = "--baseline",
      paramLabel = "RESULTS.json",
      description = "JSON result of an earlier run: what failed there may fail again.")
  private Optional<Path> baseline = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "RESULTS.json",
      description = "Also write the JSON result into this file, for a later --baseline.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--mode",
      converter = ModeReader.class,
      paramLabel = "hybrid|lexical",
      description = "Which arms answer (default: hybrid).")
  private SearchResult.Mode mode = SearchResult.Mode.HYBRID;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Keep vectors and unpacked native code here; without it nothing is kept.")
  private Optional<Path> state = Optional.empty();

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Optional<String> misuse = misuse();
    if (misuse.isPresent()) {
      err.println(misuse.get());
      return ExitCode.USAGE;
    }
    try {
      return run(directory.toAbsolutePath().normalize(), err);
    } catch (InvalidTextException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    } catch (NoSuchFileException e) {
      err.println("no such file: " + e.getFile());
      return ExitCode.USAGE;
    } catch (IOException e) {
      err.println("cannot read or write: " + e);
      return ExitCode.FAILURE;
    } catch (ModelUnavailableException e) {
      err.println(e.getMessage());
      err.println("Nothing was judged; --mode lexical works without the model.");
      return ExitCode.UNDECIDED;
    }
  }

  private Optional<String> misuse() {
    if (mode == SearchResult.Mode.DENSE) {
      return Optional.of("--mode wants hybrid or lexical, found 'dense'");
    }
    if (!Files.isDirectory(directory.toAbsolutePath())) {
      return Optional.of("there is no directory " + directory);
    }
    return out.flatMap(WholeFile::missingDirectory)
        .map(d -> "no such directory: " + d + "; --out is written there");
  }

  private int run(Path top, PrintWriter err)
      throws IOException, InvalidTextException, ModelUnavailableException {
    Optional<Baseline> before = baseline();
    LocalCatalog local = LocalCatalog.read(top, organization);
    List<Suite> suites = suites(top, local, err);
    if (suites.stream().allMatch(s -> s.triggers().isEmpty())) {
      err.println(
          "there is nothing to ask: %s; a suite is evals/TEAM/NAME/evals.json below %s"
              .formatted(suites.isEmpty() ? "no suites" : "no suite has triggers", top));
      return ExitCode.USAGE;
    }
    TriggerReport report =
        TriggerReport.of(
            modeText(),
            suites,
            ask(local, suites, before, err),
            before.map(b -> b.passed().keySet()).orElse(Set.of()));
    String json = Json.pretty(report.json()) + "\n";
    if (out.isPresent()) {
      WholeFile.write(out.get(), json);
    }
    spec.commandLine().getOut().print(format.json() ? json : report.text());
    spec.commandLine().getOut().flush();
    return report.fails() ? ExitCode.REFUSED : ExitCode.DONE;
  }

  /// @throws InvalidTextException with everything that is wrong with them
  private static List<Suite> suites(Path top, LocalCatalog local, PrintWriter err)
      throws IOException, InvalidTextException {
    Optional<String> place =
        PLACES.stream().filter(p -> Files.isDirectory(top.resolve(p))).findFirst();
    List<SkillFile> files =
        place.isPresent()
            ? CheckoutReader.files(top, place.get(), SuiteReader.MAX_FILE)
            : List.of();
    Set<String> skills =
        local.snapshot().skills().stream()
            .map(Skill::id)
            .map(Object::toString)
            .collect(Collectors.toSet());
    SuiteReader.Suites read = SuiteReader.read(files, skills);
    local.tellErrors(err);
    if (!read.problems().isEmpty()) {
      throw new InvalidTextException(read.problems());
    }
    return read.suites();
  }

  private List<TriggerResult> ask(
      LocalCatalog local, List<Suite> suites, Optional<Baseline> before, PrintWriter err)
      throws IOException, InvalidTextException, ModelUnavailableException {
    try (LocalModel model = LocalModel.open(mode, state);
        SearchIndex index = model.index(local.snapshot(), err)) {
      return new TriggerRun(
              local.snapshot(),
              local.members(),
              InstantSource.system().instant(),
              (query, permitted) ->
                  TriggerRun.Found.of(
                      LocalModel.wanted(index.search(query, permitted, mode), mode, query.text())),
              before)
          .run(suites);
    }
  }

  private Optional<Baseline> baseline() throws IOException, InvalidTextException {
    if (baseline.isEmpty()) {
      return Optional.empty();
    }
    Path file = baseline.get();
    Baseline before = Baseline.parse(file.toString(), Files.readAllBytes(file));
    if (!before.mode().equals(modeText())) {
      throw new InvalidTextException(
          List.of(
              new Problem(
                  file.toString(),
                  0,
                  0,
                  "was made with --mode %s, and this run is %s; compare like with like"
                      .formatted(before.mode(), modeText()))));
    }
    return Optional.of(before);
  }

  private String modeText() {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
