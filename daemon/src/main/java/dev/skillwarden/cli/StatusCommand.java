package dev.skillwarden.cli;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.http.ControlClient;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(
      names = "--oneline",
      description = "One line, for device management: healthy, or unhealthy and the codes.")
  private boolean oneline;

  @Override
  public Integer call() {
    if (oneline) {
      return oneLine();
    }
    return new Remote(home, spec.commandLine().getErr()).get("/v1/status", this::show);
  }

  /// A daemon that does not answer is one of the states, and said in the same way.
  private int oneLine() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      ControlClient.Response response =
          new ControlClient(home.home().controlSocket()).get("/v1/status");
      String health = response.body().path("health").asString("");
      if (!health.isEmpty()) {
        out.println(health);
        return health.equals("healthy") ? ExitCode.DONE : ExitCode.REFUSED;
      }
      out.println(oneLine(FindingCode.DAEMON_UNREACHABLE));
      return ExitCode.FAILURE;
    } catch (ControlClient.NotRunningException e) {
      out.println(oneLine(FindingCode.DAEMON_DOWN));
      return ExitCode.UNDECIDED;
    } catch (ControlClient.ControlException e) {
      spec.commandLine().getErr().println(e.getMessage());
      out.println(oneLine(FindingCode.DAEMON_UNREACHABLE));
      return ExitCode.FAILURE;
    }
  }

  private static String oneLine(FindingCode code) {
    return Finding.oneLine(List.of(Finding.bad(code, "", "")));
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
