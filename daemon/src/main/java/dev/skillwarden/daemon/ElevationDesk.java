package dev.skillwarden.daemon;

import dev.skillwarden.elevation.Grant;
import dev.skillwarden.elevation.GrantRefusedException;
import dev.skillwarden.elevation.GrantStore;
import dev.skillwarden.elevation.Held;
import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.ElevationUses;
import dev.skillwarden.gate.Grants;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.ShortIds;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Takes grants, counts their uses and ends them. Each of these is on record: a grant before it
/// holds, a break-glass grant uploaded too where there is an upload.
final class ElevationDesk implements Grants, ElevationUses {
  private static final System.Logger LOG = System.getLogger(ElevationDesk.class.getName());

  private final GrantStore store;
  private final JournalSink journal;
  private final UnaryOperator<String> named;
  private final ShortIds ids;
  private final InstantSource clock;
  private final Optional<Delivery> delivery;

  /// Sends the journal.
  @FunctionalInterface
  interface Delivery {
    /// Waits until the record arrived.
    ///
    /// @return why it did not, empty when it did
    Optional<String> deliver(long seq) throws InterruptedException;
  }

  /// @param named an account as the journal has it
  /// @param delivery empty where the journal is not uploaded
  ElevationDesk(
      GrantStore store,
      JournalSink journal,
      UnaryOperator<String> named,
      ShortIds ids,
      InstantSource clock,
      Optional<Delivery> delivery) {
    this.store = store;
    this.journal = journal;
    this.named = named;
    this.ids = ids;
    this.clock = clock;
    this.delivery = delivery;
  }

  /// Name of this machine, as grants have it.
  String device() {
    return store.device();
  }

  List<Elevation> of(String account) {
    return store.of(account);
  }

  /// The break-glass grant in force, on one line; empty when there is none.
  Optional<String> breakGlass() {
    return store.breakGlass().map(h -> h.line(store.now()));
  }

  @Override
  public Outcome<ObjectNode> apply(Caller caller, String grant) {
    return take(caller, grant, true);
  }

  /// Takes what an administrator says, where no signature is required.
  Outcome<ObjectNode> applyUnsigned(Caller caller, Grant grant) {
    return take(caller, grant.document(), false);
  }

  private Outcome<ObjectNode> take(Caller caller, String document, boolean signed) {
    String id = ids.next();
    Optional<Grant> known = Optional.empty();
    try {
      Grant grant = store.check(document, signed);
      known = Optional.of(grant);
      long seq = journal.append(applied(caller, grant, id).build());
      if (grant instanceof Grant.BreakGlass) {
        deliver(seq);
      }
      return new Outcome.Ok<>(
          json(store.take(id, document, signed, caller.account()), store.now()));
    } catch (GrantRefusedException e) {
      journalRefusal(caller, known, e.code().text(), String.valueOf(e.getMessage()));
      return refused(
          e.code() == GrantRefusedException.Code.MALFORMED
              ? ApiError.Code.INVALID_REQUEST
              : ApiError.Code.ACL_DENIED,
          String.valueOf(e.getMessage()),
          e.code().text());
    } catch (IOException e) {
      LOG.log(Level.ERROR, "an elevation could not be kept", e);
      journalRefusal(caller, known, "not-kept", String.valueOf(e.getMessage()));
      return refused(
          ApiError.Code.JOURNAL_UNAVAILABLE,
          "the grant could not be kept, and does not hold: " + e.getMessage(),
          "");
    }
  }

  private void deliver(long seq) throws GrantRefusedException {
    if (delivery.isEmpty()) {
      return;
    }
    Optional<String> failure;
    try {
      failure = delivery.get().deliver(seq);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = Optional.of("the daemon stops");
    }
    if (failure.isPresent()) {
      throw new GrantRefusedException(
          GrantRefusedException.Code.UPLOAD,
          "break-glass must be uploaded before it holds, and it did not arrive: %s. The grant is not used up; hand it in again"
              .formatted(failure.get()));
    }
  }

  private JournalEntry.Builder applied(Caller caller, Grant grant, String id) {
    return about(caller, grant, id)
        .decision("allow", grant.kind(), grant.terms().reason())
        .outcome("applied")
        .detail(
            switch (grant) {
              case Grant.Skills s ->
                  "for %s from %s until %s, %d uses%s"
                      .formatted(
                          named.apply(s.account()),
                          s.terms().notBefore(),
                          s.terms().expires(),
                          s.maxUses(),
                          s.session().map(x -> ", in session " + x).orElse(""));
              case Grant.BreakGlass b ->
                  "the tool guard only watches from %s until %s"
                      .formatted(b.terms().notBefore(), b.terms().expires());
            });
  }

  private JournalEntry.Builder about(Caller caller, Grant grant, String id) {
    JournalEntry.Builder entry = entry(caller.account(), id);
    return grant instanceof Grant.Skills s ? entry.skill(s.pattern(), "") : entry;
  }

  private JournalEntry.Builder entry(String account, String id) {
    return JournalEntry.of(clock.instant(), id, JournalEntry.Kind.ELEVATION, account);
  }

  /// A refusal stays one when it cannot be journaled.
  private void journalRefusal(Caller caller, Optional<Grant> grant, String code, String why) {
    try {
      JournalEntry.Builder entry =
          grant
              .map(g -> about(caller, g, ids.next()))
              .orElseGet(() -> entry(caller.account(), ids.next()));
      journal.append(
          entry
              .decision("deny", code, why.lines().findFirst().orElse(""))
              .outcome("refused")
              .build());
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the refusal of a grant was not journaled", e);
    }
  }

  @Override
  public Optional<String> use(Caller caller, List<Elevation> elevations, String decision) {
    Set<String> wanted = new LinkedHashSet<>(elevations.stream().map(Elevation::id).toList());
    try {
      Optional<List<Held>> after = store.use(wanted);
      if (after.isEmpty()) {
        return Optional.of(
            "The elevation that would open this was used up or expired just now; ask for a new one.");
      }
      for (Held held : after.get()) {
        journal.append(
            about(caller, held.grant(), ids.next())
                .outcome(held.usesLeft() == 0 ? "used up" : "used")
                .detail(
                    "elevation %s for decision %s, %d of its uses left"
                        .formatted(held.id(), decision, held.usesLeft()))
                .build());
      }
      return Optional.empty();
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the use of an elevation is not on record", e);
      return Optional.of(
          "The use of the elevation could not be put on record, so it opens nothing. `skillwarden"
              + " doctor` says what is wrong.");
    }
  }

  /// Ends what expired. Called about every second.
  void expire() {
    try {
      for (Held held : store.expire()) {
        journal.append(
            about(service(), held.grant(), ids.next())
                .outcome("expired")
                .detail("%s %s".formatted(held.grant().kind(), held.id()))
                .build());
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the end of an elevation is not on record", e);
    }
  }

  private static Caller service() {
    return new Caller(Daemon.serviceAccount(), "", Set.of(), List.of(), true);
  }

  private List<Held> visible(Caller caller) {
    return store.held().stream()
        .filter(h ->
            caller.admin()
                || switch (h.grant()) {
                  case Grant.Skills s -> s.account().equals(caller.account());
                  case Grant.BreakGlass _ -> true;
                })
        .toList();
  }

  /// What is held, on a line each, as far as the caller may know it.
  List<String> lines(Caller caller) {
    Instant now = store.now();
    return visible(caller).stream().map(h -> h.line(now)).toList();
  }

  @Override
  public Outcome<ObjectNode> held(Caller caller) {
    Instant now = store.now();
    ObjectNode node = Json.object().put("device", store.device());
    ArrayNode array = node.putArray("elevations");
    visible(caller).forEach(h -> array.add(json(h, now)));
    return new Outcome.Ok<>(node);
  }

  private static ObjectNode json(Held held, Instant now) {
    Grant.Terms terms = held.grant().terms();
    ObjectNode node = Json.object().put("id", held.id()).put("kind", held.grant().kind());
    if (held.grant() instanceof Grant.Skills s) {
      node.put("skill", s.pattern()).put("account", s.account());
      s.session().ifPresent(x -> node.put("session", x));
      node.put("max_uses", s.maxUses()).put("used", held.used());
    }
    return node.put("not_before", terms.notBefore().toString())
        .put("expires", terms.expires().toString())
        .put("signed", held.signed())
        .put("applied_by", held.appliedBy())
        .put("reason", terms.reason())
        .put("text", held.line(now));
  }

  private static Outcome<ObjectNode> refused(ApiError.Code code, String message, String reason) {
    return new Outcome.Refused<>(
        new ApiError(code, Redactor.withoutSecrets(message), "", reason, "", ""));
  }
}
