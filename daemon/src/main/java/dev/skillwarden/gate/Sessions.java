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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is remembered of running sessions: where each began, and the answers to recent tool calls.
/// Bounded: the oldest are forgotten.
final class Sessions {
  private static final int MAX_SESSIONS = 1_024;
  private static final int MAX_CALLS = 4_096;

  private final Map<String, Path> roots = bounded(MAX_SESSIONS);
  private final Map<CallKey, GateAnswer> answers = bounded(MAX_CALLS);
  private final Map<String, Made> made = bounded(MAX_CALLS);

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
    return session.isEmpty() ? cwd : roots.computeIfAbsent(account + '\n' + session, k -> cwd);
  }

  synchronized Optional<GateAnswer> answered(CallKey key) {
    return Optional.ofNullable(answers.get(key));
  }

  synchronized void remember(CallKey key, ToolRequest request, GateAnswer answer, Instant now) {
    answers.put(key, answer);
    Optional<SkillTool> tool = SkillTool.of(request.tool(), request.input());
    if (tool.isEmpty() || answer.verdict() == Verdict.DENY) {
      return;
    }
    made.merge(
        key.account() + '\n' + key.toolUseId(),
        new Made(Optional.of(request.place()), tool.get(), now),
        (known, also) ->
            known.place().equals(also.place()) && known.tool().equals(also.tool())
                ? known
                : new Made(Optional.empty(), known.tool(), known.at()));
  }

  /// Where the account's call of the tool was let pass, a short while ago; empty when no such call
  /// is known, or two of one id.
  synchronized Optional<Place> place(
      String account, String toolUseId, SkillTool tool, Instant now) {
    Made call = made.get(account + '\n' + toolUseId);
    return call == null
            || toolUseId.isEmpty()
            || !call.tool().equals(tool)
            || now.isAfter(call.at().plus(JOINED))
        ? Optional.empty()
        : call.place();
  }

  private static <K, V> Map<K, V> bounded(int max) {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > max;
      }
    };
  }
}
