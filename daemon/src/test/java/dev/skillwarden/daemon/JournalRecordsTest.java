package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.RecordQuery;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.Pseudonyms;
import dev.skillwarden.upload.TestJournal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class JournalRecordsTest {
  private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
  private static final RecordQuery OWN = query(false, Long.MAX_VALUE, 100);
  private static final RecordQuery ALL = query(true, Long.MAX_VALUE, 100);

  @TempDir Path directory;

  private final List<JournalRecords> opened = new ArrayList<>();

  private static RecordQuery query(boolean everybody, long before, int limit) {
    return new RecordQuery(Optional.empty(), false, everybody, before, limit);
  }

  @AfterEach
  void close() {
    opened.forEach(JournalRecords::close);
  }

  private JournalRecords records(Optional<Pseudonyms> pseudonyms) {
    JournalRecords records = new JournalRecords(directory, new Ownership(pseudonyms));
    opened.add(records);
    return records;
  }

  private static Caller caller(String account) {
    return new Caller(account, "", Set.of(), List.of(), account.equals("root"));
  }

  private static JournalEntry call(String id, String account, String decision, String useId) {
    return JournalEntry.of(NOON, id, JournalEntry.Kind.TOOL, account)
        .call("s", "Bash", useId)
        .decision(decision, "rule", "a reason")
        .command("cat /home/" + account + "/notes", List.of())
        .build();
  }

  private static JournalEntry result(String id, String account, String useId) {
    return JournalEntry.of(NOON, id, JournalEntry.Kind.TOOL_RESULT, account)
        .call("s", "Bash", useId)
        .outcome("secret of " + account)
        .build();
  }

  private void write(Optional<Pseudonyms> pseudonyms, JournalEntry... entries) throws IOException {
    try (ChronicleJournal journal =
        ChronicleJournal.open(JournalConfig.defaults(directory), pseudonyms)) {
      for (JournalEntry entry : entries) {
        journal.append(entry);
      }
    }
  }

  private Pseudonyms pseudonyms() throws IOException {
    return Pseudonyms.open(
        directory.resolve(Pseudonyms.KEY_FILE), account -> Path.of("/home", account));
  }

  private static ObjectNode told(Outcome<ObjectNode> outcome) {
    return switch (outcome) {
      case Outcome.Ok<ObjectNode>(ObjectNode answer) -> answer;
      case Outcome.Refused<ObjectNode>(ApiError e) -> throw new AssertionError(e);
    };
  }

  private static String refused(Outcome<ObjectNode> outcome) {
    return switch (outcome) {
      case Outcome.Ok<ObjectNode>(ObjectNode answer) -> throw new AssertionError(answer);
      case Outcome.Refused<ObjectNode>(ApiError e) -> e.code() + ": " + e.message();
    };
  }

  private static List<String> ids(Outcome<ObjectNode> outcome) {
    List<String> ids = new ArrayList<>();
    told(outcome).path("entries").forEach(e -> ids.add(e.path("id").stringValue()));
    return ids;
  }

  /// Whether the journal names accounts or not, and also what was written before it stopped to.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneAccountNeverSeesAnothersEntries(boolean pseudonymous) throws IOException {
    Optional<Pseudonyms> names = pseudonymous ? Optional.of(pseudonyms()) : Optional.empty();
    write(
        Optional.empty(),
        call("ana1", "ana", "deny", "t1"),
        call("bob1", "bob", "deny", "t1"),
        call("anab", "anabel", "deny", "t1"));
    write(names, call("ana2", "ana", "none", "t2"), call("bob2", "bob", "none", "t3"));
    write(names, result("bob3", "bob", "t1"), result("root", "root", "t2"));
    JournalRecords records = records(names);
    Caller ana = caller("ana");
    assertEquals(List.of("ana2", "ana1"), ids(records.entries(ana, OWN)));
    assertFalse(told(records.entries(ana, OWN)).toString().contains("bob"));
    assertTrue(refused(records.entries(ana, ALL)).startsWith("ACL_DENIED: only root"));
    assertEquals(
        "ana1", told(records.entry(ana, Optional.empty())).path("entry").path("id").asString(""));
    assertEquals(
        "ana2",
        told(records.entry(ana, Optional.of("ana2"))).path("entry").path("id").asString(""));
    assertTrue(
        told(records.entry(ana, Optional.of("ana1"))).path("result").isMissingNode(),
        "another's result under the same id of the call");
    for (String foreign : List.of("bob1", "bob2", "bob3", "anab", "root", "none")) {
      assertEquals(
          "INVALID_REQUEST: no decision of yours has the id " + foreign,
          refused(records.entry(ana, Optional.of(foreign))));
    }
    assertEquals(
        "INVALID_REQUEST: the journal holds no denial of yours",
        refused(records.entry(caller("eve"), Optional.empty())));
    assertEquals(List.of(), ids(records.entries(caller("eve"), OWN)));
    JsonNode bobs = told(records.entry(caller("bob"), Optional.of("bob1")));
    assertTrue(bobs.path("result").isObject() != pseudonymous, "pseudonyms came in between");
  }

  @Test
  void anAccountNobodyCouldDetermineHasNoEntries() throws IOException {
    write(Optional.empty(), call("u1", Caller.UNKNOWN_ACCOUNT, "deny", "t"));
    JournalRecords records = records(Optional.empty());
    assertTrue(refused(records.entries(Caller.UNKNOWN, OWN)).startsWith("ACL_DENIED"));
    assertTrue(refused(records.entries(Caller.UNKNOWN, ALL)).startsWith("ACL_DENIED"));
    assertTrue(refused(records.entry(Caller.UNKNOWN, Optional.empty())).startsWith("ACL_DENIED"));
    assertTrue(refused(records.entry(Caller.UNKNOWN, Optional.of("u1"))).startsWith("ACL_DENIED"));
  }

  /// Someone whose login name is what the journal calls another.
  @Test
  void aNameLikeAPseudonymIsNobodys() throws IOException {
    Pseudonyms names = pseudonyms();
    write(Optional.of(names), call("ana1", "ana", "deny", "t"));
    for (Optional<Pseudonyms> known : List.of(Optional.of(names), Optional.<Pseudonyms>empty())) {
      JournalRecords records = records(known);
      Caller like = caller(names.of("ana"));
      if (known.isPresent()) {
        assertEquals(List.of(), ids(records.entries(like, OWN)));
      } else {
        assertTrue(refused(records.entries(like, OWN)).startsWith("ACL_DENIED"));
      }
    }
  }

  @Test
  void administratorsMayAskForAll() throws IOException {
    write(
        Optional.empty(),
        call("ana1", "ana", "deny", "t1"),
        result("ana2", "ana", "t1"),
        call("root", "root", "none", "t2"));
    JournalRecords records = records(Optional.empty());
    Caller root = caller("root");
    assertEquals(List.of("root", "ana2", "ana1"), ids(records.entries(root, ALL)));
    assertEquals(List.of("root"), ids(records.entries(root, OWN)));
    JsonNode one = told(records.entry(root, Optional.of("ana1")));
    assertEquals("ana2", one.path("result").path("id").asString(""));
  }

  @Test
  void pagesGoBackThroughAllFiles() throws IOException {
    TestJournal journal = new TestJournal(directory);
    journal.tools(120);
    journal.roll("20261121F.cq4");
    journal.tools(3);
    journal.damage();
    journal.roll("20261122F.cq4");
    journal.tools(200);
    JournalRecords records = records(Optional.empty());
    List<Long> seen = new ArrayList<>();
    long before = Long.MAX_VALUE;
    int pages = 0;
    while (before > 0) {
      ObjectNode page = told(records.entries(caller("root"), query(true, before, 64)));
      page.path("entries").forEach(e -> seen.add(e.path("seq").longValue()));
      assertTrue(page.path("entries").size() <= 64);
      before = page.path("next").asLong(0);
      pages++;
    }
    assertEquals(323, seen.size());
    assertEquals(seen.stream().sorted().toList().reversed(), seen);
    assertEquals(323, Set.copyOf(seen).size());
    assertEquals(6, pages);
  }

  /// Whatever somebody's entries hold, an answer stays within bounds, and all of them are told.
  @Test
  void aPageOfLargeEntriesIsShorter() throws IOException {
    List<JournalEntry> large = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      large.add(
          JournalEntry.of(NOON, "d" + i, JournalEntry.Kind.TOOL, "ana")
              .command("x", Collections.nCopies(32, "/" + "long/name/".repeat(99) + i))
              .build());
    }
    write(Optional.empty(), large.toArray(JournalEntry[]::new));
    JournalRecords records = records(Optional.empty());
    ObjectNode first = told(records.entries(caller("ana"), query(false, Long.MAX_VALUE, 200)));
    int size = first.toString().length();
    assertTrue(size < 5 << 20, size + " characters");
    int told = first.path("entries").size();
    assertTrue(told < 150, told + " on the first page");
    long next = first.path("next").asLong(0);
    while (next > 0) {
      ObjectNode page = told(records.entries(caller("ana"), query(false, next, 200)));
      assertTrue(!page.path("entries").isEmpty() || page.path("next").isMissingNode());
      told += page.path("entries").size();
      next = page.path("next").asLong(0);
    }
    assertEquals(150, told);
  }

  @Test
  void aJournalThatCannotBeReadIsSaidToBe() throws IOException {
    Files.delete(directory);
    assertTrue(
        refused(records(Optional.empty()).entries(caller("ana"), OWN))
            .startsWith("JOURNAL_UNAVAILABLE"));
    Files.createDirectory(directory);
  }
}
