package dev.skillwarden.daemon;

import dev.skillwarden.elevation.Grant;
import dev.skillwarden.gate.Admin;
import dev.skillwarden.gate.ApiError;
import dev.skillwarden.gate.Appeals;
import dev.skillwarden.gate.Outcome;
import dev.skillwarden.gate.ShortIds;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.journal.StoredEntry;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.sync.Source;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.sync.SyncService;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.upload.UploadWorker;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What people ask of a running daemon: sync, elevation, appeal, stop. All of it is journaled.
final class Administration implements Admin, Appeals {
  private static final System.Logger LOG = System.getLogger(Administration.class.getName());
  private static final int MAX_TEXT = 500;
  private static final Duration UPLOAD_WAIT = Duration.ofSeconds(30);
  private static final Duration STOP_UPLOAD_WAIT = Duration.ofSeconds(10);

  private final Home home;
  private final SyncService sync;
  private final Configuration configuration;
  private final ElevationDesk elevations;
  private final JournalSink journal;
  private final Ownership ownership;
  private final ShortIds ids;
  private final InstantSource clock;
  private final Optional<UploadWorker> upload;
  private final Runnable stop;

  Administration(
      Home home,
      SyncService sync,
      Configuration configuration,
      ElevationDesk elevations,
      JournalSink journal,
      Ownership ownership,
      ShortIds ids,
      InstantSource clock,
      Optional<UploadWorker> upload,
      Runnable stop) {
    this.home = home;
    this.sync = sync;
    this.configuration = configuration;
    this.elevations = elevations;
    this.journal = journal;
    this.ownership = ownership;
    this.ids = ids;
    this.clock = clock;
    this.upload = upload;
    this.stop = stop;
  }

  /// Reads the configuration again first, so that a new pin takes effect.
  @Override
  public Outcome<ObjectNode> sync(Caller caller) {
    try {
      List<Source> sources = configuration.read().sync().sources();
      if (sources.isEmpty()) {
        return refused(
            ApiError.Code.INVALID_REQUEST,
            "no repository is configured; set sync.remote and one of sync.pin.sha, sync.pin.ref and"
                + " sync.pointer-url in "
                + home.configFile());
      }
      return new Outcome.Ok<>(
          PublicJson.withoutSecrets(json(sync.sync(sources, caller.account()))));
    } catch (InvalidTextException | IOException e) {
      return refused(
          ApiError.Code.INVALID_REQUEST,
          "the configuration is refused, the old one stays in force:\n" + e.getMessage());
    }
  }

  static ObjectNode json(SyncResult result) {
    ObjectNode node =
        Json.object()
            .put("ok", result.ok())
            .put("status", result.status().name().toLowerCase(Locale.ROOT))
            .put("code", result.code())
            .put("message", result.message())
            .put("commit", result.commit())
            .put("skills", result.skills())
            .put("findings", result.findings())
            .put("millis", result.took().toMillis());
    ArrayNode sources = node.putArray("sources");
    for (SyncResult.SourceStatus source : result.sources()) {
      ObjectNode one =
          sources
              .addObject()
              .put("name", source.name())
              .put("follows", source.follows())
              .put("commit", source.commit())
              .put("skills", source.skills())
              .put("restricted", source.restricted())
              .put("code", source.code())
              .put("message", source.message());
      putTime(one, "committed", source.committed());
      putTime(one, "reached", source.reached());
      if (source.pointerSeq() > 0) {
        one.put("pointer_seq", source.pointerSeq())
            .put("pointer_expires", source.pointerExpires().toString());
      }
    }
    return result.status() == SyncResult.Status.NEVER
        ? node
        : node.put("at", result.at().toString());
  }

  private static void putTime(ObjectNode node, String key, Instant at) {
    if (at.isAfter(Instant.EPOCH)) {
      node.put(key, at.toString());
    }
  }

  @Override
  public Outcome<ObjectNode> elevate(Caller caller, JsonNode request) {
    try {
      return elevations.applyUnsigned(caller, grant(request));
    } catch (IllegalArgumentException e) {
      return refused(ApiError.Code.INVALID_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private Grant grant(JsonNode request) {
    String account = request.path("account").asString("");
    String skill = request.path("skill").asString("");
    String team = request.path("team").asString("");
    long minutes = request.path("minutes").asLong(0);
    if (account.isBlank() || skill.isBlank() == team.isBlank()) {
      throw new IllegalArgumentException("account and exactly one of skill and team are wanted");
    }
    if (minutes < 1 || minutes > Grant.Skills.LONGEST.toMinutes()) {
      throw new IllegalArgumentException(
          "minutes wants 1 to %d, found %d".formatted(Grant.Skills.LONGEST.toMinutes(), minutes));
    }
    Optional<SkillId> one = skill.isBlank() ? Optional.empty() : Optional.of(SkillId.parse(skill));
    Instant now = clock.instant();
    return new Grant.Skills(
        Grant.Terms.of(
            elevations.device(),
            now,
            now.plus(Duration.ofMinutes(minutes)),
            request.path("reason").asString(""),
            new SecureRandom()),
        one.map(SkillId::team).orElse(team),
        one.map(SkillId::name),
        account,
        Optional.empty(),
        Grant.Skills.MAX_USES);
  }

  @Override
  public Outcome<ObjectNode> appeal(Caller caller, String id, String text) {
    if (!id.matches("[0-9a-z]{8}") || text.isBlank() || text.length() > MAX_TEXT) {
      return refused(
          ApiError.Code.INVALID_REQUEST,
          "an id of eight characters and a text of 1 to %d are wanted".formatted(MAX_TEXT));
    }
    try {
      Set<String> names = ownership.names(caller.account());
      Optional<JournalEntry> decision =
          names.isEmpty()
              ? Optional.empty()
              : JournalReader.open(home.journal())
                  .find(id, caller.admin() ? Set.of() : names)
                  .map(StoredEntry::entry);
      if (decision.isEmpty()) {
        return refused(
            ApiError.Code.INVALID_REQUEST,
            "no decision of yours has the id "
                + id
                + "; see `skillwarden journal show --mine --denied`");
      }
      journal.append(
          entry(JournalEntry.Kind.APPEAL, caller, ids.next())
              .decision("", decision.get().rule(), text)
              .detail("of " + id)
              .build());
      return new Outcome.Ok<>(Json.object().put("id", id).put("rule", decision.get().rule()));
    } catch (IOException e) {
      LOG.log(Level.ERROR, "an appeal could not be journaled", e);
      return refused(
          ApiError.Code.JOURNAL_UNAVAILABLE,
          "the appeal could not be journaled: " + e.getMessage());
    }
  }

  private JournalEntry.Builder entry(JournalEntry.Kind kind, Caller caller, String id) {
    return JournalEntry.of(clock.instant(), id, kind, caller.account());
  }

  private static Outcome<ObjectNode> refused(ApiError.Code code, String message) {
    return new Outcome.Refused<>(
        new ApiError(code, Redactor.withoutSecrets(message), "", "", "", ""));
  }

  @Override
  public Outcome<ObjectNode> upload(Caller caller) {
    if (upload.isEmpty()) {
      return refused(
          ApiError.Code.INVALID_REQUEST,
          "the journal is not sent anywhere; set upload.endpoint in " + home.configFile());
    }
    try {
      boolean all = upload.get().now(UPLOAD_WAIT);
      ObjectNode status = UploadText.json(upload.get().status());
      return new Outcome.Ok<>(status.put("ok", all));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return refused(ApiError.Code.NOT_READY, "the daemon stops");
    }
  }

  @Override
  public Outcome<ObjectNode> stop(Caller caller, String reason) {
    if (reason.length() > MAX_TEXT) {
      return refused(
          ApiError.Code.INVALID_REQUEST,
          "a reason of at most %d characters is wanted".formatted(MAX_TEXT));
    }
    LOG.log(Level.INFO, caller.account() + " asks for a stop");
    ObjectNode answer = Json.object().put("stopping", true);
    if (!reason.isBlank()) {
      boolean journaled = journalReason(caller, reason);
      answer.put("journaled", journaled);
      if (journaled && upload.isPresent()) {
        answer.put("sent", sent(upload.get()));
      }
    }
    stop.run();
    return new Outcome.Ok<>(answer);
  }

  private boolean journalReason(Caller caller, String reason) {
    try {
      journal.append(
          entry(JournalEntry.Kind.STOP, caller, ids.next())
              .decision("", "", reason)
              .detail("asked for")
              .build());
      return true;
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the reason of a stop could not be journaled", e);
      return false;
    }
  }

  private static boolean sent(UploadWorker worker) {
    try {
      return worker.now(STOP_UPLOAD_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
