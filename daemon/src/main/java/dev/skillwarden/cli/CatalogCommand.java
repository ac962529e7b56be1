package dev.skillwarden.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `skillwarden catalog …`: what channels serve. Every writing verb makes one commit on the
/// channel's branch and never pushes.
@Command(
    name = "catalog",
    mixinStandardHelpOptions = true,
    description = {
      "What channels serve: releases, old majors, roll back.",
      "A channel is a branch with a catalog of releases by tag team/name@1.2.3, with commit and",
      "digest. Every writing verb makes one commit on that branch; pushing stays with git."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden catalog build --channel latest          list every tagged release",
      "  skillwarden catalog promote --from latest --to stable --min-age 7d",
      "  skillwarden catalog resolve support/refund:1.x --channel stable",
      "  skillwarden catalog yank support/refund@1.4.0 --channel stable --reason 'leaks data'",
      "  skillwarden catalog rollback --skill support/refund --to 1.3.0 --channel stable"
    },
    subcommands = {
      CatalogBuildCommand.class,
      CatalogVerifyCommand.class,
      CatalogResolveCommand.class,
      CatalogLogCommand.class,
      CatalogDiffCommand.class,
      CatalogPinCommand.class,
      CatalogPromoteCommand.class,
      CatalogYankCommand.class,
      CatalogRollbackCommand.class,
      PointerCommand.class
    })
final class CatalogCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }
}
