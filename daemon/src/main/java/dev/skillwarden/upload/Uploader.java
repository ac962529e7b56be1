package dev.skillwarden.upload;

import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.journal.RawLine;
import dev.skillwarden.otlp.Identity;
import dev.skillwarden.otlp.LogBatch;
import dev.skillwarden.otlp.Origin;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Sends the journal, record after record, and remembers how far it got. Does one thing at each
/// [#step] and says how long nothing needs to be done; time comes from outside. One thread steps.
final class Uploader {
  /// Records that are sent without waiting for the interval.
  static final int MANY = 200;

  /// Shortest and longest pause after a failure, before jitter.
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /// Longest pause a receiver may ask for.
  static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

  /// Pause after the receiver said that it does not know us.
  static final Duration PROBE = Duration.ofHours(1);

  /// Without a success for so long, failing is an alarm. A laptop may be offline for a night.
  static final Duration STALE = Duration.ofHours(24);

  /// Single records of one batch that are refused before the rest of it is given up too: then it is
  /// not the records.
  static final int MAX_SINGLES = 8;

  /// How often the journal is looked at. Costs a comparison of two numbers.
  private static final Duration TICK = Duration.ofSeconds(1);

  private static final Duration COUNT = Duration.ofSeconds(30);

  private static final int GUESSED_LINE = 800;
  private static final System.Logger LOG = System.getLogger(Uploader.class.getName());

  private final Surroundings around;
  private final RandomGenerator random;
  private final PowerSupply power;
  private final DeadLetters deadLetters;
  private final Receipts receipts;

  /// Number of the last record when something was denied: it and those before it are urgent.
  private final AtomicLong urgent = new AtomicLong(-1);

  private final AtomicBoolean asked = new AtomicBoolean();

  private Optional<Identity> identity = Optional.empty();
  private Optional<RawLine> carried = Optional.empty();
  private final Deque<Batch> work = new ArrayDeque<>();
  private long acknowledged = -1;
  private long through = -1;
  private Optional<Instant> due = Optional.empty();
  private Optional<Instant> notBefore = Optional.empty();
  private int failed;
  private int singles;

  private String state = "idle";
  private String problem = "";
  private String refused = "";
  private Optional<Instant> lastSuccess = Optional.empty();
  private Instant failingSince;
  private final Map<String, Long> answers = new LinkedHashMap<>();
  private long failures;
  private long sentRecords;
  private long sentBytes;
  private volatile long meanLine = GUESSED_LINE;
  private volatile UploadStatus status;
  private long dead;
  private Instant deadCounted = Instant.MIN;

  /// What the upload works with.
  ///
  /// @param directory for its own files
  /// @param newest number of the journal's last record that is on the disk, -1 when it has none:
  ///   what a power cut can still take back must not be known elsewhere
  /// @param appended number of its last record
  /// @param account that its own entries are journaled for
  /// @param version of this program
  record Surroundings(
      UploadConfig config,
      Path directory,
      Journal journal,
      LongSupplier newest,
      LongSupplier appended,
      Transport transport,
      Head witness,
      JournalSink sink,
      Supplier<String> ids,
      String account,
      String version,
      InstantSource clock) {
    void append(JournalEntry.Kind kind, Map<String, String> facts, String detail)
        throws IOException {
      sink.append(
          JournalEntry.of(clock.instant(), ids.get(), kind, account)
              .facts(facts)
              .detail(detail)
              .build());
    }
  }

  /// Records on their way, with the bytes they are sent as.
  private static final class Batch {
    private final List<RawLine> lines;
    private final byte[] body;

    /// An answer after which it must not be sent again. Kept, in case that its consequences cannot
    /// be written down at once.
    private @Nullable Acknowledgement verdict;

    Batch(List<RawLine> lines, byte[] body) {
      this.lines = lines;
      this.body = body;
    }
  }

  Uploader(Surroundings around, PowerSupply power, RandomGenerator random) {
    this.around = around;
    this.power = power;
    this.random = random;
    this.deadLetters = new DeadLetters(around.directory());
    this.receipts = new Receipts(around, deadLetters, random);
    this.failingSince = around.clock().instant();
    this.status = snapshot();
  }

  Receipts receipts() {
    return receipts;
  }

  /// A denial was journaled: it is sent without waiting. Any thread.
  void denied() {
    urgent.set(around.appended().getAsLong());
  }

  /// Somebody asks for an upload now, whatever pause there is. Any thread.
  void ask() {
    asked.set(true);
  }

  /// Any thread.
  UploadStatus status() {
    UploadStatus last = status;
    long unsent = Math.max(0, around.appended().getAsLong() - last.acknowledged());
    return new UploadStatus(
        last.endpoint(),
        last.state(),
        last.acknowledged(),
        unsent,
        unsent * meanLine,
        last.covered(),
        last.receipt(),
        last.lastSuccess(),
        last.next(),
        last.problem(),
        last.deadLetters(),
        last.failures(),
        last.answers(),
        last.records(),
        last.alarms());
  }

  /// Does what is to be done now.
  ///
  /// @return how long nothing needs to be done, unless a denial is journaled; zero to be called
  ///   again at once
  Duration step() throws InterruptedException {
    Duration pause;
    try {
      pause = work();
    } catch (IOException e) {
      // Not the network: the journal or the upload's own files.
      LOG.log(Level.WARNING, "the upload cannot go on", e);
      problem = String.valueOf(e.getMessage());
      pause = later(Optional.empty());
    }
    status = snapshot();
    return pause;
  }

  private Duration work() throws IOException, InterruptedException {
    Instant now = around.clock().instant();
    if (asked.getAndSet(false)) {
      notBefore = Optional.empty();
      through = around.newest().getAsLong();
    }
    if (notBefore.isPresent() && now.isBefore(notBefore.get())) {
      return Duration.between(now, notBefore.get());
    }
    notBefore = Optional.empty();
    if (identity.isEmpty() && !begin()) {
      state = "not-enrolled";
      return TICK.multipliedBy(10);
    }
    if (work.isEmpty() && isDue(now)) {
      cut();
    }
    if (!work.isEmpty()) {
      state = "sending";
      return send(work.getFirst());
    }
    Optional<Instant> look = receipts.look(identity.orElseThrow());
    return sooner(sooner(TICK, now, look), now, due);
  }

  private static Duration sooner(Duration pause, Instant now, Optional<Instant> time) {
    return time.map(at -> Duration.between(now, at))
        .filter(d -> d.compareTo(pause) < 0 && d.isPositive())
        .orElse(pause);
  }

  /// Finds out whose journal it is and how far it was sent.
  private boolean begin() throws IOException {
    identity = around.journal().identity();
    if (identity.isEmpty()) {
      return false;
    }
    Identity whose = identity.get();
    receipts.restore(whose);
    acknowledged = proven(whose);
    receipts.resume(acknowledged);
    through = Math.max(through, acknowledged); // somebody may have asked already
    return true;
  }

  /// The last record that needs not be sent again: that of the cursor, if it is of this journal and
  /// this history, and was answered in a way that still counts.
  private long proven(Identity whose) throws IOException {
    Optional<Cursor> found = Cursor.read(around.directory());
    if (found.isEmpty()) {
      return -1;
    }
    Cursor cursor = found.get();
    Optional<RawLine> there = around.journal().at(cursor.seq());
    boolean same =
        cursor.install().equals(whose.install())
            && cursor.seq() <= around.newest().getAsLong()
            && there.map(line -> line.hash().equals(cursor.hash())).orElse(true);
    if (!same) {
      LOG.log(
          Level.WARNING,
          "the upload cursor is at record %d of another history of the journal, so all is sent again"
              .formatted(cursor.seq()));
      return -1;
    }
    boolean counts = !acknowledgedAs().equals("response") || cursor.receipt().equals("response");
    // What was taken by an endpoint not declared durable then is sent again, for its receipt.
    return counts ? cursor.seq() : Math.min(cursor.seq(), receipts.coveredSeq());
  }

  private String acknowledgedAs() {
    return switch (around.config().receipt()) {
      case WITNESS -> "witness";
      case RESPONSE -> around.config().durable() ? "response" : "none";
    };
  }

  private boolean isDue(Instant now) {
    long newest = around.newest().getAsLong();
    boolean hurry = urgent.get() > acknowledged && urgent.get() <= newest;
    if (through > acknowledged) {
      return true;
    }
    if (newest <= acknowledged) {
      due = Optional.empty();
      state = "idle";
      return false;
    }
    if (due.isEmpty()) {
      due = Optional.of(now.plus(jitter(around.config().interval())));
    }
    boolean reached = newest - acknowledged >= MANY || !now.isBefore(due.get());
    if (!hurry && reached && around.config().pauseOnBattery() && power.low()) {
      state = "saving-power";
      return false;
    }
    state = "waiting";
    if (hurry || reached) {
      through = newest;
      due = Optional.empty();
    }
    return hurry || reached;
  }

  private Duration jitter(Duration most) {
    return Duration.ofMillis(1 + random.nextLong(most.toMillis()));
  }

  /// Takes the next records, as many as fit.
  private void cut() throws IOException {
    LogBatch batch = batch();
    List<RawLine> lines = new ArrayList<>();
    Instant now = around.clock().instant();
    carried.ifPresent(line -> take(batch, lines, line, now));
    carried = Optional.empty();
    long from = lines.isEmpty() ? acknowledged + 1 : lines.getLast().seq() + 1;
    around.journal().lines().from(from, line -> take(batch, lines, line, now));
    if (lines.isEmpty()) {
      through = acknowledged; // the journal's last records cannot be read, or not yet
    } else {
      work.add(new Batch(lines, body(batch)));
    }
  }

  private boolean take(LogBatch batch, List<RawLine> lines, RawLine line, Instant now) {
    if (line.seq() > around.newest().getAsLong()) {
      return false; // not on the disk yet
    }
    if (!batch.add(line.seq(), line.line(), now)) {
      carried = Optional.of(line);
      return false;
    }
    lines.add(line);
    return batch.size() < LogBatch.MAX_RECORDS;
  }

  private LogBatch batch() {
    return new LogBatch(Origin.here(identity.orElseThrow(), around.version()));
  }

  private byte[] body(LogBatch batch) {
    return switch (around.config().protocol()) {
      case JSON -> batch.json();
      case PROTOBUF -> batch.protobuf();
    };
  }

  private Acknowledgement post(Batch batch) throws InterruptedException {
    Acknowledgement answer;
    try {
      Transport.Answer got = around.transport().post(batch.body);
      answer = Acknowledgement.of(got.status(), got.headers(), got.body());
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "upload", e);
      answer = new Acknowledgement.Later(why(e), Optional.empty());
    }
    count(outcome(answer));
    if (Set.of("rejected", "refused", "bad-data").contains(outcome(answer))) {
      batch.verdict = answer;
    }
    return answer;
  }

  /// As it is counted.
  private static String outcome(Acknowledgement answer) {
    return switch (answer) {
      case Acknowledgement.Taken taken -> "taken";
      case Acknowledgement.Rejected rejected -> "rejected";
      case Acknowledgement.Unknown unknown -> "unknown";
      case Acknowledgement.Later later -> "later";
      case Acknowledgement.BadData bad -> "bad-data";
      case Acknowledgement.Refused refusal -> "refused";
      case Acknowledgement.Forbidden forbidden -> "forbidden";
    };
  }

  private Duration send(Batch batch) throws IOException, InterruptedException {
    Acknowledgement known = batch.verdict;
    Acknowledgement answer = known == null ? post(batch) : known;
    return switch (answer) {
      case Acknowledgement.Taken(String message) -> {
        if (!message.isEmpty()) {
          LOG.log(Level.WARNING, "the receiver took the journal and says: " + message);
        }
        yield taken(batch);
      }
      case Acknowledgement.Rejected(long count, String message) ->
          dead(batch, count, "200", message);
      case Acknowledgement.Unknown(String why) -> failed(why, Optional.empty());
      case Acknowledgement.Later(String why, Optional<Acknowledgement.RetryAfter> after) ->
          failed(why, after);
      case Acknowledgement.BadData(String message) -> badData(batch, message);
      case Acknowledgement.Refused(int status, String message) -> {
        dead(batch, batch.lines.size(), Integer.toString(status), message);
        problem = "the receiver refuses records with status %d: %s".formatted(status, message);
        yield later(Optional.empty()); // most likely the next ones too
      }
      case Acknowledgement.Forbidden(int status, String message) -> {
        failures++;
        refused =
            "the receiver answers %d: credentials are wrong or expired; asked again each hour: %s"
                .formatted(status, message);
        problem = refused;
        state = "refused";
        notBefore = Optional.of(around.clock().instant().plus(PROBE));
        yield PROBE;
      }
    };
  }

  private static String why(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void count(String outcome) {
    answers.merge(outcome, 1L, Long::sum);
  }

  private Duration taken(Batch batch) throws IOException {
    sentRecords += batch.lines.size();
    sentBytes += batch.lines.stream().mapToLong(RawLine::bytes).sum();
    meanLine = sentBytes / sentRecords;
    singles = 0;
    lastSuccess = Optional.of(around.clock().instant());
    advance(batch);
    receipts.taken(identity.orElseThrow(), batch.lines);
    return Duration.ZERO;
  }

  private void advance(Batch batch) throws IOException {
    work.remove(batch);
    failed = 0;
    problem = "";
    refused = "";
    RawLine last = batch.lines.getLast();
    acknowledged = last.seq();
    new Cursor(
            identity.orElseThrow().install(),
            last.seq(),
            last.hash(),
            acknowledgedAs(),
            around.clock().instant())
        .write(around.directory());
  }

  private Duration failed(String why, Optional<Acknowledgement.RetryAfter> after) {
    failures++;
    problem = why;
    return later(after);
  }

  /// The pause the receiver asks for, else a random one out of a span that doubles with each
  /// failure.
  private Duration later(Optional<Acknowledgement.RetryAfter> after) {
    Instant now = around.clock().instant();
    if (failed == 0) {
      failingSince = now;
    }
    failed++;
    Duration span = FIRST_PAUSE.multipliedBy(1L << Math.min(failed - 1, 20));
    Duration pause =
        after
            .map(a ->
                switch (a) {
                  case Acknowledgement.RetryAfter.In(Duration delay) -> delay;
                  case Acknowledgement.RetryAfter.At(Instant at) -> Duration.between(now, at);
                })
            .map(d -> d.isNegative() ? Duration.ZERO : d)
            .map(d -> d.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : d)
            .orElseGet(() -> jitter(span.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : span));
    notBefore = Optional.of(now.plus(pause));
    state = "retrying";
    return pause;
  }

  /// Halves the batch until the records that are not taken stand alone.
  private Duration badData(Batch batch, String message) throws IOException {
    if (batch.lines.size() == 1 || singles >= MAX_SINGLES) {
      singles++;
      dead(batch, batch.lines.size(), "400", message);
      if (work.isEmpty()) {
        singles = 0;
      }
      return Duration.ZERO;
    }
    work.remove(batch);
    int half = batch.lines.size() / 2;
    work.addFirst(again(batch.lines.subList(half, batch.lines.size())));
    work.addFirst(again(batch.lines.subList(0, half)));
    return Duration.ZERO;
  }

  private Batch again(List<RawLine> lines) {
    LogBatch batch = batch();
    Instant now = around.clock().instant();
    lines.forEach(line -> batch.add(line.seq(), line.line(), now));
    return new Batch(List.copyOf(lines), body(batch));
  }

  /// Keeps what was not taken and goes on after it: it must not be sent again as it is. The entry
  /// about it is not journaled for entries of this kind, which would never end.
  private Duration dead(Batch batch, long count, String status, String message) throws IOException {
    String file =
        deadLetters.keep(
            batch.lines, "status %s, %d not taken: %s".formatted(status, count, message));
    LOG.log(
        Level.ERROR,
        "the receiver did not take %d of records %d to %d (status %s): %s; they are kept in %s"
            .formatted(
                count,
                batch.lines.getFirst().seq(),
                batch.lines.getLast().seq(),
                status,
                message,
                file));
    failures++;
    deadCounted = Instant.MIN;
    boolean own = batch.lines.stream().allMatch(line -> Receipts.OWN.contains(line.kind()));
    if (!own) {
      Map<String, String> facts = new LinkedHashMap<>();
      facts.put("from", Long.toString(batch.lines.getFirst().seq()));
      facts.put("to", Long.toString(batch.lines.getLast().seq()));
      facts.put("count", Long.toString(count));
      facts.put("status", status);
      facts.put("file", file);
      around.append(JournalEntry.Kind.DELIVERY_REJECTED, facts, message);
    }
    advance(batch);
    return Duration.ZERO;
  }

  private UploadStatus snapshot() {
    countDead();
    return new UploadStatus(
        around.config().shown(),
        state,
        acknowledged,
        0,
        0,
        receipts.coveredSeq(),
        receipts.shown(),
        lastSuccess,
        notBefore.or(() -> due),
        problem,
        dead,
        failures,
        answers,
        sentRecords,
        alarms());
  }

  /// People remove these files, so they are counted again now and then.
  private void countDead() {
    Instant now = around.clock().instant();
    if (deadCounted.equals(Instant.MIN) || deadCounted.plus(COUNT).isBefore(now)) {
      deadCounted = now;
      try {
        dead = deadLetters.count();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "the upload directory cannot be read", e);
      }
    }
  }

  private List<String> alarms() {
    List<String> alarms = new ArrayList<>();
    if (!refused.isEmpty()) {
      alarms.add("upload: " + refused);
    }
    if (!receipts.alarm().isEmpty()) {
      alarms.add("upload: " + receipts.alarm());
    }
    if (dead > 0) {
      alarms.add(
          "upload: the receiver did not take %d batches; they lie in %s until somebody removes them"
              .formatted(dead, around.directory()));
    }
    if (state.equals("not-enrolled") && around.newest().getAsLong() >= 0) {
      alarms.add("upload: the journal does not begin with an enrolment, so nothing is sent");
    }
    boolean stale =
        failed > 0
            && refused.isEmpty()
            && Duration.between(failingSince, around.clock().instant()).compareTo(STALE) > 0;
    if (stale) {
      alarms.add("upload: nothing was sent since %s: %s".formatted(failingSince, problem));
    }
    if (around.journal().lines().unreadable() > 0) {
      alarms.add(
          "upload: %d places of the journal are damaged and were not sent; see: skillwarden journal verify"
              .formatted(around.journal().lines().unreadable()));
    }
    return alarms;
  }
}
