package dev.skillwarden.upload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// What the machine runs on, by Linux's `/sys/class/power_supply`. Where there is no such directory
/// nothing is saved.
final class PowerSupply {
  /// Percent of charge below which power is saved.
  static final int LOW = 20;

  static final Path STANDARD = Path.of("/sys/class/power_supply");

  private final Path directory;

  PowerSupply(Path directory) {
    this.directory = directory;
  }

  /// Whether no mains power is there and a battery is low.
  boolean low() {
    List<Path> supplies;
    try (Stream<Path> files = Files.list(directory)) {
      supplies = files.toList();
    } catch (IOException e) {
      return false;
    }
    boolean mains = false;
    boolean low = false;
    for (Path supply : supplies) {
      if (text(supply, "type").equals("Battery")) {
        // Keyboards and mice have batteries too, of scope Device.
        boolean ours = !text(supply, "scope").equals("Device");
        low |= ours && number(supply, "capacity").orElse(100) < LOW;
        mains |= ours && text(supply, "status").equals("Charging");
      } else {
        mains |= number(supply, "online").orElse(0) > 0;
      }
    }
    return low && !mains;
  }

  private static String text(Path supply, String name) {
    try {
      return Files.readString(supply.resolve(name)).strip();
    } catch (IOException e) {
      return ""; // not every supply has every file
    }
  }

  private static OptionalInt number(Path supply, String name) {
    String text = text(supply, name);
    return text.matches("\\d{1,6}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
  }
}
