package dev.skillwarden.repo;

import java.util.function.Consumer;
import org.eclipse.jgit.internal.JGitText;
import org.eclipse.jgit.lib.EmptyProgressMonitor;

/// Says how far a download is, and stops it when it has too many objects or is not wanted any more.
final class FetchMonitor extends EmptyProgressMonitor {
  private final FetchLimits limits;
  private final Consumer<String> shown;
  private volatile boolean exceeded;
  private boolean counts; // tasks of the server may count anything
  private String title = "";
  private int total;
  private int done;

  FetchMonitor(FetchLimits limits, Consumer<String> shown) {
    this.limits = limits;
    this.shown = shown;
  }

  /// Whether the download was stopped for its number of objects.
  boolean exceeded() {
    return exceeded;
  }

  @Override
  public void beginTask(String name, int work) {
    title = name;
    total = work;
    done = 0;
    counts = name.equals(JGitText.get().receivingObjects);
    exceeded |= counts && work > limits.maxObjects();
    show();
  }

  @Override
  public void update(int completed) {
    int before = done;
    done += completed;
    exceeded |= counts && done > limits.maxObjects();
    if (done / 1000 != before / 1000) {
      show();
    }
  }

  private void show() {
    shown.accept(
        total > 0
            ? "%s %,d of %,d".formatted(title, done, total)
            : "%s %,d".formatted(title, done));
  }

  @Override
  public boolean isCancelled() {
    return exceeded || Thread.currentThread().isInterrupted();
  }
}
