package dev.skillwarden.daemon;

import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// Whether a daemon that starts now would take a `policy.yaml` or `organization.yaml` as it lies
/// there, apart from the version that was in force.
///
/// @param ok whether it would
/// @param said what there is to say of the file, for people
/// @param next what to do, empty when it is good
public record FileCheck(boolean ok, String said, String next) {
  private static final String UNTIL_THEN = "; until then the last good one is in force";

  /// @param signing whose signature the file needs
  public static FileCheck policy(Path file, Signing signing, Instant now) {
    return of(file, WatchedFile.Kind.POLICY, signing, now);
  }

  /// @param signing whose signature the file needs
  public static FileCheck organization(Path file, Signing signing, Instant now) {
    return of(file, WatchedFile.Kind.ORGANIZATION, signing, now);
  }

  private static <T> FileCheck of(
      Path file, WatchedFile.Kind<T> kind, Signing signing, Instant now) {
    if (!Files.exists(file)) {
      return signing.required()
          ? bad(
              file + " is not there, and policy.require-signed wants it signed",
              "put it in place with its .sig" + UNTIL_THEN)
          : good(file + " is not there; the built-in one holds");
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      signing.check(String.valueOf(file.getFileName()), bytes, file);
      T value = kind.parser().parse(file.toString(), bytes);
      Optional<Instant> end = kind.validUntil().apply(value);
      if (end.isPresent() && !now.isBefore(end.get())) {
        return bad("%s ended at %s".formatted(file, end.get()), "put a newer one in place");
      }
      return good(file + (signing.required() ? " is valid and signed" : " is valid"));
    } catch (InvalidTextException | IOException e) {
      return bad(
          "%s is refused: %s".formatted(file, e.getMessage()),
          "correct what it names" + UNTIL_THEN);
    }
  }

  private static FileCheck good(String said) {
    return new FileCheck(true, said, "");
  }

  private static FileCheck bad(String said, String next) {
    return new FileCheck(false, said, next);
  }
}
