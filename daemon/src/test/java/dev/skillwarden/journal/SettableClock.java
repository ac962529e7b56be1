package dev.skillwarden.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that is set by hand.
final class SettableClock implements InstantSource {
  private volatile Instant now;

  SettableClock(Instant now) {
    this.now = now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  void set(Instant time) {
    now = time;
  }

  void advance(Duration time) {
    now = now.plus(time);
  }
}
