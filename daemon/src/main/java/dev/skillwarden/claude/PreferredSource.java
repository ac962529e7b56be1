package dev.skillwarden.claude;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.OtherProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Managed settings that a client takes instead of files: it reads the first source only.
///
/// @param name for people
/// @param settings empty when they cannot be read
public record PreferredSource(String name, Optional<JsonNode> settings) {
  static final boolean MAC = System.getProperty("os.name").startsWith("Mac");
  public static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String DOMAIN = "com.anthropic.claudecode.plist";
  private static final Path PREFERENCES = Path.of("/Library/Managed Preferences");
  private static final String REGISTRY = "HKLM\\SOFTWARE\\Policies\\ClaudeCode";
  private static final Pattern VALUE =
      Pattern.compile("(?m)^\\s+Settings\\s+REG_(?:SZ|EXPAND_SZ)\\s+(.*)$");

  /// What device management has put on this machine; empty where files are read.
  public static Optional<PreferredSource> find() throws IOException, InterruptedException {
    if (MAC) {
      return preferences(PREFERENCES, System.getProperty("user.name"));
    }
    return WINDOWS ? registry() : Optional.empty();
  }

  /// The property list of the machine, else of the account.
  static Optional<PreferredSource> preferences(Path directory, String account)
      throws IOException, InterruptedException {
    for (Path file :
        List.of(directory.resolve(DOMAIN), directory.resolve(account).resolve(DOMAIN))) {
      if (Files.exists(file)) {
        return Optional.of(
            new PreferredSource(
                file.toString(),
                json(List.of("/usr/bin/plutil", "-convert", "json", "-o", "-", file.toString()))));
      }
    }
    return Optional.empty();
  }

  private static Optional<JsonNode> json(List<String> command)
      throws IOException, InterruptedException {
    OtherProgram.End end = new OtherProgram(command, Map.of(), Path.of("/")).run(PATIENCE);
    return end.wentWell() ? parsed(end.out()) : Optional.empty();
  }

  private static Optional<PreferredSource> registry() throws IOException, InterruptedException {
    OtherProgram.End end =
        new OtherProgram(
                List.of("reg.exe", "query", REGISTRY, "/v", "Settings"),
                Map.of(
                    "SystemRoot",
                    Optional.ofNullable(System.getenv("SystemRoot")).orElse("C:\\Windows")),
                Path.of("."))
            .run(PATIENCE);
    return end.wentWell() ? Optional.of(ofRegistry(end.out())) : Optional.empty();
  }

  /// @param printed what `reg query` prints of the value
  static PreferredSource ofRegistry(String printed) {
    Matcher value = VALUE.matcher(printed);
    return new PreferredSource(
        REGISTRY, value.find() ? parsed(value.group(1).strip()) : Optional.empty());
  }

  private static Optional<JsonNode> parsed(String text) {
    try {
      return Optional.of(Json.parse("managed settings", text));
    } catch (InvalidTextException e) {
      return Optional.empty();
    }
  }
}
