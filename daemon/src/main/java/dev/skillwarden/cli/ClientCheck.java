package dev.skillwarden.cli;

import dev.skillwarden.claude.ClientVersion;
import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.claude.ManagedCheck;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.claude.PreferredSource;
import dev.skillwarden.daemon.Home;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Looks at the installed client, and has it prove that it is held. A client that cannot be started
/// is a finding like any other: what else is found does not go with it.
final class ClientCheck {
  private static final System.Logger LOG = System.getLogger(ClientCheck.class.getName());

  private final InstalledClient client;
  private final Optional<PreferredSource> preferred;
  private final Path directory;
  private final int port;
  private final List<Finding> findings = new ArrayList<>();

  private ClientCheck(
      InstalledClient client, Optional<PreferredSource> preferred, Path directory, int port) {
    this.client = client;
    this.preferred = preferred;
    this.directory = directory;
    this.port = port;
  }

  /// Of the client that is installed here, if one is.
  ///
  /// @param preferred what wins over files
  /// @param directory where the managed settings lie
  /// @param port of the daemon
  static List<Finding> ofInstalled(Optional<PreferredSource> preferred, Path directory, int port)
      throws InterruptedException {
    try {
      Optional<InstalledClient> found = InstalledClient.find();
      return found.isPresent()
          ? of(found.get(), preferred, directory, port)
          : List.of(
              Finding.good(
                  FindingCode.CLIENT,
                  "no client on the path or at the usual places; calls are made over https and"
                      + " through the relay only"));
    } catch (IOException e) {
      return List.of(unusable("the client cannot be looked at", e));
    }
  }

  static List<Finding> of(
      InstalledClient client, Optional<PreferredSource> preferred, Path directory, int port)
      throws InterruptedException {
    ClientCheck check = new ClientCheck(client, preferred, directory, port);
    if (check.canRun() && check.recent()) {
      check.prove();
    }
    return List.copyOf(check.findings);
  }

  private boolean canRun() {
    try {
      Optional<String> obstacle = client.obstacle();
      obstacle.ifPresent(this::notRun);
      return obstacle.isEmpty();
    } catch (IOException e) {
      findings.add(unusable(client.program() + " cannot be looked at", e));
      return false;
    }
  }

  private boolean recent() throws InterruptedException {
    Optional<String> version;
    try {
      version = client.version();
    } catch (IOException e) {
      findings.add(unusable(client.program() + " cannot be started", e));
      return false;
    }
    if (version.isEmpty()) {
      findings.add(
          Finding.bad(
              FindingCode.CLIENT,
              client.program() + " does not say its version",
              "install it again"));
      return false;
    }
    if (ClientVersion.compare(version.get(), ManagedSettings.MINIMUM_VERSION) < 0) {
      findings.add(
          Finding.bad(
              FindingCode.CLIENT,
              "%s is version %s and ignores onFailure: hooks that fail let calls through"
                  .formatted(client.program(), version.get()),
              "install %s or newer".formatted(ManagedSettings.MINIMUM_VERSION)));
    } else {
      findings.add(
          Finding.good(
              FindingCode.CLIENT, "%s is version %s".formatted(client.program(), version.get())));
    }
    return true;
  }

  private static Finding unusable(String what, IOException e) {
    LOG.log(Level.WARNING, what, e);
    return Finding.bad(FindingCode.CLIENT, "%s: %s".formatted(what, e), "install it again");
  }

  private void prove() throws InterruptedException {
    try {
      Optional<String> objection = objection();
      if (objection.isPresent()) {
        notRun(objection.get());
      } else {
        findings.addAll(new ClientProof(client, port).run());
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the client could not prove anything", e);
      findings.add(
          Finding.bad(
              FindingCode.CLIENT_SILENT,
              "the client could not be run: " + e,
              "start the client by hand; look for room in the temporary directory"));
    }
  }

  private void notRun(String why) {
    findings.add(Finding.good(FindingCode.CLIENT_NOT_RUN, why));
  }

  /// A client reads the settings of its machine and no others, and must talk to the script only.
  private Optional<String> objection() throws IOException {
    Path read = Home.system(Path.of("/")).managedSettings();
    if (!isSame(read, directory)) {
      return Optional.of("the client reads %s, not %s".formatted(read, directory));
    }
    if (preferred.isPresent() && preferred.get().settings().isEmpty()) {
      return Optional.of(
          "%s cannot be read, and may say which model the client asks"
              .formatted(preferred.get().name()));
    }
    List<String> elsewhere = inForce().map(ManagedCheck::modelElsewhere).orElse(List.of());
    return elsewhere.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the managed settings decide which model the client asks (%s), so that a script cannot play it"
                .formatted(String.join(", ", elsewhere)));
  }

  /// What the client goes by: one source, and files only where there is no other.
  private Optional<JsonNode> inForce() throws IOException {
    return preferred.isPresent()
        ? preferred.get().settings()
        : ManagedCheck.inForce(directory).map(settings -> settings);
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    return one.equals(other)
        || (Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other));
  }
}
