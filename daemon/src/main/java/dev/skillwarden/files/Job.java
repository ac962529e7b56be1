package dev.skillwarden.files;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/// Questions that one thread answers in one go, while the decision waits.
final class Job {
  /// Time between two looks at whether a job was begun.
  private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(5);

  private final List<Path> paths;
  private final boolean oneWay;
  private final CompletableFuture<Map<Path, Entry>> found = new CompletableFuture<>();
  private volatile long begun; // 0 until it was
  private volatile long took;

  /// @param oneWay whether the paths are the components of one
  Job(List<Path> paths, boolean oneWay) {
    this.paths = List.copyOf(paths);
    this.oneWay = oneWay;
  }

  /// Answers, unless nobody waits any more.
  void run(Looker looker, Turn turn) {
    if (found.isDone()) {
      return;
    }
    long start = System.nanoTime();
    begun = start == 0 ? 1 : start;
    try {
      Map<Path, Entry> answers = oneWay ? looker.along(paths, turn) : looker.each(paths, turn);
      took = System.nanoTime() - start;
      found.complete(answers);
    } catch (RuntimeException | Error e) {
      found.completeExceptionally(e);
    }
  }

  /// How long the file system took; the wait for a thread does not count, so that a busy machine
  /// does not look like a slow disk.
  long took() {
    return took;
  }

  /// Waits for the answers.
  ///
  /// @param budget nanoseconds the file system may take, from when the job was begun
  /// @param patience nanoseconds to wait for a thread before
  /// @param hopeless whether no thread will begin it soon
  /// @throws TimeoutException when that was not enough; nobody waits any more
  /// @throws ExecutionException when looking failed in a way nobody thought of
  Map<Path, Entry> await(long budget, long patience, BooleanSupplier hopeless)
      throws TimeoutException, ExecutionException, InterruptedException {
    long called = System.nanoTime();
    while (true) {
      long now = System.nanoTime();
      long left = begun == 0 ? patience - (now - called) : budget - (now - begun);
      if (left <= 0 || (begun == 0 && now - called > LOOK && hopeless.getAsBoolean())) {
        if (found.cancel(false)) {
          throw new TimeoutException();
        }
        return found.get();
      }
      try {
        return found.get(begun == 0 ? Math.min(left, LOOK) : left, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        // begun meanwhile, or over: looked at again
      }
    }
  }

  /// Nobody waits any more.
  void abandon() {
    found.cancel(false);
  }
}
