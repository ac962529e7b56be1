package dev.skillwarden.daemon;

import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.RecordQuery;
import dev.skillwarden.gate.Records;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.journal.EntryCodec;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.journal.StoredEntry;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the journal for those who may not read its files. One thread of low priority reads for
/// everybody, one question of an account at a time, so that nobody's decisions wait for it.
final class JournalRecords implements Records, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(JournalRecords.class.getName());

  /// Time after which no further file is read for a page.
  private static final Duration BUDGET = Duration.ofSeconds(3);

  /// Longest time a question waits for its turn and its answer.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path directory;
  private final Ownership ownership;
  private final Set<String> asking = ConcurrentHashMap.newKeySet();
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(work ->
          Thread.ofPlatform()
              .daemon()
              .name("journal-reader")
              .unstarted(() -> {
                LowPriority.ofThisThread();
                work.run();
              }));

  /// @param directory of the journal
  JournalRecords(Path directory, Ownership ownership) {
    this.directory = directory;
    this.ownership = ownership;
  }

  @Override
  public Outcome<ObjectNode> entries(Caller caller, RecordQuery query) {
    if (query.everybody() && !caller.admin()) {
      return refused(
          ApiError.Code.ACL_DENIED,
          "only root and the account of the daemon may read everybody's entries; your own:"
              + " skillwarden journal show --mine");
    }
    Set<String> names = query.everybody() ? Set.of() : ownership.names(caller.account());
    if (names.isEmpty() && !query.everybody()) { // no names would mean all
      return nobody();
    }
    return reading(
        caller,
        () -> {
          JournalReader.Page page =
              JournalReader.open(directory)
                  .newest(
                      new JournalFilter(query.since(), query.denied(), names, false),
                      query.before(),
                      query.limit(),
                      BUDGET);
          ObjectNode answer = Json.object();
          ArrayNode entries = answer.putArray("entries");
          page.entries().forEach(e -> entries.add(EntryCodec.toJson(e)));
          page.next().ifPresent(next -> answer.put("next", next));
          return new Outcome.Ok<>(answer);
        });
  }

  @Override
  public Outcome<ObjectNode> entry(Caller caller, Optional<String> id) {
    Set<String> names = ownership.names(caller.account());
    if (names.isEmpty()) {
      return nobody();
    }
    return reading(
        caller,
        () -> {
          JournalReader journal = JournalReader.open(directory);
          Optional<StoredEntry> found =
              id.isEmpty()
                  ? journal.lastDenied(names)
                  : journal.find(id.get(), caller.admin() ? Set.of() : names);
          if (found.isEmpty()) {
            return refused(
                ApiError.Code.INVALID_REQUEST,
                id.isEmpty()
                    ? "the journal holds no denial of yours"
                    : "no decision of yours has the id " + id.get());
          }
          ObjectNode answer = Json.object();
          answer.set("entry", EntryCodec.toJson(found.get()));
          journal
              .resultOf(found.get().entry())
              .ifPresent(result -> answer.set("result", EntryCodec.toJson(result)));
          return new Outcome.Ok<>(answer);
        });
  }

  private Outcome<ObjectNode> reading(Caller caller, Callable<Outcome<ObjectNode>> question) {
    if (!asking.add(caller.account())) {
      return refused(
          ApiError.Code.NOT_READY,
          "another question of your account about the journal is being answered; try again");
    }
    try {
      Future<Outcome<ObjectNode>> answer = reader.submit(question);
      try {
        return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        answer.cancel(true); // nobody waits for it any more
      }
    } catch (TimeoutException e) {
      return refused(
          ApiError.Code.NOT_READY, "the journal could not be read in time; try again later");
    } catch (RejectedExecutionException e) {
      return refused(ApiError.Code.NOT_READY, "the daemon stops");
    } catch (ExecutionException e) {
      LOG.log(Level.ERROR, "the journal could not be read for somebody", e);
      return refused(
          e.getCause() instanceof IOException
              ? ApiError.Code.JOURNAL_UNAVAILABLE
              : ApiError.Code.INTERNAL,
          "the journal could not be read; the daemon's log has the cause");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return refused(ApiError.Code.NOT_READY, "the daemon stops");
    } finally {
      asking.remove(caller.account());
    }
  }

  private static Outcome<ObjectNode> nobody() {
    return refused(
        ApiError.Code.ACL_DENIED, "your account could not be determined, so no entries are yours");
  }

  private static Outcome<ObjectNode> refused(ApiError.Code code, String message) {
    return new Outcome.Refused<>(new ApiError(code, message, "", "", "", ""));
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
