package dev.skillwarden.daemon;

import dev.skillwarden.identity.Organization;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/// A configuration file that takes effect while the daemon runs. A file that is damaged, gone,
/// older than the one in force, not signed where it must be, or past its end changes nothing but
/// raises an alarm. What is in force ends when it says so.
///
/// @param <T> what the file says
final class WatchedFile<T> {
  /// So long before its end a file raises an alarm.
  static final Duration WARNED_BEFORE = Duration.ofDays(7);

  private static final System.Logger LOG = System.getLogger(WatchedFile.class.getName());
  private static final String NEVER_READ = "never read";

  /// Reads the bytes of a file.
  @FunctionalInterface
  interface Parser<T> {
    T parse(String name, byte[] bytes) throws InvalidTextException;
  }

  /// What there is to know of a kind of file.
  ///
  /// @param number the version number that never goes down
  /// @param validUntil when it ends
  /// @param leftOf what still holds of one that has ended
  /// @param absent what holds when there never was a file
  record Kind<T>(
      Parser<T> parser,
      ToIntFunction<T> number,
      Function<T, Optional<Instant>> validUntil,
      Function<T, Optional<T>> leftOf,
      T absent) {
    static final Kind<PolicyFile> POLICY =
        new Kind<>(
            PolicyFile::parse,
            PolicyFile::version,
            PolicyFile::validUntil,
            ended -> Optional.empty(),
            PolicyFile.defaults());

    static final Kind<Organization> ORGANIZATION =
        new Kind<>(
            Organization::parse,
            Organization::version,
            Organization::validUntil,
            ended -> Optional.of(ended.withoutMembers()),
            Organization.empty());
  }

  /// @param value empty when neither the file nor its last good copy may be used
  /// @param version number and first digits of the digest, for the journal
  /// @param alarm what is wrong, empty when nothing is
  record InForce<T>(Optional<T> value, int number, String version, String alarm) {}

  /// What was read last.
  ///
  /// @param value may have ended
  /// @param number the highest in force so far, whether or not it can still be used
  /// @param existed whether there is, or was, a file
  private record Held<T>(
      Optional<T> value, int number, String version, String alarm, boolean existed) {}

  private final Path file;
  private final LastGood lastGood;
  private final Kind<T> kind;
  private final Signing signing;
  private final InstantSource clock;
  private volatile Held<T> held = new Held<>(Optional.empty(), 0, "", "not read yet", false);
  private String stamp = NEVER_READ;
  private boolean endLogged;

  /// @param clock by which the file ends
  WatchedFile(Path file, LastGood lastGood, Kind<T> kind, Signing signing, InstantSource clock) {
    this.file = file;
    this.lastGood = lastGood;
    this.kind = kind;
    this.signing = signing;
    this.clock = clock;
  }

  InForce<T> inForce() {
    Held<T> now = held;
    if (!ended(now)) {
      return new InForce<>(now.value(), now.number(), now.version(), now.alarm());
    }
    String end =
        "%s version %s ended at %s; put a newer one in place"
            .formatted(file, now.version(), end(now).orElseThrow());
    return new InForce<>(
        now.value().flatMap(kind.leftOf()),
        now.number(),
        now.version(),
        now.alarm().isEmpty() ? end : now.alarm() + "; " + end);
  }

  /// What will be wrong soon, empty when nothing will.
  String warning() {
    Held<T> now = held;
    Optional<Instant> end = end(now);
    Instant time = clock.instant();
    return end.isEmpty() || ended(now) || time.isBefore(end.get().minus(WARNED_BEFORE))
        ? ""
        : "%s ends at %s, in %d hours; put a newer one in place before"
            .formatted(file, end.get(), Duration.between(time, end.get()).toHours());
  }

  private Optional<Instant> end(Held<T> of) {
    return of.value().flatMap(kind.validUntil());
  }

  private boolean ended(Held<T> of) {
    return end(of).filter(end -> !clock.instant().isBefore(end)).isPresent();
  }

  private boolean usable(Held<T> one) {
    return one.value().isPresent() && !ended(one);
  }

  /// Reads the file again when it has changed.
  synchronized void refresh() {
    String now = stamp();
    if (!now.equals(stamp)) {
      boolean first = stamp.equals(NEVER_READ);
      stamp = now;
      held = read(first ? fromCopy() : held);
      if (!held.alarm().isEmpty()) {
        LOG.log(Level.ERROR, held.alarm());
      } else if (!first) {
        LOG.log(Level.INFO, file + " is in force, version " + held.version());
      }
    }
    logEnd();
  }

  private void logEnd() {
    boolean over = ended(held);
    if (over && !endLogged) {
      LOG.log(Level.ERROR, inForce().alarm());
    }
    endLogged = over;
  }

  /// Takes the last good copy, whatever the file says.
  synchronized void useLastGood(String why) {
    stamp = stamp();
    Held<T> copy = fromCopy();
    held =
        usable(copy)
            ? new Held<>(copy.value(), copy.number(), copy.version(), why, true)
            : read(copy);
  }

  private Held<T> read(Held<T> before) {
    if (!Files.exists(file)) {
      return absent(before);
    }
    try {
      return judged(before, Files.readAllBytes(file));
    } catch (IOException e) {
      return kept(before, "%s cannot be read: %s".formatted(file, e));
    }
  }

  private Held<T> judged(Held<T> before, byte[] bytes) {
    try {
      Optional<byte[]> signature = signing.check(name(), bytes, file);
      T value = kind.parser().parse(file.toString(), bytes);
      int found = kind.number().applyAsInt(value);
      if (found < before.number()) {
        return kept(
            before,
            "%s has version %d, but version %d was in force; raise it"
                .formatted(file, found, before.number()));
      }
      Held<T> fresh = new Held<>(Optional.of(value), found, found + "-" + digest(bytes), "", true);
      if (!ended(fresh)) {
        keepCopy(bytes, signature);
      } else if (usable(before)) {
        return kept(before, "%s ended at %s".formatted(file, end(fresh).orElseThrow()));
      }
      return fresh;
    } catch (IOException | InvalidTextException e) {
      return kept(before, "%s is refused: %s".formatted(file, e.getMessage()));
    }
  }

  private String name() {
    return String.valueOf(file.getFileName());
  }

  private Held<T> absent(Held<T> before) {
    if (before.existed()) {
      return kept(before, file + " is gone; put it back");
    }
    if (signing.required()) {
      return kept(before, file + " is not there, and policy.require-signed wants it signed");
    }
    T absent = kind.absent();
    return new Held<>(Optional.of(absent), kind.number().applyAsInt(absent), "built-in", "", false);
  }

  private Held<T> kept(Held<T> before, String problem) {
    String holds =
        usable(before)
            ? "; version " + before.version() + " stays in force"
            : "; nothing is in force";
    return new Held<>(before.value(), before.number(), before.version(), problem + holds, true);
  }

  /// The last good copy; its number counts even when it cannot be used any more.
  private Held<T> fromCopy() {
    Path copy = lastGood.copyOf(file);
    if (!Files.exists(copy)) {
      return new Held<>(Optional.empty(), 0, "", "", false);
    }
    int found = 0;
    try {
      byte[] bytes = Files.readAllBytes(copy);
      T value = kind.parser().parse(copy.toString(), bytes);
      found = kind.number().applyAsInt(value);
      signing.check(name(), bytes, copy);
      return new Held<>(Optional.of(value), found, found + "-" + digest(bytes), "", true);
    } catch (IOException | InvalidTextException e) {
      LOG.log(Level.ERROR, "the last good copy " + copy + " cannot be used", e);
      return new Held<>(Optional.empty(), found, "", "", true);
    }
  }

  private void keepCopy(byte[] bytes, Optional<byte[]> signature) {
    try {
      lastGood.keep(file, bytes, signature);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "no last good copy of " + file + " could be kept", e);
    }
  }

  private String stamp() {
    return stamp(file) + (signing.required() ? stamp(FileSignature.of(file)) : "");
  }

  private static String stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
    } catch (IOException e) {
      return "missing: " + e.getClass().getSimpleName();
    }
  }

  static String digest(byte[] bytes) {
    return Sha256.of(bytes).substring(0, 8);
  }
}
