package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
    mixinStandardHelpOptions = true,
    name = "status",
    description = "Says whether the daemon runs, what it serves and what is wrong.")
final class StatusCommand implements Callable<Integer> {
  /// Column of the values.
  private static final int VALUES_AT = 17;

  /// Entries of a list that are shown.
  private static final int MOST = 10;

  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Override
  public Integer call() {
    return new Remote(home, spec.commandLine().getErr()).get("/v1/status", this::show);
  }

  private int show(JsonNode answer) {
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(answer));
    } else {
      StringBuilder text = new StringBuilder();
      answer
          .properties()
          .forEach(e ->
              text.append(("%-" + VALUES_AT + "s").formatted(e.getKey().replace('_', ' ')))
                  .append(shown(e.getValue()))
                  .append(System.lineSeparator()));
      spec.commandLine().getOut().print(text);
    }
    return answer.path("alarms").isEmpty() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private static String shown(JsonNode value) {
    if (value.isArray()) {
      return value.isEmpty() ? "none" : lines(value);
    }
    return value.isObject() ? Json.write(value) : value.asString("");
  }

  /// An entry a line, under each other; many are counted.
  private static String lines(JsonNode array) {
    Stream<String> more =
        array.size() > MOST
            ? Stream.of("and %,d more, see --format json".formatted(array.size() - MOST))
            : Stream.empty();
    return Stream.concat(array.valueStream().limit(MOST).map(v -> v.asString("")), more)
        .collect(Collectors.joining(System.lineSeparator() + " ".repeat(VALUES_AT)));
  }
}
