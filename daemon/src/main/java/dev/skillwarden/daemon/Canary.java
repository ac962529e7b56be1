package dev.skillwarden.daemon;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.claude.ManagedCheck;
import dev.skillwarden.claude.ManagedSettings;
import dev.skillwarden.claude.PreferredSource;
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
          FindingCode.SOURCE,
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
  private volatile Optional<Round> last = Optional.empty();

  /// Managed settings to look at.
  ///
  /// @param program where the program is installed
  /// @param owners accounts that may own them, by number
  /// @param delivery looked at before any files
  private record Managed(Home home, Path program, Set<Integer> owners, Delivery delivery) {}

  /// What was found in managed settings.
  ///
  /// @param ours whether any hook in them goes to this daemon
  private record Seen(List<Finding> findings, boolean ours) {}

  /// Finds settings that device management delivers another way than as files; a client then reads
  /// no files.
  @FunctionalInterface
  interface Delivery {
    Optional<PreferredSource> find() throws IOException, InterruptedException;
  }

  private record Round(Instant at, List<Finding> findings) {}

  /// @param port of this daemon
  /// @param owners accounts that may own the managed settings, by number
  /// @param program where the program is installed; empty when it runs from class files, so that no
  ///   managed settings can name it
  Canary(
      Home home,
      IntSupplier port,
      Set<Integer> owners,
      List<Path> program,
      Delivery delivery,
      InstantSource clock) {
    this.port = port;
    this.caBundle = home.isSystem() ? Optional.of(home.caBundle()) : Optional.empty();
    this.managed =
        home.isSystem()
            ? program.stream().findFirst().map(p -> new Managed(home, p, owners, delivery))
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

  /// One round. A part of it that fails is a finding: no failure may end the canary.
  void look() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    part(findings, "the daemon's own port", this::ownPort);
    if (managed.isPresent()) {
      part(findings, "the managed settings", () -> settings(managed.get()));
    }
    List<Finding> before = bad();
    last = Optional.of(new Round(clock.instant(), List.copyOf(findings)));
    bad().stream()
        .filter(finding -> !before.contains(finding))
        .forEach(finding -> LOG.log(Level.ERROR, text(finding)));
  }

  /// A part of a round.
  @FunctionalInterface
  private interface Part {
    List<Finding> look() throws IOException, InterruptedException;
  }

  /// @param what is looked at, for people
  private static void part(List<Finding> findings, String what, Part part)
      throws InterruptedException {
    try {
      findings.addAll(part.look());
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, what + " cannot be looked at", e);
      findings.add(
          Finding.bad(
              FindingCode.CANARY,
              "%s cannot be looked at: %s".formatted(what, e.getMessage()),
              "the daemon's log has the cause"));
    }
  }

  private List<Finding> ownPort() throws InterruptedException {
    int number = port.getAsInt();
    HookProbe probe = new HookProbe(number, caBundle);
    return List.of(
        ProbedWay.PORT.probe("on its own port " + number, probe.forbidden(), probe::ask));
  }

  /// Before settings of ours were seen once, the machine waits for them: then only what is wrong
  /// with any settings counts.
  private static List<Finding> awaited(Seen now, Path mark) throws IOException {
    if (Files.exists(mark)) {
      return now.findings();
    }
    if (now.ours()) {
      Files.createFile(mark);
      return now.findings();
    }
    return now.findings().stream().filter(f -> !NOT_OURS.contains(f.code())).toList();
  }

  private List<Finding> settings(Managed managed) throws IOException, InterruptedException {
    ManagedSettings.Machine machine = managed.home().machine(port.getAsInt(), managed.program());
    Optional<PreferredSource> preferred = managed.delivery().find();
    Seen now =
        preferred.isPresent() ? inSource(preferred.get(), machine) : inFiles(managed, machine);
    return awaited(now, managed.home().managedSeen());
  }

  private static Seen inFiles(Managed managed, ManagedSettings.Machine machine) throws IOException {
    Path directory = managed.home().managedSettings();
    return new Seen(
        ManagedCheck.asDelivered(directory, machine, managed.owners()),
        ManagedCheck.isDelivered(directory, machine));
  }

  /// Files say nothing beside such a source: the client does not read them.
  private static Seen inSource(PreferredSource source, ManagedSettings.Machine machine) {
    boolean ours = source.settings().map(s -> ManagedCheck.isDelivered(s, machine)).orElse(false);
    List<Finding> findings = new ArrayList<>();
    if (!ours) {
      findings.add(
          Finding.bad(
              FindingCode.SOURCE,
              "%s wins over files, and %s"
                  .formatted(
                      source.name(),
                      source.settings().isEmpty()
                          ? "cannot be read"
                          : "sends no call to this machine's daemon"),
              "skillwarden claude verify"));
    }
    source
        .settings()
        .map(s -> ManagedCheck.asDelivered(source.name(), s, machine))
        .ifPresent(findings::addAll);
    return new Seen(findings, ours);
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
