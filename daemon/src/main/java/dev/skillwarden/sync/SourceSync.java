package dev.skillwarden.sync;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.repo.Download;
import dev.skillwarden.repo.FetchException;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out what one source should be served at, brings it into the store, and reads it. Accepts
/// nothing itself: what it found is in force only once it was journalled, written and published.
final class SourceSync {
  private static final System.Logger LOG = System.getLogger(SourceSync.class.getName());

  private final GitStore store;
  private final Path stateFile;
  private final InstantSource clock;

  /// @param stateFile where the last accepted state of this source is kept
  SourceSync(GitStore store, Path stateFile, InstantSource clock) {
    this.store = store;
    this.stateFile = stateFile;
    this.clock = clock;
  }

  /// The last accepted state under the same pin; empty before the first, or when the pin now
  /// follows something else.
  Optional<Accepted> accepted(Source source) throws IOException {
    return Accepted.read(stateFile).filter(a -> a.follows().equals(source.pin().follows()));
  }

  void accept(Accepted next) throws IOException {
    next.write(stateFile);
  }

  /// What the store alone can serve: the pinned commit, or the last accepted one. Asks nobody.
  Optional<Accepted> offline(Source source) throws IOException, FetchException {
    Optional<Accepted> last =
        source.pin() instanceof Pin.Commit(String sha)
            ? Optional.of(Accepted.of(source.pin().follows(), sha, clock.instant()))
            : accepted(source);
    if (last.isEmpty() || !store.has(last.get().commit())) {
      return Optional.empty();
    }
    store.requireSigned(last.get().commit(), source.signers());
    return last;
  }

  /// Asks the remote what to serve, and has it in the store when this returns.
  Accepted look(Source source) throws FetchException, RefusedException, IOException {
    return switch (source.pin()) {
      case Pin.Commit(String sha) -> commit(source, sha);
      case Pin.Branch branch -> branch(source, branch);
      case Pin.ByPointer pointer -> pointer(source, pointer);
    };
  }

  private Accepted commit(Source source, String sha) throws FetchException {
    if (!store.has(sha)) {
      store.fetch(source.remote(), sha, source.signers(), source.limits());
    }
    store.requireSigned(sha, source.signers());
    return Accepted.of(source.pin().follows(), sha, clock.instant());
  }

  private Accepted branch(Source source, Pin.Branch pin) throws FetchException, IOException {
    Optional<Accepted> last = accepted(source);
    String head = store.head(source.remote(), pin.name(), source.limits());
    if (last.isPresent() && last.get().commit().equals(head) && store.has(head)) {
      return last.get();
    }
    bring(source, head, pin.ffOnly() ? last.map(Accepted::commit) : Optional.empty());
    return Accepted.of(source.pin().follows(), head, clock.instant());
  }

  private void bring(Source source, String commit, Optional<String> known) throws FetchException {
    if (known.isPresent() && !known.get().equals(commit)) {
      store.fetchSince(source.remote(), commit, known.get(), source.signers(), source.limits());
    } else if (!store.has(commit)) {
      store.fetch(source.remote(), commit, source.signers(), source.limits());
    }
    store.requireSigned(commit, source.signers());
  }

  private Accepted pointer(Source source, Pin.ByPointer pin)
      throws FetchException, RefusedException, IOException {
    Optional<Accepted> last = accepted(source);
    boolean complete = last.isPresent() && store.has(last.get().commit());
    String etag = complete ? last.get().etag() : "";
    Download download = new Download(source.remote().auth(), source.remote().timeout());
    Download.Answer answer = download.get(pin.url(), etag, Pointer.MAX_BYTES);
    if (!(answer instanceof Download.Answer.Content content)) {
      return last.orElseThrow(); // an etag was sent, so there is one
    }
    Pointer.Verified verified = Pointer.read(content.bytes(), pin.keys());
    Pointer pointer = verified.pointer();
    boolean rotated = last.isPresent() && isRetired(last.get().key(), pin.keys());
    requireNewer(pin, pointer, last, rotated);
    Optional<String> known =
        pin.ffOnly() && !rotated ? last.map(Accepted::commit) : Optional.empty();
    boolean same = complete && last.get().commit().equals(pointer.commit());
    if (!same && !fromBundle(source, download, pointer, known)) {
      bring(source, pointer.commit(), known);
    }
    return new Accepted(
        pin.follows(),
        pointer.commit(),
        same ? last.get().at() : clock.instant(),
        pointer.seq(),
        verified.keyId(),
        pointer.name(),
        content.etag(),
        pointer.expires());
  }

  /// A key taken out of the configuration takes its numbers with it: after a theft the true
  /// publisher starts again under a new key, however high the thief went.
  private static boolean isRetired(String key, List<Ed25519.Verifier> keys) {
    return keys.stream().noneMatch(k -> k.id().equals(key));
  }

  private static void requireNewer(
      Pin.ByPointer pin, Pointer pointer, Optional<Accepted> last, boolean rotated)
      throws RefusedException {
    Optional<String> name = pin.name().or(() -> last.map(Accepted::name));
    if (name.isPresent() && !name.get().equals(pointer.name())) {
      throw refused(
          "the pointer is for %s, this source follows %s".formatted(pointer.name(), name.get()));
    }
    if (last.isEmpty() || rotated) {
      return;
    }
    if (pointer.seq() < last.get().seq()) {
      throw refused(
          "the pointer has number %d, %d was seen already: somebody serves an old one"
              .formatted(pointer.seq(), last.get().seq()));
    }
    if (pointer.seq() == last.get().seq() && !pointer.commit().equals(last.get().commit())) {
      throw refused(
          "two pointers have the number %d: commits %s and %s"
              .formatted(pointer.seq(), last.get().commit(), pointer.commit()));
    }
  }

  private static RefusedException refused(String message) {
    return new RefusedException(RefusedException.Code.POINTER, message);
  }

  /// A bundle that does not work is only slower: git is asked then.
  private boolean fromBundle(
      Source source, Download download, Pointer pointer, Optional<String> known)
      throws FetchException {
    if (pointer.bundle().isEmpty() || pointer.bundle().get().size() > source.limits().maxBytes()) {
      return false;
    }
    Pointer.Bundle bundle = pointer.bundle().get();
    Path file = stateFile.resolveSibling(stateFile.getFileName() + ".bundle");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      download.to(file, bundle.url(), bundle.sha256(), bundle.size());
      store.fetchBundle(file, pointer.commit(), known, source.signers(), source.limits());
    } catch (FetchException e) {
      if (e.code() == FetchException.Code.NOT_A_DESCENDANT
          || e.code() == FetchException.Code.SIGNATURE) {
        throw e; // git would bring the same commit
      }
      LOG.log(Level.WARNING, "the bundle is not used: " + e.getMessage());
      return false;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the bundle is not used: " + e.getMessage());
      return false;
    } finally {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "cannot delete " + file, e);
      }
    }
    return true;
  }

  /// Reads the skills of a commit in the store: its catalog's releases, or without a catalog its
  /// own files.
  ///
  /// @param before what was read of this source earlier
  /// @param network whether releases that are missing may be fetched
  CatalogSnapshot read(Source source, String commit, CatalogSnapshot before, boolean network)
      throws FetchException, RefusedException, IOException {
    Optional<GitStore.Blob> file;
    try (GitStore.Reader reader = store.reader()) {
      file = reader.file(commit, CatalogFile.PATH, CatalogFile.MAX_BYTES);
    }
    if (file.isEmpty()) {
      return CatalogBuilder.tree(
          commit,
          to ->
              store.eachFile(
                  commit,
                  SkillParser.ROOT,
                  SkillParser.MAX_FILE,
                  blob -> to.accept(skillFile(commit, blob))));
    }
    CatalogFile.Parsed catalog = catalog(file.get());
    if (network) {
      Map<String, String> tags = new HashMap<>();
      catalog.catalog().entries().forEach(e -> tags.put(e.commit(), e.tag()));
      store.fetchAll(source.remote(), tags, source.limits());
    }
    try (GitStore.Reader reader = store.reader()) {
      return CatalogBuilder.releases(
          commit,
          catalog,
          e ->
              reader
                  .file(e.commit(), e.path(), SkillParser.MAX_FILE)
                  .map(blob -> skillFile(e.commit(), blob)),
          before);
    }
  }

  private static CatalogFile.Parsed catalog(GitStore.Blob file) throws RefusedException {
    try {
      if (!file.regular()) {
        throw new RefusedException(
            RefusedException.Code.CATALOG, CatalogFile.PATH + " is no plain file");
      }
      return CatalogFile.parse(CatalogFile.PATH, file.content());
    } catch (InvalidTextException e) {
      throw new RefusedException(RefusedException.Code.CATALOG, String.valueOf(e.getMessage()));
    }
  }

  /// A file that its skill reads from the store again.
  private SkillFile skillFile(String commit, GitStore.Blob blob) {
    String path = blob.path(); // not the blob: it would keep the content
    return new SkillFile(
        path, blob.regular(), blob.content(), Optional.of(() -> again(commit, path)));
  }

  private byte[] again(String commit, String path) throws IOException {
    try (GitStore.Reader reader = store.reader()) {
      return reader
          .file(commit, path, SkillParser.MAX_FILE)
          .orElseThrow(() -> new IOException("not in commit " + commit + " of the store"))
          .content();
    }
  }

  /// Whether a release could not be read, so that it is worth asking again.
  static boolean lacksReleases(CatalogSnapshot part) {
    return part.findings().stream().map(Finding::rule).anyMatch(SkillRule.RELEASE_MISSING::equals);
  }
}
