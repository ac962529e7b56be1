package dev.skillwarden.cli;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.claude.ManagedCheck;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.claude.PreferredSource;
import dev.skillwarden.daemon.Home;
import dev.skillwarden.daemon.SystemFiles;
import dev.skillwarden.http.HookProbe;
import dev.skillwarden.http.ProbedWay;
import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.OtherProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Whether the client of this machine is held by its daemon: what is configured, and calls that are
/// really made.
final class Verification {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Home home;
  private final ManagedSettings.Machine machine;
  private final Scope scope;
  private final List<Finding> findings = new ArrayList<>();

  /// What is looked at.
  ///
  /// @param daemonOnly without settings and client, before these are there
  /// @param monitor whether the profile that blocks nothing is meant; empty: as the settings look
  /// @param managed where the settings lie; empty: where clients look
  record Scope(boolean daemonOnly, Optional<Boolean> monitor, Optional<Path> managed) {}

  private Verification(Home home, ManagedSettings.Machine machine, Scope scope) {
    this.home = home;
    this.machine = machine;
    this.scope = scope;
  }

  /// Everything found, good and bad.
  static List<Finding> of(Home home, ManagedSettings.Machine machine, Scope scope)
      throws IOException, InterruptedException {
    Verification verification = new Verification(home, machine, scope);
    verification.run();
    return List.copyOf(verification.findings);
  }

  private void run() throws IOException, InterruptedException {
    if (!scope.daemonOnly()) {
      Optional<PreferredSource> preferred =
          scope.managed().isPresent() ? Optional.empty() : PreferredSource.find();
      settings(preferred);
      findings.addAll(ClientCheck.ofInstalled(preferred, directory(), machine.port()));
    }
    HookProbe probe = new HookProbe(machine.port(), Optional.of(machine.caBundle()));
    findings.add(
        ProbedWay.PORT.judge(
            "over https on port " + machine.port(), probe.forbidden(), probe::answer));
    findings.add(ProbedWay.RELAY.judge("through the relay", probe.forbidden(), this::relayed));
  }

  private Path directory() {
    return scope.managed().orElseGet(home::managedSettings);
  }

  private void settings(Optional<PreferredSource> preferred) throws IOException {
    if (preferred.isPresent()) {
      preferred(preferred.get());
      return;
    }
    Path directory = directory();
    findings.addAll(
        scope.monitor().isPresent()
            ? ManagedCheck.of(directory, machine, owners(), scope.monitor().get())
            : ManagedCheck.asDelivered(directory, machine, owners()));
    if (scope.managed().isEmpty()) {
      SystemFiles.problems(directory.resolve("..").normalize(), owners()).forEach(this::above);
    }
    findings.add(
        Finding.good(
            FindingCode.SOURCE,
            "files; settings that the vendor's server delivers would win over them, and cannot be"
                + " seen from here"));
  }

  /// Who owns a directory above the settings can put others in their place.
  private void above(String problem) {
    int next = problem.lastIndexOf(": ");
    findings.add(
        Finding.bad(
            FindingCode.MANAGED_WRITABLE, problem.substring(0, next), problem.substring(next + 2)));
  }

  private void preferred(PreferredSource source) {
    List<Finding> inIt =
        source
            .settings()
            .map(s ->
                ManagedCheck.ofContent(source.name(), s, machine, scope.monitor().orElse(false)))
            .orElse(List.of());
    boolean ours = inIt.stream().anyMatch(f -> f.ok() && f.code() == FindingCode.HOOK_PRE_TOOL_USE);
    findings.add(
        ours
            ? Finding.good(FindingCode.SOURCE, source.name() + ", which wins over files")
            : Finding.bad(
                FindingCode.SOURCE,
                "%s wins over the files, which are not read, and %s"
                    .formatted(
                        source.name(),
                        source.settings().isEmpty()
                            ? "cannot be read"
                            : "does not send calls to this machine's daemon"),
                "deliver the settings there: skillwarden claude settings --delivery %s"
                    .formatted(PreferredSource.WINDOWS ? "registry" : "plist")));
    findings.addAll(inIt);
  }

  /// A directory that was named, or lies in an image, may belong to whoever made it.
  private Set<Integer> owners() throws IOException {
    boolean image = scope.managed().isPresent() || !home.isOfThisSystem();
    return image && Files.exists(directory())
        ? Set.copyOf(List.of(0, FileOwner.of(directory()).uid()))
        : Set.of(0);
  }

  private HookProbe.Answer relayed(String command) throws IOException, InterruptedException {
    Path event = Files.createTempFile("skillwarden-event", ".json");
    try {
      Files.writeString(event, Json.write(HookProbe.event(command)));
      OtherProgram.End end =
          new OtherProgram(
                  List.of(
                      machine.relay().toString(),
                      "--socket",
                      machine.controlSocket().orElseThrow().toString(),
                      "--event",
                      "PreToolUse"),
                  Map.of(),
                  Path.of("/"))
              .reading(event)
              .run(PATIENCE);
      if (!end.finished()) {
        throw new IOException("none within %d s".formatted(PATIENCE.toSeconds()));
      }
      JsonNode parsed = Json.parse("the relay's answer", end.out());
      HookProbe.Answer answer = HookProbe.Answer.of(parsed);
      if (answer.reason().startsWith("Blocked: the Skillwarden daemon")) {
        throw new IOException(answer.reason());
      }
      return answer;
    } catch (InvalidTextException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      OtherProgram.discard(event);
    }
  }
}
