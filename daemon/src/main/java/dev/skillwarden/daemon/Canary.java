package dev.skillwarden.daemon;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.claude.ManagedCheck;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.http.HookProbe;
import dev.skillwarden.http.ProbedWay;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The daemon proves itself, at its start and every hour: it asks its own port as a client does,
/// for a call that must be denied and one that must pass, and looks at the managed settings of its
/// machine. What fails is looked at again every minute.
final class Canary {
  static final Duration INTERVAL = Duration.ofHours(1);
  static final Duration AGAIN = Duration.ofMinutes(1);

  /// Age of the last round at which nothing is proven any more.
  static final Duration STALE = Duration.ofHours(2);

  private static final System.Logger LOG = System.getLogger(Canary.class.getName());

  /// What settings that are not ours do not have either.
  private static final Set<FindingCode> NOT_OURS =
      EnumSet.of(
          FindingCode.MANAGED_MISSING,
          FindingCode.HOOK_PRE_TOOL_USE,
          FindingCode.HOOK_USER_PROMPT_EXPANSION,
          FindingCode.HOOK_URLS,
          FindingCode.PINS,
          FindingCode.MCP);

  private final IntSupplier port;
  private final Optional<Path> caBundle;
  private final Optional<Managed> managed;
  private final InstantSource clock;
  private final AtomicLong denied = new AtomicLong();
  private volatile Optional<Round> last = Optional.empty();

  /// Managed settings to look at.
  ///
  /// @param program where the program is installed
  /// @param owners accounts that may own them, by number
  private record Managed(Home home, Path program, Set<Integer> owners) {}

  private record Round(Instant at, List<Finding> findings) {}

  /// @param port of this daemon
  /// @param owners accounts that may own the managed settings, by number
  /// @param program where the program is installed; empty when it runs from class files, so that no
  ///   managed settings can name it
  Canary(
      Home home, IntSupplier port, Set<Integer> owners, List<Path> program, InstantSource clock) {
    this.port = port;
    this.caBundle = home.isSystem() ? Optional.of(home.caBundle()) : Optional.empty();
    this.managed =
        home.isSystem()
            ? program.stream().findFirst().map(p -> new Managed(home, p, owners))
            : Optional.empty();
    this.clock = clock;
  }

  /// Goes on until it is interrupted.
  void run() {
    try {
      while (true) {
        look();
        Thread.sleep(bad().isEmpty() ? INTERVAL : AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the daemon stops
    }
  }

  /// One round.
  void look() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    HookProbe probe = new HookProbe(port.getAsInt(), caBundle);
    findings.add(
        ProbedWay.PORT.probe(
            "on its own port " + port.getAsInt(),
            probe.forbidden(),
            command -> counted(probe.ask(command))));
    try {
      if (managed.isPresent()) {
        findings.addAll(settings(managed.get()));
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the managed settings cannot be looked at", e);
      findings.add(
          Finding.bad(
              FindingCode.CANARY,
              "the managed settings cannot be looked at: " + e.getMessage(),
              "the daemon's log has the cause"));
    }
    List<Finding> before = bad();
    last = Optional.of(new Round(clock.instant(), List.copyOf(findings)));
    bad().stream()
        .filter(finding -> !before.contains(finding))
        .forEach(finding -> LOG.log(Level.ERROR, text(finding)));
  }

  private String counted(String answer) {
    if (answer.equals("deny")) {
      denied.incrementAndGet();
    }
    return answer;
  }

  /// Before settings of ours were seen once, the machine waits for them: then only what is wrong
  /// with any settings counts.
  private List<Finding> settings(Managed managed) throws IOException {
    Path directory = managed.home().managedSettings();
    ManagedSettings.Machine machine = managed.home().machine(port.getAsInt(), managed.program());
    List<Finding> found = ManagedCheck.asDelivered(directory, machine, managed.owners());
    Path seen = managed.home().managedSeen();
    if (Files.exists(seen)) {
      return found;
    }
    if (ManagedCheck.isDelivered(directory, machine)) {
      Files.createFile(seen);
      return found;
    }
    return found.stream().filter(f -> !NOT_OURS.contains(f.code())).toList();
  }

  /// What is wrong now.
  List<Finding> bad() {
    List<Finding> bad =
        last.map(round -> round.findings().stream().filter(f -> !f.ok()).toList())
            .orElse(List.of());
    if (last.isEmpty() || !isStale(last.get())) {
      return bad;
    }
    List<Finding> all = new ArrayList<>(bad);
    all.add(
        Finding.bad(
            FindingCode.CANARY_STALE,
            "the daemon last proved itself at " + last.get().at(),
            "restart the daemon; its log has the cause"));
    return all;
  }

  private boolean isStale(Round round) {
    return Duration.between(round.at(), clock.instant()).compareTo(STALE) > 0;
  }

  /// Whether no round is done yet.
  boolean isPending() {
    return last.isEmpty();
  }

  /// Denials that were its own.
  long denied() {
    return denied.get();
  }

  /// One alarm for each finding.
  List<String> alarms() {
    return bad().stream().map(Canary::text).toList();
  }

  private static String text(Finding finding) {
    return "%s: %s; %s".formatted(finding.code().id(), finding.cause(), finding.next());
  }

  /// When it looked last, and the codes of what was wrong.
  ObjectNode json() {
    ObjectNode node = Json.object().put("at", last.map(r -> r.at().toString()).orElse(""));
    ArrayNode codes = node.putArray("codes");
    bad().forEach(finding -> codes.add(finding.code().id()));
    return node;
  }
}
