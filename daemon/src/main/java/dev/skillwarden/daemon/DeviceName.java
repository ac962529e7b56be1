package dev.skillwarden.daemon;

import dev.skillwarden.elevation.GrantStore;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Name of this machine in its journal. The machine id itself is confidential (machine-id(5)): a
/// hash of it stands in for it.
final class DeviceName {
  private static final List<Path> MACHINE_ID =
      List.of(Path.of("/etc/machine-id"), Path.of("/var/lib/dbus/machine-id"));
  private static final int DIGITS = 32;

  private DeviceName() {}

  /// @param configured `journal.device`, may be empty
  static String of(String configured) throws IOException {
    if (!configured.isEmpty()) {
      return configured;
    }
    for (Path file : MACHINE_ID) {
      String id = Files.isReadable(file) ? Files.readString(file).strip() : "";
      if (!id.isEmpty()) {
        return hashed(id);
      }
    }
    return GrantStore
        .UNNAMED; // such as a container: the install still tells one journal from another
  }

  private static String hashed(String id) {
    return Sha256.of("skillwarden device\n" + id).substring(0, DIGITS);
  }
}
