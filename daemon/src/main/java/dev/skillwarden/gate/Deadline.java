package dev.skillwarden.gate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/// Runs a decision on a virtual thread of its own and gives up on it at the deadline.
///
/// Exactly one side may record the decision: the worker asks its [Claim] before it journals, and
/// after the deadline the claim belongs to the waiter.
final class Deadline {
  private final Duration limit;

  Deadline(Duration limit) {
    this.limit = limit;
  }

  /// Who records the decision. [#take] is true once.
  static final class Claim {
    private final AtomicBoolean taken = new AtomicBoolean();

    boolean take() {
      return taken.compareAndSet(false, true);
    }
  }

  /// @param work decides; must take the claim before it journals
  /// @param late answers when the deadline passed before the work took the claim
  /// @param failed answers when the work threw
  <T> T run(Function<Claim, T> work, Supplier<T> late, Function<Throwable, T> failed) {
    Claim claim = new Claim();
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread worker =
        Thread.ofVirtual()
            .name("decision")
            .start(() -> {
              try {
                result.complete(work.apply(claim));
              } catch (RuntimeException
                  | StackOverflowError
                  | OutOfMemoryError
                  | AssertionError e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      if (claim.take()) { // before the interrupt: a worker woken by it must not record any more
        worker.interrupt();
        return late.get();
      }
      // A worker that holds the claim is inside a journal append, which has its own bound, and what
      // it recorded is what must be answered. It is not interrupted: that could close the journal's
      // files. Still, nobody waits for ever.
      return afterAppend(result, failed);
    } catch (ExecutionException e) {
      return failed.apply(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      if (claim.take()) {
        worker.interrupt();
      }
      Thread.currentThread().interrupt();
      return failed.apply(e);
    }
  }

  private <T> T afterAppend(CompletableFuture<T> result, Function<Throwable, T> failed) {
    try {
      return result.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return failed.apply(e);
    } catch (ExecutionException e) {
      return failed.apply(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed.apply(e);
    }
  }
}
