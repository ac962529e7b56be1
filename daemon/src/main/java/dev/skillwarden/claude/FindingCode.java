package dev.skillwarden.claude;

/// What a check was about, or what it found. Scripts and device management know these: never
/// rename. docs/deploy.md lists each with what to do.
public enum FindingCode {
  MANAGED_FILES,
  MANAGED_MISSING,
  MANAGED_BROKEN,
  MANAGED_OWNER,
  MANAGED_WRITABLE,
  MANAGED_UNREADABLE,
  MANAGED_NOT_CHECKED,
  HOOKS_OFF,
  POLICY_HELPER,
  HOOK_PRE_TOOL_USE("HOOK_PreToolUse"),
  HOOK_USER_PROMPT_EXPANSION("HOOK_UserPromptExpansion"),
  HOOK_URLS,
  PINS,
  MCP,
  SOURCE,
  CLIENT,
  CLIENT_NOT_RUN,
  CLIENT_DENY,
  CLIENT_PASS,
  CLIENT_OPEN,
  CLIENT_SILENT,
  PORT,
  PORT_DENY,
  PORT_PASS,
  PORT_SILENT,
  RELAY,
  RELAY_DENY,
  RELAY_PASS,
  RELAY_SILENT,
  CANARY,
  CANARY_PENDING,
  CANARY_STALE,
  CONFIG,
  CONFIG_INVALID,
  POLICY,
  POLICY_INVALID,
  ORGANIZATION,
  ORGANIZATION_INVALID,
  CURL,
  CURL_MISSING,
  DAEMON,
  DAEMON_DOWN,
  DAEMON_UNREACHABLE,
  NOT_READY,
  SYNC,
  ALARM,
  REPOSITORY,
  REPOSITORY_READABLE,
  UPLOAD,
  UPLOAD_FILES,
  ELEVATION,
  SYSTEM_MODE,
  USER_MODE;

  private final String id;

  FindingCode() {
    this.id = name();
  }

  FindingCode(String id) {
    this.id = id;
  }

  /// As it is printed.
  public String id() {
    return id;
  }
}
