package dev.skillwarden.identity;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The elevations in force, kept in one file of the daemon's state. A damaged file grants nothing.
public final class Elevations {
  /// Longest time one grant may last.
  public static final Duration MAX_DURATION = Duration.ofHours(24);

  private static final System.Logger LOG = System.getLogger(Elevations.class.getName());

  private final Path file;
  private final InstantSource clock;
  private List<Elevation> grants;

  private Elevations(Path file, InstantSource clock, List<Elevation> grants) {
    this.file = file;
    this.clock = clock;
    this.grants = grants;
  }

  /// Reads the file; a missing one grants nothing.
  public static Elevations open(Path file, InstantSource clock) {
    List<Elevation> grants = new ArrayList<>();
    if (Files.exists(file)) {
      try {
        for (JsonNode node : Json.parse(file.toString(), Files.readAllBytes(file))) {
          grants.add(read(node));
        }
      } catch (IOException
          | InvalidTextException
          | DateTimeException
          | IllegalArgumentException e) {
        LOG.log(
            Level.ERROR,
            "no elevation is in force: " + file + " cannot be read; grant them again",
            e);
        grants.clear();
      }
    }
    return new Elevations(file, clock, List.copyOf(grants));
  }

  /// Grants of the account that have not expired.
  public synchronized List<Elevation> of(String account) {
    Instant now = clock.instant();
    return grants.stream()
        .filter(g -> g.account().equals(account) && now.isBefore(g.expires()))
        .toList();
  }

  /// Adds a grant and forgets expired ones.
  ///
  /// @throws IllegalArgumentException when it would last longer than [#MAX_DURATION]
  /// @throws IOException when it could not be kept; then it is not in force
  public synchronized void grant(Elevation elevation) throws IOException {
    if (Duration.between(elevation.granted(), elevation.expires()).compareTo(MAX_DURATION) > 0) {
      throw new IllegalArgumentException("an elevation lasts at most 24 hours");
    }
    Instant now = clock.instant();
    List<Elevation> next =
        new ArrayList<>(grants.stream().filter(g -> now.isBefore(g.expires())).toList());
    next.add(elevation);
    write(next);
    grants = List.copyOf(next);
  }

  private void write(List<Elevation> next) throws IOException {
    ObjectNode holder = Json.object();
    ArrayNode array = holder.putArray("grants");
    for (Elevation e : next) {
      ObjectNode node =
          array.addObject().put("id", e.id()).put("account", e.account()).put("team", e.team());
      e.skill().ifPresent(s -> node.put("skill", s));
      node.put("reason", e.reason())
          .put("granted_by", e.grantedBy())
          .put("granted", e.granted().toString())
          .put("expires", e.expires().toString());
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, Json.write(array) + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Elevation read(JsonNode node) {
    return new Elevation(
        node.path("id").asString(""),
        node.path("account").asString(""),
        node.path("team").asString(""),
        node.path("skill").isMissingNode()
            ? Optional.empty()
            : Optional.of(node.path("skill").asString("")),
        node.path("reason").asString(""),
        node.path("granted_by").asString(""),
        Instant.parse(node.path("granted").asString("")),
        Instant.parse(node.path("expires").asString("")));
  }
}
