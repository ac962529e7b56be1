package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where the verbs find the journal.
@FunctionalInterface
public interface JournalLocation {
  /// @param home value of `--home`, empty when it was not given
  /// @return directory of the journal, which need not exist
  Path directory(Optional<Path> home);

  /// `journal` of the home that the other verbs find too.
  ///
  /// @param environment environment variables
  static JournalLocation standard(Map<String, String> environment) {
    return home -> Home.locate(home, environment).journal();
  }
}
