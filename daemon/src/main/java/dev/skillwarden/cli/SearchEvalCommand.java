package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.EmbeddingModel;
import dev.skillwarden.search.MiniLm;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.search.VectorCache;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `search eval`: answers a file of queries over a file of skills, in this process, and writes what
/// came out, for a scorer. Needs no daemon.
@Command(
    mixinStandardHelpOptions = true,
    name = "eval",
    description = "Answer the queries of a file over the skills of a file, for scoring.")
public final class SearchEvalCommand implements Callable<Integer> {
  private static final int USAGE = 2;
  private static final int FAILED = 4;
  private static final int PROGRESS_STEP = 100;

  /// How the result is printed.
  enum Format {
    TEXT,
    JSON
  }

  @Spec private @Nullable CommandSpec spec;

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
      description = "One query a line: qid, query.")
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
      names = "--format",
      converter = FormatReader.class,
      paramLabel = "text|json",
      description = "How the summary is printed (default: text).")
  private Format format = Format.TEXT;

  private static final class ModeReader implements ITypeConverter<SearchResult.Mode> {
    @Override
    public SearchResult.Mode convert(String text) {
      return choice(text, SearchResult.Mode.values());
    }
  }

  private static final class FormatReader implements ITypeConverter<Format> {
    @Override
    public Format convert(String text) {
      return choice(text, Format.values());
    }
  }

  /// The constant of that name, in lower case as everything on the command line.
  private static <E extends Enum<E>> E choice(String text, E[] choices) {
    return Arrays.stream(choices)
        .filter(choice -> lower(choice).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new TypeConversionException(
                "wants one of %s, found '%s'"
                    .formatted(
                        Arrays.stream(choices)
                            .map(SearchEvalCommand::lower)
                            .collect(Collectors.joining(", ")),
                        text)));
  }

  private static String lower(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  /// What was measured.
  private record Summary(
      int skills, int queries, int abstained, double buildMillis, double p50, double p95) {}

  @Override
  public Integer call() {
    PrintWriter err = command().commandLine().getErr();
    if (k < 1 || k > SearchQuery.MAX_K) {
      err.printf("--k wants 1 to %d, found %d%n", SearchQuery.MAX_K, k);
      return USAGE;
    }
    Path parent = out.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      err.println("no such directory: " + parent + "; --out is written there");
      return USAGE;
    }
    try {
      EvalCorpus corpus = EvalCorpus.read(skills);
      List<EvalCorpus.Query> asked = EvalCorpus.queries(queries, k);
      print(run(corpus, asked));
      return 0;
    } catch (InvalidTextException e) {
      err.println(e.getMessage());
      return USAGE;
    } catch (java.nio.file.NoSuchFileException e) {
      err.println("no such file: " + e.getFile());
      return USAGE;
    } catch (IOException e) {
      err.println("cannot read or write: " + e);
      return FAILED;
    } catch (ModelUnavailableException e) {
      err.println(e.getMessage());
      err.println("--mode lexical works without it.");
      return FAILED;
    }
  }

  private CommandSpec command() {
    if (spec == null) {
      throw new IllegalStateException("runs from a command line only");
    }
    return spec;
  }

  private Summary run(EvalCorpus corpus, List<EvalCorpus.Query> asked)
      throws IOException, ModelUnavailableException {
    if (mode == SearchResult.Mode.LEXICAL) {
      return answer(corpus, asked, Optional.empty(), VectorCache.none());
    }
    Path directory =
        state.isPresent()
            ? Files.createDirectories(state.get())
            : Files.createTempDirectory("skillwarden-eval");
    try (EmbeddingModel model = MiniLm.open(directory)) {
      VectorCache cache =
          state.isPresent() ? VectorCache.in(directory.resolve("vectors")) : VectorCache.none();
      return answer(corpus, asked, Optional.of(model), cache);
    } finally {
      if (state.isEmpty()) {
        deleteTree(directory);
      }
    }
  }

  private Summary answer(
      EvalCorpus corpus,
      List<EvalCorpus.Query> asked,
      Optional<EmbeddingModel> model,
      VectorCache cache)
      throws IOException, ModelUnavailableException {
    PrintWriter err = command().commandLine().getErr();
    CatalogSnapshot snapshot = corpus.snapshot();
    int total = snapshot.skills().size();
    long start = System.nanoTime();
    try (SearchIndex index =
        SearchIndex.build(
            snapshot, model, cache, (done, all) -> progress(err, "embedded", done, all))) {
      double buildMillis = millis(start);
      StringBuilder lines = new StringBuilder();
      double[] millis = new double[asked.size()];
      int abstained = 0;
      for (int i = 0; i < asked.size(); i++) {
        long before = System.nanoTime();
        SearchResult result = index.search(asked.get(i).query(), skill -> true, mode);
        millis[i] = millis(before);
        if (result.mode() != mode) {
          throw new ModelUnavailableException(
              "the embedding model failed on query " + asked.get(i).qid() + "; see the log");
        }
        abstained += result.abstained() ? 1 : 0;
        lines.append(line(corpus, asked.get(i).qid(), result)).append('\n');
        progress(err, "answered", i + 1, asked.size());
      }
      write(lines.toString());
      Arrays.sort(millis);
      return new Summary(
          total, asked.size(), abstained, buildMillis, quantile(millis, .5), quantile(millis, .95));
    }
  }

  private static boolean progress(PrintWriter err, String what, int done, int total) {
    if (done % PROGRESS_STEP == 0 || done == total) {
      err.printf("%s %,d of %,d%n", what, done, total);
      err.flush();
    }
    return true;
  }

  private static String line(EvalCorpus corpus, String qid, SearchResult result) {
    ObjectNode line = Json.object().put("qid", qid);
    ArrayNode ids = line.putArray("ids");
    ArrayNode scores = line.putArray("scores");
    for (SearchResult.Hit hit : result.hits()) {
      ids.add(corpus.corpusId(hit.skill().id()));
      scores.add(hit.score());
    }
    return Json.write(line.put("abstained", result.abstained()));
  }

  /// Either the whole run or nothing.
  private void write(String lines) throws IOException {
    Path target = out.toAbsolutePath();
    Path partial = target.resolveSibling(target.getFileName() + ".part");
    Files.writeString(partial, lines);
    Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
  }

  private void print(Summary summary) {
    PrintWriter stdout = command().commandLine().getOut();
    String modeText = lower(mode);
    switch (format) {
      case TEXT ->
          stdout.print(
              new Table("mode", "skills", "queries", "abstained", "build ms", "p50 ms", "p95 ms")
                  .row(
                      modeText,
                      summary.skills(),
                      summary.queries(),
                      summary.abstained(),
                      rounded(summary.buildMillis()),
                      rounded(summary.p50()),
                      rounded(summary.p95())));
      case JSON ->
          stdout.println(
              Json.write(
                  Json.object()
                      .put("mode", modeText)
                      .put("skills", summary.skills())
                      .put("queries", summary.queries())
                      .put("abstained", summary.abstained())
                      .put("build_ms", summary.buildMillis())
                      .put("query_ms_p50", summary.p50())
                      .put("query_ms_p95", summary.p95())
                      .put("out", out.toString())));
    }
    stdout.flush();
  }

  private static String rounded(double millis) {
    return String.format(Locale.ROOT, "%.2f", millis);
  }

  private static double millis(long since) {
    return (System.nanoTime() - since) / 1e6;
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
