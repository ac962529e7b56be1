package dev.skillwarden.cli;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.Table;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

@Command(
    name = "who-can",
    mixinStandardHelpOptions = true,
    description = {
      "Who may use a skill of a checkout.",
      "By the members an organization file names, and with the skill's dependencies, which count",
      "too. Elevations are not looked at: a sensitive skill needs one."
    })
final class WhoCanCommand implements Callable<Integer> {
  /// No login name has parentheses.
  private static final String ANY = "(any)";

  @Spec private CommandSpec spec;
  @Mixin private LocalCatalogOption catalog;
  @Mixin private FormatOption format;

  @Parameters(paramLabel = "TEAM/NAME")
  private String name = "";

  @Override
  public Integer call() throws IOException {
    return catalog.read().map(this::show).orElse(ExitCode.USAGE);
  }

  private int show(LocalCatalog local) {
    Optional<Skill> skill =
        local.snapshot().skills().stream().filter(s -> s.id().toString().equals(name)).findFirst();
    if (skill.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(
              "there is no sound skill %s in this checkout%s"
                  .formatted(
                      name,
                      Suggest.nearest(
                          name,
                          local.snapshot().skills().stream()
                              .map(Skill::id)
                              .map(SkillId::toString)
                              .toList())));
      return ExitCode.USAGE;
    }
    Organization members = local.members();
    Table table = new Table("WHO", "MAY", "WHY NOT");
    ArrayNode array = Json.object().putArray("who");
    callers(members)
        .forEach((who, caller) -> {
          String why = local.whyNot(caller, skill.get());
          table.row(who, why.isEmpty() ? "yes" : "no", why);
          array.addObject().put("who", who).put("may", why.isEmpty()).put("why_not", why);
        });
    if (format.json()) {
      spec.commandLine().getOut().println(Json.pretty(array));
    } else {
      spec.commandLine().getOut().print(table);
    }
    if (local.organization().isEmpty()) {
      spec.commandLine()
          .getErr()
          .println("no organization file: nobody is in a team; give --organization FILE");
    }
    return ExitCode.DONE;
  }

  /// Every entry of the file as an account of its own.
  private static Map<String, Caller> callers(Organization organization) {
    Map<String, Caller> callers = new LinkedHashMap<>();
    callers.put("accounts that cannot be determined", Caller.UNKNOWN);
    callers.put(
        "accounts the file does not name", organization.caller(ANY, Set.of(), List.of(), false));
    for (String group : new TreeSet<>(organization.groups().keySet())) {
      callers.put("group " + group, organization.caller(ANY, Set.of(group), List.of(), false));
    }
    for (String user : new TreeSet<>(organization.users().keySet())) {
      callers.put("account " + user, organization.caller(user, Set.of(), List.of(), false));
    }
    return callers;
  }
}
