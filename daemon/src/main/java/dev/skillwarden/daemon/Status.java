package dev.skillwarden.daemon;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
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
import java.util.Set;
import java.util.function.Supplier;
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
  private final Accounts accounts;
  private final Supplier<String> port;
  private final ElevationDesk elevations;
  private final Canary canary;
  private final boolean fallenBack;
  private final Instant started;
  private final InstantSource clock;

  /// @param port what is wrong with the loopback port and its certificate, empty when nothing is
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
      Accounts accounts,
      Supplier<String> port,
      ElevationDesk elevations,
      Canary canary,
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
    this.accounts = accounts;
    this.port = port;
    this.elevations = elevations;
    this.canary = canary;
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
        .put("mode", mode())
        .put("search", serving.mode())
        .put("skills", serving.served().snapshot().skills().size())
        .put("uptime_s", Duration.between(started, clock.instant()).toSeconds())
        .put("alarm_count", alarms().size());
  }

  private String mode() {
    return home.isSystem() ? "system" : "user";
  }

  @Override
  public ObjectNode details(Caller caller) {
    ObjectNode all = everything(caller);
    ArrayNode advisory = all.putArray("advisory");
    advisory(caller).forEach(advisory::add);
    if (home.isSystem() && !caller.admin()) { // these name skills and addresses
      all.remove(List.of("findings", "last_sync"));
      ArrayNode alarms = all.putArray("alarms");
      ownAlarms().forEach(alarms::add);
      if (!sourceAlarms().isEmpty()) {
        alarms.add("something is wrong with a source of skills; an administrator sees what");
      }
    }
    return all;
  }

  /// Why what is decided for this caller can be got around.
  private List<String> advisory(Caller caller) {
    List<String> why = new ArrayList<>();
    if (!home.isSystem()) {
      why.add("user mode: everything here runs as the developer and can be changed by him");
    }
    Set<String> groups = accounts.rootGroups(caller.account());
    if (!groups.isEmpty()) {
      why.add(
          "account %s can become root through %s"
              .formatted(caller.account(), String.join(", ", groups)));
    }
    if (Accounts.inContainer()) {
      why.add("a container: whoever may start or enter it can change everything in it");
    }
    return why;
  }

  private ObjectNode everything(Caller caller) {
    ObjectNode node =
        Json.object()
            .put("health", health())
            .put("ready", ready())
            .put("mode", mode())
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
                        .toLowerCase(java.util.Locale.ROOT)
                    + (elevations.breakGlass().isPresent() ? ", break-glass: monitor" : ""))
            .put("journal_entries", journal.lastSeq() + 1)
            .put("journal_used_percent", journal.usedPercent())
            .put("denied", counters.decisions("deny"))
            .put("caller", caller.account())
            .put("device", elevations.device());
    RunFile.read(home.pidFile()).ifPresent(r -> node.put("port", r.port()));
    node.set("canary", canary.json());
    node.set("last_sync", Administration.json(sync.last()));
    if (!sync.progress().isEmpty()) {
      node.put("sync_progress", sync.progress());
    }
    if (!serving.progress().isEmpty()) {
      node.put("search_progress", serving.progress());
    }
    upload.ifPresent(worker -> node.set("upload", UploadText.json(worker.status())));
    ArrayNode held = node.putArray("elevations");
    elevations.lines(caller).forEach(held::add);
    ArrayNode findings = node.putArray("findings");
    serving.served().snapshot().findings().stream()
        .limit(50)
        .forEach(f -> findings.add(f.toString()));
    ArrayNode alarms = node.putArray("alarms");
    alarms().forEach(alarms::add);
    return PublicJson.withoutSecrets(node);
  }

  /// `healthy`, or `unhealthy:` and the codes of what is wrong.
  private String health() {
    List<Finding> wrong = new ArrayList<>(canary.bad());
    if (canary.isPending()) {
      wrong.add(Finding.bad(FindingCode.CANARY_PENDING, "", ""));
    }
    if (!ready()) {
      wrong.add(Finding.bad(FindingCode.NOT_READY, "", ""));
    }
    if (alarms().size() > canary.alarms().size()) {
      wrong.add(Finding.bad(FindingCode.ALARM, "", ""));
    }
    return Finding.oneLine(wrong);
  }

  private List<String> alarms() {
    List<String> alarms = new ArrayList<>(ownAlarms());
    alarms.addAll(sourceAlarms());
    return alarms;
  }

  /// About remotes and what they hold.
  private List<String> sourceAlarms() {
    List<String> alarms = new ArrayList<>();
    SyncResult last = sync.last();
    if (last.status() == SyncResult.Status.FAILED) {
      alarms.add("sync failed (%s): %s".formatted(last.code(), last.message()));
    }
    for (SyncResult.SourceStatus source : last.sources()) {
      source.alarms(clock.instant()).forEach(alarms::add);
    }
    return alarms;
  }

  private List<String> ownAlarms() {
    List<String> alarms = new ArrayList<>();
    elevations.breakGlass().ifPresent(alarms::add);
    add(alarms, policy.inForce().alarm());
    add(alarms, policy.warning());
    add(alarms, organization.inForce().alarm());
    add(alarms, organization.warning());
    add(alarms, journal.failure().orElse(""));
    add(alarms, journalSpace());
    add(alarms, port.get());
    alarms.addAll(canary.alarms());
    add(alarms, serving.problem());
    alarms.addAll(lookups.alarms());
    upload.ifPresent(worker -> {
      alarms.addAll(worker.problems());
      alarms.addAll(worker.status().alarms());
    });
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
