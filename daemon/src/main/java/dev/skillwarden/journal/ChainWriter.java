package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat.Facts;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The files of the journal and the chain through them. Opens what the last owner left, says on
/// record what is missing of it, and begins every file with what came before it. For one thread.
final class ChainWriter {
  private static final Logger LOG = System.getLogger(ChainWriter.class.getName());

  /// Least time between two tries to open the files again.
  private static final Duration RETRY = Duration.ofMillis(200);

  private final JournalConfig config;
  private final FreeSpace freeSpace;
  private final EntryStore.Opener opener;
  private final InstantSource clock;
  private final Enrolment enrolment;
  private @Nullable Open open;
  private Instant storeTime = Instant.EPOCH;
  private boolean rotate;
  private long failedOpen;
  private String openFailure = "";
  private long lostToDisk;
  private long lastSeq;

  /// What is there while the files are open.
  private static final class Open {
    private final EntryStore store;
    private final Chain chain;
    private final Head head;
    private Segment segment;
    private byte[] lastLine = new byte[0];

    Open(EntryStore store, Chain chain, Head head, Segment segment) {
      this.store = store;
      this.chain = chain;
      this.head = head;
      this.segment = segment;
    }
  }

  ChainWriter(
      JournalConfig config, FreeSpace freeSpace, EntryStore.Opener opener, InstantSource clock)
      throws IOException {
    this.config = config;
    this.freeSpace = freeSpace;
    this.opener = opener;
    this.clock = clock;
    this.enrolment = new Enrolment(config.directory(), config.sealing());
    this.lastSeq = Recovery.of(config.directory()).lastSeq();
  }

  /// Number of the last record, -1 when there is none.
  long lastSeq() {
    return lastSeq;
  }

  /// What a checkpoint would sign now, empty while the files are closed.
  Optional<Tip> tip() {
    return open == null
        ? Optional.empty()
        : Optional.of(new Tip(open.chain.next(), open.chain.hash(), enrolment.identity()));
  }

  /// Opens the files, when they are not.
  ///
  /// @throws IOException when they do not open; the next try is made after a short while
  void open() throws IOException {
    if (open != null) {
      return;
    }
    if (failedOpen != 0 && System.nanoTime() - failedOpen < RETRY.toNanos()) {
      throw new IOException(openFailure);
    }
    try {
      openFilesOrBeginAnew();
      failedOpen = 0;
    } catch (IOException e) {
      throw closed(e);
    } catch (RuntimeException | InternalError e) {
      // Such as a state file that was cut under its mapping: it must not end the writer's thread.
      throw closed(new IOException("journal does not open: " + e, e));
    }
  }

  private IOException closed(IOException cause) {
    failedOpen = System.nanoTime();
    openFailure = String.valueOf(cause.getMessage());
    close();
    return cause;
  }

  /// A new device key, on record signed by both, with the next opening.
  void rotateKey() {
    rotate = true;
  }

  /// Appends one record.
  ///
  /// @param rest see [EntryCodec#encodeRest]
  /// @return its number
  /// @throws IOException when it was not appended
  long append(byte[] rest) throws IOException {
    open();
    try {
      beginNextDay();
      return write(rest);
    } catch (BrokenFileException e) {
      setAsideNewest(e);
      open();
      return write(rest);
    }
  }

  /// This many entries could not be appended. The next record says so.
  void lose(long count) {
    lostToDisk += count;
  }

  private void openFilesOrBeginAnew() throws IOException {
    try {
      openFiles();
    } catch (BrokenFileException e) {
      setAsideNewest(e);
      openFiles();
    }
  }

  private void setAsideNewest(BrokenFileException cause) throws IOException {
    LOG.log(Level.WARNING, "newest journal file takes no entries, beginning a new one", cause);
    close();
    Recovery.setAsideNewest(config.directory());
  }

  private void openFiles() throws IOException {
    Recovery.setAsideFuture(config.directory(), LocalDate.ofInstant(now(), ZoneOffset.UTC));
    Recovery recovery = Recovery.of(config.directory());
    Head head = Head.open(config.directory());
    Optional<Head.State> state = head.read();
    Chain chain = enrolment.resume(recovery, state);
    long lost = chain.next() - (recovery.lastSeq() + 1);
    boolean sameFile = recovery.segment().file().equals(QueueName.ofDay(storeTime));
    Segment before = recovery.segment();
    open = new Open(openStore(), chain, head, sameFile ? before : Segment.EMPTY);
    lastSeq = recovery.lastSeq();
    if (enrolment.isNew()) {
      writeKey(enrolment.genesis(recovery, state));
      Tip tip = new Tip(chain.next(), chain.hash(), enrolment.identity());
      write(EntryCodec.encodeRest(tip.entry(clock.instant(), "start", config.sealing().account())));
      return; // nothing is ever unsigned as a whole
    }
    writeLoss(recovery.lastSeq() + 1, lost, "tail");
    if (!sameFile) {
      writeSegment(before);
    }
    Optional<Enrolment.Change> change = enrolment.change(chain.next(), rotate);
    if (change.isPresent()) {
      writeKey(change.get());
      rotate = false;
    }
  }

  private EntryStore openStore() throws IOException {
    try {
      return opener.open(config.directory(), () -> storeTime.toEpochMilli());
    } catch (StreamCorruptedException | RuntimeException | AssertionError e) {
      throw new BrokenFileException("newest journal file does not open", e);
    } catch (InternalError e) {
      throw new IOException("journal does not open, the disk may be full: " + e, e);
    }
  }

  private void writeKey(Enrolment.Change change) throws IOException {
    change.propose();
    write(entry(change.kind(), change.facts()));
    Open now = opened();
    byte[] line = now.lastLine;
    now.chain.ratchet(change.ratchet());
    now.head.write(now.chain);
    change.accept(line);
  }

  /// Numbers from the last record on have no record. The chain stands after them.
  private void writeLoss(long from, long count, String why) throws IOException {
    if (count == 0) {
      return;
    }
    Open now = opened();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(Facts.FROM, String.valueOf(from));
    facts.put(Facts.TO, String.valueOf(from + count - 1));
    facts.put(Facts.COUNT, String.valueOf(count));
    facts.put(Facts.WHY, why);
    facts.put(Facts.AFTER, String.valueOf(from - 1));
    facts.put(Facts.AFTER_HASH, HexFormat.of().formatHex(now.chain.hash()));
    enrolment.destroyedKeyRecord(from - 1).ifPresent(line -> facts.put(Facts.KEY_RECORD, line));
    LOG.log(Level.ERROR, "journal entries {0} to {1} are lost: {2}", from, from + count - 1, why);
    write(entry(JournalEntry.Kind.JOURNAL_LOST, facts));
  }

  private void writeSegment(Segment before) throws IOException {
    write(entry(JournalEntry.Kind.SEGMENT, before.facts()));
  }

  /// A day that begins is a file that begins. The time the store sees never goes back: it would
  /// write into an older file.
  private void beginNextDay() throws IOException {
    LocalDate lastDay = LocalDate.ofInstant(storeTime, ZoneOffset.UTC);
    now();
    if (opened().segment.count() > 0
        && LocalDate.ofInstant(storeTime, ZoneOffset.UTC).isAfter(lastDay)) {
      Segment ended = opened().segment;
      opened().segment = Segment.EMPTY;
      writeSegment(ended);
    }
    if (lostToDisk > 0) {
      long lost = lostToDisk;
      opened().chain.skip(lost);
      writeLoss(lastSeq + 1, lost, "disk");
      lostToDisk -= lost;
    }
  }

  private Instant now() {
    Instant now = clock.instant();
    if (now.isAfter(storeTime)) {
      storeTime = now;
    }
    return now;
  }

  private byte[] entry(JournalEntry.Kind kind, Map<String, String> facts) {
    return EntryCodec.encodeRest(
        JournalEntry.of(
                clock.instant(), "j" + opened().chain.next(), kind, config.sealing().account())
            .facts(facts)
            .build());
  }

  /// A full disk shows as a fault in mapped memory, which the virtual machine raises as an
  /// [InternalError], at the latest when the thread comes back from its next system call. Asking
  /// for the free space is that call: a fault is seen before the entry is acknowledged.
  private long write(byte[] rest) throws IOException {
    Open now = opened();
    long seq = now.chain.next();
    try {
      now.lastLine = now.chain.seal(rest);
      now.store.write(now.lastLine);
      freeSpace.bytes(config.directory());
      now.chain.advance();
      now.head.write(now.chain);
    } catch (AssertionError e) {
      throw new BrokenFileException("newest journal file breaks the queue's assumptions", e);
    } catch (IOException | InternalError | RuntimeException e) {
      close(); // the record may be there: only opening anew tells its number from the next
      throw new IOException("journal write failed, the disk may be full: " + e, e);
    }
    now.segment = now.segment.with(QueueName.ofDay(storeTime), seq, now.chain.hash());
    lastSeq = seq;
    return seq;
  }

  private Open opened() {
    if (open == null) {
      throw new IllegalStateException("the journal files are not open");
    }
    return open;
  }

  /// Closes the files. They open again with the next record.
  void close() {
    if (open == null) {
      return;
    }
    open.chain.ratchet(new byte[0]);
    try {
      open.store.close();
    } catch (RuntimeException | AssertionError | InternalError e) {
      LOG.log(Level.WARNING, "journal files did not close cleanly", e);
    }
    open = null;
  }

  /// A file that opens but breaks the queue's own assumptions takes nothing more: a new one does.
  private static final class BrokenFileException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenFileException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
