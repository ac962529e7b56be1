package dev.skillwarden.repo;

/// A commit could not be fetched. The message is for people: what, found, wanted, what to do. It
/// never contains a secret, and neither does anything attached to it: the library's own exceptions
/// may quote a server that echoes one, so they are not kept as the cause.
public final class FetchException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Shown in status and journalled: never rename.
  public enum Code {
    /// No usable answer from the remote.
    UNREACHABLE,
    /// The remote has no such commit, or does not hand it out.
    UNKNOWN_COMMIT,
    /// The remote refuses this login.
    UNAUTHORIZED,
    /// The SSH server shows a key that is not in the known hosts.
    HOST_KEY,
    /// A key, secret, command, known-hosts file or CA bundle cannot be used as it is.
    AUTH_CONFIG,
    /// The fetch took longer than the remote's timeout.
    TIMEOUT,
    /// A signature is missing, wrong or not from a configured signer.
    SIGNATURE,
    /// The commit does not descend from the last accepted one.
    NOT_A_DESCENDANT,
    /// More bytes or objects than the limits allow.
    TOO_LARGE,
    /// The store on this machine failed.
    LOCAL
  }

  private final Code code;

  FetchException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
