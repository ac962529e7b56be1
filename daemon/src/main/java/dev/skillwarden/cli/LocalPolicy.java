package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The policy for verbs that work without a daemon.
final class LocalPolicy {
  private LocalPolicy() {}

  /// The file given, else the home's, else the built-in policy.
  ///
  /// @throws IOException when the file cannot be read
  /// @throws InvalidTextException when it is refused
  static PolicyFile read(Optional<Path> file, Home home) throws IOException, InvalidTextException {
    Path path = file.orElse(home.policyFile());
    if (file.isEmpty() && !Files.exists(path)) {
      return PolicyFile.defaults();
    }
    return PolicyFile.parse(path.toString(), Files.readAllBytes(path));
  }
}
