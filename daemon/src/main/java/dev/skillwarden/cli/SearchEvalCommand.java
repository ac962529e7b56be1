package dev.skillwarden.cli;

import dev.skillwarden.eval.Answer;
import dev.skillwarden.eval.Difference;
import dev.skillwarden.eval.GradedQuery;
import dev.skillwarden.eval.Quality;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    mixinStandardHelpOptions = true,
    name = "eval",
    description = {
      "Answers the queries of a file over the skills of a file, and says how well.",
      "Where queries have grades it prints nDCG@5, recall@5, MRR@10 and P@1 by class;",
      "--compare tells what changed since an earlier run, and if that may be chance.",
      "Needs no daemon. The files are described in docs/performance.md."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden search eval --skills s.jsonl --queries q.jsonl --out run.jsonl",
      "  skillwarden search eval … --out now.jsonl --compare run.jsonl --fail-if-worse",
      "  skillwarden search eval … --fail-below 0.68       for CI",
      "",
      "Exit codes: 0 done, 1 --fail-below or --fail-if-worse, 2 wrong usage or nothing",
      "to judge, 4 failure."
    })
public final class SearchEvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Option(
      names = "--skills",
      required = true,
      paramLabel = "CORPUS.jsonl",
      description = "One skill a line: id, name, description, tags, body.")
  private Path skills = Path.of("");

  @Option(
      names = "--queries",
      required = true,
      paramLabel = "QUERIES.jsonl",
      description = "One query a line: qid, query; to be judged also class and relevant.")
  private Path queries = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "RUN.jsonl",
      description = "Where the answers go, one line a query: qid, ids, scores, abstained.")
  private Path out = Path.of("");

  @Option(
      names = "--mode",
      converter = ModeReader.class,
      paramLabel = "hybrid|lexical|dense",
      description = "Which arms answer (default: hybrid).")
  private SearchResult.Mode mode = SearchResult.Mode.HYBRID;

  @Option(names = "--k", paramLabel = "N", description = "Hits a query, 1 to 50 (default: 10).")
  private int k = 10;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Keep vectors and unpacked native code here; without it nothing is kept.")
  private Optional<Path> state = Optional.empty();

  @Option(
      names = "--compare",
      paramLabel = "RUN.jsonl",
      description =
          "An earlier run over the same queries: how nDCG@5 changed, with a 95 %% interval.")
  private Optional<Path> compare = Optional.empty();

  @Option(
      names = "--fail-below",
      paramLabel = "NDCG",
      description = "Exit with 1 when nDCG@5 over all queries is below this, 0 to 1.")
  private Optional<Double> failBelow = Optional.empty();

  @Option(
      names = "--fail-if-worse",
      description = "With --compare: exit with 1 when the whole interval over all is below 0.")
  private boolean failIfWorse;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Optional<String> misuse = misuse();
    if (misuse.isPresent()) {
      err.println(misuse.get());
      return ExitCode.USAGE;
    }
    try {
      EvalCorpus corpus = EvalCorpus.read(skills);
      List<EvalCorpus.Query> asked = corpus.queries(queries, k);
      List<GradedQuery> graded = asked.stream().flatMap(q -> q.graded().stream()).toList();
      if (graded.stream().allMatch(q -> q.relevant().isEmpty())
          && (failBelow.isPresent() || compare.isPresent())) {
        err.println(
            "%s: no query has grades, there is nothing to judge; give queries `relevant`"
                .formatted(queries));
        return ExitCode.USAGE;
      }
      Map<String, Answer> earlier =
          compare.isPresent() ? corpus.answers(compare.get(), asked) : Map.of();
      return judge(answer(corpus, asked), graded, earlier);
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
      err.println("--mode lexical works without it.");
      return ExitCode.FAILURE;
    }
  }

  private Optional<String> misuse() {
    if (k < 1 || k > SearchQuery.MAX_K) {
      return Optional.of("--k wants 1 to %d, found %d".formatted(SearchQuery.MAX_K, k));
    }
    if (failBelow.filter(f -> !(f >= 0 && f <= 1)).isPresent()) {
      return Optional.of("--fail-below wants 0 to 1, found " + failBelow.get());
    }
    if (failIfWorse && compare.isEmpty()) {
      return Optional.of("--fail-if-worse wants --compare RUN.jsonl");
    }
    return WholeFile.missingDirectory(out)
        .map(d -> "no such directory: " + d + "; --out is written there");
  }

  private SearchEvalRun answer(EvalCorpus corpus, List<EvalCorpus.Query> asked)
      throws IOException, ModelUnavailableException {
    try (LocalModel model = LocalModel.open(mode, state)) {
      SearchEvalRun run = SearchEvalRun.of(corpus, asked, mode, model, spec.commandLine().getErr());
      WholeFile.write(out, run.lines());
      return run;
    }
  }

  private int judge(SearchEvalRun run, List<GradedQuery> graded, Map<String, Answer> earlier) {
    Quality quality = Quality.of(graded, run.answers());
    SequencedMap<String, Difference> differences =
        earlier.isEmpty() ? new LinkedHashMap<>() : Quality.compare(graded, earlier, run.answers());
    SearchEvalReport report =
        new SearchEvalReport(mode.name().toLowerCase(Locale.ROOT), out, run, quality, differences);
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(format.json() ? Json.write(report.json()) + "\n" : report.text());
    stdout.flush();
    Optional<String> failure = failure(quality, differences);
    failure.ifPresent(spec.commandLine().getErr()::println);
    return failure.isPresent() ? ExitCode.REFUSED : ExitCode.DONE;
  }

  private Optional<String> failure(Quality quality, SequencedMap<String, Difference> differences) {
    double overall = quality.overall().orElse(1.0);
    if (failBelow.filter(limit -> overall < limit).isPresent()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "nDCG@5 over all queries is %.4f, below --fail-below %s",
              overall,
              failBelow.get()));
    }
    Optional<Difference> all = Optional.ofNullable(differences.get(Quality.ALL));
    return all.filter(d -> failIfWorse && d.isWorse())
        .map(d ->
            String.format(
                Locale.ROOT,
                "nDCG@5 over all queries is worse than before by %.4f, 95 %% %.4f to %.4f",
                -d.change(),
                -d.high(),
                -d.low()));
  }
}
