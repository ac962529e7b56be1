package dev.skillwarden.cli;

import dev.skillwarden.daemon.ConfigKey;
import dev.skillwarden.elevation.Grant;
import dev.skillwarden.elevation.GrantKeys;
import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `skillwarden elevate …`: grants that open sensitive skills, or soften the guard, for a while.
@Command(
    mixinStandardHelpOptions = true,
    name = "elevate",
    description = {
      "Opens sensitive skills to an account for a while, by a grant that the organisation signed.",
      "",
      "The security team makes a key once and grants when they are asked for; machines have the"
          + " public key in elevation.keys. Who hands a grant in does not matter: it is for the"
          + " account and the machine it names, and is taken once."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden elevate key --key elevation.key --public elevation.pub",
      "  skillwarden elevate issue --key elevation.key --public elevation.pub --account ana \\",
      "    --device 0a1b --skill finance/budget-approval --reason 'month end' --out ana.grant",
      "  skillwarden elevate apply ana.grant"
    },
    subcommands = {
      ElevateCommand.Key.class,
      ElevateCommand.Issue.class,
      ElevateCommand.Apply.class,
      ElevateCommand.Show.class,
      ElevateCommand.Unsigned.class
    })
final class ElevateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  @Command(
      name = "key",
      mixinStandardHelpOptions = true,
      description =
          "Makes the key pair that signs grants. The private key stays with those who grant.")
  static final class Key implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--key", required = true, description = "Where the private key goes, PEM.")
    private Path key = Path.of("");

    @Option(names = "--public", required = true, description = "Where the public key goes, PEM.")
    private Path publicKey = Path.of("");

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
      for (Path file : List.of(key, publicKey)) {
        if (Files.exists(file)) {
          spec.commandLine().getErr().println(file + " is there already; it is left as it is");
          return ExitCode.REFUSED;
        }
      }
      List<String> pair = Ed25519.generate();
      PrivateFiles.write(key, pair.getFirst().getBytes(StandardCharsets.UTF_8));
      WholeFile.write(publicKey, pair.getLast());
      spec.commandLine()
          .getOut()
          .println(
              "key %s: %s stays with those who grant, %s goes to the machines as elevation.keys"
                  .formatted(Ed25519.publicKeys(pair.getLast()).getFirst().id(), key, publicKey));
      return ExitCode.DONE;
    }
  }

  /// What a grant is for.
  static final class Scope {
    @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "For one skill.")
    private @Nullable String skill;

    @Option(
        names = "--team",
        paramLabel = "TEAM",
        description = "For all sensitive skills of a team.")
    private @Nullable String team;

    private String pattern() {
      return skill != null ? skill : team + "/*";
    }
  }

  @Command(
      name = "issue",
      mixinStandardHelpOptions = true,
      description = {
        "Writes a signed grant. Needs the private key, no daemon and no network.",
        "",
        "With --break-glass it lets the tool guard of one machine only watch, for 4 hours at most;"
            + " skills stay closed to whom they were."
      })
  static final class Issue implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--key", required = true, description = "Private Ed25519 key, PEM.")
    private Path key = Path.of("");

    @Option(names = "--public", required = true, description = "Its public half, PEM.")
    private Path publicKey = Path.of("");

    @Option(
        names = "--name",
        description = "elevation.name of the machines (default: ${DEFAULT-VALUE}).")
    private String name = ConfigKey.ELEVATION_NAME.defaultValue();

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    static final class What {
      @ArgGroup(exclusive = false)
      private @Nullable Opens opens;

      @Option(names = "--break-glass", required = true, description = "Soften the tool guard.")
      private boolean breakGlass;
    }

    static final class Opens {
      @ArgGroup(multiplicity = "1")
      private Scope scope = new Scope();

      @Option(names = "--account", required = true, description = "Login name it is for.")
      private String account = "";

      @Option(
          names = "--session",
          description = "Only in this session of the client; asked for over MCP or typed there.")
      private Optional<String> session = Optional.empty();

      @Option(
          names = "--uses",
          description = "Loads it opens, 1 to 1000 (default: ${DEFAULT-VALUE}).")
      private int uses = 20;
    }

    @Option(
        names = "--device",
        required = true,
        description = "The one machine it is for; `skillwarden elevate list` there says its name.")
    private String device = "";

    @Option(names = "--reason", required = true, description = "Why, kept in the journal.")
    private String reason = "";

    @Option(
        names = "--minutes",
        description =
            "For how long, at most 1440, with --break-glass 240 (default: ${DEFAULT-VALUE}).")
    private int minutes = 60;

    @Option(
        names = "--not-before",
        paramLabel = "TIME",
        description = "From when, such as 2027-01-31T08:00:00Z (default: now).")
    private @Nullable String notBefore;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "Where it goes (default: standard output).")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
      if (!GrantKeys.NAME.matcher(name).matches()) {
        throw new ParameterException(
            spec.commandLine(),
            "--name wants 1 to 128 letters, digits, '.', '_', '/' and '-', found '" + name + "'");
      }
      Grant grant = grant();
      try {
        String note =
            GrantKeys.sign(
                grant,
                name,
                Ed25519.privateKey(Files.readString(key)),
                Ed25519.publicKeys(Files.readString(publicKey)).getFirst());
        if (out == null) {
          spec.commandLine().getOut().print(note);
          spec.commandLine().getOut().flush();
        } else {
          WholeFile.write(out, note);
        }
        spec.commandLine().getErr().println("the grant " + grant.described());
        return ExitCode.DONE;
      } catch (GeneralSecurityException e) {
        spec.commandLine().getErr().println("not signed: " + e.getMessage());
        return ExitCode.REFUSED;
      }
    }

    /// What was asked for, read as the machine will read it.
    private Grant grant() {
      try {
        return Grant.parse("grant", asked(terms()).document());
      } catch (InvalidTextException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }

    private Grant asked(Grant.Terms terms) {
      if (what.breakGlass || what.opens == null) {
        return new Grant.BreakGlass(terms);
      }
      String pattern = what.opens.scope.pattern();
      int slash = pattern.indexOf('/');
      return new Grant.Skills(
          terms,
          pattern.substring(0, Math.max(0, slash)),
          Optional.of(pattern.substring(slash + 1)),
          what.opens.account,
          what.opens.session,
          what.opens.uses);
    }

    private Grant.Terms terms() {
      try {
        Instant start =
            notBefore == null
                ? InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS)
                : Instant.parse(notBefore);
        return Grant.Terms.of(
            device, start, start.plus(Duration.ofMinutes(minutes)), reason, new SecureRandom());
      } catch (DateTimeException e) {
        throw new ParameterException(
            spec.commandLine(), "--not-before wants a time like 2027-01-31T08:00:00Z", e);
      }
    }
  }

  @Command(
      name = "apply",
      mixinStandardHelpOptions = true,
      description = "Hands in a signed grant. Any account may.")
  static final class Apply implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private FormatOption format;

    @Parameters(paramLabel = "FILE", description = "The grant, - for standard input.")
    private String file = "";

    @Override
    public Integer call() throws IOException {
      String grant = file.equals("-") ? standardInput() : Files.readString(Path.of(file));
      return new Remote(home, spec.commandLine().getErr())
          .post(
              "/v1/elevations",
              Json.object().put("grant", grant),
              answer -> shown(spec, format, answer));
    }

    private static String standardInput() throws IOException {
      InputStream in = System.in; // not closed: it is not ours
      return new String(in.readNBytes(Grant.MAX_BYTES + 1), StandardCharsets.UTF_8);
    }
  }

  private static int shown(CommandSpec spec, FormatOption format, JsonNode answer) {
    spec.commandLine()
        .getOut()
        .println(
            format.json() ? Json.pretty(answer) : "granted " + answer.path("text").asString(""));
    return ExitCode.DONE;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Shows the grants held for you, all of them to an administrator.")
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private FormatOption format;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      return new Remote(home, spec.commandLine().getErr())
          .get(
              "/v1/elevations",
              answer -> {
                if (format.json()) {
                  out.println(Json.pretty(answer));
                  return ExitCode.DONE;
                }
                out.println("device " + answer.path("device").asString(""));
                answer
                    .path("elevations")
                    .forEach(e ->
                        out.println(
                            e.path("text").asString("") + ": " + e.path("reason").asString("")));
                return ExitCode.DONE;
              });
    }
  }

  @Command(
      name = "grant",
      mixinStandardHelpOptions = true,
      description =
          "Grants without a signature, where elevation.require-signed is false. For root or the"
              + " service account.")
  static final class Unsigned implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private FormatOption format;

    @Parameters(paramLabel = "ACCOUNT", description = "Login name.")
    private String account = "";

    @ArgGroup(multiplicity = "1")
    private Scope scope = new Scope();

    @Option(
        names = "--reason",
        paramLabel = "WHY",
        required = true,
        description = "Why, kept in the journal.")
    private String reason = "";

    @Option(
        names = "--minutes",
        paramLabel = "N",
        description = "For how long, at most a day (default: ${DEFAULT-VALUE}).")
    private int minutes = 60;

    @Override
    public Integer call() {
      ObjectNode request =
          Json.object().put("account", account).put("reason", reason).put("minutes", minutes);
      if (scope.skill != null) {
        request.put("skill", scope.skill);
      }
      if (scope.team != null) {
        request.put("team", scope.team);
      }
      return new Remote(home, spec.commandLine().getErr())
          .post("/v1/admin/elevations", request, answer -> shown(spec, format, answer));
    }
  }
}
