package dev.skillwarden.sync;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.repo.FetchException;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.sync.SyncResult.Status;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Brings the pinned commit into service: fetch, read, journal, publish. When any step fails, what
/// was served stays. One sync runs at a time.
public final class SyncService {
  private static final System.Logger LOG = System.getLogger(SyncService.class.getName());

  private final GitStore store;
  private final JournalSink journal;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final Consumer<CatalogSnapshot> publish;
  private final String accountName;
  private final ReentrantLock running = new ReentrantLock();

  private CatalogSnapshot published = CatalogSnapshot.EMPTY;
  private String lastTried = "";
  private volatile SyncResult last = SyncResult.NONE;

  /// @param publish called with a complete snapshot, once per change; a request that already holds
  ///   the old one keeps it
  /// @param accountName the daemon's own account, under which scheduled syncs are journalled
  public SyncService(
      GitStore store,
      JournalSink journal,
      InstantSource clock,
      Supplier<String> ids,
      Consumer<CatalogSnapshot> publish,
      String accountName) {
    this.store = store;
    this.journal = journal;
    this.clock = clock;
    this.ids = ids;
    this.publish = publish;
    this.accountName = accountName;
  }

  /// Serves the target's commit, from the store when it is there and from the network when not.
  /// Waits for a sync that is running. Journalled are every sync asked for, every change, the first
  /// of a row of equal failures, and the end of that row.
  ///
  /// @param by account that asks; empty for a scheduled sync
  public SyncResult sync(Target target, String by) {
    running.lock();
    try {
      Attempt attempt = new Attempt(target, by, clock.instant());
      SyncResult result = attempt.run();
      lastTried = target.sha();
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

  /// One run, under the lock.
  private final class Attempt {
    private final Target target;
    private final String account;
    private final Instant start;

    Attempt(Target target, String account, Instant start) {
      this.target = target;
      this.account = account;
      this.start = start;
    }

    /// The boundary of a background task: whatever goes wrong is logged and shown in the status.
    SyncResult run() {
      try {
        return bring();
      } catch (FetchException e) {
        return failed(e.code().name(), String.valueOf(e.getMessage()));
      } catch (JournalFailure e) {
        LOG.log(Level.ERROR, "sync of " + target.sha() + " could not be journalled", e.getCause());
        return result(
            Status.FAILED,
            "JOURNAL",
            "the sync could not be journalled, so its commit is not served; look at the journal's"
                + " disk space");
      } catch (IOException e) {
        LOG.log(Level.ERROR, "commit " + target.sha() + " could not be read from the store", e);
        return failed(
            FetchException.Code.LOCAL.name(),
            "commit %s could not be read from the store; move the store away and sync again"
                .formatted(target.sha()));
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "sync of " + target.sha() + " failed", e);
        return failed("INTERNAL", "the sync failed inside the daemon; see its log");
      }
    }

    private SyncResult bring() throws FetchException, IOException, JournalFailure {
      if (!store.has(target.sha())) {
        store.fetch(target.remote(), target.sha());
      }
      if (published.commit().equals(target.sha())) {
        SyncResult result = result(Status.OK, "", "already served");
        if (isAskedFor() || last.status() == Status.FAILED) {
          append(result, "unchanged", "allow");
        }
        return result;
      }
      CatalogSnapshot before = published;
      CatalogSnapshot next = CatalogBuilder.tree(target.sha(), files());
      published = next;
      boolean done = false;
      try {
        String change = change(before, next);
        append(result(Status.OK, "", change), "changed", "allow");
        publish.accept(next);
        done = true;
        return result(Status.OK, "", change);
      } finally {
        if (!done) {
          published = before;
        }
      }
    }

    private List<SkillFile> files() throws IOException {
      return store.files(target.sha(), SkillParser.ROOT, SkillParser.MAX_FILE).stream()
          .map(blob -> new SkillFile(blob.path(), blob.regular(), blob.content()))
          .toList();
    }

    private static String change(CatalogSnapshot before, CatalogSnapshot next) {
      return "%d skills served, %d findings%s"
          .formatted(
              next.skills().size(),
              next.findings().size(),
              before.commit().isEmpty() ? "" : ", before it was " + before.commit());
    }

    private SyncResult failed(String code, String message) {
      SyncResult result = result(Status.FAILED, code, message);
      boolean repeated =
          last.status() == Status.FAILED
              && last.code().equals(code)
              && lastTried.equals(target.sha());
      if (!repeated) {
        LOG.log(Level.WARNING, "sync failed, code=" + code + ": " + message);
      }
      if (isAskedFor() || !repeated) {
        try {
          append(result, "failed", "deny");
        } catch (JournalFailure e) {
          LOG.log(Level.ERROR, "a failed sync could not be journalled", e.getCause());
        }
      }
      return result;
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
          published.findings().size());
    }

    private void append(SyncResult result, String outcome, String decision) throws JournalFailure {
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
              .detail("pinned " + target.sha())
              .build();
      try {
        journal.append(entry);
      } catch (IOException e) {
        throw new JournalFailure(e);
      }
    }
  }

  /// Tells a journal that cannot be written from a store that cannot be read.
  private static final class JournalFailure extends Exception {
    private static final long serialVersionUID = 1L;

    JournalFailure(IOException cause) {
      super(cause);
    }
  }
}
