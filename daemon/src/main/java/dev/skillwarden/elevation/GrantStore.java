package dev.skillwarden.elevation;

import dev.skillwarden.elevation.GrantRefusedException.Code;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.journal.PrivateFiles;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The grants this machine has taken, in one file of the daemon's state: what is not on the disk
/// does not count. Signatures are verified again when it is opened, so that a grant goes with its
/// key.
///
/// Time never goes back here: the highest one seen is kept with the grants. A grant is forgotten
/// once it expired by that time, and its nonce with it, for then it is refused as expired.
public final class GrantStore {
  /// Most grants held at once.
  public static final int MAX_HELD = 1_000;

  /// A name that many machines share: nothing can be bound to one of them.
  public static final String UNNAMED = "unnamed";

  /// How far the time on the disk may lag behind, while grants are held.
  private static final Duration LAG = Duration.ofMinutes(1);

  private static final System.Logger LOG = System.getLogger(GrantStore.class.getName());
  private static final int FORMAT = 1;

  private final Path file;
  private final Rules rules;
  private final InstantSource clock;
  private final AtomicReference<Instant> highest;
  private volatile List<Held> held;
  private Instant floor;
  private Instant written;

  /// What is taken here.
  ///
  /// @param requireSigned whether only signed grants are
  /// @param device name of this machine
  public record Rules(boolean requireSigned, GrantKeys keys, String device) {
    private Grant read(String document, boolean signed) throws GrantRefusedException {
      if (signed) {
        return keys.read(document);
      }
      if (requireSigned) {
        throw new GrantRefusedException(
            Code.UNSIGNED,
            "grants must be signed here. The security team makes one with `skillwarden elevate issue`,"
                + " and anybody hands it in with `skillwarden elevate apply`; this device is "
                + device);
      }
      try {
        return Grant.parse("grant", document);
      } catch (InvalidTextException e) {
        throw new GrantRefusedException(Code.MALFORMED, String.valueOf(e.getMessage()));
      }
    }
  }

  /// What the file holds.
  ///
  /// @param floor grants that hold from before it are refused: which of them were taken is lost
  private record Content(Instant highest, Instant floor, List<Held> held) {}

  private GrantStore(Path file, Rules rules, InstantSource clock, Content content) {
    this.file = file;
    this.rules = rules;
    this.clock = clock;
    this.highest = new AtomicReference<>(content.highest());
    this.floor = content.floor();
    this.written = content.highest();
    this.held = content.held();
  }

  /// Reads the file. A missing one holds nothing; a damaged one neither, and is put aside.
  ///
  /// @throws IOException when it cannot be read or put aside
  public static GrantStore open(Path file, Rules rules, InstantSource clock) throws IOException {
    if (!Files.exists(file)) {
      return new GrantStore(
          file, rules, clock, new Content(Instant.EPOCH, Instant.EPOCH, List.of()));
    }
    try {
      return new GrantStore(file, rules, clock, read(file, rules));
    } catch (InvalidTextException | DateTimeException | IllegalArgumentException e) {
      Path aside = file.resolveSibling(file.getFileName() + ".damaged");
      LOG.log(
          Level.ERROR,
          "no elevation is in force: %s cannot be read and is now %s; grants issued before now are refused, issue new ones"
              .formatted(file, aside),
          e);
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      Instant now = clock.instant();
      GrantStore fresh = new GrantStore(file, rules, clock, new Content(now, now, List.of()));
      fresh.write(List.of());
      return fresh;
    }
  }

  private static Content read(Path file, Rules rules) throws IOException, InvalidTextException {
    JsonNode json = Json.parse(file.toString(), Files.readAllBytes(file));
    if (json.path("format").asInt(0) != FORMAT || !json.path("grants").isArray()) {
      throw new IllegalArgumentException("wants format " + FORMAT + " and a list of grants");
    }
    List<Held> held = new ArrayList<>();
    Instant highest = Instant.parse(json.path("highest_time").asString(""));
    Instant floor = Instant.parse(json.path("floor").asString(""));
    for (JsonNode node : json.path("grants")) {
      String document = node.path("document").asString("");
      boolean signed = node.path("signed").asBoolean(true);
      int used = node.path("used").asInt(-1);
      String id = node.path("id").asString("");
      if (used < 0 || id.isEmpty()) {
        throw new IllegalArgumentException("a grant has no id or no count of its uses");
      }
      try {
        Grant grant = rules.read(document, signed);
        held.add(new Held(id, grant, signed, document, node.path("applied_by").asString(""), used));
      } catch (GrantRefusedException e) {
        LOG.log(
            Level.WARNING, "the elevation %s holds no longer: %s".formatted(id, e.getMessage()));
        if (signed) {
          floor = highest; // its key may come back, and its nonce is forgotten
        }
      }
    }
    return new Content(highest, floor, List.copyOf(held));
  }

  /// Name of this machine.
  public String device() {
    return rules.device();
  }

  /// The highest time seen, at least the clock's.
  public Instant now() {
    return highest.accumulateAndGet(clock.instant(), (a, b) -> a.isAfter(b) ? a : b);
  }

  /// Everything taken that has not expired, used up or not.
  public List<Held> held() {
    Instant now = now();
    return held.stream().filter(h -> now.isBefore(h.grant().terms().expires())).toList();
  }

  /// What holds for the account now and has uses left.
  public List<Elevation> of(String account) {
    List<Held> all = held;
    if (all.isEmpty()) {
      return List.of();
    }
    Instant now = now();
    List<Elevation> elevations = new ArrayList<>();
    for (Held one : all) {
      if (one.grant() instanceof Grant.Skills grant
          && grant.account().equals(account)
          && grant.terms().hold(now)
          && one.usesLeft() > 0) {
        elevations.add(Held.elevation(one, grant));
      }
    }
    return elevations;
  }

  /// The break-glass grant that holds now and lasts longest.
  public Optional<Held> breakGlass() {
    List<Held> all = held;
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Instant now = now();
    return all.stream()
        .filter(h -> h.grant() instanceof Grant.BreakGlass && h.grant().terms().hold(now))
        .max((a, b) -> a.grant().terms().expires().compareTo(b.grant().terms().expires()));
  }

  /// Reads what was handed in and checks everything about it, without taking it.
  ///
  /// @throws GrantRefusedException when it would not be taken
  public Grant check(String document, boolean signed) throws GrantRefusedException {
    Grant grant = rules.read(document, signed);
    synchronized (this) {
      checkNew(grant);
    }
    return grant;
  }

  /// Takes a grant: on the disk when it returns, once only.
  ///
  /// @throws GrantRefusedException when it is not taken
  /// @throws IOException when it could not be kept; it is not taken
  public synchronized Held take(String id, String document, boolean signed, String appliedBy)
      throws GrantRefusedException, IOException {
    Grant grant = rules.read(document, signed);
    checkNew(grant);
    Held one = new Held(id, grant, signed, document, appliedBy, 0);
    List<Held> next = new ArrayList<>(held);
    next.add(one);
    write(next);
    return one;
  }

  private void checkNew(Grant grant) throws GrantRefusedException {
    Grant.Terms terms = grant.terms();
    if (rules.device().equals(UNNAMED)) {
      throw new GrantRefusedException(
          Code.DEVICE,
          "this machine has no name of its own to bind a grant to; set journal.device");
    }
    if (!terms.device().equals(rules.device())) {
      throw new GrantRefusedException(
          Code.DEVICE,
          "the grant is for device %s, this is %s".formatted(terms.device(), rules.device()));
    }
    Instant now = now();
    if (!now.isBefore(terms.expires())) {
      throw new GrantRefusedException(
          Code.EXPIRED,
          "the grant expired at %s, and this machine has seen %s; ask for a new one"
              .formatted(terms.expires(), now));
    }
    if (terms.notBefore().isBefore(floor)) {
      throw new GrantRefusedException(
          Code.TOO_OLD,
          "which grants from before %s were taken here is lost; ask for one that holds from later on"
              .formatted(floor));
    }
    Optional<Held> same =
        held.stream().filter(h -> h.grant().terms().nonce().equals(terms.nonce())).findFirst();
    if (same.isPresent()) {
      throw new GrantRefusedException(
          Code.REPLAYED,
          "a grant with this nonce was taken before, as %s; each is good once"
              .formatted(same.get().id()));
    }
    if (held.size() >= MAX_HELD) {
      throw new GrantRefusedException(
          Code.FULL, "%,d grants are held, the most there may be".formatted(MAX_HELD));
    }
  }

  /// Takes one use of each, all or none; on the disk when it returns.
  ///
  /// @return the grants after it, empty when one of them has no use left or expired
  /// @throws IOException when it could not be kept; nothing was used
  public synchronized Optional<List<Held>> use(Set<String> ids) throws IOException {
    Instant now = now();
    List<Held> next = new ArrayList<>();
    List<Held> after = new ArrayList<>();
    for (Held one : held) {
      boolean wanted = ids.contains(one.id());
      if (wanted && (one.usesLeft() == 0 || !one.grant().terms().hold(now))) {
        return Optional.empty();
      }
      next.add(wanted ? one.usedOnceMore() : one);
      if (wanted) {
        after.add(next.getLast());
      }
    }
    if (after.size() != ids.size()) {
      return Optional.empty();
    }
    write(next);
    return Optional.of(after);
  }

  /// Forgets what expired, and keeps the time. Called about every second.
  ///
  /// @return what expired since the last call
  /// @throws IOException when it could not be kept; what expired holds no longer all the same
  public synchronized List<Held> expire() throws IOException {
    if (held.isEmpty()) {
      return List.of();
    }
    Instant now = now();
    List<Held> over =
        held.stream().filter(h -> !now.isBefore(h.grant().terms().expires())).toList();
    if (!over.isEmpty()) {
      write(held.stream().filter(h -> !over.contains(h)).toList());
    } else if (Duration.between(written, now).compareTo(LAG) >= 0) {
      write(held);
    }
    return over;
  }

  private synchronized void write(List<Held> next) throws IOException {
    Instant now = now();
    ObjectNode json =
        Json.object()
            .put("format", FORMAT)
            .put("highest_time", now.toString())
            .put("floor", floor.toString());
    ArrayNode grants = json.putArray("grants");
    for (Held one : next) {
      grants
          .addObject()
          .put("id", one.id())
          .put("signed", one.signed())
          .put("applied_by", one.appliedBy())
          .put("used", one.used())
          .put("document", one.document());
    }
    PrivateFiles.write(file, (Json.write(json) + "\n").getBytes(StandardCharsets.UTF_8));
    written = now;
    held = List.copyOf(next);
  }
}
