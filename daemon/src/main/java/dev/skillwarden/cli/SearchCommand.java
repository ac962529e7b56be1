package dev.skillwarden.cli;

import dev.skillwarden.http.SkillJson;
import dev.skillwarden.search.EmbeddingModel;
import dev.skillwarden.search.MiniLm;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.VectorCache;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "search",
    description = "Finds skills by what you want to do; shows only what you may use.",
    subcommands = SearchEvalCommand.class)
final class SearchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Parameters(arity = "0..*", paramLabel = "WORDS", description = "What you want to do.")
  private String[] words = {};

  @Option(
      names = "-k",
      paramLabel = "N",
      description = "Hits at most, 1 to 50 (default: ${DEFAULT-VALUE}).")
  private int k = 5;

  @Option(names = "--team", description = "Only skills of this team.")
  private @Nullable String team;

  @Option(names = "--access-level", description = "Only skills of this access level.")
  private @Nullable String accessLevel;

  @Option(names = "--tag", description = "Only skills with this tag.")
  private @Nullable String tag;

  @Option(
      names = "--repo",
      paramLabel = "DIR",
      description = "Search the skills of this checkout instead of asking the daemon.")
  private Optional<Path> repo = Optional.empty();

  @Option(
      names = "--why",
      paramLabel = "TEAM/NAME",
      description = "Why this skill is not found by these words, or at which place.")
  private Optional<String> why = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (words.length == 0) {
      spec.commandLine()
          .getErr()
          .println("say what to find, for example: skillwarden search refund a customer");
      return ExitCode.USAGE;
    }
    ObjectNode request = Json.object().put("query", String.join(" ", words)).put("k", k);
    ObjectNode filters = request.putObject("filters");
    putIfGiven(filters, "team", team);
    putIfGiven(filters, "access_level", accessLevel);
    putIfGiven(filters, "tag", tag);
    if (repo.isPresent()) {
      return local(repo.get(), request);
    }
    Remote remote = new Remote(home, spec.commandLine().getErr());
    if (why.isEmpty()) {
      return remote.post("/v1/search", request, this::show);
    }
    request.put("k", SearchQuery.MAX_K);
    return remote.post(
        "/v1/access/check",
        Json.object().put("skill", why.get()),
        access -> {
          if (!access.path("allowed").asBoolean(false)) {
            spec.commandLine()
                .getOut()
                .println("you may not use it: " + access.path("reason").asString(""));
            return ExitCode.REFUSED;
          }
          return remote.post("/v1/search", request, answer -> explain(why.get(), answer));
        });
  }

  /// Answers from a checkout, with everything in it permitted.
  private int local(Path top, ObjectNode request) throws IOException {
    LocalCatalog local;
    SearchQuery query;
    try {
      local = LocalCatalog.read(top, Optional.empty());
      if (why.isPresent()) {
        request.put("k", SearchQuery.MAX_K);
      }
      query = SkillJson.search(request);
    } catch (InvalidTextException | IllegalArgumentException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    if (why.isPresent()
        && local.snapshot().skills().stream().noneMatch(s -> s.id().toString().equals(why.get()))) {
      return unknown(local);
    }
    Optional<MiniLm> model = Optional.empty();
    try {
      model = Optional.of(MiniLm.open(home.home().natives()));
    } catch (ModelUnavailableException e) {
      spec.commandLine().getErr().println("by words only: " + e.getMessage());
    }
    try (SearchIndex index =
        SearchIndex.build(
            local.snapshot(),
            model.map(m -> (EmbeddingModel) m),
            VectorCache.in(home.home().vectors()))) {
      ObjectNode answer = SkillJson.result(index.search(query, s -> true));
      local.tellErrors(spec.commandLine().getErr());
      return why.isPresent() ? explain(why.get(), answer) : show(answer);
    } finally {
      model.ifPresent(MiniLm::close);
    }
  }

  private int unknown(LocalCatalog local) {
    String name = why.orElse("");
    spec.commandLine()
        .getOut()
        .println(
            "there is no sound skill %s in this checkout%s"
                .formatted(
                    name,
                    Suggest.nearest(
                        name,
                        local.snapshot().skills().stream().map(s -> s.id().toString()).toList())));
    local.snapshot().findings().stream()
        .filter(f -> f.at().file().equals(".claude/skills/" + name + ".md"))
        .forEach(f -> spec.commandLine().getOut().println(f));
    return ExitCode.REFUSED;
  }

  /// Where a skill stands among the best, and what stands before it.
  private int explain(String name, JsonNode answer) {
    PrintWriter out = spec.commandLine().getOut();
    int place = 0;
    for (JsonNode hit : answer.path("results")) {
      place++;
      if (hit.path("slug").asString("").equals(name)) {
        out.println(
            "%s is number %d with a score of %.2f%s"
                .formatted(
                    name,
                    place,
                    hit.path("score").asDouble(0),
                    place <= k
                        ? ", within the %d shown".formatted(k)
                        : "; only %d are shown".formatted(k)));
        if (hit.has("deprecated")) {
          out.println("it is deprecated, and such skills come after live ones");
        }
        words(hit);
        before(answer, place);
        return place <= k ? ExitCode.DONE : ExitCode.REFUSED;
      }
    }
    out.println(
        "%s is not among the best %d; its team, access level or tag may be filtered out, or its"
                .formatted(name, SearchQuery.MAX_K)
            + " description says something else than these words");
    before(answer, SearchQuery.MAX_K);
    return ExitCode.REFUSED;
  }

  private void words(JsonNode hit) {
    String text =
        (hit.path("slug").asString("")
                + " "
                + hit.path("description").asString("")
                + " "
                + hit.path("tags"))
            .toLowerCase(Locale.ROOT);
    List<String> missing =
        Arrays.stream(words)
            .flatMap(w -> Arrays.stream(w.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+", -1)))
            .filter(w -> w.length() > 2 && !text.contains(w))
            .distinct()
            .toList();
    if (!missing.isEmpty()) {
      spec.commandLine()
          .getOut()
          .println("not in its name, description or tags: " + String.join(", ", missing));
    }
  }

  private void before(JsonNode answer, int place) {
    int shown = 0;
    for (JsonNode hit : answer.path("results")) {
      if (++shown >= place || shown > 3) {
        return;
      }
      spec.commandLine()
          .getOut()
          .println(
              "  before it: %s (%.2f) %s"
                  .formatted(
                      hit.path("slug").asString(""),
                      hit.path("score").asDouble(0),
                      shortened(hit.path("description").asString(""))));
    }
  }

  private static void putIfGiven(ObjectNode node, String key, @Nullable String value) {
    if (value != null) {
      node.put(key, value);
    }
  }

  private int show(JsonNode answer) {
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(answer));
      return ExitCode.DONE;
    }
    Table table = new Table("SKILL", "VERSION", "SCORE", "ACCESS", "DESCRIPTION");
    for (JsonNode hit : answer.path("results")) {
      table.row(
          hit.path("slug").asString(""),
          hit.path("version").asString(""),
          String.format(Locale.ROOT, "%.2f", hit.path("score").asDouble(0)),
          hit.path("access_level").asString(""),
          shortened(hit.path("description").asString("")));
    }
    spec.commandLine().getOut().print(table);
    if (answer.path("abstained").asBoolean(false)) {
      spec.commandLine().getErr().println("nothing fits well; these are the nearest");
    }
    if (!answer.path("mode").asString("").equals("hybrid")) {
      spec.commandLine()
          .getErr()
          .println("searched by words only; the embedding model is not loaded");
    }
    return ExitCode.DONE;
  }

  private static String shortened(String text) {
    return text.length() <= 72 ? text : text.substring(0, 71) + "…";
  }
}
