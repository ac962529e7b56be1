package dev.skillwarden.e2e.attack;

import dev.skillwarden.e2e.attack.Attack.Profile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What came of every attack, as it is kept in `attack-results.json`: by attack, client version and
/// profile.
final class AttackResults {
  /// How an attack ended.
  enum Verdict {
    DENIED("denied"),
    /// The client begins no session.
    NOT_STARTED("client refuses to start"),
    OPEN("**open**");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  private final Map<String, Map<String, Verdict>> verdicts = new LinkedHashMap<>();

  void add(Attack attack, String version, Profile profile, Verdict verdict) {
    verdicts
        .computeIfAbsent(attack.id(), id -> new LinkedHashMap<>())
        .put(key(version, profile), verdict);
  }

  private static String key(String version, Profile profile) {
    return version + " " + profile.toString().toLowerCase(Locale.ROOT);
  }

  /// Verdicts of an attack by client version, for one profile.
  Map<String, Verdict> of(Attack attack, Profile profile) {
    Map<String, Verdict> found = new LinkedHashMap<>();
    String suffix = key("", profile);
    verdicts
        .getOrDefault(attack.id(), Map.of())
        .forEach((key, verdict) -> {
          if (key.endsWith(suffix)) {
            found.put(key.substring(0, key.length() - suffix.length()), verdict);
          }
        });
    return found;
  }

  void write(Path file) throws IOException {
    ObjectNode root = Json.object();
    verdicts.forEach((id, by) -> {
      ObjectNode attack = root.putObject(id);
      by.forEach((key, verdict) -> attack.put(key, verdict.name()));
    });
    Files.writeString(file, Json.pretty(root) + "\n");
  }

  static AttackResults read(Path file) throws IOException, InvalidTextException {
    AttackResults results = new AttackResults();
    for (Map.Entry<String, JsonNode> attack :
        Json.parse(file.toString(), Files.readAllBytes(file)).properties()) {
      Map<String, Verdict> by = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> one : attack.getValue().properties()) {
        by.put(one.getKey(), Verdict.valueOf(one.getValue().asString("")));
      }
      results.verdicts.put(attack.getKey(), by);
    }
    return results;
  }
}
