package dev.skillwarden.files;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.Paths;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// The file system for one decision. Asks each path once, all components of a path together, until
/// the time for it is used up; then it knows nothing more and says so.
final class LookupView implements FileView {
  private static final System.Logger LOG = System.getLogger(LookupView.class.getName());
  private static final Path ROOT = Path.of("/");

  private final PathLookups lookups;
  private final String account;
  private final Map<Path, Entry> known = new HashMap<>();
  private long budget = PathLookups.BUDGET.toNanos();
  private long patience = PathLookups.PATIENCE.toNanos();
  private boolean overrun;

  LookupView(PathLookups lookups, String account) {
    this.lookups = lookups;
    this.account = account;
  }

  @Override
  public void expect(Path start, Iterable<Path> rest) {
    List<Path> open = new ArrayList<>();
    Path path = start;
    for (Path name : rest) {
      if (name.toString().equals("..")) {
        break;
      }
      if (name.toString().isEmpty() || name.toString().equals(".")) {
        continue;
      }
      path = path.resolve(name);
      Entry entry = known.get(path);
      if (entry == null) {
        open.add(path);
      } else if (!entry.leadsOn()) {
        break;
      }
    }
    if (!open.isEmpty()) {
      ask(open, true);
    }
  }

  @Override
  public Optional<Path> link(Path path) {
    return entry(path).target();
  }

  @Override
  public boolean exists(Path path) {
    return switch (entry(path).kind()) {
      case LINK, REGULAR, DIRECTORY, OTHER -> true;
      case NOTHING, CLOSED, LINK_ON_THE_WAY, UNKNOWN -> false;
    };
  }

  @Override
  public Optional<Path> sameFile(Path path, Supplier<List<Path>> candidates) {
    Entry own = entry(path);
    if (own.kind() != Entry.Kind.REGULAR || own.links() < 2) {
      return Optional.empty();
    }
    List<Path> all = candidates.get();
    List<Path> open = all.stream().filter(p -> !known.containsKey(p)).distinct().toList();
    if (!open.isEmpty()) {
      ask(open, false);
    }
    return all.stream().filter(p -> own.isSameFile(entry(p))).findFirst();
  }

  @Override
  public boolean overrun() {
    return overrun;
  }

  private Entry entry(Path path) {
    Entry entry = known.get(path);
    if (entry == null) {
      Path parent = path.getParent();
      Entry above = parent == null ? null : known.get(parent);
      if (above != null && above.ends()) {
        entry = Entry.NOTHING;
        known.put(path, entry);
      } else {
        ask(List.of(path), false);
        entry = known.getOrDefault(path, Entry.UNKNOWN);
      }
    }
    if (entry.kind() == Entry.Kind.LINK_ON_THE_WAY) {
      entry = behindLinks(path);
      known.put(path, entry);
    }
    overrun |= entry.kind() == Entry.Kind.UNKNOWN;
    return entry;
  }

  /// What lies there once the links above it are followed, as the kernel would.
  private Entry behindLinks(Path path) {
    known.put(path, Entry.UNKNOWN); // a way that comes back to itself leads nowhere
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null) {
      return Entry.UNKNOWN;
    }
    Path real = Path.of(Paths.resolve(parent.toString(), ROOT, ROOT, this)).resolve(name);
    return real.equals(path) ? Entry.UNKNOWN : entry(real);
  }

  /// Fills in what can be found out. Paths that hang already are not asked about once more: that
  /// would take another thread of the account.
  private void ask(List<Path> paths, boolean oneWay) {
    List<Path> open = new ArrayList<>();
    for (Path path : paths) {
      if (lookups.hangs(account, path)) {
        known.put(path, Entry.UNKNOWN);
      } else {
        open.add(path);
      }
    }
    if (open.isEmpty() || budget <= 0) {
      open.forEach(p -> known.put(p, Entry.UNKNOWN));
      return;
    }
    Job job = new Job(open, oneWay);
    if (!lookups.submit(account, job)) {
      open.forEach(p -> known.put(p, Entry.UNKNOWN));
      return;
    }
    long start = System.nanoTime();
    try {
      known.putAll(job.await(budget, patience, () -> lookups.allHang(account)));
      budget -= job.took();
      patience -= System.nanoTime() - start - job.took();
    } catch (TimeoutException e) {
      budget = 0;
    } catch (ExecutionException e) {
      LOG.log(Level.ERROR, "a path lookup failed", e);
    } catch (InterruptedException e) {
      budget = 0; // the decision was given up
      job.abandon();
      Thread.currentThread().interrupt();
    }
  }
}
