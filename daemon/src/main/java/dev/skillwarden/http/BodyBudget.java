package dev.skillwarden.http;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// How many bytes of request bodies are held at once, by each account and by all together: one
/// account must not use up the memory all are served from.
final class BodyBudget {
  /// A body up to this size in bytes takes nothing: those of an account are bounded by the number
  /// of its requests, and are served whatever others send.
  static final int FREE = 16 << 10;

  /// How long a judgement may go on after it was given up.
  static final Duration GOES_ON = Duration.ofSeconds(10);

  private final DaemonServer.Bodies most;
  private final Map<String, Long> byOwner = new HashMap<>();
  private final Deque<Owed> owed = new ArrayDeque<>();
  private long all;

  /// What comes back by itself, at a time as of [System#nanoTime].
  private record Owed(String owner, long bytes, long due) {}

  BodyBudget(DaemonServer.Bodies most) {
    this.most = most;
  }

  /// Takes bytes for an account.
  ///
  /// @return whether there were as many left; [#giveBack] returns them
  synchronized boolean take(String owner, long bytes) {
    long own = byOwner.getOrDefault(owner, 0L) + bytes;
    if (own > most.account() || all + bytes > most.overall()) {
      return false;
    }
    byOwner.put(owner, own);
    all += bytes;
    return true;
  }

  synchronized void giveBack(String owner, long bytes) {
    if (bytes > 0) {
      all -= bytes;
      byOwner.merge(owner, -bytes, (own, less) -> own + less == 0 ? null : own + less);
    }
  }

  /// Gives back, in a while, what was taken for a request that was answered late: its judgement was
  /// given up, and may go on with the body in its hands until it notices.
  ///
  /// @param now as of [System#nanoTime]
  synchronized void giveBackLater(String owner, long bytes, long now) {
    owed.add(new Owed(owner, bytes, now + GOES_ON.toNanos()));
  }

  /// Gives back what is due.
  ///
  /// @param now as of [System#nanoTime]
  synchronized void sweep(long now) {
    for (Owed next = owed.peek(); next != null && now - next.due() >= 0; next = owed.peek()) {
      owed.remove();
      giveBack(next.owner(), next.bytes());
    }
  }

  /// What one account may hold.
  long most() {
    return most.account();
  }
}
