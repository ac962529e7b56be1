package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import dev.skillwarden.gate.RecordQuery;
import dev.skillwarden.journal.EntryCodec;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.StoredEntry;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The journal as the daemon tells it to those who may not read its files.
final class OwnRecords {
  private final Remote remote;
  private final PrintWriter err;

  OwnRecords(HomeOption home, PrintWriter err) {
    this.remote = new Remote(home, err);
    this.err = err;
  }

  /// Whether the journal is that of the machine's daemon and closed to this person.
  static boolean needed(Home home) {
    return home.isSystem() && !Files.isReadable(home.journal());
  }

  /// How a reading went.
  ///
  /// @param exit exit code
  /// @param more whether there may be older ones
  record Read(int exit, boolean more) {}

  /// Hands over the newest entries, newest first.
  ///
  /// @param mine whether only one's own are wanted; others are told to administrators only
  /// @param limit most entries, 0 for all
  Read newest(JournalFilter filter, boolean mine, int limit, Consumer<StoredEntry> consumer) {
    ObjectNode query = Json.object().put("denied", filter.deniedOnly()).put("everybody", !mine);
    filter.since().ifPresent(since -> query.put("since", since.toString()));
    long left = limit == 0 ? Long.MAX_VALUE : limit;
    while (true) {
      query.put("limit", Math.min(left, RecordQuery.MAX_LIMIT));
      JsonNode[] page = new JsonNode[1];
      int exit =
          remote.post(
              "/v1/journal/entries",
              query,
              answer -> {
                page[0] = answer;
                return ExitCode.DONE;
              });
      if (exit != ExitCode.DONE) {
        return new Read(exit, false);
      }
      for (JsonNode node : page[0].path("entries")) {
        Optional<StoredEntry> entry = entry(node);
        if (entry.isEmpty()) {
          return new Read(ExitCode.FAILURE, false);
        }
        consumer.accept(entry.get());
        left--;
      }
      JsonNode next = page[0].path("next");
      if (left <= 0 || !next.isIntegralNumber()) {
        return new Read(ExitCode.DONE, next.isIntegralNumber());
      }
      query.put("before", next.longValue());
    }
  }

  /// What to do with one decision.
  @FunctionalInterface
  interface Show {
    /// @param result what came of the call
    /// @return the exit code
    int show(StoredEntry decision, Optional<StoredEntry> result);
  }

  /// Hands over one decision.
  ///
  /// @param id empty for one's last denial
  /// @return the exit code
  int one(Optional<String> id, Show show) {
    ObjectNode question = Json.object();
    id.ifPresentOrElse(i -> question.put("id", i), () -> question.put("last", true));
    return remote.post(
        "/v1/journal/entry",
        question,
        answer -> {
          Optional<StoredEntry> decision = entry(answer.path("entry"));
          return decision.isEmpty()
              ? ExitCode.FAILURE
              : show.show(
                  decision.get(),
                  answer.path("result").isObject()
                      ? entry(answer.path("result"))
                      : Optional.empty());
        });
  }

  private Optional<StoredEntry> entry(JsonNode node) {
    try {
      return Optional.of(EntryCodec.fromJson("the daemon's answer", node));
    } catch (InvalidTextException e) {
      err.println("The daemon may be of another version: " + e.getMessage());
      return Optional.empty();
    }
  }
}
