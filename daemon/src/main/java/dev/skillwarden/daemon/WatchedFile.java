package dev.skillwarden.daemon;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// A configuration file that takes effect while the daemon runs. A file that is damaged, gone or
/// older than the one in force changes nothing but raises an alarm.
///
/// @param <T> what the file says
final class WatchedFile<T> {
  private static final System.Logger LOG = System.getLogger(WatchedFile.class.getName());
  private static final String NEVER_READ = "never read";

  /// Reads the bytes of a file.
  @FunctionalInterface
  interface Parser<T> {
    T parse(String name, byte[] bytes) throws InvalidTextException;
  }

  /// @param value empty when neither the file nor its last good copy can be read
  /// @param version number and first digits of the digest, for the journal
  /// @param alarm what is wrong, empty when nothing is
  record InForce<T>(Optional<T> value, int number, String version, String alarm) {}

  private final Path file;
  private final LastGood lastGood;
  private final Parser<T> parser;
  private final ToIntFunction<T> number;
  private final T whenAbsent;
  private volatile InForce<T> inForce = new InForce<>(Optional.empty(), 0, "", "not read yet");
  private String stamp = NEVER_READ;

  /// @param number the version number that never goes down
  /// @param whenAbsent what holds when there never was a file
  WatchedFile(
      Path file, LastGood lastGood, Parser<T> parser, ToIntFunction<T> number, T whenAbsent) {
    this.file = file;
    this.lastGood = lastGood;
    this.parser = parser;
    this.number = number;
    this.whenAbsent = whenAbsent;
  }

  InForce<T> inForce() {
    return inForce;
  }

  /// Reads the file again when it has changed.
  synchronized void refresh() {
    String now = stamp();
    if (now.equals(stamp)) {
      return;
    }
    boolean first = stamp.equals(NEVER_READ);
    stamp = now;
    InForce<T> before = first ? fromCopy() : inForce;
    inForce = read(before);
    if (!inForce.alarm().isEmpty()) {
      LOG.log(Level.ERROR, inForce.alarm());
    } else if (!first) {
      LOG.log(Level.INFO, file + " is in force, version " + inForce.version());
    }
  }

  /// Takes the last good copy, whatever the file says.
  synchronized void useLastGood(String why) {
    stamp = stamp();
    InForce<T> copy = fromCopy();
    if (copy.value().isPresent()) {
      inForce = new InForce<>(copy.value(), copy.number(), copy.version(), why);
    } else {
      inForce = read(copy);
    }
  }

  private InForce<T> read(InForce<T> before) {
    if (!Files.exists(file)) {
      return before.value().isEmpty()
          ? new InForce<>(Optional.of(whenAbsent), number.applyAsInt(whenAbsent), "built-in", "")
          : kept(before, file + " is gone; put it back");
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      T value = parser.parse(file.toString(), bytes);
      int found = number.applyAsInt(value);
      if (found < before.number()) {
        return kept(
            before,
            "%s has version %d, but version %d was in force; raise it"
                .formatted(file, found, before.number()));
      }
      keepCopy();
      return new InForce<>(Optional.of(value), found, found + "-" + digest(bytes), "");
    } catch (IOException e) {
      return kept(before, "%s cannot be read: %s".formatted(file, e));
    } catch (InvalidTextException e) {
      return kept(before, "%s is refused: %s".formatted(file, e.getMessage()));
    }
  }

  private InForce<T> kept(InForce<T> before, String problem) {
    String holds =
        before.value().isPresent()
            ? "; version " + before.version() + " stays in force"
            : "; nothing is in force";
    return new InForce<>(before.value(), before.number(), before.version(), problem + holds);
  }

  private InForce<T> fromCopy() {
    Path copy = lastGood.copyOf(file);
    if (Files.exists(copy)) {
      try {
        byte[] bytes = Files.readAllBytes(copy);
        T value = parser.parse(copy.toString(), bytes);
        int found = number.applyAsInt(value);
        return new InForce<>(Optional.of(value), found, found + "-" + digest(bytes), "");
      } catch (IOException | InvalidTextException e) {
        LOG.log(Level.ERROR, "the last good copy " + copy + " cannot be used", e);
      }
    }
    return new InForce<>(Optional.empty(), 0, "", "");
  }

  private void keepCopy() {
    try {
      lastGood.keep(file);
    } catch (IOException e) {
      LOG.log(Level.ERROR, "no last good copy of " + file + " could be kept", e);
    }
  }

  private String stamp() {
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
