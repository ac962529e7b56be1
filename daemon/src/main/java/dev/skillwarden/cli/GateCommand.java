package dev.skillwarden.cli;

import dev.skillwarden.lint.Checkout;
import dev.skillwarden.lint.CheckoutReader;
import dev.skillwarden.lint.Linter;
import dev.skillwarden.lint.Report;
import dev.skillwarden.registry.ChangeGate;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
      "The verdict on a change of skills, for CI.",
      "Lint of what changed, version rules, what depends on it, and who has to review it.",
      "Exit code 1 when something must be mended first."
    })
final class GateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RepositoryOption repository;
  @Mixin private FormatOption format;

  @Option(
      names = "--base",
      required = true,
      paramLabel = "REF",
      description = "What the change is compared with, such as origin/main.")
  private String base = "";

  @Option(names = "--organization", paramLabel = "FILE", description = "Teams and members.")
  private Optional<Path> organization = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Checkout checkout;
    try {
      checkout = new CheckoutReader(repository.top()).read(Optional.of(base), organization);
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    Report report = Linter.lint(checkout);
    ChangeGate gate = ChangeGate.of(checkout, report);
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(json(gate)));
    } else {
      show(gate);
    }
    return gate.passes() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private void show(ChangeGate gate) {
    PrintWriter out = spec.commandLine().getOut();
    if (gate.rows().isEmpty()) {
      out.println("no skill changed against " + base);
    } else {
      Table table =
          new Table("SKILL", "CHANGE", "VERSION", "ERRORS", "WARNINGS", "DEPENDANTS", "VERDICT");
      for (ChangeGate.Row row : gate.rows()) {
        table.row(
            row.skill(),
            row.kind().name().toLowerCase(Locale.ROOT),
            row.from().orElse("-") + " -> " + row.to().orElse("-"),
            count(row.findings(), Finding.Severity.ERROR),
            count(row.findings(), Finding.Severity.WARNING),
            row.dependants().size(),
            row.passes() ? "pass" : "FAIL");
      }
      out.print(table);
    }
    for (ChangeGate.Row row : gate.rows()) {
      row.findings().forEach(out::println);
      if (!row.dependants().isEmpty()) {
        out.println("%s is needed by %s".formatted(row.skill(), row.dependants()));
      }
    }
    gate.others().forEach(out::println);
    out.println(
        "required reviewers: "
            + (gate.reviewers().isEmpty() ? "none named" : String.join(", ", gate.reviewers())));
    out.println(gate.passes() ? "gate: pass" : "gate: FAIL");
  }

  private static long count(List<Finding> findings, Finding.Severity severity) {
    return findings.stream().filter(f -> f.severity() == severity).count();
  }

  private static ObjectNode json(ChangeGate gate) {
    ObjectNode root = Json.object().put("pass", gate.passes());
    ArrayNode reviewers = root.putArray("required_reviewers");
    gate.reviewers().forEach(reviewers::add);
    ArrayNode rows = root.putArray("skills");
    for (ChangeGate.Row row : gate.rows()) {
      ObjectNode node =
          rows.addObject()
              .put("skill", row.skill())
              .put("change", row.kind().name().toLowerCase(Locale.ROOT))
              .put("from", row.from().orElse(""))
              .put("to", row.to().orElse(""))
              .put("pass", row.passes());
      ArrayNode dependants = node.putArray("dependants");
      row.dependants().forEach(d -> dependants.add(d.toString()));
      ArrayNode findings = node.putArray("findings");
      row.findings().forEach(f -> findings.add(f.toString()));
    }
    ArrayNode others = root.putArray("other_findings");
    gate.others().forEach(f -> others.add(f.toString()));
    return root;
  }
}
