package dev.skillwarden.journal;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One thing the daemon decided or did. Flat, so that old journals stay readable. Text that does
/// not apply is empty. Never holds prompts, file contents or skill bodies.
///
/// @param id short id shown to the user with a denial, unique within a journal
/// @param kind what happened, see [Kind]
/// @param account the calling account
/// @param session client session id
/// @param tool tool name, for tool calls
/// @param toolUseId the client's id of the tool call
/// @param skill `team/name` for skill requests
/// @param decision `none`, `ask`, `deny`, `allow`, or an error code
/// @param command shell text of the call, redacted and cut
/// @param paths resolved paths the call writes or deletes, at most 32
/// @param digest keyed digest of the command as it was called, when `command` is not the whole of
///   it; made when the entry is stored, unless it has one
/// @param detail free text for people, redacted and cut
/// @param facts what kinds of the journal's own say, by name; redacted, but for receipts, which are
///   signed
/// @param matched which part of the command a rule was about, to be kept when the command is cut;
///   is not stored
public record JournalEntry(
    Instant time,
    String id,
    Kind kind,
    String account,
    String session,
    String tool,
    String toolUseId,
    String skill,
    String version,
    String decision,
    String rule,
    String reason,
    String command,
    String digest,
    List<String> paths,
    String outcome,
    String policyVersion,
    String catalogCommit,
    Duration duration,
    String detail,
    Map<String, String> facts,
    Span matched) {
  /// A part of a text.
  ///
  /// @param start first character
  /// @param end one past the last
  public record Span(int start, int end) {
    public static final Span NONE = new Span(0, 0);
  }

  /// Journalled in lower case with hyphens: never rename.
  public enum Kind {
    TOOL,
    TOOL_RESULT,
    EXPANSION,
    SESSION,
    CONFIG_CHANGE,
    SEARCH,
    INVOKE,
    ACCESS_CHECK,
    SYNC,
    ELEVATION,
    APPEAL,
    START,
    STOP,
    ENROLL,
    KEY_ROTATION,
    CHECKPOINT,
    SEGMENT,
    JOURNAL_LOST,
    RETENTION,
    RECEIPT,
    DELIVERY_REJECTED,
    UPLOAD_CONFIG
  }

  public JournalEntry {
    paths = List.copyOf(paths);
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  /// Starts an entry; the rest is filled with [Builder].
  public static Builder of(Instant time, String id, Kind kind, String account) {
    return new Builder(time, id, kind, account);
  }

  /// Fills the parts of an entry that apply.
  public static final class Builder {
    private final Instant time;
    private final String id;
    private final Kind kind;
    private final String account;
    private String session = "";
    private String tool = "";
    private String toolUseId = "";
    private String skill = "";
    private String version = "";
    private String decision = "";
    private String rule = "";
    private String reason = "";
    private String command = "";
    private String digest = "";
    private List<String> paths = List.of();
    private String outcome = "";
    private String policyVersion = "";
    private String catalogCommit = "";
    private Duration duration = Duration.ZERO;
    private String detail = "";
    private Map<String, String> facts = Map.of();
    private Span matched = Span.NONE;

    private Builder(Instant time, String id, Kind kind, String account) {
      this.time = time;
      this.id = id;
      this.kind = kind;
      this.account = account;
    }

    public Builder call(String session, String tool, String toolUseId) {
      this.session = session;
      this.tool = tool;
      this.toolUseId = toolUseId;
      return this;
    }

    public Builder skill(String skill, String version) {
      this.skill = skill;
      this.version = version;
      return this;
    }

    public Builder decision(String decision, String rule, String reason) {
      this.decision = decision;
      this.rule = rule;
      this.reason = reason;
      return this;
    }

    public Builder command(String command, List<String> paths) {
      this.command = command;
      this.paths = paths;
      return this;
    }

    public Builder digest(String digest) {
      this.digest = digest;
      return this;
    }

    public Builder outcome(String outcome) {
      this.outcome = outcome;
      return this;
    }

    /// @param policyVersion version of the policy in force
    /// @param catalogCommit commit of the catalog in force
    public Builder under(String policyVersion, String catalogCommit) {
      this.policyVersion = policyVersion;
      this.catalogCommit = catalogCommit;
      return this;
    }

    /// @param duration by the system's clock; none when that was put back in between
    public Builder took(Duration duration) {
      this.duration = duration.isNegative() ? Duration.ZERO : duration;
      return this;
    }

    public Builder detail(String detail) {
      this.detail = detail;
      return this;
    }

    public Builder facts(Map<String, String> facts) {
      this.facts = facts;
      return this;
    }

    /// @param matched part of the command that a rule was about
    public Builder matched(Span matched) {
      this.matched = matched;
      return this;
    }

    public JournalEntry build() {
      return new JournalEntry(
          time,
          id,
          kind,
          account,
          session,
          tool,
          toolUseId,
          skill,
          version,
          decision,
          rule,
          reason,
          command,
          digest,
          paths,
          outcome,
          policyVersion,
          catalogCommit,
          duration,
          detail,
          facts,
          matched);
    }
  }
}
