package dev.skillwarden.claude;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreferredSourceTest {
  @Test
  void theValueOfTheRegistryIsRead() {
    PreferredSource source =
        PreferredSource.ofRegistry(
            """
            HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode
                Settings    REG_SZ    {"disableAllHooks":true}

            """);
    assertTrue(source.settings().orElseThrow().path("disableAllHooks").asBoolean(false));
    assertEquals(
        Optional.empty(), PreferredSource.ofRegistry("    Settings    REG_SZ    {").settings());
    assertEquals(Optional.empty(), PreferredSource.ofRegistry("").settings());
  }

  /// Whether it can be read or not, it is the source that counts.
  @Test
  void aPropertyListThatIsThereIsFound(@TempDir Path directory) throws Exception {
    assertEquals(Optional.empty(), PreferredSource.preferences(directory, "dev"));
    Path own = Files.createDirectory(directory.resolve("dev"));
    Files.writeString(own.resolve("com.anthropic.claudecode.plist"), "no list");
    if (Files.isExecutable(Path.of("/usr/bin/plutil"))) {
      assertEquals(
          Optional.empty(), PreferredSource.preferences(directory, "dev").orElseThrow().settings());
    }
  }
}
