package dev.skillwarden.effect;

/// Something a command would do. The span is the part of the text it was read from.
public sealed interface Effect {
  String span();

  /// @param path absolute and resolved; ends in `/*` when the content of a directory is meant
  /// @param known whether the path is fully known
  record Delete(String path, boolean recursive, boolean known, String by, String span)
      implements Effect {}

  /// @param content what is written, empty when it is not known
  record Write(String path, boolean known, String content, String span) implements Effect {}

  record Read(String path, String span) implements Effect {}

  /// Text from the network reaches an interpreter.
  record NetToExec(String source, String interpreter, String span) implements Effect {}

  /// Decoded text reaches an interpreter.
  record DecodedToExec(String span) implements Effect {}

  /// A secret file or the environment leaves the machine.
  record Upload(String path, String span) implements Effect {}

  /// A disk, partition or file system is overwritten.
  record DiskWrite(String device, String span) implements Effect {}

  /// A shell is connected to the network.
  record ReverseShell(String span) implements Effect {}

  record ForkBomb(String span) implements Effect {}

  /// Permissions or owner of a path are changed.
  ///
  /// @param how `recursive`, `wide` (open to all, closed or another owner), `raises` (set-user-id,
  ///   capabilities), empty for anything else
  record Permissions(String path, String how, String span) implements Effect {}

  record Network(String url, String span) implements Effect {}

  /// Something is deleted or stopped in a service: a database, a cloud, a cluster.
  ///
  /// @param what half a sentence: "drops a table"
  record Service(Pack pack, String what, String span) implements Effect {}

  /// Kinds of service, each with rules of its own in the policy.
  enum Pack {
    DATABASE,
    CLOUD,
    KUBERNETES,
    TERRAFORM,
    CONTAINERS,
    SAAS
  }

  /// A command with a name of its own rule.
  ///
  /// @param what stable name, see `Commands`
  record Notable(What what, String span) implements Effect {}

  /// Commands that are judged by what they are.
  enum What {
    GIT_FORCE_PUSH,
    GIT_LOCAL_DISCARD,
    GIT_HISTORY,
    CLIENT_MCP_SERVE,
    GUARD_CONTROL,
    GUARD_ACCESS,
    GUARD_SWITCH,
    PRIVILEGED_CONTAINER,
    POWER,
    ENV_INJECTION,
    ARGUMENT_EXEC,
    SECRET_STORE,
    CONFIG_EXEC,
    GIT_REMOTE,
    OBFUSCATED,
    SYSTEM_SETTING,
    SCHEDULED,
    FIREWALL,
    ACCOUNTS,
    SECRET_COMMIT,
    AGENT_CONFIG,
    /// A file is overwritten so that nobody can bring it back.
    UNRECOVERABLE,
    PRIVILEGE
  }

  /// The text could not be followed.
  ///
  /// @param budget whether it exceeds the budget, otherwise it does not parse
  record Unreadable(boolean budget, String why, String span) implements Effect {}
}
