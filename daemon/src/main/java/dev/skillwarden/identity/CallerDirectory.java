package dev.skillwarden.identity;

/// Who an operating-system account is to the organisation, at this moment.
@FunctionalInterface
public interface CallerDirectory {
  /// Looks the account up.
  ///
  /// @param account login name as the operating system says, never taken from a request
  /// @param admin whether the connection may use admin endpoints: control socket, and root or the
  ///   service account
  Caller caller(String account, boolean admin);
}
