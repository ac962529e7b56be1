package dev.skillwarden.cli;

import dev.skillwarden.daemon.Logging;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `skillwarden`: one verb a class.
@Command(
    name = "skillwarden",
    mixinStandardHelpOptions = true,
    versionProvider = Main.ManifestVersion.class,
    description = {
      "Stands between AI coding agents and the company's skills: finds and hands out skills to"
          + " those",
      "who may use them, stops dangerous commands before they run, and journals every decision."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden start                        start the daemon of this user",
      "  skillwarden search refund a customer     find a skill by what you want to do",
      "  skillwarden explain --last               why was the last call blocked, and how to go on",
      "  skillwarden claude settings --mode user  settings that connect Claude Code",
      "",
      "Exit codes: 0 done, 1 denied or not as expected, 2 wrong usage, 3 no daemon to ask, 4"
          + " failure."
    })
public final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  static final class ManifestVersion implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"skillwarden " + VersionCommand.current()};
    }
  }

  public static void main(String[] args) {
    Logging.commandLine();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(args, out, err);
    out.flush();
    err.flush();
    System.exit(code);
  }

  static int run(String[] args, PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(new Main());
    line.addSubcommand(new StartCommand())
        .addSubcommand(new StopCommand())
        .addSubcommand(new StatusCommand())
        .addSubcommand(new DoctorCommand())
        .addSubcommand(new DiagnosticsCommand())
        .addSubcommand(new SyncCommand())
        .addSubcommand(new SearchCommand())
        .addSubcommand(new InvokeCommand())
        .addSubcommand(new ResolveCommand())
        .addSubcommand(new ListCommand())
        .addSubcommand(new ExplainCommand())
        .addSubcommand(new AppealCommand())
        .addSubcommand(new ElevateCommand())
        .addSubcommand(new LintCommand())
        .addSubcommand(new InitCommand())
        .addSubcommand(new NewCommand())
        .addSubcommand(new ImportCommand())
        .addSubcommand(new IndexCommand())
        .addSubcommand(new GateCommand())
        .addSubcommand(new EvalCommand())
        .addSubcommand(new CodeOwnersCommand())
        .addSubcommand(new WhoCanCommand())
        .addSubcommand(new WhatCanCommand())
        .addSubcommand(new CatalogCommand())
        .addSubcommand(new PolicyCommand())
        .addSubcommand(
            new JournalCommand(InstantSource.system(), System.getProperty("user.name"))
                .commandLine())
        .addSubcommand(new EnrollCommand())
        .addSubcommand(new UploadCommand())
        .addSubcommand(new ClaudeCommand())
        .addSubcommand(new VersionCommand());
    line.setOut(out).setErr(err);
    line.setParameterExceptionHandler((e, a) -> {
      err.println(e.getMessage());
      CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
      err.println("see: " + e.getCommandLine().getCommandSpec().qualifiedName(" ") + " --help");
      return ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((e, l, r) -> {
      System.getLogger(Main.class.getName()).log(System.Logger.Level.DEBUG, "verb failed", e);
      err.println(
          "failed: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
      return ExitCode.FAILURE;
    });
    return line.execute(args);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }
}
