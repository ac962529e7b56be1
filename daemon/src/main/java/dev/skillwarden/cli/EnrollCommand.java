package dev.skillwarden.cli;

import dev.skillwarden.daemon.ConfigLayers;
import dev.skillwarden.daemon.DaemonConfig;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.JournalSettings;
import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalFilter;
import dev.skillwarden.journal.JournalInUseException;
import dev.skillwarden.journal.JournalReader;
import dev.skillwarden.journal.StoredEntry;
import dev.skillwarden.journal.format.JournalFormat.Facts;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// `skillwarden enroll`: the journal's keys.
@Command(
    name = "enroll",
    mixinStandardHelpOptions = true,
    description = {
      "Makes this machine's journal keys and shows the record of them.",
      "",
      "Whoever verifies the journal needs that record: device, install, the public key that signs"
          + " checkpoints, and, when journal.escrow-key is configured, the first key of the ratchet,"
          + " sealed to the organisation's key. It is the first entry of the journal too, and uploaded"
          + " with it. A daemon enrols by itself when it first starts; run this at configuration to"
          + " have the record before, or again to see it. The keys of an escrow pair are made with:",
      "",
      "  openssl genpkey -algorithm x25519 -out escrow.pem     (stays with the organisation)",
      "  openssl pkey -in escrow.pem -pubout -out escrow.pub   (journal.escrow-key)"
    })
final class EnrollCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private HomeOption home;
  @Mixin private FormatOption format;

  @Option(
      names = "--rotate-key",
      description = "Makes a new device key, on record signed by both. The daemon must not run.")
  private boolean rotate;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Also writes the record to a file, as JSON, for whoever manages the devices.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException, InvalidTextException {
    Home place = home.home();
    DaemonConfig config = DaemonConfig.from(ConfigLayers.read(place, System.getenv(), Map.of()));
    place.create();
    try {
      enroll(JournalSettings.of(place, config.journal()));
    } catch (JournalInUseException e) {
      if (rotate) {
        spec.commandLine().getErr().println(e.getMessage());
        return ExitCode.REFUSED;
      }
    }
    Optional<StoredEntry> record = record(place.journal());
    if (record.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println("The journal takes no entries: see `skillwarden doctor" + home.again() + "`.");
      return ExitCode.FAILURE;
    }
    show(record.get());
    return ExitCode.DONE;
  }

  /// Opening is all it takes to enrol.
  private void enroll(JournalConfig config) throws IOException {
    try (ChronicleJournal journal = ChronicleJournal.open(config)) {
      if (rotate) {
        journal.rotateKey();
      }
    }
  }

  /// The newest record of keys.
  private static Optional<StoredEntry> record(Path directory) throws IOException {
    StoredEntry[] newest = new StoredEntry[1];
    JournalReader.open(directory)
        .forEach(
            JournalFilter.ALL,
            stored -> {
              JournalEntry.Kind kind = stored.entry().kind();
              if (kind == JournalEntry.Kind.ENROLL || kind == JournalEntry.Kind.KEY_ROTATION) {
                newest[0] = stored;
              }
            });
    return Optional.ofNullable(newest[0]);
  }

  private void show(StoredEntry record) throws IOException {
    ObjectNode json = json(record);
    if (out != null) {
      WholeFile.write(out, Json.pretty(json) + "\n");
    }
    PrintWriter writer = spec.commandLine().getOut();
    if (format.json()) {
      writer.println(Json.pretty(json));
      return;
    }
    Map<String, String> facts = record.entry().facts();
    writer.println("device   " + facts.get(Facts.DEVICE));
    writer.println("install  " + facts.get(Facts.INSTALL));
    writer.println(
        "key      " + json.path("key_id").asString("") + " (Ed25519, signs checkpoints)");
    writer.println(
        "ratchet  "
            + (facts.containsKey(Facts.SEALED_KEY)
                ? "on, sealed to escrow key " + facts.get(Facts.ESCROW_KEY)
                : "off: chain and checkpoints only, until journal.escrow-key is set"));
    if (out != null) {
      writer.println("written to " + out);
    }
  }

  private static ObjectNode json(StoredEntry record) throws IOException {
    Map<String, String> facts = record.entry().facts();
    Ed25519.Verifier key =
        Ed25519.ofRaw(Base64.getDecoder().decode(facts.getOrDefault(Facts.PUBLIC_KEY, "")));
    ObjectNode json = Json.object();
    json.put("seq", record.seq());
    json.put("ts", record.entry().time().toString());
    json.put("key_id", key.id());
    json.put("public_key_pem", Ed25519.pem("PUBLIC KEY", key.key()));
    facts.forEach(json::put);
    return json;
  }
}
