package dev.skillwarden.gate;

import dev.skillwarden.policy.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// What is remembered of running sessions: where each began, and the answers to recent tool calls.
/// Bounded, and no account makes another forget: see [SharedMemory]. Names have at most 256
/// characters and a directory 4,096, so all of it takes some 2 MiB in common use, and 40 MiB when
/// somebody makes everything as long as it may be.
final class Sessions {
  private static final int MAX_SESSIONS = 1_024;
  private static final int MAX_CALLS = 2_048;

  /// Longest name of a skill that is remembered, in characters: no skill has a longer one.
  private static final int MAX_SKILL = 256;

  /// Longest answer that is remembered, in characters; a call with a longer one is judged again.
  private static final int MAX_ANSWER = 4_096;

  private final SharedMemory<String, Path> roots = new SharedMemory<>(MAX_SESSIONS);
  private final SharedMemory<CallKey, GateAnswer> answers = new SharedMemory<>(MAX_CALLS);
  private final SharedMemory<String, Made> made = new SharedMemory<>(MAX_CALLS);

  /// How long after its decision a call may reach us: time for a person to be asked about it.
  static final Duration JOINED = Duration.ofMinutes(5);

  /// A call of one of our tools that was let pass.
  ///
  /// @param place empty when calls of two places have the same id
  private record Made(Optional<Place> place, SkillTool tool, Instant at) {}

  /// One call as delivered; two deliveries of it (a hook and the relay) are equal.
  ///
  /// @param request [#digest] of the call: a plain hash code could be met by another command
  record CallKey(String account, String session, String toolUseId, String request) {}

  /// Digest of everything a call is judged by.
  static String digest(ToolRequest request) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (String part :
          List.of(
              request.tool(),
              request.agentType(),
              request.cwd().toString(),
              request.input().toString())) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_16BE); // keeps lone surrogates apart
        sha256.update(ByteBuffer.allocate(4).putInt(0, bytes.length));
        sha256.update(bytes);
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The directory in which the session was first seen.
  synchronized Path root(String account, String session, Path cwd) {
    if (session.isEmpty()) {
      return cwd;
    }
    Optional<Path> known = roots.get(account, session);
    if (known.isEmpty()) {
      roots.put(account, session, cwd);
    }
    return known.orElse(cwd);
  }

  synchronized Optional<GateAnswer> answered(CallKey key) {
    return answers.get(key.account(), key);
  }

  synchronized void remember(CallKey key, ToolRequest request, GateAnswer answer, Instant at) {
    if (answer.text().length() <= MAX_ANSWER) {
      answers.put(key.account(), key, answer);
    }
    Optional<SkillTool> tool = SkillTool.of(request.tool(), request.input());
    if (tool.isEmpty()
        || tool.get().skill().length() > MAX_SKILL
        || answer.verdict() == Verdict.DENY) {
      return;
    }
    Made now = new Made(Optional.of(request.place()), tool.get(), at);
    made.put(
        key.account(),
        key.toolUseId(),
        made.get(key.account(), key.toolUseId())
            .map(known ->
                known.place().equals(now.place()) && known.tool().equals(now.tool())
                    ? known
                    : new Made(Optional.empty(), known.tool(), known.at()))
            .orElse(now));
  }

  /// Where the account's call of the tool was let pass, a short while ago; empty when no such call
  /// is known, or two of one id.
  synchronized Optional<Place> place(
      String account, String toolUseId, SkillTool tool, Instant now) {
    return made.get(account, toolUseId)
        .filter(call ->
            !toolUseId.isEmpty()
                && call.tool().equals(tool)
                && !now.isAfter(call.at().plus(JOINED)))
        .flatMap(Made::place);
  }
}
