package dev.skillwarden.daemon;

import dev.skillwarden.claude.PreferredSource;
import dev.skillwarden.elevation.GrantStore;
import dev.skillwarden.files.PathLookups;
import dev.skillwarden.gate.Gatekeeper;
import dev.skillwarden.gate.PolicyInForce;
import dev.skillwarden.gate.ShortIds;
import dev.skillwarden.http.DaemonServer;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.Pseudonyms;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.sync.Source;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.sync.SyncSchedule;
import dev.skillwarden.sync.SyncService;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.upload.UploadConfig;
import dev.skillwarden.upload.UploadWorker;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One running daemon: opens everything in order, decides from the moment it listens, and closes in
/// reverse.
public final class Daemon implements AutoCloseable {
  /// A start that lasts this long counts as good.
  static final Duration LASTED = Duration.ofSeconds(30);

  private static final System.Logger LOG = System.getLogger(Daemon.class.getName());
  private static final Duration REFRESH = Duration.ofSeconds(1);

  /// Longest time a break-glass grant waits to be uploaded, under that of a request.
  private static final Duration ELEVATION_UPLOAD = Duration.ofSeconds(25);

  /// In rounds of [#REFRESH].
  private static final int CERTIFICATES_EVERY = 60;

  /// Elsewhere the system does not say who holds the other end of a TCP connection.
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  private static final Duration SYNC_LOOK = Duration.ofMillis(500);

  private final Home home;
  private final Parts parts;
  private final List<Thread> background = new ArrayList<>();
  private final Instant started;
  private volatile boolean closed;

  /// What a daemon is made of, in the order of opening.
  private record Parts(
      FileChannel lock,
      StartCounter starts,
      LastGood lastGood,
      boolean fallenBack,
      Configuration configuration,
      WatchedFile<PolicyFile> policy,
      WatchedFile<Organization> organization,
      Accounts accounts,
      Optional<Pseudonyms> pseudonyms,
      ChronicleJournal journal,
      Counters counters,
      Serving serving,
      SyncService sync,
      Optional<UploadWorker> upload,
      Optional<PortCertificates> certificates,
      ShortIds ids,
      InstantSource clock,
      InstantSource steady) {}

  private final ElevationDesk elevations;
  private final JournalRecords records;
  private final Canary canary;
  private final DaemonServer server;

  private Daemon(Home home, Parts parts, Runnable stop) throws IOException {
    this.home = home;
    this.parts = parts;
    this.started = parts.clock().instant();
    String account = serviceAccount();
    Accounts accounts = parts.accounts();
    DaemonConfig config = parts.configuration().current();
    this.elevations = elevationDesk(home, parts, config);
    List<Path> own = ownDirectories(home);
    PathLookups lookups = new PathLookups(config.resolverSocket(), account, accounts::id);
    AtomicInteger port = new AtomicInteger(config.server().port()); // 0 until the server has one
    Gatekeeper gate =
        new Gatekeeper(
            new Gatekeeper.World(
                () ->
                    policyInForce(
                        parts.policy(),
                        new GuardedPaths(own, port.get()),
                        elevations.breakGlass(),
                        parts.steady().instant()),
                () -> parts.organization().inForce().value().orElseGet(Organization::closed),
                parts.serving()::served,
                lookups::view,
                accounts::home,
                elevations),
            parts.counters(),
            parts.clock(),
            parts.ids(),
            config.gateDeadline());
    this.canary =
        new Canary(
            home,
            port::get,
            trusted(home),
            installation(),
            home.isOfThisSystem() ? PreferredSource::find : Optional::empty,
            parts.clock());
    AtomicReference<@Nullable DaemonServer> listening = new AtomicReference<>();
    Status status =
        new Status(
            home,
            parts.policy(),
            parts.organization(),
            parts.journal(),
            parts.counters(),
            parts.serving(),
            parts.sync(),
            parts.upload(),
            lookups,
            accounts,
            () -> portProblem(listening.get()),
            elevations,
            canary,
            parts.fallenBack(),
            started,
            parts.clock());
    Ownership ownership = Ownership.of(home, config.journal(), parts.pseudonyms());
    this.records = new JournalRecords(home.journal(), ownership);
    Administration administration =
        new Administration(
            home,
            parts.sync(),
            parts.configuration(),
            elevations,
            parts.counters(),
            ownership,
            parts.ids(),
            parts.clock(),
            parts.upload(),
            stop);
    this.server =
        DaemonServer.start(
            new DaemonServer.Settings(
                home.controlSocket(),
                config.server().port(),
                parts.certificates().map(c -> c::current),
                home.isSystem(),
                new DaemonServer.Share(
                    config.server().maxConnections(), config.server().maxRequests()),
                config.server().readTimeout(),
                config.server().idleTimeout(),
                config.gateDeadline()),
            new DaemonServer.Services(
                gate,
                administration,
                administration,
                elevations,
                records,
                status,
                (name, admin) ->
                    parts
                        .organization()
                        .inForce()
                        .value()
                        .orElseGet(Organization::closed)
                        .caller(name, accounts.groups(name), elevations.of(name), admin),
                accounts::name,
                LINUX ? Optional.empty() : config.server().account().or(() -> Optional.of(account)),
                account));
    port.set(server.port() == 0 ? config.server().port() : server.port());
    listening.set(server);
    try {
      new RunFile(ProcessHandle.current().pid(), port.get(), started).write(home.pidFile());
      journalStart();
    } catch (IOException | RuntimeException e) {
      server.close();
      records.close();
      throw e;
    }
    background.add(Thread.ofVirtual().name("refresh").start(this::refreshLoop));
    background.add(Thread.ofVirtual().name("canary").start(canary::run));
    startUpload();
    Thread.ofPlatform().daemon().name("path-lookup").start(() -> lookups.warmUp(account));
    background.add(Thread.ofPlatform().daemon().name("sync").start(this::syncLoop));
    LOG.log(
        Level.INFO,
        "ready: pid %d, port %d, home %s"
            .formatted(ProcessHandle.current().pid(), server.port(), home));
  }

  private String portProblem(@Nullable DaemonServer listening) {
    String port = listening == null ? "" : listening.problem();
    return port.isEmpty() ? parts.certificates().map(PortCertificates::problem).orElse("") : port;
  }

  /// @param breakGlass the break-glass grant in force: the tool guard only watches, skills and the
  ///   policy itself stay closed, and where no policy is in force everything does
  /// @param time by which allowances end
  static PolicyInForce policyInForce(
      WatchedFile<PolicyFile> file,
      GuardedPaths guarded,
      Optional<String> breakGlass,
      Instant time) {
    WatchedFile.InForce<PolicyFile> now = file.inForce();
    Optional<PolicyFile> value =
        now.value().map(p -> p.at(time)).map(p -> breakGlass.isPresent() ? p.monitoring() : p);
    return new PolicyInForce(
        value.map(p -> new ToolPolicy(p, guarded)),
        value.orElseGet(PolicyFile::defaults),
        now.version() + (breakGlass.isPresent() ? "+break-glass" : ""),
        Stream.concat(breakGlass.stream(), Stream.of(now.alarm()))
            .filter(alarm -> !alarm.isEmpty())
            .collect(Collectors.joining("; ")));
  }

  private static ElevationDesk elevationDesk(Home home, Parts parts, DaemonConfig config)
      throws IOException {
    GrantStore store =
        GrantStore.open(
            home.elevations(),
            new GrantStore.Rules(
                config.elevation().requireSigned(),
                config.elevation().keys(),
                DeviceName.of(config.journal().device())),
            parts.clock());
    return new ElevationDesk(
        store,
        parts.counters(),
        account -> parts.pseudonyms().map(p -> p.of(account)).orElse(account),
        parts.ids(),
        parts.clock(),
        parts.upload().map(worker -> seq -> worker.deliver(seq, ELEVATION_UPLOAD)));
  }

  private static List<Path> ownDirectories(Home home) throws IOException {
    List<Path> own = new ArrayList<>();
    for (Path directory : home.directories()) {
      own.add(directory);
      if (Files.exists(directory)) {
        own.add(directory.toRealPath());
      }
    }
    own.addAll(installation());
    return own.stream().distinct().toList();
  }

  /// Where the program itself lies, empty when run from class files.
  static List<Path> installation() {
    String dist = System.getProperty("skillwarden.dist", "");
    return dist.isEmpty() ? List.of() : List.of(Path.of(dist).toAbsolutePath().normalize());
  }

  static String serviceAccount() {
    return System.getProperty("user.name");
  }

  /// Starts a daemon.
  ///
  /// @param flags configuration given on the command line
  /// @param stop called when an administrator asks for a stop
  /// @throws AlreadyRunningException when one runs in this home
  /// @throws InvalidTextException when the configuration is refused, with every problem
  /// @throws IOException when something cannot be opened, saying what to do
  public static Daemon start(
      Home home,
      Map<String, String> environment,
      Map<ConfigKey, String> flags,
      InstantSource clock,
      Runnable stop)
      throws IOException, InvalidTextException, AlreadyRunningException {
    home.create();
    if (home.isSystem()) {
      refuseWritableConfiguration(home);
    }
    FileChannel lock = lock(home);
    List<AutoCloseable> opened = new ArrayList<>(List.of(lock));
    try {
      FutureTask<GitStore> store = new FutureTask<>(() -> GitStore.open(home.repository()));
      Thread.ofPlatform()
          .daemon()
          .name("open-store")
          .start(store); // beside the rest: it takes a while
      StartCounter starts = new StartCounter(home.starts(), clock);
      LastGood lastGood = new LastGood(home);
      boolean loop = starts.begin();
      Configuration configuration = new Configuration(home, environment, flags);
      boolean fallenBack = loop && configuration.useLastGood(lastGood);
      if (!fallenBack) {
        configuration.read();
      }
      DaemonConfig config = configuration.current();
      refuseWritableKeys(home, config);
      Logging.daemon(config.logLevel());
      InstantSource steady = new SteadyClock(clock, System::nanoTime);
      WatchedFile<PolicyFile> policy =
          new WatchedFile<>(
              home.policyFile(), lastGood, WatchedFile.Kind.POLICY, config.policy(), steady);
      WatchedFile<Organization> organization =
          new WatchedFile<>(
              home.organizationFile(),
              lastGood,
              WatchedFile.Kind.ORGANIZATION,
              config.policy(),
              steady);
      if (fallenBack) {
        policy.useLastGood(
            "the daemon crashed %d times; the last good policy is in force"
                .formatted(StartCounter.LOOP));
      } else {
        policy.refresh();
      }
      organization.refresh();
      Accounts accounts = Accounts.ofSystem(Path.of(System.getProperty("user.home")));
      Optional<Pseudonyms> pseudonyms =
          JournalSettings.pseudonyms(home, config.journal(), accounts::home);
      ChronicleJournal journal =
          ChronicleJournal.open(JournalSettings.of(home, config.journal()), pseudonyms);
      opened.add(journal);
      Counters counters = new Counters(journal);
      ShortIds ids = new ShortIds(new SecureRandom());
      Serving serving = new Serving(home, config.search(), clock);
      opened.add(serving);
      SyncService sync =
          new SyncService(
              opened(store),
              home.sync(),
              counters,
              clock,
              ids::next,
              serving::publish,
              serviceAccount());
      return new Daemon(
          home,
          new Parts(
              lock,
              starts,
              lastGood,
              fallenBack,
              configuration,
              policy,
              organization,
              accounts,
              pseudonyms,
              journal,
              counters,
              serving,
              sync,
              config
                  .upload()
                  .map(upload -> uploadWorker(upload, home, journal, counters, ids, clock)),
              certificates(home, config, clock),
              ids,
              clock,
              steady),
          stop);
    } catch (IOException | InvalidTextException | RuntimeException e) {
      for (AutoCloseable part : opened.reversed()) {
        closeQuietly(part);
      }
      throw e;
    }
  }

  /// In user mode the port speaks plain http: whoever could read a key of it is its only user.
  private static Optional<PortCertificates> certificates(
      Home home, DaemonConfig config, InstantSource clock) throws IOException {
    return home.isSystem()
        ? Optional.of(
            PortCertificates.open(
                home, config.server().extraCa(), DeviceName.of(config.journal().device()), clock))
        : Optional.empty();
  }

  /// Whoever can write the configuration decides what is let through.
  private static void refuseWritableConfiguration(Home home) throws IOException {
    refuse(SystemFiles.problems(home, trusted(home)));
  }

  /// Whoever can write the keys that sign grants and policies can grant and set the policy.
  private static void refuseWritableKeys(Home home, DaemonConfig config) throws IOException {
    if (!home.isSystem()) {
      return;
    }
    List<String> problems = new ArrayList<>();
    for (Path keys :
        Stream.of(config.elevation().file(), config.policy().file())
            .flatMap(Optional::stream)
            .distinct()
            .toList()) {
      problems.addAll(SystemFiles.problems(keys, trusted(home)));
    }
    refuse(problems);
  }

  private static Set<Integer> trusted(Home home) throws IOException {
    int own = (Integer) Files.getAttribute(home.root(), "unix:uid");
    return own == 0 ? Set.of(0) : Set.of(0, own);
  }

  private static void refuse(List<String> problems) throws IOException {
    if (!problems.isEmpty()) {
      throw new IOException(
          "others can change what the daemon goes by:\n" + String.join("\n", problems));
    }
  }

  private static UploadWorker uploadWorker(
      UploadConfig config,
      Home home,
      ChronicleJournal journal,
      Counters counters,
      ShortIds ids,
      InstantSource clock) {
    UploadWorker worker =
        UploadWorker.of(
            config,
            home.upload(),
            home.journal(),
            journal::syncedSeq,
            journal::lastSeq,
            counters,
            ids::next,
            serviceAccount(),
            String.valueOf(Daemon.class.getPackage().getImplementationVersion()),
            clock);
    counters.whenDenied(worker::denied);
    journal.coveredBy(worker.receipts());
    return worker;
  }

  /// Where the journal goes is itself on record, before anything goes there.
  private void startUpload() {
    try {
      UploadWorker.journalChange(
          parts.configuration().current().upload(),
          home.upload(),
          parts.counters(),
          parts.ids()::next,
          serviceAccount(),
          parts.clock());
    } catch (IOException e) {
      LOG.log(Level.ERROR, "where the journal is sent was not journaled", e);
    }
    parts
        .upload()
        .ifPresent(worker -> {
          worker.problems().forEach(problem -> LOG.log(Level.ERROR, problem));
          Thread.ofPlatform()
              .daemon()
              .name("upload")
              .start(() -> {
                LowPriority.ofThisThread();
                worker.run();
              });
        });
  }

  private static GitStore opened(FutureTask<GitStore> store) throws IOException {
    try {
      return store.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io
          ? io
          : new IOException("the skill store does not open", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the skill store opens", e);
    }
  }

  /// One daemon a home: the lock goes with the process, however it ends.
  static FileChannel lock(Home home) throws IOException, AlreadyRunningException {
    FileChannel channel =
        FileChannel.open(
            home.run().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      LOG.log(Level.DEBUG, "a daemon of this very process holds the lock", e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new AlreadyRunningException(home, RunFile.read(home.pidFile()));
  }

  /// The loopback port.
  public int port() {
    return server.port();
  }

  private void refreshLoop() {
    boolean counted = false;
    long seconds = 0;
    try {
      while (true) {
        Thread.sleep(REFRESH);
        parts.organization().refresh();
        parts.policy().refresh();
        elevations.expire();
        if (++seconds % CERTIFICATES_EVERY == 0) {
          parts.certificates().ifPresent(PortCertificates::maintain);
        }
        if (!counted && Duration.between(started, parts.clock().instant()).compareTo(LASTED) > 0) {
          counted = true;
          startSucceeded();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the daemon stops
    }
  }

  private void startSucceeded() {
    try {
      parts.starts().succeeded();
      if (!parts.fallenBack()) {
        parts.lastGood().keepConfig();
      }
    } catch (IOException e) {
      LOG.log(Level.ERROR, "cannot keep the configuration as last good", e);
    }
  }

  /// What the store holds is served at once; the remotes are asked after a pause of their own, so
  /// that a fleet that starts together does not ask together.
  private void syncLoop() {
    Map<String, SyncSchedule> schedules = new HashMap<>();
    Map<String, Instant> due = new HashMap<>();
    boolean restored = false;
    try {
      while (!closed) {
        DaemonConfig.Sync config = parts.configuration().current().sync();
        if (!restored) {
          parts.sync().restore(config.sources());
          restored = true;
        }
        Instant now = parts.clock().instant();
        Set<String> names = new HashSet<>();
        for (Source source : config.sources()) {
          SyncSchedule schedule =
              schedules.computeIfAbsent(source.name(), n -> new SyncSchedule(new SecureRandom()));
          Instant at =
              due.computeIfAbsent(
                  source.name(), n -> now.plus(firstPause(source, schedule, config)));
          if (!at.isAfter(now)) {
            names.add(source.name());
          }
        }
        if (!names.isEmpty()) {
          SyncResult result = parts.sync().syncDue(config.sources(), names);
          for (Source source : config.sources()) {
            SyncSchedule schedule = schedules.get(source.name());
            if (schedule != null && names.contains(source.name())) {
              Duration pause = schedule.after(wentWell(result, source), config.interval(source));
              due.put(source.name(), parts.clock().instant().plus(pause));
            }
          }
        }
        Thread.sleep(SYNC_LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the daemon stops
    }
  }

  private static boolean wentWell(SyncResult result, Source source) {
    boolean local = Set.of("JOURNAL", "LOCAL", "INTERNAL").contains(result.code());
    return result.isReached(source.name()) && !local;
  }

  private Duration firstPause(Source source, SyncSchedule schedule, DaemonConfig.Sync config) {
    return parts.sync().last().serves(source.name())
        ? schedule.first(config.interval(source))
        : Duration.ZERO;
  }

  /// A full disk does not keep the gate from starting: with `journal: required` it denies.
  private void journalStart() {
    try {
      journal(
          JournalEntry.Kind.START,
          "port " + server.port(),
          Map.of("version", version(), "redaction", String.valueOf(Redactor.VERSION)));
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the start was not journaled", e);
    }
  }

  /// From the jar's manifest; `development` when run from class files.
  static String version() {
    String version = Daemon.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private void journal(JournalEntry.Kind kind, String detail, Map<String, String> facts)
      throws IOException {
    parts
        .counters()
        .append(
            JournalEntry.of(parts.clock().instant(), parts.ids().next(), kind, serviceAccount())
                .under(
                    parts.policy().inForce().version(),
                    parts.serving().served().snapshot().commit())
                .detail(detail)
                .facts(facts)
                .build());
  }

  /// Serves what has been asked, then closes everything.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    LOG.log(Level.INFO, "stopping");
    background.forEach(Thread::interrupt);
    server.close();
    closeQuietly(records);
    try {
      journal(JournalEntry.Kind.STOP, "", Map.of());
    } catch (IOException e) {
      LOG.log(Level.ERROR, "the stop was not journaled", e);
    }
    parts.upload().ifPresent(Daemon::closeQuietly);
    startSucceeded();
    closeQuietly(parts.serving());
    closeQuietly(parts.journal());
    try {
      Files.deleteIfExists(home.pidFile());
      Files.deleteIfExists(home.controlSocket());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove the run files", e);
    }
    closeQuietly(parts.lock());
    LOG.log(Level.INFO, "stopped");
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.log(Level.WARNING, "closing " + part.getClass().getSimpleName(), e);
    }
  }
}
