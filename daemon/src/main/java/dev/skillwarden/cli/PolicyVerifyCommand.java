package dev.skillwarden.cli;

import dev.skillwarden.daemon.FileSignature;
import dev.skillwarden.keys.Ed25519;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Says whether a machine with these keys would take a policy.yaml or organization.yaml with"
            + " its FILE.sig, apart from the version it has.")
final class PolicyVerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SignableFile file;

  @Option(names = "--public", required = true, description = "Keys that may sign, PEM.")
  private Path keys = Path.of("");

  @Override
  public Integer call() throws IOException {
    Optional<SignableFile.Read> read = file.read(spec, InstantSource.system().instant());
    if (read.isEmpty()) {
      return ExitCode.REFUSED;
    }
    try {
      String key =
          FileSignature.verify(
              file.name(spec),
              read.get().bytes(),
              FileSignature.read(file.signature()),
              Ed25519.publicKeys(Files.readString(keys)));
      spec.commandLine()
          .getOut()
          .println("%s signed by key %s".formatted(read.get().described(), key));
      return ExitCode.DONE;
    } catch (IOException e) {
      spec.commandLine().getErr().println(file.path() + " is refused: " + e.getMessage());
      return ExitCode.REFUSED;
    }
  }
}
