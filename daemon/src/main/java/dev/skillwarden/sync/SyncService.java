package dev.skillwarden.sync;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.repo.FetchException;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.sync.SyncResult.SourceStatus;
import dev.skillwarden.sync.SyncResult.Status;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Brings what the sources say into service: look, fetch, read, journal, accept, publish. When any
/// step fails, what was served of that source stays. One sync runs at a time.
public final class SyncService {
  private static final System.Logger LOG = System.getLogger(SyncService.class.getName());

  /// Pause before releases that could not be had are asked for again: each try asks git, also where
  /// a pointer says that nothing changed.
  private static final Duration RETRY_RELEASES = Duration.ofMinutes(15);

  /// More packs than this are joined.
  private static final int MOST_PACKS = 50;

  private final GitStore store;
  private final Path stateDirectory;
  private final JournalSink journal;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final Consumer<CatalogSnapshot> publish;
  private final String accountName;
  private final ReentrantLock running = new ReentrantLock();

  private Map<String, Served> served = new LinkedHashMap<>();
  private CatalogSnapshot published = CatalogSnapshot.EMPTY;
  private final Map<String, SourceStatus> statuses = new LinkedHashMap<>();
  private final Map<String, String> lastFailure = new HashMap<>();
  private volatile SyncResult last = SyncResult.NONE;

  /// What is served of one source.
  ///
  /// @param read when the part was read
  private record Served(Accepted accepted, CatalogSnapshot part, Instant read) {}

  /// @param stateDirectory where the last accepted state of each source is kept
  /// @param publish called with a complete snapshot, once per change; a request that already holds
  ///   the old one keeps it
  /// @param accountName the daemon's own account, under which scheduled syncs are journalled
  public SyncService(
      GitStore store,
      Path stateDirectory,
      JournalSink journal,
      InstantSource clock,
      Supplier<String> ids,
      Consumer<CatalogSnapshot> publish,
      String accountName) {
    this.store = store;
    this.stateDirectory = stateDirectory;
    this.journal = journal;
    this.clock = clock;
    this.ids = ids;
    this.publish = publish;
    this.accountName = accountName;
  }

  /// Serves what the sources say, from the store where it is there and from the network where not.
  /// Waits for a sync that is running. Journalled are every sync asked for, every change, the first
  /// of a row of equal failures, and the end of that row.
  ///
  /// @param sources in order: of two skills of one name the first source's is served
  /// @param by account that asks; empty for a scheduled sync
  public SyncResult sync(List<Source> sources, String by) {
    return run(sources, by, Optional.empty(), true);
  }

  /// As a scheduled [#sync], but only the sources named are looked at; the others stay as they are.
  public SyncResult syncDue(List<Source> sources, Set<String> due) {
    return run(sources, "", Optional.of(due), true);
  }

  /// Serves what the store holds already, without asking any remote: the last good state after a
  /// start.
  public SyncResult restore(List<Source> sources) {
    return run(sources, "", Optional.empty(), false);
  }

  private SyncResult run(
      List<Source> sources, String by, Optional<Set<String>> due, boolean network) {
    running.lock();
    try {
      SyncResult result = new Attempt(sources, by, due, network, clock.instant()).run();
      last = result;
      return result;
    } finally {
      running.unlock();
    }
  }

  /// The last finished sync.
  public SyncResult last() {
    return last;
  }

  /// What a running download got to; empty while none runs.
  public String progress() {
    return store.progress();
  }

  /// One run, under the lock.
  private final class Attempt {
    private final List<Source> sources;
    private final String account;
    private final Optional<Set<String>> due;
    private final boolean network;
    private final Instant start;
    private final Map<String, Served> next = new LinkedHashMap<>();
    private final List<Failure> failures = new ArrayList<>();

    private record Failure(Source source, String code, String message) {}

    Attempt(
        List<Source> sources,
        String account,
        Optional<Set<String>> due,
        boolean network,
        Instant start) {
      this.sources = List.copyOf(sources);
      this.account = account;
      this.due = due;
      this.network = network;
      this.start = start;
    }

    /// The boundary of a background task: whatever goes wrong is logged and shown in the status.
    SyncResult run() {
      statuses.keySet().retainAll(sources.stream().map(Source::name).toList());
      for (Source source : sources) {
        if (due.isEmpty() || due.get().contains(source.name())) {
          look(source);
        } else {
          Optional.ofNullable(served.get(source.name()))
              .ifPresent(same -> next.put(source.name(), same));
        }
      }
      try {
        SyncResult result = serve();
        compact();
        failures.forEach(this::journalFailure);
        endOfFailures(result);
        return result;
      } catch (JournalFailure e) {
        LOG.log(Level.ERROR, "a sync could not be journalled", e.getCause());
        return notServed(
            "JOURNAL",
            "the sync could not be journalled, so its commit is not served; look at the journal's"
                + " disk space");
      } catch (IOException e) {
        LOG.log(Level.ERROR, "the accepted state could not be written", e);
        return notServed(
            FetchException.Code.LOCAL.name(),
            "the accepted state could not be written, so its commit is not served: "
                + e.getMessage());
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "a sync failed", e);
        return notServed("INTERNAL", "the sync failed inside the daemon; see its log");
      }
    }

    /// What was found is not in force; the status shows what is.
    private SyncResult notServed(String code, String message) {
      next.clear();
      next.putAll(served);
      for (Source source : sources) {
        Optional<Accepted> at =
            Optional.ofNullable(served.get(source.name())).map(Served::accepted);
        status(
            source,
            at.orElseGet(() -> Accepted.of(source.pin().follows(), "", Instant.EPOCH)),
            code,
            message);
      }
      return result(Status.FAILED, code, message);
    }

    /// After what is new is in service; a failure here changes nothing about it.
    private void compact() {
      try {
        if (network && store.compact(MOST_PACKS)) {
          LOG.log(Level.INFO, "the store was compacted");
        }
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.WARNING, "the store stays as it is", e);
      }
    }

    private void look(Source source) {
      SourceSync sync =
          new SourceSync(store, stateDirectory.resolve(source.name() + ".json"), clock);
      Optional<Served> before = Optional.ofNullable(served.get(source.name()));
      before.ifPresent(b -> next.put(source.name(), b));
      try {
        Optional<Accepted> found = network ? Optional.of(sync.look(source)) : sync.offline(source);
        if (found.isPresent()) {
          next.put(source.name(), read(source, sync, found.get(), before));
          status(source, found.get(), "", "");
        }
      } catch (FetchException e) {
        failed(source, e.code().name(), String.valueOf(e.getMessage()));
      } catch (RefusedException e) {
        failed(source, e.code().name(), String.valueOf(e.getMessage()));
      } catch (IOException e) {
        LOG.log(Level.ERROR, "source " + source.name() + " could not be read", e);
        failed(
            source,
            FetchException.Code.LOCAL.name(),
            "the store or the state could not be read: %s; move the store away and sync again"
                .formatted(e.getMessage()));
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "sync of source " + source.name() + " failed", e);
        failed(source, "INTERNAL", "the sync failed inside the daemon; see its log");
      }
    }

    private Served read(Source source, SourceSync sync, Accepted found, Optional<Served> before)
        throws FetchException, RefusedException, IOException {
      if (before.isPresent()
          && before.get().accepted().commit().equals(found.commit())
          && !isWorthAnotherTry(before.get())) {
        return new Served(found, before.get().part(), before.get().read());
      }
      CatalogSnapshot known = before.map(Served::part).orElse(CatalogSnapshot.EMPTY);
      return new Served(found, sync.read(source, found.commit(), known, network), clock.instant());
    }

    private boolean isWorthAnotherTry(Served before) {
      boolean waited =
          Duration.between(before.read(), clock.instant()).compareTo(RETRY_RELEASES) >= 0;
      return network && (isAskedFor() || waited) && SourceSync.lacksReleases(before.part());
    }

    private void failed(Source source, String code, String message) {
      failures.add(new Failure(source, code, message));
      Optional<Accepted> at = Optional.ofNullable(next.get(source.name())).map(Served::accepted);
      status(
          source,
          at.orElseGet(() -> Accepted.of(source.pin().follows(), "", Instant.EPOCH)),
          code,
          message);
    }

    private void status(Source source, Accepted accepted, String code, String message) {
      @Nullable SourceStatus earlier = statuses.get(source.name());
      Instant reached = earlier == null ? Instant.EPOCH : earlier.reached();
      List<Skill> skills =
          Optional.ofNullable(next.get(source.name()))
              .map(s -> s.part().skills())
              .orElse(List.of());
      statuses.put(
          source.name(),
          new SourceStatus(
              source.name(),
              source.pin().follows(),
              accepted.commit(),
              committed(accepted.commit()),
              network && code.isEmpty() ? clock.instant() : reached,
              code,
              message,
              accepted.seq(),
              accepted.expires(),
              source.maxAge(),
              skills.size(),
              (int) skills.stream().filter(s -> s.accessLevel() != AccessLevel.PUBLIC).count()));
    }

    private Instant committed(String commit) {
      if (commit.isEmpty()) {
        return Instant.EPOCH;
      }
      try {
        return store.committed(commit);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "commit " + commit + " cannot be read", e);
        return Instant.EPOCH;
      }
    }

    /// Journals and publishes what changed.
    private SyncResult serve() throws JournalFailure, IOException {
      List<CatalogSnapshot> parts = next.values().stream().map(Served::part).toList();
      List<CatalogSnapshot> before = served.values().stream().map(Served::part).toList();
      boolean changed = !sameParts(parts, before);
      if (!changed) {
        accept();
        served = next;
        SyncResult result = outcome("already served");
        if (isAskedFor() && result.ok()) {
          append(result, "unchanged", "allow", follows());
        }
        return result;
      }
      CatalogSnapshot earlier = published;
      CatalogSnapshot joined =
          parts.size() == 1 ? parts.getFirst() : CatalogBuilder.join(digest(parts), parts);
      published = joined;
      boolean done = false;
      try {
        String change = change(earlier, joined);
        SyncResult result = outcome(change);
        append(result(Status.OK, "", change), "changed", "allow", follows());
        accept();
        publish.accept(joined);
        done = true;
        served = next;
        return result;
      } finally {
        if (!done) {
          published = earlier;
        }
      }
    }

    private static boolean sameParts(List<CatalogSnapshot> a, List<CatalogSnapshot> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!Objects.equals(a.get(i).commit(), b.get(i).commit())
            || a.get(i).releases().count() != b.get(i).releases().count()) {
          return false;
        }
      }
      return true;
    }

    /// Before anything is served: after a crash an older commit must not look new.
    private void accept() throws IOException {
      for (Source source : sources) {
        Served now = next.get(source.name());
        Served before = served.get(source.name());
        boolean follows = !(source.pin() instanceof Pin.Commit);
        if (now != null
            && follows
            && (before == null || !before.accepted().equals(now.accepted()))) {
          new SourceSync(store, stateDirectory.resolve(source.name() + ".json"), clock)
              .accept(now.accepted());
        }
      }
    }

    private SyncResult outcome(String done) {
      for (SourceStatus status : statuses.values()) {
        if (!status.code().isEmpty()) {
          String message =
              sources.size() == 1
                  ? status.message()
                  : "source %s: %s".formatted(status.name(), status.message());
          return result(Status.FAILED, status.code(), message);
        }
      }
      return result(Status.OK, "", done);
    }

    private static String change(CatalogSnapshot before, CatalogSnapshot next) {
      return "%d skills served, %d findings%s"
          .formatted(
              next.skills().size(),
              next.findings().size(),
              before.commit().isEmpty() ? "" : ", before it was " + before.commit());
    }

    private String follows() {
      List<String> all = new ArrayList<>();
      for (Source source : sources) {
        Served now = next.get(source.name());
        String at = now == null ? "nothing" : now.accepted().commit();
        String what =
            source.pin() instanceof Pin.Commit(String sha)
                ? "pinned " + sha
                : "follows %s at %s".formatted(source.pin().follows(), at);
        all.add(sources.size() == 1 ? what : source.name() + " " + what);
      }
      return String.join("; ", all);
    }

    private void journalFailure(Failure failure) {
      String name = failure.source().name();
      String key = failure.code() + failure.source().pin();
      boolean repeated = key.equals(lastFailure.put(name, key));
      if (!repeated) {
        LOG.log(
            Level.WARNING,
            "sync of source %s failed, code=%s: %s"
                .formatted(name, failure.code(), failure.message()));
      }
      if (isAskedFor() || !repeated) {
        try {
          append(
              result(Status.FAILED, failure.code(), failure.message()),
              "failed",
              "deny",
              follows());
        } catch (JournalFailure e) {
          LOG.log(Level.ERROR, "a failed sync could not be journalled", e.getCause());
        }
      }
    }

    private void endOfFailures(SyncResult result) throws JournalFailure {
      boolean ended = false;
      for (Source source : sources) {
        if (due.isPresent() && !due.get().contains(source.name())) {
          continue;
        }
        boolean failedNow = failures.stream().anyMatch(f -> f.source().equals(source));
        if (!failedNow && network) {
          ended |= lastFailure.remove(source.name()) != null;
        }
      }
      boolean told = isAskedFor() || result.message().contains(" skills served, ");
      if (ended && failures.isEmpty() && !told) {
        append(result, "unchanged", "allow", follows());
      }
    }

    private boolean isAskedFor() {
      return !account.isEmpty();
    }

    private SyncResult result(Status status, String code, String message) {
      Instant end = clock.instant();
      return new SyncResult(
          status,
          code,
          message,
          published.commit(),
          end,
          Duration.between(start, end),
          published.skills().size(),
          published.findings().size(),
          List.copyOf(statuses.values()));
    }

    private void append(SyncResult result, String outcome, String decision, String detail)
        throws JournalFailure {
      JournalEntry entry =
          JournalEntry.of(
                  result.at(),
                  ids.get(),
                  JournalEntry.Kind.SYNC,
                  isAskedFor() ? account : accountName)
              .decision(decision, "", result.message())
              .outcome(result.ok() ? outcome : outcome + " " + result.code())
              .under("", result.commit())
              .took(result.took())
              .detail(detail)
              .build();
      try {
        journal.append(entry);
      } catch (IOException e) {
        throw new JournalFailure(e);
      }
    }
  }

  /// Stands for several commits where one is wanted.
  private static String digest(List<CatalogSnapshot> parts) {
    String commits = String.join("\n", parts.stream().map(CatalogSnapshot::commit).toList());
    return Sha256.of(commits).substring(0, 40);
  }

  /// Tells a journal that cannot be written from a store that cannot be read.
  private static final class JournalFailure extends Exception {
    private static final long serialVersionUID = 1L;

    JournalFailure(IOException cause) {
      super(cause);
    }
  }
}
