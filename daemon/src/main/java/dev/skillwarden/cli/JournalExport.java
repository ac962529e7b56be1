package dev.skillwarden.cli;

import dev.skillwarden.journal.RawLine;
import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.otlp.Identity;
import dev.skillwarden.otlp.LogBatch;
import dev.skillwarden.otlp.Origin;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.upload.Journal;
import dev.skillwarden.upload.Stub;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a range of a journal, and beside it what a verifier needs to know of the records before
/// it. The range has no gaps of its own: it goes from the first record of the time wanted to the
/// last one, whatever the clock did in between.
final class JournalExport {
  private static final System.Logger LOG = System.getLogger(JournalExport.class.getName());
  private static final String GENESIS = "0".repeat(2 * JournalFormat.HASH_BYTES);
  private static final String ZSTD = ".zst";

  private final Journal journal;
  private final InstantSource clock;

  /// How records are written.
  enum Form {
    jsonl,
    otlp_jsonl;

    @Override
    public String toString() {
      return name().replace('_', '-');
    }
  }

  /// A range, as found in a first pass over the journal.
  ///
  /// @param beforeHash hash of the record before the first; empty when it is not known
  /// @param note checkpoint that the range can show; empty when there is none
  /// @param keys records with keys that stand before the first
  record Range(
      long first,
      long last,
      long records,
      String from,
      String to,
      String beforeHash,
      String note,
      List<String> keys,
      Optional<Identity> identity) {}

  /// Nothing was exported.
  static final class NothingException extends Exception {
    private static final long serialVersionUID = 1L;

    NothingException(String message) {
      super(message);
    }
  }

  private record Note(long seq, long size, String text) {}

  JournalExport(Journal journal, InstantSource clock) {
    this.journal = journal;
    this.clock = clock;
  }

  /// Finds the range.
  ///
  /// @throws NothingException when no record is of that time
  Range range(Optional<Instant> since, Optional<Instant> until)
      throws IOException, NothingException {
    Search search = new Search(since.orElse(Instant.MIN), until.orElse(Instant.MAX));
    for (Stub stub : journal.stubs()) {
      search.stub(stub);
    }
    journal.lines().from(0, search::line);
    return search.range(journal.identity());
  }

  /// Writes file and sidecar under other names and renames them when both are on the disk.
  ///
  /// @param progress receives the number of records written so far
  /// @return bytes of the file
  /// @throws NothingException when the form needs an enrolment and there is none
  long write(Range range, Form form, Path file, LongConsumer progress)
      throws IOException, NothingException {
    Path sidecar = sibling(file, JournalFormat.SIDECAR);
    Path filePart = sibling(file, ".part");
    Path sidecarPart = sibling(sidecar, ".part");
    try {
      records(range, form, filePart, String.valueOf(file.getFileName()), progress);
      byte[] beside = (Json.pretty(sidecar(range, form)) + "\n").getBytes(StandardCharsets.UTF_8);
      durably(sidecarPart, out -> out.write(beside));
      Files.move(sidecarPart, sidecar, StandardCopyOption.ATOMIC_MOVE);
      Files.move(filePart, file, StandardCopyOption.ATOMIC_MOVE);
      return Files.size(file);
    } finally {
      Files.deleteIfExists(filePart);
      Files.deleteIfExists(sidecarPart);
    }
  }

  static Path sibling(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private void records(Range range, Form form, Path part, String name, LongConsumer progress)
      throws IOException, NothingException {
    Optional<Origin> origin =
        form == Form.otlp_jsonl ? Optional.of(origin(range)) : Optional.empty();
    durably(
        part,
        out -> {
          OutputStream lines = name.endsWith(ZSTD) ? new ZstdOutputStream(out) : out;
          Writer writer = origin.isPresent() ? new Otlp(lines, origin.get()) : new Plain(lines);
          copy(range, writer, progress);
          lines.close(); // which ends a zstd frame
        });
  }

  private void copy(Range range, Writer writer, LongConsumer progress) throws IOException {
    long[] count = new long[1];
    try {
      journal
          .lines()
          .from(
              range.first(),
              line -> {
                if (line.seq() > range.last()) {
                  return false;
                }
                writer.line(line);
                progress.accept(++count[0]);
                return line.seq() < range.last();
              });
      writer.end();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private interface Body {
    void write(OutputStream out) throws IOException;
  }

  /// Writes a file and returns when the disk has it.
  private static void durably(Path file, Body body) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 64 << 10);
      body.write(new Unclosed(out));
      out.flush();
      channel.force(true);
    }
  }

  /// Passes everything on but the end, since what was written must still be forced to the disk.
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  private static Origin origin(Range range) throws NothingException {
    return Origin.here(
        range
            .identity()
            .orElseThrow(() ->
                new NothingException(
                    "the journal has no enrolment record, so nothing says whose records these"
                        + " are; --format jsonl works without")),
        VersionCommand.current());
  }

  private static ObjectNode sidecar(Range range, Form form) {
    ObjectNode json =
        Json.object()
            .put("format", form.toString())
            .put("device", range.identity().map(Identity::device).orElse(""))
            .put("install", range.identity().map(Identity::install).orElse(""))
            .put("first", range.first())
            .put("last", range.last())
            .put("records", range.records())
            .put("before_hash", range.beforeHash())
            .put("checkpoint", range.note());
    ArrayNode keys = json.putArray("keys");
    range.keys().forEach(keys::add);
    return json;
  }

  /// The first pass.
  private static final class Search {
    private final Instant since;
    private final Instant until;
    private final List<String> keysBefore = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();
    private String previousHash = "";
    private String beforeHash = "";
    private @Nullable RawLine first;
    private @Nullable RawLine last;
    private long seen;
    private long records;

    Search(Instant since, Instant until) {
      this.since = since;
      this.until = until;
    }

    void stub(Stub stub) {
      keysBefore.addAll(stub.keys());
      previousHash = stub.lastHash();
    }

    boolean line(RawLine line) {
      Instant time = time(line.time());
      if (first == null && !time.isBefore(since) && time.isBefore(until)) {
        first = line;
        beforeHash = previousHash.isEmpty() ? told(line) : previousHash;
      }
      if (first == null) {
        if (Journal.isKey(line.kind())) {
          keysBefore.add(line.line());
        }
      } else {
        seen++;
        if (time.isBefore(until)) {
          last = line;
          records = seen;
        }
        if (line.kind().equals(JournalFormat.Kinds.CHECKPOINT)) {
          note(line);
        }
      }
      previousHash = line.hash();
      return true;
    }

    /// What the first record of a journal says of the one before it.
    private static String told(RawLine line) {
      return switch (line.kind()) {
        case JournalFormat.Kinds.ENROLL -> GENESIS;
        case JournalFormat.Kinds.SEGMENT -> fact(line, JournalFormat.Facts.LAST_HASH);
        case JournalFormat.Kinds.LOST -> fact(line, JournalFormat.Facts.AFTER_HASH);
        default -> "";
      };
    }

    private static String fact(RawLine line, String name) {
      try {
        JsonNode json = Json.parse("record", line.line());
        return json.path("facts").path(name).asString("");
      } catch (InvalidTextException e) {
        return "";
      }
    }

    private static Instant time(String text) {
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        return Instant.EPOCH; // damaged; it is in the range when its neighbours are
      }
    }

    private void note(RawLine line) {
      String text = fact(line, JournalFormat.Facts.NOTE);
      String[] lines = text.split("\n", 3);
      try {
        notes.add(new Note(line.seq(), Long.parseLong(lines.length > 1 ? lines[1] : ""), text));
      } catch (NumberFormatException e) {
        LOG.log(Level.DEBUG, "a damaged note shows nothing; its record is exported as it is", e);
      }
    }

    Range range(Optional<Identity> identity) throws NothingException {
      RawLine from = first;
      RawLine to = last;
      if (from == null || to == null) {
        throw new NothingException("no record of the journal is of that time");
      }
      return new Range(
          from.seq(),
          to.seq(),
          records,
          from.time(),
          to.time(),
          beforeHash,
          note(from.seq(), to.seq()),
          List.copyOf(keysBefore),
          identity);
    }

    /// A note can be shown when the record its root is the hash of is in the range, or just before.
    private String note(long from, long to) {
      String within = "";
      for (Note note : notes) {
        boolean shown = note.size() >= from && note.size() - 1 <= to;
        if (shown && (note.seq() <= to || within.isEmpty())) {
          within = note.text();
        }
        if (note.seq() > to && !within.isEmpty()) {
          break;
        }
      }
      return within;
    }
  }

  private interface Writer {
    void line(RawLine line);

    void end();
  }

  private static void put(OutputStream out, byte[] line) {
    try {
      out.write(line);
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Plain(OutputStream out) implements Writer {
    @Override
    public void line(RawLine line) {
      put(out, line.line().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void end() {
      // every line is written already
    }
  }

  private final class Otlp implements Writer {
    private final OutputStream out;
    private final Origin origin;
    private LogBatch batch;

    Otlp(OutputStream out, Origin origin) {
      this.out = out;
      this.origin = origin;
      this.batch = new LogBatch(origin);
    }

    @Override
    public void line(RawLine line) {
      Instant now = clock.instant();
      if (!batch.add(line.seq(), line.line(), now)) {
        end();
        batch = new LogBatch(origin);
        batch.add(line.seq(), line.line(), now);
      }
    }

    @Override
    public void end() {
      if (!batch.isEmpty()) {
        put(out, batch.json());
      }
    }
  }
}
