package dev.skillwarden.cli;

import dev.skillwarden.text.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    mixinStandardHelpOptions = true,
    name = "version",
    description = "Prints the version of this program and of its Java runtime.")
final class VersionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private FormatOption format;

  @Override
  public Integer call() {
    String version = current();
    String java = Runtime.version().toString();
    spec.commandLine()
        .getOut()
        .println(
            format.json()
                ? Json.pretty(Json.object().put("version", version).put("java", java))
                : "skillwarden " + version + " (Java " + java + ")");
    return ExitCode.DONE;
  }

  /// From the jar's manifest; `development` when run from class files.
  static String current() {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
