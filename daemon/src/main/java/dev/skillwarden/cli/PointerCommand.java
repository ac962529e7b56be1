package dev.skillwarden.cli;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.sync.Pointer;
import dev.skillwarden.sync.RefusedException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `skillwarden catalog pointer …`: the small signed document a fleet polls.
@Command(
    name = "pointer",
    mixinStandardHelpOptions = true,
    description = "Signs and verifies the pointer that tells a fleet which commit to serve.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  openssl genpkey -algorithm ed25519 -out pointer.key",
      "  openssl pkey -in pointer.key -pubout -out pointer.pub",
      "  skillwarden catalog pointer sign --key pointer.key --public pointer.pub --name acme/stable"
          + " \\",
      "    --seq 42 --commit $(git rev-parse stable) > pointer",
      "  skillwarden catalog pointer verify --public pointer.pub pointer"
    },
    subcommands = {PointerCommand.Sign.class, PointerCommand.Verify.class})
final class PointerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  @Command(
      name = "sign",
      mixinStandardHelpOptions = true,
      description = "Writes a signed pointer to standard output.")
  static final class Sign implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--key", required = true, description = "Private Ed25519 key, PEM.")
    private Path key = Path.of("");

    @Option(names = "--public", required = true, description = "Its public half, PEM.")
    private Path verifier = Path.of("");

    @Option(names = "--name", required = true, description = "What it is for, such as acme/stable.")
    private String name = "";

    @Option(names = "--seq", required = true, description = "Its number, above the last one.")
    private long seq;

    @Option(names = "--commit", required = true, description = "Commit to serve, 40 hex digits.")
    private String commit = "";

    @Option(
        names = "--valid-hours",
        defaultValue = "72",
        description = "After this machines raise an alarm unless a new one came (default: 72).")
    private int hours = 72;

    @Option(names = "--bundle-url", description = "Where a git bundle with the commit lies.")
    private Optional<String> bundleUrl = Optional.empty();

    @Option(names = "--bundle", description = "The bundle itself, for its size and digest.")
    private Optional<Path> bundle = Optional.empty();

    @Override
    public Integer call() throws IOException {
      if (hours < 1 || bundleUrl.isPresent() != bundle.isPresent()) {
        throw new ParameterException(
            spec.commandLine(),
            "--valid-hours wants 1 or more; --bundle-url and --bundle go together");
      }
      try {
        Optional<Pointer.Bundle> announced = Optional.empty();
        if (bundle.isPresent()) {
          byte[] bytes = Files.readAllBytes(bundle.get());
          announced =
              Optional.of(new Pointer.Bundle(bundleUrl.orElse(""), Sha256.of(bytes), bytes.length));
        }
        Instant expires =
            InstantSource.system()
                .instant()
                .plus(Duration.ofHours(hours))
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
        Pointer pointer = new Pointer(name, seq, commit, expires, announced);
        spec.commandLine()
            .getOut()
            .print(
                pointer.sign(
                    Ed25519.privateKey(Files.readString(key)),
                    Ed25519.publicKeys(Files.readString(verifier)).getFirst()));
        spec.commandLine().getOut().flush();
        return ExitCode.DONE;
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      } catch (GeneralSecurityException e) {
        spec.commandLine().getErr().println("not signed: " + e.getMessage());
        return ExitCode.REFUSED;
      }
    }
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = "Checks a pointer's signature, form and expiry.")
  static final class Verify implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private FormatOption format;

    @Option(names = "--public", required = true, description = "Keys that may sign, PEM.")
    private Path verifier = Path.of("");

    @Parameters(paramLabel = "FILE")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      try {
        Pointer.Verified verified =
            Pointer.read(Files.readAllBytes(file), Ed25519.publicKeys(Files.readString(verifier)));
        Pointer pointer = verified.pointer();
        boolean expired = pointer.expires().isBefore(InstantSource.system().instant());
        out.println(
            format.json()
                ? Json.pretty(
                    Json.object()
                        .put("name", pointer.name())
                        .put("seq", pointer.seq())
                        .put("commit", pointer.commit())
                        .put("expires", pointer.expires().toString())
                        .put("expired", expired)
                        .put("key", verified.keyId()))
                : "%s number %d: commit %s, %s %s, signed by key %s"
                    .formatted(
                        pointer.name(),
                        pointer.seq(),
                        pointer.commit(),
                        expired ? "EXPIRED at" : "expires",
                        pointer.expires(),
                        verified.keyId()));
        return expired ? ExitCode.REFUSED : ExitCode.DONE;
      } catch (RefusedException e) {
        spec.commandLine().getErr().println(e.getMessage());
        return ExitCode.REFUSED;
      }
    }
  }
}
