package dev.skillwarden.files;

import dev.skillwarden.effect.FileView;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The threads that ask the file system. A lookup that hangs cannot be called back, so each account
/// has few of them: when all of an account hang, its questions stay open, and no other account
/// notices. They are no virtual threads, since one that hangs in the kernel takes a carrier with
/// it.
public final class PathLookups {
  /// Time for all questions of one decision.
  public static final Duration BUDGET = Duration.ofMillis(50);

  /// Time a decision waits in all for a thread to begin, on a machine that is busy.
  static final Duration PATIENCE = Duration.ofMillis(250);

  /// A lookup that takes so long is told as hanging; a disk that wakes up is not.
  static final Duration TOLD = Duration.ofSeconds(1);

  static final int PER_ACCOUNT = 4;
  static final int TOTAL = 64;

  /// Threads beyond the first of an account leave so many of the total to others.
  private static final int RESERVED = TOTAL / 4;

  private static final int WAITING = 64;
  private static final long IDLE = TimeUnit.SECONDS.toNanos(10);

  /// Time between two looks at whether another thread of the account is done with a path.
  private static final long COLLISION = TimeUnit.MICROSECONDS.toNanos(50);

  private static final System.Logger LOG = System.getLogger(PathLookups.class.getName());

  private final Function<String, Looker> lookers;
  private final Resolver resolver;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Lane> lanes = new HashMap<>();
  private int threads;

  /// @param socket where the path resolver listens, empty when there is none
  /// @param own account this process runs as
  /// @param ids numeric id of an account, empty when the machine does not know it
  public PathLookups(Optional<Path> socket, String own, Function<String, OptionalInt> ids) {
    this.resolver = new Resolver(socket);
    this.lookers =
        account ->
            new Looker(
                DirectLook::at, resolver.connection(), account.equals(own), ids.apply(account));
  }

  /// @param lookers what a thread of an account asks with
  PathLookups(Function<String, Looker> lookers) {
    this.resolver = new Resolver(Optional.empty());
    this.lookers = lookers;
  }

  /// Looks once, so that the first decision does not pay for what a first look loads. Also tells
  /// whether a resolver that is there answers. Takes as long as that takes.
  ///
  /// @param account whose looks it loads
  public void warmUp(String account) {
    List<Path> root = List.of(Path.of("/"));
    try (Looker looker = lookers.apply(account)) {
      looker.each(root, Turn.ALONE);
      if (resolver.isThere() && looker.account().isPresent()) {
        looker.resolver().ask(looker.account().getAsInt(), root, Turn.ALONE);
      }
    }
  }

  /// The file system as one decision for an account sees it. Not safe for use by several threads.
  public FileView view(String account) {
    return new LookupView(this, account);
  }

  /// What is wrong, one line each, without names of accounts and paths.
  public List<String> alarms() {
    List<String> alarms = new ArrayList<>();
    if (!resolver.problem().isEmpty()) {
      alarms.add(resolver.problem());
    }
    long hanging = hanging();
    if (hanging > 0) {
      alarms.add(
          "path lookups of %d %s hang: a mount does not answer; calls that name paths on it are asked about"
              .formatted(hanging, hanging == 1 ? "account" : "accounts"));
    }
    return alarms;
  }

  private long hanging() {
    lock.lock();
    try {
      return lanes.values().stream()
          .filter(l -> l.workers.stream().anyMatch(w -> w.waitsFor(TOLD)))
          .count();
    } finally {
      lock.unlock();
    }
  }

  /// Threads there are, for all accounts.
  int threads() {
    lock.lock();
    try {
      return threads;
    } finally {
      lock.unlock();
    }
  }

  /// Whether a lookup of the account hangs at the path or above it.
  boolean hangs(String account, Path path) {
    lock.lock();
    try {
      Lane lane = lanes.get(account);
      return lane != null && lane.workers.stream().anyMatch(w -> w.hangsAbove(path));
    } finally {
      lock.unlock();
    }
  }

  /// Whether each thread the account may have hangs.
  boolean allHang(String account) {
    lock.lock();
    try {
      Lane lane = lanes.get(account);
      return lane == null || lane.workers.stream().allMatch(Worker::hangs);
    } finally {
      lock.unlock();
    }
  }

  /// Hands questions to a thread of the account.
  ///
  /// @return false when none is left that could take them
  boolean submit(String account, Job job) {
    Worker made = null;
    lock.lock();
    try {
      Lane lane = lanes.computeIfAbsent(account, Lane::new);
      if (lane.waiting.size() >= lane.idle) {
        if (mayGrow(lane)) {
          made = new Worker(lane);
          lane.workers.add(made);
          threads++;
        } else if (lane.waiting.size() >= WAITING
            || lane.workers.stream().allMatch(Worker::hangs)) {
          forget(lane);
          return false;
        }
      }
      lane.waiting.addLast(job);
      lane.called.signal();
    } finally {
      lock.unlock();
    }
    return made == null || started(made, job);
  }

  private boolean mayGrow(Lane lane) {
    int open = lane.workers.isEmpty() ? TOTAL : TOTAL - RESERVED;
    return lane.workers.size() < PER_ACCOUNT && threads < open;
  }

  private boolean started(Worker worker, Job job) {
    try {
      Thread.ofPlatform().daemon().name("path-lookup").start(worker);
      return true;
    } catch (OutOfMemoryError e) { // the system gives no more threads
      LOG.log(Level.ERROR, "no thread to look up paths with", e);
      lock.lock();
      try {
        worker.lane.waiting.remove(job);
        left(worker);
      } finally {
        lock.unlock();
      }
      return false;
    }
  }

  private void left(Worker worker) {
    worker.lane.workers.remove(worker);
    threads--;
    forget(worker.lane);
  }

  private void forget(Lane lane) {
    if (lane.workers.isEmpty() && lane.waiting.isEmpty()) {
      lanes.remove(lane.account, lane);
    }
  }

  /// The next job, null when there was none for a while: then the worker is gone.
  private @Nullable Job next(Worker worker) {
    Lane lane = worker.lane;
    lock.lock();
    try {
      long left = IDLE;
      while (lane.waiting.isEmpty()) {
        if (left <= 0) {
          left(worker);
          return null;
        }
        lane.idle++;
        try {
          left = lane.called.awaitNanos(left);
        } finally {
          lane.idle--;
        }
      }
      return lane.waiting.removeFirst();
    } catch (InterruptedException e) {
      left(worker); // nobody does that
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  /// What is waiting and working for one account. Guarded by the lock.
  private final class Lane {
    private final String account;
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private final Condition called = lock.newCondition();
    private int idle;

    Lane(String account) {
      this.account = account;
    }
  }

  /// One thread of one account.
  private final class Worker implements Runnable, Turn {
    /// @param paths what is still being looked at, the present one first
    private record Waiting(List<Path> paths, long since) {}

    private final Lane lane;
    private volatile @Nullable Waiting waiting;

    Worker(Lane lane) {
      this.lane = lane;
    }

    @Override
    public void run() {
      try (Looker looker = lookers.apply(lane.account)) {
        for (Job job = next(this); job != null; job = next(this)) {
          job.run(looker, this);
          waiting = null;
        }
      }
    }

    @Override
    public List<Path> take(List<Path> paths) {
      long start = System.nanoTime();
      waiting = null;
      while (true) {
        synchronized (lane) {
          List<Path> free = paths.stream().filter(p -> !isTaken(p)).toList();
          long now = System.nanoTime();
          if (free.size() == paths.size() || now - start > BUDGET.toNanos()) {
            waiting = free.isEmpty() ? null : new Waiting(free, now);
            return free;
          }
        }
        LockSupport.parkNanos(COLLISION);
      }
    }

    private boolean isTaken(Path path) {
      for (Worker other : lane.workers) {
        if (other != this && other.isAt(path)) {
          return true;
        }
      }
      return false;
    }

    private boolean isAt(Path path) {
      Waiting now = waiting;
      return now != null && now.paths().stream().anyMatch(path::startsWith);
    }

    @Override
    public void at(Path path) {
      Waiting now = waiting;
      if (now != null) {
        List<Path> rest = now.paths().subList(now.paths().indexOf(path), now.paths().size());
        waiting = new Waiting(rest, System.nanoTime());
      }
    }

    boolean hangs() {
      return waitsFor(BUDGET);
    }

    boolean waitsFor(Duration time) {
      Waiting now = waiting;
      return now != null && System.nanoTime() - now.since() > time.toNanos();
    }

    /// What comes after the present path in its list is not known to hang.
    boolean hangsAbove(Path path) {
      Waiting now = waiting;
      return now != null && path.startsWith(now.paths().getFirst()) && hangs();
    }
  }
}
