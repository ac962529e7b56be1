package dev.skillwarden.repo;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How to log in to a remote. Replaces what a user's git and SSH configuration would bring; none of
/// those is ever read. Holds where secrets are, never a secret.
///
/// @param sshKey private key for `ssh://`, without passphrase, readable by its owner only
/// @param knownHosts host keys accepted for `ssh://`, in OpenSSH's format
/// @param username login name; without one `git` for `ssh://` (unless the URL names one) and
///   `x-access-token` for `https://`
/// @param secretFile file whose first line is the password or token for `https://`, readable by its
///   owner only
/// @param command program and arguments that print the secret as their first line; no shell
/// @param proxy `host:port` of an HTTP proxy, used for `https://` remotes only
/// @param caBundle PEM certificates trusted for `https://` instead of Java's own
public record Auth(
    Optional<Path> sshKey,
    Optional<Path> knownHosts,
    Optional<String> username,
    Optional<Path> secretFile,
    List<String> command,
    Optional<String> proxy,
    Optional<Path> caBundle) {
  public Auth {
    command = List.copyOf(command);
  }

  /// Anonymous, direct, Java's own certificates.
  public static Auth none() {
    return new Auth(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }
}
