package dev.skillwarden.sync;

import java.util.List;
import java.util.Optional;

/// Which commit of a source is served.
public sealed interface Pin {
  /// Exactly one, named by the administrator.
  ///
  /// @param sha 40 lower-case hex digits
  record Commit(String sha) implements Pin {}

  /// The one a branch stands at; a new one must descend from the last accepted one unless `ffOnly`
  /// is off.
  record Branch(String name, boolean ffOnly) implements Pin {}

  /// The one a signed pointer names.
  ///
  /// @param url `https://…`, or `http://` to this machine
  /// @param keys PEM texts of the public keys whose signature counts
  /// @param name what the pointer must be for; empty takes the first one's name and holds on to it
  /// @param ffOnly whether a new commit must descend from the last accepted one
  record ByPointer(
      String url,
      List<dev.skillwarden.keys.Ed25519.Verifier> keys,
      Optional<String> name,
      boolean ffOnly)
      implements Pin {
    public ByPointer {
      keys = List.copyOf(keys);
    }
  }

  /// What is followed, in one text: a change of it begins anew.
  default String follows() {
    return switch (this) {
      case Commit(String sha) -> "commit " + sha;
      case Branch(String name, boolean ff) -> "branch " + name;
      case ByPointer p -> "pointer " + p.url();
    };
  }
}
