package dev.skillwarden.daemon;

import dev.skillwarden.files.PathLookups;
import dev.skillwarden.gate.Health;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.sync.SyncService;
import dev.skillwarden.text.Json;
import dev.skillwarden.upload.UploadWorker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How the daemon is doing.
final class Status implements Health {
  private static final int JOURNAL_ALARM_PERCENT = 70;
  private static final int JOURNAL_URGENT_PERCENT = 90;

  private final Home home;
  private final WatchedFile<PolicyFile> policy;
  private final WatchedFile<Organization> organization;
  private final ChronicleJournal journal;
  private final Counters counters;
  private final Serving serving;
  private final SyncService sync;
  private final Optional<UploadWorker> upload;
  private final PathLookups lookups;
  private final boolean fallenBack;
  private final Instant started;
  private final InstantSource clock;

  Status(
      Home home,
      WatchedFile<PolicyFile> policy,
      WatchedFile<Organization> organization,
      ChronicleJournal journal,
      Counters counters,
      Serving serving,
      SyncService sync,
      Optional<UploadWorker> upload,
      PathLookups lookups,
      boolean fallenBack,
      Instant started,
      InstantSource clock) {
    this.home = home;
    this.policy = policy;
    this.organization = organization;
    this.journal = journal;
    this.counters = counters;
    this.serving = serving;
    this.sync = sync;
    this.upload = upload;
    this.lookups = lookups;
    this.fallenBack = fallenBack;
    this.started = started;
    this.clock = clock;
  }

  @Override
  public boolean ready() {
    return policy.inForce().value().isPresent();
  }

  @Override
  public ObjectNode summary() {
    return Json.object()
        .put("ready", ready())
        .put("mode", "user")
        .put("search", serving.mode())
        .put("skills", serving.served().snapshot().skills().size())
        .put("uptime_s", Duration.between(started, clock.instant()).toSeconds())
        .put("alarm_count", alarms().size());
  }

  @Override
  public ObjectNode details(Caller caller) {
    ObjectNode node =
        Json.object()
            .put("ready", ready())
            .put(
                "mode",
                "user: advisory, everything here runs as the developer and can be changed by him")
            .put("version", Daemon.version())
            .put("home", home.toString())
            .put("pid", ProcessHandle.current().pid())
            .put("started", started.toString())
            .put("search", serving.mode())
            .put("model", serving.modelOpen() ? "open" : "closed")
            .put("skills", serving.served().snapshot().skills().size())
            .put("commit", serving.served().snapshot().commit())
            .put("policy", policy.inForce().version())
            .put(
                "policy_mode",
                policy
                    .inForce()
                    .value()
                    .map(p -> p.mode().name())
                    .orElse("none")
                    .toLowerCase(java.util.Locale.ROOT))
            .put("journal_entries", journal.lastSeq() + 1)
            .put("journal_used_percent", journal.usedPercent())
            .put("denied", counters.decisions("deny"))
            .put("caller", caller.account());
    RunFile.read(home.pidFile()).ifPresent(r -> node.put("port", r.port()));
    node.set("last_sync", Administration.json(sync.last()));
    if (!sync.progress().isEmpty()) {
      node.put("sync_progress", sync.progress());
    }
    if (!serving.progress().isEmpty()) {
      node.put("search_progress", serving.progress());
    }
    upload.ifPresent(worker -> node.set("upload", UploadText.json(worker.status())));
    ArrayNode findings = node.putArray("findings");
    serving.served().snapshot().findings().stream()
        .limit(50)
        .forEach(f -> findings.add(f.toString()));
    ArrayNode alarms = node.putArray("alarms");
    alarms().forEach(alarms::add);
    return PublicJson.withoutSecrets(node);
  }

  private List<String> alarms() {
    List<String> alarms = new ArrayList<>();
    add(alarms, policy.inForce().alarm());
    add(alarms, organization.inForce().alarm());
    add(alarms, journal.failure().orElse(""));
    add(alarms, journalSpace());
    add(alarms, serving.problem());
    alarms.addAll(lookups.alarms());
    upload.ifPresent(worker -> {
      alarms.addAll(worker.problems());
      alarms.addAll(worker.status().alarms());
    });
    SyncResult last = sync.last();
    if (last.status() == SyncResult.Status.FAILED) {
      alarms.add("sync failed (%s): %s".formatted(last.code(), last.message()));
    }
    for (SyncResult.SourceStatus source : last.sources()) {
      source.alarms(clock.instant()).forEach(alarms::add);
    }
    if (fallenBack) {
      alarms.add("the starts before this one failed; the last good configuration is in use");
    }
    return alarms;
  }

  private String journalSpace() {
    int used = journal.usedPercent();
    if (used < JOURNAL_ALARM_PERCENT) {
      return "";
    }
    return "the journal has used %d %% of journal.max-mib%s; raise it, or have it uploaded"
        .formatted(used, used < JOURNAL_URGENT_PERCENT ? "" : ", at 100 % nothing is appended");
  }

  private static void add(List<String> alarms, String alarm) {
    if (!alarm.isEmpty()) {
      alarms.add(alarm);
    }
  }

  @Override
  public String metrics() {
    return counters.exposition()
        + "# HELP skillwarden_journal_used_ratio Used part of the journal's disk cap.\n"
        + "# TYPE skillwarden_journal_used_ratio gauge\n"
        + "skillwarden_journal_used_ratio "
        + journal.usedPercent() / 100.0
        + "\n"
        + "# HELP skillwarden_skills Skills in service.\n"
        + "# TYPE skillwarden_skills gauge\n"
        + "skillwarden_skills "
        + serving.served().snapshot().skills().size()
        + "\n"
        + "# HELP skillwarden_alarms Things that are wrong.\n"
        + "# TYPE skillwarden_alarms gauge\n"
        + "skillwarden_alarms "
        + alarms().size()
        + "\n"
        + "# HELP skillwarden_search_problem Whether search goes by words only although it should"
        + " not.\n"
        + "# TYPE skillwarden_search_problem gauge\n"
        + "skillwarden_search_problem "
        + (serving.problem().isEmpty() ? 0 : 1)
        + "\n"
        + "# HELP skillwarden_model_open Whether the embedding model takes memory now.\n"
        + "# TYPE skillwarden_model_open gauge\n"
        + "skillwarden_model_open "
        + (serving.modelOpen() ? 1 : 0)
        + "\n"
        + upload.map(worker -> UploadText.metrics(worker.status())).orElse("");
  }
}
