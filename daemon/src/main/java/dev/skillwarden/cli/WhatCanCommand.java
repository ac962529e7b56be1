package dev.skillwarden.cli;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

@Command(
    name = "what-can",
    mixinStandardHelpOptions = true,
    description = {
      "Which skills of a checkout an account may use.",
      "By an organization file. Operating-system groups are given with --group; elevations are",
      "not looked at."
    })
final class WhatCanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LocalCatalogOption catalog;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "ACCOUNT", description = "Login name.")
  private String account = "";

  @Option(names = "--group", description = "An operating-system group it is in; once a group.")
  private List<String> groups = List.of();

  @Option(names = "--all", description = "Also those it may not use, with the reason.")
  private boolean all;

  @Override
  public Integer call() throws IOException {
    return catalog.read().map(this::show).orElse(ExitCode.USAGE);
  }

  private int show(LocalCatalog local) {
    Organization members = local.members();
    Caller caller = members.caller(account, Set.copyOf(groups), List.of(), false);
    spec.commandLine()
        .getErr()
        .println(
            "%s: teams %s, role %s"
                .formatted(
                    account,
                    caller.teams().stream().sorted().toList(),
                    caller.role().isEmpty() ? "none" : caller.role()));
    Table table = new Table("SKILL", "VERSION", "ACCESS", all ? "MAY" : "DESCRIPTION");
    ArrayNode array = Json.object().putArray("skills");
    for (Skill skill : local.snapshot().skills()) {
      String why = local.whyNot(caller, skill);
      if (why.isEmpty() || all) {
        table.row(
            skill.id(),
            skill.version(),
            skill.accessLevel().text(),
            all ? (why.isEmpty() ? "yes" : "no: " + why) : cut(skill.description()));
        array
            .addObject()
            .put("slug", skill.id().toString())
            .put("version", skill.version().toString())
            .put("may", why.isEmpty())
            .put("why_not", why);
      }
    }
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(array));
    } else {
      spec.commandLine().getOut().print(table);
    }
    local.tellErrors(spec.commandLine().getErr());
    return ExitCode.DONE;
  }

  private static String cut(String text) {
    return text.length() <= 72 ? text : text.substring(0, 71) + "…";
  }
}
