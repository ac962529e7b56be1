package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.journal.verify.Finding.Place;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Verifies a journal's directory, while a daemon writes to it or not, or an export of one. Opens
/// everything for reading only, creates nothing, takes no lock, and needs memory that does not grow
/// with the journal.
public final class JournalVerifier {
  /// How often it begins anew when files go while it reads: the daemon renames and deletes some.
  private static final int ATTEMPTS = 5;

  /// How long a file may be empty while it is being made.
  private static final int NEWBORN_MILLIS = 200;

  private final Path path;
  private final VerifyOptions options;
  private final Findings findings = new Findings();
  private final Statements statements;
  private final Chain chain;
  private final List<String> notChecked = new ArrayList<>();
  private int files;
  private int stubs;

  private JournalVerifier(Path path, VerifyOptions options, Progress progress, boolean directory) {
    this.path = path;
    this.options = options;
    this.statements = new Statements(findings, options, directory);
    this.chain = new Chain(findings, statements, progress);
  }

  /// @param path directory of a journal, or file of an export with its sidecar beside it
  /// @throws NothingToVerifyException when neither is there
  /// @throws IOException when something could not be read; that says nothing of the journal
  public static Verdict verify(Path path, VerifyOptions options, Progress progress)
      throws IOException {
    if (Files.isRegularFile(path)) {
      if (QueueFileName.of(path).isPresent()) {
        throw new NothingToVerifyException(
            path + " is one file of a journal; verify the directory it is in");
      }
      return new JournalVerifier(path, options, progress, false).export();
    }
    if (!Files.isDirectory(path)) {
      throw new NothingToVerifyException(
          path
              + (Files.exists(path)
                  ? " is neither a directory nor a regular file"
                  : " does not exist"));
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return new JournalVerifier(path, options, progress, true).directory();
      } catch (NoSuchFileException e) {
        if (attempt == ATTEMPTS) {
          throw new IOException("files come and go too fast: " + e.getMessage(), e);
        }
      }
    }
  }

  // ---------------------------------------------------------------- directory

  private Verdict directory() throws IOException {
    Path stateFile = path.resolve(JournalFormat.STATE_FILE);
    // Read first: what it speaks of must be there by the time the files are read.
    Optional<HeadState> state = state(stateFile);
    List<QueueFileName> names = list();
    if (names.isEmpty() && !Files.exists(stateFile, LinkOption.NOFOLLOW_LINKS)) {
      throw new NothingToVerifyException(path + " holds no journal: no file such as 20261120F.cq4");
    }
    Set<String> present = new HashSet<>();
    names.stream().filter(name -> !name.stub()).forEach(name -> present.add(name.file()));
    present.forEach(statements::knows);
    List<String> stubFiles = new ArrayList<>();
    long end = 0;
    for (QueueFileName name : names) {
      if (!name.stub()) {
        end = queueFile(name);
      } else if (!present.contains(name.file())) {
        stubFiles.add(name.file());
        stub(name);
      }
    }
    endOfDirectory(state, stateFile, end);
    stubsNamed(stubFiles);
    notChecked.add(
        "Whether the whole directory was put back to an earlier state, and whether whoever holds"
            + " the keys of now forges records to come: only a receiver sees that.");
    return verdict();
  }

  private Optional<HeadState> state(Path file) throws IOException {
    findings.in(JournalFormat.STATE_FILE);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(HeadState.read(file));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private List<QueueFileName> list() throws IOException {
    List<QueueFileName> names = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
      for (Path file : all) {
        QueueFileName.of(file).ifPresent(names::add);
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    names.sort(null);
    return names;
  }

  /// @return its size
  private long queueFile(QueueFileName name) throws IOException {
    Path file = path.resolve(name.name());
    findings.in(name.name());
    if (!regular(file)) {
      return 0;
    }
    statements.fileBegins();
    files++;
    if (Files.size(file) == 0 && staysEmpty(file)) {
      chain.damage(Kind.EMPTY, Place.START, "the file is empty");
      return 0;
    }
    return QueueScan.read(file, chain);
  }

  private boolean regular(Path file) throws NoSuchFileException {
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString());
    }
    chain.damage(
        Kind.UNREADABLE,
        Place.START,
        "is no regular file, and was not opened: a link, pipe or such");
    return false;
  }

  private static boolean staysEmpty(Path file) throws IOException {
    try {
      Thread.sleep(NEWBORN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return Files.size(file) == 0;
  }

  private void stub(QueueFileName name) throws IOException {
    Path file = path.resolve(name.name());
    findings.in(name.name());
    if (!regular(file)) {
      return;
    }
    stubs++;
    chain.flush(Math.max(0, chain.expected()));
    long seq = Math.max(0, chain.expected());
    try {
      byte[] bytes = Stub.bytes(file);
      statements.knowsStub(name.file(), bytes, Optional.empty());
      Stub stub = Stub.parse(bytes);
      statements.knowsStub(name.file(), bytes, Optional.of(stub));
      pass(name, stub);
    } catch (MalformedException e) {
      findings.add(Kind.RETENTION, Place.START, seq, 1, "the stub " + e.what());
    }
  }

  private void pass(QueueFileName name, Stub stub) throws MalformedException {
    boolean begins = chain.expected() == Chain.NONE;
    byte[] before = chain.previous();
    long expected = chain.expected();
    byte[] lastHash = stub.facts().hash("last_hash");
    chain.continueAt(stub.last() + 1, lastHash);
    statements.stubPassed(stub, lastHash);
    statements.keysBefore(stub, begins);
    if (!begins && stub.first() != expected) {
      throw new MalformedException(
          "covers %d to %d; %d was to come".formatted(stub.first(), stub.last(), expected));
    }
    if (!begins && before != null && !Arrays.equals(before, stub.beforeHash())) {
      throw new MalformedException("does not follow the record before it");
    }
    if (!stub.facts().text("file").equals(name.file())) {
      throw new MalformedException("is about another file");
    }
    if (stub.records() < 1 || stub.records() > stub.last() - stub.first() + 1) {
      throw new MalformedException("says it held %d records".formatted(stub.records()));
    }
    statements.noteOutside(stub.note(), 0, stub.last());
  }

  /// The newest stub must be named by a record that is here. That of an older one may have stood in
  /// a file that is gone as well.
  private void stubsNamed(List<String> stubFiles) {
    if (stubFiles.isEmpty()) {
      return;
    }
    String newest = stubFiles.getLast();
    if (!statements.isNamed(newest)) {
      findings.add(
          new Finding(
              Kind.RETENTION,
              newest + JournalFormat.STUB,
              Place.START,
              chain.first(),
              1,
              "no retention record says that this file was deleted"));
    }
    long unnamed =
        stubFiles.stream()
            .filter(file -> !file.equals(newest) && !statements.isNamed(file))
            .count();
    if (unnamed > 0) {
      notChecked.add(
          "%d older stubs: the retention records that name them were in files deleted since; their"
                  .formatted(unnamed)
              + " hashes and key records were checked.");
    }
  }

  private void endOfDirectory(Optional<HeadState> state, Path stateFile, long end)
      throws IOException {
    long damaged = chain.endDamage();
    if (chain.records() == 0 && chain.unchained() > 0) {
      return;
    }
    if (state.isEmpty()) {
      boolean there = Files.exists(stateFile, LinkOption.NOFOLLOW_LINKS);
      findings.add(
          new Finding(
              Kind.STATE,
              JournalFormat.STATE_FILE,
              Place.START,
              0,
              1,
              there
                  ? "is damaged: whether the journal's end is missing cannot be told"
                  : "is missing: whether the journal's end is missing cannot be told"));
      return;
    }
    checkState(state.get(), damaged, end);
  }

  private void checkState(HeadState state, long damaged, long end) {
    long next = Math.max(0, chain.expected());
    if (state.next() > next + damaged) {
      long from = next + damaged;
      findings.add(
          Kind.TAIL,
          Place.ofByte(end),
          from,
          state.next() - from,
          "the end is missing: records up to %d were written".formatted(state.next() - 1));
      return;
    }
    if (findings.total() > 0) {
      return;
    }
    byte[] known = statements.recent().get(state.next() - 1);
    Optional<String> wrong = Optional.empty();
    if (known != null && !Arrays.equals(known, state.hash())) {
      wrong = Optional.of("has another hash than record %d here".formatted(state.next() - 1));
    } else if (state.next() == next && otherRatchet(state)) {
      wrong = Optional.of("has another ratchet key than this journal leads to");
    }
    wrong.ifPresent(message ->
        findings.add(
            new Finding(
                Kind.STATE, JournalFormat.STATE_FILE, Place.START, state.next() - 1, 1, message)));
  }

  private boolean otherRatchet(HeadState state) {
    DeviceKeys.RatchetMode mode = statements.keys().mode();
    if (mode == DeviceKeys.RatchetMode.UNKNOWN) {
      return false;
    }
    if ((mode == DeviceKeys.RatchetMode.ON) != state.ratchet()) {
      return true;
    }
    byte[] key = statements.ratchet().keyFor(state.next());
    return key != null && !Arrays.equals(key, state.key());
  }

  // ---------------------------------------------------------------- export

  private Verdict export() throws IOException {
    String name = String.valueOf(path.getFileName());
    findings.in(name + JournalFormat.SIDECAR);
    Stub sidecar = sidecar(path.resolveSibling(name + JournalFormat.SIDECAR));
    findings.in(name);
    files++;
    boolean otlp = ExportScan.read(path, chain);
    long damaged = chain.endDamage();
    if (chain.records() + chain.unchained() == 0 && findings.total() == 0) {
      findings.add(Kind.EMPTY, Place.ofLine(1), 0, 1, "holds no record");
    } else if (sidecar != null) {
      endOfExport(sidecar, damaged, name);
    }
    if (otlp) {
      notChecked.add("Of OTLP records only the bodies, not the attributes beside them.");
    }
    notChecked.add("What was not exported: whether the range given is the one asked for.");
    return verdict();
  }

  private @Nullable Stub sidecar(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      findings.add(
          Kind.STATE,
          Place.START,
          0,
          1,
          "is missing: where the export begins and ends cannot be told; export again");
      return null;
    }
    try {
      Stub sidecar = Stub.read(file);
      chain.continueAt(sidecar.first(), sidecar.beforeHash());
      statements.keysBefore(sidecar, false);
      return sidecar;
    } catch (MalformedException e) {
      findings.add(Kind.STATE, Place.START, 0, 1, "the sidecar " + e.what());
      return null;
    }
  }

  private void endOfExport(Stub sidecar, long damaged, String name) {
    long next = Math.max(sidecar.first(), chain.last() + 1) + damaged;
    if (sidecar.last() >= next) {
      findings.add(
          Kind.TAIL,
          Place.ofLine(chain.records() + chain.unchained() + 1),
          next,
          sidecar.last() - next + 1,
          "the end is missing: the sidecar says it goes on to %d".formatted(sidecar.last()));
      return;
    }
    findings.in(name + JournalFormat.SIDECAR);
    try {
      if (findings.total() == 0) {
        checkSidecar(sidecar);
      }
      statements.noteOutside(sidecar.note(), sidecar.first(), sidecar.last());
    } catch (MalformedException e) {
      findings.add(Kind.CHECKPOINT, Place.START, sidecar.last(), 1, "the sidecar " + e.what());
    }
  }

  private void checkSidecar(Stub sidecar) {
    boolean counts =
        sidecar.last() == chain.last() && sidecar.records() == chain.records() + chain.unchained();
    boolean owner =
        sidecar.facts().optional("device").equals(statements.keys().device())
            && sidecar.facts().optional("install").equals(statements.keys().install());
    if (chain.records() > 0 && !(counts && owner)) {
      findings.add(
          Kind.STATE,
          Place.START,
          chain.last(),
          1,
          counts
              ? "the sidecar is of another device or install than the records"
              : "the sidecar says %d records up to %d; there are %d up to %d"
                  .formatted(
                      sidecar.records(),
                      sidecar.last(),
                      chain.records() + chain.unchained(),
                      chain.last()));
    }
  }

  // ---------------------------------------------------------------- verdict

  private Verdict verdict() {
    chain.onlyUnchained();
    DeviceKeys keys = statements.keys();
    if (keys.pinMissed()) {
      findings.first(
          new Finding(
              Kind.KEY,
              String.valueOf(path.getFileName()),
              Place.START,
              chain.first(),
              1,
              "the journal is not of the device key given, but of "
                  + keys.key().map(key -> key.id()).orElse("none")));
    }
    if (chain.records() > 0
        && statements.checkpoints() == 0
        && (statements.notes() == 0 || findings.total() == 0)) {
      findings.add(
          Kind.UNSIGNED,
          Place.START,
          chain.first(),
          chain.records(),
          statements.notes() == 0
              ? "no checkpoint: nothing here is signed"
              : "no checkpoint could be checked: no device key is known here; give it with --key");
    }
    if (chain.records() + chain.unchained() == 0 && findings.total() == 0) {
      findings.add(Kind.EMPTY, Place.START, 0, 1, "holds no record");
    }
    Verdict.Ratchet ratchet = statements.ratchetVerdict(options);
    long signed = Math.max(statements.signedSize() - 1, chain.first() - 1);
    long tail = chain.records() == 0 ? 0 : Math.max(0, statements.lastToSign() - signed);
    limits(ratchet, tail);
    return new Verdict(
        path.toString(),
        files,
        chain.records(),
        chain.unchained(),
        chain.first(),
        chain.last(),
        keys.device(),
        keys.install(),
        keys.key().map(key -> key.id()).orElse(""),
        ratchet,
        statements.macs(),
        statements.checkpoints(),
        tail,
        statements.lostNumbers(),
        stubs,
        chain.clockBack(),
        findings.list(),
        findings.total(),
        notChecked);
  }

  private void limits(Verdict.Ratchet ratchet, long tail) {
    if (chain.unchained() > 0) {
      notChecked.add(
          "%d records of version 1: they have no hash, anybody could have changed them."
              .formatted(chain.unchained()));
    }
    if (options.device().isEmpty()) {
      notChecked.add(
          "Whose key it is: none was given (--key), so the one the journal names was believed.");
    }
    if (ratchet != Verdict.Ratchet.VERIFIED && ratchet != Verdict.Ratchet.WRONG) {
      notChecked.add(
          "MACs (%s): whoever has the device key could have rewritten records."
              .formatted(ratchet.text()));
      if (tail > 0) {
        notChecked.add(
            "What no checkpoint covers yet (%d): without MACs anybody could have rewritten it."
                .formatted(tail));
      }
    }
  }
}
