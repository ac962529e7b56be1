package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jgit.lib.ProgressMonitor;

/// Runs exchanges with remotes so that none lasts too long or brings too much, whatever the server
/// does.
final class BoundedExchange {
  private static final System.Logger LOG = System.getLogger(BoundedExchange.class.getName());
  private static final Duration LOOK = Duration.ofMillis(200);

  private final Path store;
  private volatile String progress = "";

  /// @param store directory of the bare repository
  BoundedExchange(Path store) {
    this.store = store;
  }

  /// What the running exchange got to; empty while none runs.
  String progress() {
    return progress;
  }

  /// What is done with the remote.
  @FunctionalInterface
  interface Exchange {
    void run(ProgressMonitor monitor) throws FetchException, IOException, InterruptedException;
  }

  /// Runs an exchange on a thread of its own, until it ends, the time is over, or it brought more
  /// than the limits allow.
  void run(RemoteConfig remote, FetchLimits limits, Exchange exchange) throws FetchException {
    long before = size();
    if (before > limits.maxStoreBytes()) {
      throw tooLarge("the store has %,d MiB".formatted(before >> 20), limits);
    }
    FetchMonitor monitor = new FetchMonitor(limits, text -> progress = text);
    FutureTask<Void> task =
        new FutureTask<>(() -> {
          try {
            exchange.run(monitor);
          } catch (IOException e) {
            throw local(e);
          }
          return null;
        });
    Thread.ofVirtual().name("git-fetch").start(task);
    long deadline = System.nanoTime() + remote.timeout().toNanos();
    try {
      while (true) {
        try {
          long left = deadline - System.nanoTime();
          task.get(Math.clamp(left, 1, LOOK.toNanos()), TimeUnit.NANOSECONDS);
          return;
        } catch (TimeoutException e) {
          if (System.nanoTime() >= deadline) {
            throw RemoteFetch.timeout(remote);
          }
          long now = size();
          if (now - before > limits.maxBytes() || now > limits.maxStoreBytes()) {
            throw tooLarge("%s sent %,d MiB".formatted(remote.url(), (now - before) >> 20), limits);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException(Code.LOCAL, "the fetch was interrupted; the daemon is stopping");
    } catch (ExecutionException e) {
      if (monitor.exceeded()) {
        throw tooLarge(
            "%s has more than %,d objects".formatted(remote.url(), limits.maxObjects()), limits);
      }
      throw e.getCause() instanceof FetchException f ? f : unexpected(e);
    } finally {
      task.cancel(true);
      progress = "";
    }
  }

  private static FetchException tooLarge(String found, FetchLimits limits) {
    return new FetchException(
        Code.TOO_LARGE,
        "%s; at most %,d MiB a fetch, %,d MiB in all and %,d objects are taken. Clean up the repository, or raise sync.limits"
            .formatted(
                found, limits.maxBytes() >> 20, limits.maxStoreBytes() >> 20, limits.maxObjects()));
  }

  /// Bytes of packs, finished or on the way.
  private long size() {
    long size = 0;
    Path objects = store.resolve("objects");
    for (Path directory : List.of(objects, objects.resolve("pack"))) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          if (Files.isRegularFile(file)) {
            size += Files.size(file);
          }
        }
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "a file of the store went away while it was looked at", e);
      }
    }
    return size;
  }

  private static FetchException unexpected(ExecutionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    LOG.log(Level.ERROR, "a fetch failed in an unexpected way: " + cause.getClass().getName());
    return new FetchException(
        Code.LOCAL,
        "the fetch failed (%s); please report this".formatted(cause.getClass().getSimpleName()));
  }

  FetchException local(IOException e) {
    return new FetchException(
        Code.LOCAL,
        "the store %s failed: %s; look at its disk space and permissions, or move it away to have it"
                .formatted(store, e.getMessage())
            + " made again");
  }
}
