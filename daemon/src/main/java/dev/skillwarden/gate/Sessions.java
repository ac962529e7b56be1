package dev.skillwarden.gate;

import dev.skillwarden.policy.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is remembered of running sessions: where each began, and the answers to recent tool calls.
/// Bounded: the oldest are forgotten.
final class Sessions {
  private static final int MAX_SESSIONS = 1_024;
  private static final int MAX_CALLS = 4_096;

  private final Map<String, Path> roots = bounded(MAX_SESSIONS);
  private final Map<CallKey, GateAnswer> answers = bounded(MAX_CALLS);
  private final Map<String, String> sessions = bounded(MAX_CALLS);

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

  synchronized java.util.Optional<GateAnswer> answered(CallKey key) {
    return java.util.Optional.ofNullable(answers.get(key));
  }

  synchronized void remember(CallKey key, GateAnswer answer) {
    answers.put(key, answer);
    if (answer.verdict() != Verdict.DENY) {
      sessions.merge(
          key.account() + '\n' + key.toolUseId(),
          key.session(),
          (known, also) -> known.equals(also) ? known : "");
    }
  }

  /// The session in which the account's tool call was let pass; empty when none is known, or two.
  synchronized String of(String account, String toolUseId) {
    return toolUseId.isEmpty() ? "" : sessions.getOrDefault(account + '\n' + toolUseId, "");
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
