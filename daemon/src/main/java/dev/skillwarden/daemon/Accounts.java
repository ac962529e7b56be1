package dev.skillwarden.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the operating system's account databases say about an account, directory services included:
/// the answers of `getent` and `id`, kept for a minute. Groups are those the databases give, never
/// those of a process, so that nobody gains one by `newgrp`.
final class Accounts {
  /// Who belongs to one of these can become root.
  private static final Set<String> ROOT_GROUPS =
      Set.of("root", "sudo", "wheel", "admin", "docker", "lxd", "libvirt", "disk");

  private static final System.Logger LOG = System.getLogger(Accounts.class.getName());
  private static final long KEPT = Duration.ofMinutes(1).toNanos();
  private static final int MAX_ACCOUNTS = 4_096;

  /// Answers one question to the databases.
  @FunctionalInterface
  interface Query {
    /// @param command program and arguments
    /// @return what it printed, empty when it failed or took too long
    Optional<String> ask(List<String> command);
  }

  private record Account(
      String name, OptionalInt uid, Optional<Path> home, Set<String> groups, long at) {}

  private final Query query;
  private final Path fallbackHome;
  private final LongSupplier nanos;
  private final Map<Integer, Account> byUid = new ConcurrentHashMap<>();
  private final Map<String, Account> byName = new ConcurrentHashMap<>();

  /// @param fallbackHome home of accounts the databases do not know
  Accounts(Query query, Path fallbackHome, LongSupplier nanos) {
    this.query = query;
    this.fallbackHome = fallbackHome;
    this.nanos = nanos;
  }

  /// Asks this machine.
  static Accounts ofSystem(Path fallbackHome) {
    return new Accounts(Accounts::run, fallbackHome, System::nanoTime);
  }

  /// Login name of a numeric account id; empty when no database knows it.
  Optional<String> name(int uid) {
    Account kept = byUid.get(uid);
    if (kept == null || stale(kept)) {
      Optional<Account> fresh = lookUp(Integer.toString(uid));
      if (fresh.isEmpty()) {
        byUid.remove(uid); // gone: what it had is not kept for whoever gets the number next
        return Optional.empty();
      }
      kept = fresh.get();
      byUid.put(uid, kept);
    }
    return Optional.of(kept.name());
  }

  /// Numeric id of an account; empty when no database knows it.
  OptionalInt id(String account) {
    return account(account).map(Account::uid).orElse(OptionalInt.empty());
  }

  Path home(String account) {
    return account(account).flatMap(Account::home).orElse(fallbackHome);
  }

  Set<String> groups(String account) {
    return account(account).map(Account::groups).orElse(Set.of());
  }

  /// Groups through which the account can become root; empty when there are none.
  Set<String> rootGroups(String account) {
    return groups(account).stream()
        .filter(ROOT_GROUPS::contains)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Optional<Account> account(String name) {
    Account kept = byName.get(name);
    if (kept != null && !stale(kept)) {
      return Optional.of(kept);
    }
    byName.remove(name);
    return lookUp(name);
  }

  private boolean stale(Account account) {
    return nanos.getAsLong() - account.at() > KEPT;
  }

  /// Whether this runs in a container, as far as container engines say so.
  static boolean inContainer() {
    return Files.exists(Path.of("/.dockerenv"))
        || Files.exists(Path.of("/run/.containerenv"))
        || System.getenv().getOrDefault("container", "").length() > 0;
  }

  /// @param key login name or number
  private Optional<Account> lookUp(String key) {
    Optional<String[]> passwd =
        query
            .ask(List.of("/usr/bin/getent", "passwd", key))
            .map(line -> line.strip().split(":", -1))
            .filter(fields -> fields.length >= 7 && !fields[0].isEmpty());
    Optional<String> name =
        passwd
            .map(fields -> fields[0])
            .or(() -> query.ask(List.of(ID, "-nu", "--", key)).map(String::strip))
            .filter(n -> !n.isEmpty());
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<Path> home =
        passwd.map(fields -> fields[5]).filter(h -> h.startsWith("/")).map(Path::of);
    OptionalInt uid =
        passwd
            .map(fields -> fields[2])
            .or(() -> query.ask(List.of(ID, "-u", name.get())).map(String::strip))
            .filter(number -> number.matches("\\d{1,9}"))
            .map(number -> OptionalInt.of(Integer.parseInt(number)))
            .orElse(OptionalInt.empty());
    Account account = new Account(name.get(), uid, home, groupsOf(name.get()), nanos.getAsLong());
    if (byName.size() >= MAX_ACCOUNTS) {
      byName.clear();
      byUid.clear();
    }
    byName.put(account.name(), account);
    return Optional.of(account);
  }

  /// Names of groups may hold blanks; not every `id` can separate them otherwise.
  private Set<String> groupsOf(String name) {
    return query
        .ask(List.of(ID, "-Gnz", "--", name))
        .map(text -> text.split("\0", -1))
        .or(() -> query.ask(List.of(ID, "-Gn", name)).map(text -> text.strip().split(" ", -1)))
        .map(names -> Arrays.stream(names).filter(g -> !g.isBlank()))
        .orElse(Stream.empty())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static final String ID = "/usr/bin/id";
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int MAX_ANSWER = 1 << 20;

  private static Optional<String> run(List<String> command) {
    if (!Files.isExecutable(Path.of(command.getFirst()))) {
      return Optional.empty();
    }
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder.environment().put("LC_ALL", "C");
      Process process = builder.start();
      Thread killer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      try (InputStream out = process.getInputStream()) {
        String text = new String(out.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
      } finally {
        killer.interrupt();
        process.destroyForcibly();
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot ask " + command.getFirst() + " about an account", e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
