package dev.skillwarden.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where the verbs find the journal.
@FunctionalInterface
public interface JournalLocation {
  /// @param home value of `--home`, empty when it was not given
  /// @return directory of the journal, which need not exist
  Path directory(Optional<Path> home);

  /// `journal` under the home given, else under `SKILLWARDEN_HOME`, else under
  /// `~/.local/share/skillwarden`.
  ///
  /// @param environment environment variables
  /// @param userHome home directory of the user
  static JournalLocation standard(Map<String, String> environment, Path userHome) {
    String variable = environment.getOrDefault("SKILLWARDEN_HOME", "");
    Path standard =
        variable.isEmpty() ? userHome.resolve(".local/share/skillwarden") : Path.of(variable);
    return home -> home.orElse(standard).resolve("journal");
  }
}
