package dev.skillwarden.gate;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What is remembered of running sessions: where each began, and the answers to recent tool calls.
/// Bounded: the oldest are forgotten.
final class Sessions {
  private static final int MAX_SESSIONS = 1_024;
  private static final int MAX_CALLS = 4_096;

  private final Map<String, Path> roots = bounded(MAX_SESSIONS);
  private final Map<CallKey, GateAnswer> answers = bounded(MAX_CALLS);

  /// One call as delivered; two deliveries of it (a hook and the relay) are equal.
  record CallKey(String account, String session, String toolUseId, int request) {}

  /// The directory in which the session was first seen.
  synchronized Path root(String account, String session, Path cwd) {
    return session.isEmpty() ? cwd : roots.computeIfAbsent(account + '\n' + session, k -> cwd);
  }

  synchronized java.util.Optional<GateAnswer> answered(CallKey key) {
    return java.util.Optional.ofNullable(answers.get(key));
  }

  synchronized void remember(CallKey key, GateAnswer answer) {
    answers.put(key, answer);
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
