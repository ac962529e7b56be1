package dev.skillwarden.cli;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.daemon.ConfigKey;
import dev.skillwarden.daemon.ConfigLayers;
import dev.skillwarden.daemon.DaemonConfig;
import dev.skillwarden.daemon.FileCheck;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.Signing;
import dev.skillwarden.http.ControlClient;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.sync.Pin;
import dev.skillwarden.sync.Source;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Table;
import dev.skillwarden.upload.UploadCheck;
import dev.skillwarden.upload.UploadConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Checks configuration, daemon, client and surroundings; shows every value with its source.")
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  /// A value as it may be shown.
  private static String shown(ConfigLayers layers, ConfigKey key) {
    return Redactor.withoutSecrets(layers.shown(key));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Home place = home.home();
    List<Finding> checks = new ArrayList<>();
    @Nullable ConfigLayers layers = null;
    Optional<DaemonConfig> config = Optional.empty();
    try {
      layers = ConfigLayers.read(place, System.getenv(), Map.of());
      config = Optional.of(DaemonConfig.from(layers));
      checks.add(Finding.good(FindingCode.CONFIG, place.configFile() + " and conf.d are valid"));
    } catch (InvalidTextException | IOException e) {
      checks.add(
          Finding.bad(
              FindingCode.CONFIG_INVALID,
              String.valueOf(e.getMessage()),
              "correct what it names; the daemon runs with what it read before"));
    }
    Signing signing = config.map(DaemonConfig::policy).orElse(Signing.NONE);
    Instant now = InstantSource.system().instant();
    checks.add(
        finding(
            FindingCode.POLICY,
            FindingCode.POLICY_INVALID,
            FileCheck.policy(place.policyFile(), signing, now)));
    checks.add(
        finding(
            FindingCode.ORGANIZATION,
            FindingCode.ORGANIZATION_INVALID,
            FileCheck.organization(place.organizationFile(), signing, now)));
    checks.add(
        Files.isExecutable(Path.of("/usr/bin/curl")) || Files.isExecutable(Path.of("/bin/curl"))
            ? Finding.good(FindingCode.CURL, "curl is there for the relay")
            : Finding.bad(
                FindingCode.CURL_MISSING,
                "the relay needs /usr/bin/curl or /bin/curl",
                "install curl"));
    Optional<JsonNode> status = daemon(place, checks);
    client(place, checks);
    config.ifPresent(c -> sources(c, status, checks));
    config.ifPresent(c -> upload(c, checks));
    config.ifPresent(c -> checks.add(elevation(c.elevation())));
    checks.add(
        place.isSystem()
            ? Finding.good(
                FindingCode.SYSTEM_MODE,
                "system mode: skills, keys and journal are closed to developers; root, and who can"
                    + " become it, can change everything")
            : Finding.good(
                FindingCode.USER_MODE,
                "user mode: helpful and journaled, but the developer can change or stop it"));
    print(checks, Optional.ofNullable(layers));
    return FindingsText.exitCode(checks);
  }

  /// What `claude verify` finds.
  private void client(Home place, List<Finding> checks) throws IOException, InterruptedException {
    String dist = System.getProperty("skillwarden.dist", "");
    if (!place.isSystem()) {
      checks.add(
          Finding.good(
              FindingCode.MANAGED_NOT_CHECKED,
              "user mode has no managed settings, so nothing is checked of them"));
      return;
    }
    if (dist.isEmpty()) {
      checks.add(
          Finding.good(
              FindingCode.MANAGED_NOT_CHECKED,
              "this program does not know where it is installed; start it with bin/skillwarden"));
      return;
    }
    try {
      int port = ClaudeCommand.port(place);
      if (port == 0) {
        checks.add(
            Finding.good(
                FindingCode.MANAGED_NOT_CHECKED,
                "server.port is 0, any free one; managed settings need a fixed port"));
        return;
      }
      checks.addAll(
          Verification.of(
              place,
              place.machine(port, Path.of(dist)),
              new Verification.Scope(false, Optional.empty(), Optional.empty())));
    } catch (InvalidTextException e) {
      checks.add(
          Finding.good(FindingCode.MANAGED_NOT_CHECKED, "the configuration is refused, see there"));
    }
  }

  private static Finding finding(FindingCode good, FindingCode bad, FileCheck file) {
    return file.ok() ? Finding.good(good, file.said()) : Finding.bad(bad, file.said(), file.next());
  }

  private Optional<JsonNode> daemon(Home place, List<Finding> checks) {
    try {
      JsonNode status = new ControlClient(place.controlSocket()).get("/v1/status").body();
      checks.add(
          Finding.good(
              FindingCode.DAEMON,
              "process %s runs on port %s"
                  .formatted(status.path("pid").asString(""), status.path("port").asString(""))));
      String code = status.path("last_sync").path("code").asString("");
      if (status.path("last_sync").path("status").asString("").equals("failed")) {
        checks.add(
            Finding.bad(
                FindingCode.SYNC,
                "%s: %s".formatted(code, status.path("last_sync").path("message").asString("")),
                "correct what it names, then: skillwarden sync" + home.again()));
      }
      for (JsonNode alarm : status.path("alarms")) {
        if (!alarm.asString("").startsWith("sync failed")) {
          checks.add(
              Finding.bad(
                  FindingCode.ALARM, alarm.asString(""), "as it says; see also the daemon's log"));
        }
      }
      return Optional.of(status);
    } catch (ControlClient.NotRunningException e) {
      checks.add(
          Finding.bad(
              FindingCode.DAEMON_DOWN,
              "no daemon runs; tool calls of a connected client are blocked",
              place.isSystem()
                  ? "systemctl start skillwarden"
                  : "skillwarden start" + home.again()));
    } catch (ControlClient.ControlException e) {
      checks.add(
          Finding.bad(
              FindingCode.DAEMON_UNREACHABLE,
              String.valueOf(e.getMessage()),
              "see its log; restart it"));
    }
    return Optional.empty();
  }

  /// What each source follows, what a fleet of such machines costs its server, and whether access
  /// levels mean anything for it.
  private static void sources(
      DaemonConfig config, Optional<JsonNode> status, List<Finding> checks) {
    for (Source source : config.sync().sources()) {
      Duration interval = config.sync().interval(source);
      boolean polls = !(source.pin() instanceof Pin.Commit);
      String reads =
          polls
              ? "; looked at every %d s: 10,000 machines read %.1f times a second"
                  .formatted(interval.toSeconds(), 10_000.0 / interval.toSeconds())
              : "; only asked for a commit it does not have";
      checks.add(
          Finding.good(
              FindingCode.REPOSITORY,
              "%s follows %s of %s%s"
                  .formatted(source.name(), source.pin().follows(), source.remote().url(), reads)));
      int restricted =
          status
              .map(s -> s.path("last_sync").path("sources"))
              .map(all ->
                  all.valueStream()
                      .filter(s -> s.path("name").asString("").equals(source.name()))
                      .mapToInt(s -> s.path("restricted").asInt(0))
                      .sum())
              .orElse(0);
      if (restricted > 0 && OwnGit.canRead(source.remote().url())) {
        checks.add(
            Finding.good(
                FindingCode.REPOSITORY_READABLE,
                "WARNING: source %s has %d skills that are not public, and your own git can read all of it; who can clone a repository is not held by access levels. Give only the daemon's key access"
                    .formatted(source.name(), restricted)));
      }
    }
  }

  /// Who may open sensitive skills.
  private static Finding elevation(DaemonConfig.Elevation elevation) {
    int keys = elevation.keys().keys().size();
    return Finding.good(
        FindingCode.ELEVATION,
        elevation.requireSigned()
            ? keys == 0
                ? "sensitive skills stay closed: nobody may sign grants until elevation.keys is set"
                : "sensitive skills open by grants of %d keys only".formatted(keys)
            : "WARNING: root and the daemon's account open sensitive skills without a signature;"
                + " elevation.require-signed is false");
  }

  /// Where the journal goes, and how much its receipts are worth.
  private static void upload(DaemonConfig config, List<Finding> checks) {
    if (config.upload().isEmpty()) {
      checks.add(
          Finding.good(
              FindingCode.UPLOAD,
              "the journal stays on this machine, where its owner can delete it; set"
                  + " upload.endpoint to send it"));
      return;
    }
    UploadConfig upload = config.upload().get();
    String receipt =
        switch (upload.receipt()) {
          case WITNESS -> "receipts are heads signed by a witness";
          case RESPONSE ->
              upload.durable()
                  ? "receipts are answers with status 200, the weaker kind: nobody signs them, and"
                      + " they are worth what the endpoint keeps to; a witness is stronger"
                  : "WARNING: status 200 of it is no receipt; set upload.receipt: witness, or"
                      + " upload.durable: true if it answers only when its disks have the entries";
        };
    checks.add(
        Finding.good(
            FindingCode.UPLOAD,
            "the journal is sent to %s at most every %d s; %s"
                .formatted(upload.shown(), upload.interval().toSeconds(), receipt)));
    UploadCheck.problems(upload)
        .forEach(problem ->
            checks.add(
                Finding.bad(
                    FindingCode.UPLOAD_FILES, problem, "correct it, then restart the daemon")));
  }

  private void print(List<Finding> checks, Optional<ConfigLayers> layers) {
    PrintWriter out = spec.commandLine().getOut();
    if (format.json()) {
      ObjectNode root = FindingsText.json(checks);
      ObjectNode config = root.putObject("config");
      layers.ifPresent(l -> {
        for (ConfigKey key : ConfigKey.values()) {
          config.putObject(key.key()).put("value", shown(l, key)).put("source", l.source(key));
        }
      });
      out.println(Json.pretty(root));
      return;
    }
    FindingsText.print(checks, out);
    layers.ifPresent(l -> {
      Table table = new Table("KEY", "VALUE", "SOURCE");
      for (ConfigKey key : ConfigKey.values()) {
        table.row(key.key(), shown(l, key), l.source(key));
      }
      out.println();
      out.print(table);
    });
  }
}
