package dev.skillwarden.otlp;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Whose journal it is. With a record's number it names the record in all the world.
///
/// @param device id of the machine
/// @param install id of this journal: a new one begins with a new install
public record Identity(String device, String install) {
  public Identity {
    if (device.isBlank() || install.isBlank()) {
      throw new IllegalArgumentException(
          "device and install are wanted, found '%s' and '%s'".formatted(device, install));
    }
  }

  /// What an `enroll` or `key-rotation` record says.
  ///
  /// @return empty when the line is neither
  public static Optional<Identity> of(String line) {
    try {
      JsonNode facts = Json.parse("record", line).path("facts");
      String device = facts.path(JournalFormat.Facts.DEVICE).asString("");
      String install = facts.path(JournalFormat.Facts.INSTALL).asString("");
      return device.isBlank() || install.isBlank()
          ? Optional.empty()
          : Optional.of(new Identity(device, install));
    } catch (InvalidTextException e) {
      return Optional.empty();
    }
  }

  /// Origin of its checkpoints.
  public String origin() {
    return JournalFormat.ORIGIN + device + "/" + install;
  }
}
