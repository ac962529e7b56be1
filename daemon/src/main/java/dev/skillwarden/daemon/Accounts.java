package dev.skillwarden.daemon;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// What the local account files say: homes and groups. Accounts of a directory service that the
/// files do not list have no groups here and the daemon's own home.
final class Accounts {
  private static final System.Logger LOG = System.getLogger(Accounts.class.getName());

  private final Map<Integer, String> names = new HashMap<>();
  private final Map<String, Path> homes = new HashMap<>();
  private final Map<String, Set<String>> groups = new HashMap<>();
  private final Path fallbackHome;

  private Accounts(Path fallbackHome) {
    this.fallbackHome = fallbackHome;
  }

  /// Reads `/etc/passwd` and `/etc/group` style files.
  ///
  /// @param fallbackHome home of accounts the files do not list
  static Accounts read(Path passwd, Path group, Path fallbackHome) {
    Accounts accounts = new Accounts(fallbackHome);
    Map<String, String> groupNames = new HashMap<>();
    for (String[] fields : lines(group)) {
      if (fields.length >= 4) {
        groupNames.put(fields[2], fields[0]);
        for (String member : fields[3].split(",", -1)) {
          accounts.groups.computeIfAbsent(member, m -> new HashSet<>()).add(fields[0]);
        }
      }
    }
    for (String[] fields : lines(passwd)) {
      if (fields.length >= 6) {
        if (fields[2].matches("\\d{1,9}")) {
          accounts.names.putIfAbsent(Integer.parseInt(fields[2]), fields[0]);
        }
        if (fields[5].startsWith("/")) {
          accounts.homes.put(fields[0], Path.of(fields[5]));
        }
        String primary = groupNames.get(fields[3]);
        if (primary != null) {
          accounts.groups.computeIfAbsent(fields[0], m -> new HashSet<>()).add(primary);
        }
      }
    }
    return accounts;
  }

  private static List<String[]> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
          .map(l -> l.split(":", -1))
          .toList();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot read " + file + "; accounts have no groups from it", e);
      return List.of();
    }
  }

  /// Login name of a numeric account id; empty when the files do not list it.
  Optional<String> name(int uid) {
    return Optional.ofNullable(names.get(uid));
  }

  /// Numeric id of an account; empty when the files do not list it.
  OptionalInt id(String account) {
    return names.entrySet().stream()
        .filter(e -> e.getValue().equals(account))
        .mapToInt(Map.Entry::getKey)
        .findFirst();
  }

  Path home(String account) {
    return homes.getOrDefault(account, fallbackHome);
  }

  Set<String> groups(String account) {
    return Set.copyOf(groups.getOrDefault(account, Set.of()));
  }
}
