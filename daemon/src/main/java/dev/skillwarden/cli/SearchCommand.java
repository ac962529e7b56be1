package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.util.Locale;
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

  @Override
  public Integer call() {
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
    return new Remote(home, spec.commandLine().getErr()).post("/v1/search", request, this::show);
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
