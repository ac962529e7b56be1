package dev.skillwarden.cli;

import dev.skillwarden.daemon.FileSignature;
import dev.skillwarden.keys.Ed25519;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "sign",
    mixinStandardHelpOptions = true,
    description = {
      "Checks a policy.yaml or organization.yaml and writes its signature beside it: FILE.sig.",
      "Needs the private key, no daemon and no network. Put both files onto the machines; those with"
          + " policy.require-signed take the one only with the other."
    },
    footerHeading = "%nExample:%n",
    footer = "  skillwarden policy sign policy.yaml --key policy.key --public policy.pub")
final class PolicySignCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SignableFile file;

  @Option(names = "--key", required = true, description = "Private Ed25519 key, PEM.")
  private Path key = Path.of("");

  @Option(names = "--public", required = true, description = "Its public half, PEM.")
  private Path publicKey = Path.of("");

  @Override
  public Integer call() throws IOException {
    Optional<SignableFile.Read> read = file.read(spec, InstantSource.system().instant());
    if (read.isEmpty()) {
      return ExitCode.REFUSED;
    }
    Ed25519.Verifier verifier = Ed25519.publicKeys(Files.readString(publicKey)).getFirst();
    try {
      WholeFile.write(
          file.signature(),
          FileSignature.sign(
              file.name(spec),
              read.get().bytes(),
              Ed25519.privateKey(Files.readString(key)),
              verifier));
    } catch (GeneralSecurityException e) {
      spec.commandLine().getErr().println("not signed: " + e.getMessage());
      return ExitCode.REFUSED;
    }
    spec.commandLine()
        .getOut()
        .println(
            "%s: %s signed by key %s"
                .formatted(file.signature(), read.get().described(), verifier.id()));
    return ExitCode.DONE;
  }
}
