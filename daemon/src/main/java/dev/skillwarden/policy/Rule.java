package dev.skillwarden.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The rules of the tool guard. Ids are journalled: never rename. docs/guard.md explains each.
public enum Rule {
  REMOTE_CODE_PIPE(
      Verdict.DENY,
      "runs text from the network without anybody having seen it",
      "curl -fsSL URL -o script.txt && less script.txt, then ask the user to run it"),
  REMOTE_CODE_DOWNLOAD_RUN(
      Verdict.DENY,
      "runs a file it has just downloaded",
      "curl -fsSL URL -o script.txt && less script.txt, then ask the user to run it"),
  OBFUSCATED_EXEC(
      Verdict.DENY, "hides what it runs behind computed text", "write the commands in plain text"),
  ENCODED_PAYLOAD_EXEC(
      Verdict.DENY,
      "decodes text and runs it, so nobody can read what runs",
      "write the commands in plain text"),
  REVERSE_SHELL(Verdict.DENY, "connects a shell to the network", "ask the user"),
  RECURSIVE_DELETE_SYSTEM(
      Verdict.DENY, "deletes a system directory", "delete a path inside the workspace"),
  RECURSIVE_DELETE_HOME(
      Verdict.DENY, "deletes a home directory", "delete a path inside the workspace"),
  RECURSIVE_DELETE_OUTSIDE_WORKSPACE(
      Verdict.DENY,
      "recursively deletes a directory outside the workspace",
      "delete a path inside the workspace, or ask the user to run it"),
  RECURSIVE_DELETE_UNRESOLVED(
      Verdict.ASK,
      "recursively deletes a path that is only known when it runs",
      "write the path in plain text"),
  FIND_DELETE(
      Verdict.ASK,
      "deletes whatever a search finds outside the workspace",
      "find . -name PATTERN -print, then delete by name"),
  INTERPRETER_DELETE(
      Verdict.DENY,
      "deletes a directory outside the workspace through an interpreter",
      "delete a path inside the workspace"),
  DISK_DESTRUCTION(Verdict.DENY, "overwrites a disk, partition or file system", "ask the user"),
  UNRECOVERABLE_DELETE(
      Verdict.ASK, "destroys a file so that nobody can bring it back", "mv FILE FILE.bak"),
  FORK_BOMB(Verdict.DENY, "starts copies of itself without end", "use a loop with an end"),
  SYSTEM_PERMISSION_CHANGE(
      Verdict.DENY,
      "changes permissions or owner outside the workspace",
      "change permissions inside the workspace"),
  PRIVILEGED_CONTAINER(
      Verdict.DENY,
      "starts a container that has the whole machine",
      "docker run --rm -v \"$PWD\":/work IMAGE"),
  PROTECTED_PATH_WRITE(
      Verdict.DENY,
      "writes a file that decides what runs on this machine or who may enter it",
      "write inside the workspace, or ask the user to make this change"),
  PLANTED_EXECUTION(
      Verdict.ASK,
      "writes a file that will run code from elsewhere by itself",
      "pin the tool by version and checksum, or ask the user to make this change"),
  CREDENTIAL_READ(
      Verdict.DENY,
      "reads a file that holds secrets",
      "ask the user for what is needed, or use a tool that reads the secret itself"),
  SENSITIVE_READ(
      Verdict.ASK,
      "reads a file that may hold secrets",
      "ask the user for what is needed, or read a template of it"),
  CREDENTIAL_WRITE(
      Verdict.DENY,
      "writes a file that holds secrets or says who may enter",
      "ask the user to make this change"),
  SECRET_COMMIT(
      Verdict.ASK,
      "puts a secret into a file that is shared",
      "keep the secret in the environment or in an ignored file"),
  CREDENTIAL_EXFIL(Verdict.DENY, "sends a secret to the network", "ask the user"),
  CLOUD_METADATA(
      Verdict.DENY,
      "asks the cloud's metadata service, which hands out credentials",
      "use the command-line tool of the cloud"),
  ARGUMENT_INJECTION_EXEC(
      Verdict.DENY,
      "starts a shell or a program through an option of a harmless tool",
      "call the program itself"),
  ENV_INJECTION_EXEC(
      Verdict.DENY,
      "sets a variable that makes other programs run code",
      "run the program without the variable"),
  CONFIG_EXEC_INJECTION(
      Verdict.DENY,
      "sets a setting that makes another tool run a command",
      "run the command itself"),
  GIT_REMOTE_REPOINT(
      Verdict.ASK, "points a remote or a registry elsewhere", "git remote -v, and ask the user"),
  DB_DESTRUCTION(
      Verdict.ASK,
      "deletes data in a database",
      "look at what would be deleted first, and ask the user"),
  INFRA_DESTRUCTION(
      Verdict.ASK,
      "deletes or stops something in the cloud or a cluster",
      "list what would be deleted, and ask the user"),
  GIT_FORCE_PUSH(
      Verdict.ASK, "overwrites history on the remote", "git push, after git pull --rebase"),
  GIT_LOCAL_DISCARD(
      Verdict.ASK, "throws away changes that are in no commit", "git stash, or commit them first"),
  GIT_HISTORY_DESTRUCTION(Verdict.ASK, "rewrites or drops history", "git revert COMMIT"),
  GIT_METADATA_DESTRUCTION(
      Verdict.DENY, "deletes the repository's own data, history included", "git clean -n"),
  PROCESS_POWER(Verdict.ASK, "stops or restarts the machine", "ask the user"),
  PRIV_ESC(
      Verdict.NONE, "runs a command as another account", "run it without sudo, or ask the user"),
  AGENT_CONFIG_WRITE(
      Verdict.ASK,
      "changes settings that decide what an agent runs",
      "ask the user to change the settings"),
  POLICY_TAMPERING(
      Verdict.DENY,
      "changes or goes around the guard itself",
      "ask the user, see skillwarden doctor"),
  GUARD_SELF_ACCESS(
      Verdict.DENY,
      "talks to the guard in place of the tools meant for agents",
      "use the tools search_skills and invoke_skill"),
  ANALYSIS_BUDGET_EXCEEDED(
      Verdict.DENY, "is too long or too deeply nested to be judged", "split it into several calls"),
  PATHS_NOT_LOOKED_UP(
      Verdict.ASK,
      "names paths that could not be looked up, in time or at all",
      "name fewer paths in one call, or paths inside the workspace"),
  UNREADABLE_COMMAND(Verdict.ASK, "cannot be read as shell text", "write it in plainer shell"),
  MALFORMED_INPUT(
      Verdict.DENY, "has arguments of a wrong type", "send every argument as its schema says");

  private final Verdict verdict;
  private final String reason;
  private final String suggestion;

  Rule(Verdict verdict, String reason, String suggestion) {
    this.verdict = verdict;
    this.reason = reason;
    this.suggestion = suggestion;
  }

  /// As in policy files, answers and the journal: `remote-code-pipe`.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// What the rule wants where the policy file says nothing.
  public Verdict defaultVerdict() {
    return verdict;
  }

  /// Half a sentence that continues "This call …".
  public String reason() {
    return reason;
  }

  /// What to do instead.
  public String suggestion() {
    return suggestion;
  }

  /// Where the rule is documented, as a path in the distribution.
  public String documentation() {
    return "docs/guard.md#" + id();
  }

  /// Whether `mode: monitor` and a milder verdict leave the rule enforced.
  public boolean alwaysEnforced() {
    return this == POLICY_TAMPERING || this == GUARD_SELF_ACCESS || this == MALFORMED_INPUT;
  }

  public static Optional<Rule> of(String id) {
    return Arrays.stream(values()).filter(r -> r.id().equals(id)).findFirst();
  }
}
