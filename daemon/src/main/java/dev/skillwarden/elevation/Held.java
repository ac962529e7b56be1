package dev.skillwarden.elevation;

import dev.skillwarden.identity.Elevation;
import java.time.Duration;
import java.time.Instant;

/// A grant this machine has taken.
///
/// @param id short id, shown to people
/// @param document as it was handed in: the signed note, or the bare document where none is wanted
/// @param appliedBy account that handed it in
/// @param used loads so far
public record Held(
    String id, Grant grant, boolean signed, String document, String appliedBy, int used) {
  Held usedOnceMore() {
    return new Held(id, grant, signed, document, appliedBy, used + 1);
  }

  /// What it gives its account.
  static Elevation elevation(Held held, Grant.Skills grant) {
    return new Elevation(
        held.id(),
        grant.account(),
        grant.team(),
        grant.skill(),
        grant.terms().reason(),
        held.appliedBy(),
        grant.terms().notBefore(),
        grant.terms().expires(),
        grant.session());
  }

  /// Loads it still opens.
  public int usesLeft() {
    return grant instanceof Grant.Skills s ? Math.max(0, s.maxUses() - used) : 0;
  }

  /// On one line for people.
  public String line(Instant now) {
    Grant.Terms terms = grant.terms();
    String time =
        now.isBefore(terms.notBefore())
            ? "from %s until %s".formatted(terms.notBefore(), terms.expires())
            : "until %s (%s left)".formatted(terms.expires(), shown(now, terms.expires()));
    return switch (grant) {
      case Grant.Skills s ->
          "%s %s for %s%s %s, %d of %d uses left"
              .formatted(
                  id,
                  s.pattern(),
                  s.account(),
                  s.session().map(x -> " in session " + x).orElse(""),
                  time,
                  usesLeft(),
                  s.maxUses());
      case Grant.BreakGlass _ ->
          "%s BREAK-GLASS: the tool guard only watches %s".formatted(id, time);
    };
  }

  private static String shown(Instant now, Instant end) {
    Duration left = Duration.between(now, end);
    return left.toHours() > 0
        ? "%d h %d min".formatted(left.toHours(), left.toMinutesPart())
        : left.toMinutes() > 0 ? left.toMinutes() + " min" : Math.max(0, left.toSeconds()) + " s";
  }
}
