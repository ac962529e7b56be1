package dev.skillwarden.cli;

import dev.skillwarden.lint.CheckoutReader;
import dev.skillwarden.lint.Linter;
import dev.skillwarden.lint.Output;
import dev.skillwarden.lint.Report;
import dev.skillwarden.skill.Finding.Severity;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "lint",
    mixinStandardHelpOptions = true,
    description = {
      "Checks the skills of a checkout before they are merged.",
      "Every finding is reported at once, with file, line, rule and what to do. Needs no daemon.",
      "The rules are in docs/registry.md."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden lint                                 the checkout you are in",
      "  skillwarden lint --base origin/main              also: are versions raised as they must"
          + " be",
      "  skillwarden lint --format github --format sarif=lint.sarif",
      "  skillwarden lint --watch                         again after every change",
      "",
      "Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or no skills, 4"
          + " failure."
    })
final class LintCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(300);

  @Spec private CommandSpec spec;

  @Option(
      names = "--repo",
      paramLabel = "DIR",
      description = "Top of the skills repository (default: the current directory).")
  private Path repo = Path.of("");

  @Option(
      names = "--base",
      paramLabel = "REF",
      description =
          "Compare with this branch, tag or commit: versions, breaking changes, the schema.")
  private Optional<String> base = Optional.empty();

  @Option(
      names = "--organization",
      paramLabel = "FILE",
      description =
          "Teams and members (default: policy/organization.yaml of the repository, if any).")
  private Optional<Path> organization = Optional.empty();

  @Option(
      names = "--fail-on",
      paramLabel = "error|warning",
      description = "Lowest level that fails (default: ${DEFAULT-VALUE}).")
  private String failOn = "error";

  @Option(
      names = "--format",
      paramLabel = "KIND[=FILE]",
      description = {
        "text, json, github or sarif; with =FILE into that file. May be given several times.",
        "Default: text, in GitHub Actions github."
      })
  private List<String> formats = new ArrayList<>();

  @Option(names = "--allow-empty", description = "A checkout without skills is no mistake.")
  private boolean allowEmpty;

  @Option(names = "--watch", description = "Check again after every change, until interrupted.")
  private boolean watch;

  @Option(names = "--quiet", description = "Print nothing but findings.")
  private boolean quiet;

  /// Kinds of output.
  private enum Kind {
    TEXT,
    JSON,
    GITHUB,
    SARIF
  }

  private record Target(Kind kind, Optional<Path> file) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Target> targets = targets();
    if (!failOn.equals("error") && !failOn.equals("warning")) {
      throw usage("--fail-on wants error or warning, found '" + failOn + "'");
    }
    if (!Files.isDirectory(repo.resolve(""))) {
      throw usage("there is no directory " + repo);
    }
    int code = once(targets);
    if (watch) {
      String seen = fingerprint();
      while (true) {
        Thread.sleep(LOOK);
        String now = fingerprint();
        if (!now.equals(seen)) {
          seen = now;
          spec.commandLine().getErr().println("--- changed, checking again");
          once(targets);
        }
      }
    }
    return code;
  }

  private int once(List<Target> targets) throws IOException {
    long start = System.nanoTime();
    Report report;
    try {
      report = Linter.lint(new CheckoutReader(repo.resolve("")).read(base, organization));
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    Output output = new Output(report, Duration.ofNanos(System.nanoTime() - start));
    for (Target target : targets) {
      write(target, output);
    }
    if (report.skills() == 0 && !allowEmpty) {
      spec.commandLine()
          .getErr()
          .println(
              "no skills found below %s; give --repo DIR, or --allow-empty if that is right"
                  .formatted(repo.resolve(".claude/skills").toAbsolutePath().normalize()));
      return ExitCode.USAGE;
    }
    Severity level = failOn.equals("error") ? Severity.ERROR : Severity.WARNING;
    return Output.fails(report, level) ? ExitCode.REFUSED : ExitCode.DONE;
  }

  private void write(Target target, Output output) throws IOException {
    String text =
        switch (target.kind()) {
          case TEXT -> output.text();
          case JSON -> Json.pretty(output.json()) + "\n";
          case GITHUB -> output.github();
          case SARIF -> Json.pretty(output.sarif(VersionCommand.current())) + "\n";
        };
    if (target.file().isPresent()) {
      Files.writeString(target.file().get(), text);
    } else {
      PrintWriter out = spec.commandLine().getOut();
      out.print(quiet && target.kind() == Kind.TEXT ? withoutSummary(text) : text);
      out.flush();
    }
    Optional<String> summary = Output.summaryFile(System.getenv());
    if (target.kind() == Kind.GITHUB && summary.isPresent()) {
      Files.writeString(
          Path.of(summary.get()),
          output.summaryMarkdown(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private static String withoutSummary(String text) {
    int last = text.lastIndexOf('\n', text.length() - 2);
    return text.substring(0, last + 1);
  }

  private List<Target> targets() {
    if (formats.isEmpty()) {
      return List.of(new Target(defaultKind(System.getenv()), Optional.empty()));
    }
    List<Target> targets = new ArrayList<>();
    for (String format : formats) {
      String[] parts = format.split("=", 2);
      Kind kind;
      try {
        kind = dev.skillwarden.text.Fields.parseEnum(Kind.class, parts[0]);
      } catch (IllegalArgumentException e) {
        throw usage("--format " + e.getMessage());
      }
      targets.add(
          new Target(kind, parts.length == 2 ? Optional.of(Path.of(parts[1])) : Optional.empty()));
    }
    if (targets.stream().filter(t -> t.file().isEmpty()).count() > 1) {
      throw usage("only one --format goes to standard output; give the others =FILE");
    }
    return targets;
  }

  private static Kind defaultKind(Map<String, String> environment) {
    return environment.getOrDefault("GITHUB_ACTIONS", "").toLowerCase(Locale.ROOT).equals("true")
        ? Kind.GITHUB
        : Kind.TEXT;
  }

  /// Names, sizes and times of everything lint reads from the disk.
  private String fingerprint() throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String directory : List.of(".claude/skills", "evals", "policy", "catalog")) {
      Path from = repo.resolve(directory);
      if (Files.isDirectory(from)) {
        try (java.util.stream.Stream<Path> files = Files.walk(from)) {
          for (Path file : (Iterable<Path>) files.sorted()::iterator) {
            if (Files.isRegularFile(file)) {
              seen.append(file)
                  .append(Files.size(file))
                  .append(Files.getLastModifiedTime(file))
                  .append('\n');
            }
          }
        }
      }
    }
    return seen.toString();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
