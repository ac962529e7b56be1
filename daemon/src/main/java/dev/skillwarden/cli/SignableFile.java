package dev.skillwarden.cli;

import dev.skillwarden.daemon.FileSignature;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// The file that is signed, in verbs that work on one.
final class SignableFile {
  private static final String POLICY = "policy.yaml";
  private static final String ORGANIZATION = "organization.yaml";

  @Parameters(paramLabel = "FILE", description = "The policy.yaml or organization.yaml.")
  private Path file = Path.of("");

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description = "policy.yaml or organization.yaml, for a FILE of another name.")
  private Optional<String> as = Optional.empty();

  /// A file that machines take.
  ///
  /// @param described its name, version and end
  record Read(byte[] bytes, String described) {}

  Path path() {
    return file;
  }

  Path signature() {
    return FileSignature.of(file);
  }

  /// Which of the two it is.
  ///
  /// @throws ParameterException when that cannot be told
  String name(CommandSpec spec) {
    String name = as.orElseGet(() -> String.valueOf(file.getFileName()));
    if (!name.equals(POLICY) && !name.equals(ORGANIZATION)) {
      throw new ParameterException(
          spec.commandLine(),
          "'%s' is neither %s nor %s; say with --as which of them it is"
              .formatted(name, POLICY, ORGANIZATION));
    }
    return name;
  }

  /// Reads the file as a machine does; what is wrong with it is printed.
  ///
  /// @return empty when a machine would refuse it
  Optional<Read> read(CommandSpec spec, Instant now) throws IOException {
    String name = name(spec);
    byte[] bytes = Files.readAllBytes(file);
    try {
      int version;
      Optional<Instant> end;
      if (name.equals(POLICY)) {
        PolicyFile policy = PolicyFile.parse(file.toString(), bytes);
        version = policy.version();
        end = policy.validUntil();
      } else {
        Organization organization = Organization.parse(file.toString(), bytes);
        version = organization.version();
        end = organization.validUntil();
      }
      if (end.isPresent() && !now.isBefore(end.get())) {
        spec.commandLine()
            .getErr()
            .println("%s ended at %s; set valid_until to later".formatted(file, end.get()));
        return Optional.empty();
      }
      return Optional.of(
          new Read(
              bytes,
              "%s version %d, %s,"
                  .formatted(
                      name, version, end.map(e -> "valid until " + e).orElse("without an end"))));
    } catch (InvalidTextException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return Optional.empty();
    }
  }
}
