package dev.skillwarden.files;

import dev.skillwarden.gate.Gate;
import dev.skillwarden.gate.GateAnswer;
import dev.skillwarden.gate.TestGate;
import dev.skillwarden.gate.ToolRequest;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.text.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Decides for two accounts beside a mount that hangs. Arguments: the mount, a directory of ben's,
/// the built resolver or `-`, decisions to measure. Prints `name value` lines.
final class HungMountProgram {
  private static final int CALLERS = 8;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Gate gate;
  private final Path project;

  private HungMountProgram(PathLookups lookups, Path project) {
    TestGate world = new TestGate(Duration.ofMillis(1500));
    world.filesOf(lookups::view);
    this.gate = world.gateWithoutSearch();
    this.project = project;
  }

  public static void main(String[] arguments) throws Exception {
    Path mount = Path.of(arguments[0]);
    Path project = Path.of(arguments[1]);
    int count = Integer.parseInt(arguments[3]);
    PathLookups lookups =
        new PathLookups(Optional.empty(), "daemon", account -> OptionalInt.empty());
    HungMountProgram program = new HungMountProgram(lookups, project);
    program.measure(count); // warm
    for (int round = 0; round < 3; round++) {
      program.beside("ben_quiet", project, count);
      program.beside("ben_hung", mount.resolve("x"), count);
    }
    System.out.println("threads " + lookups.threads());
    System.out.println("alarms " + lookups.alarms().size());
    if (!arguments[2].equals("-")) {
      resolver(Path.of(arguments[2]), project, mount);
    }
    Runtime.getRuntime().halt(0); // threads in the mount end with the process
  }

  /// The other account works all the while, in the given directory.
  private void beside(String name, Path other, int count) throws InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> callers = new ArrayList<>();
    List<Long> times = java.util.Collections.synchronizedList(new ArrayList<>());
    Set<String> verdicts = java.util.concurrent.ConcurrentHashMap.newKeySet();
    for (int i = 0; i < CALLERS; i++) {
      Path directory = other.resolve("d" + i);
      callers.add(
          Thread.ofPlatform()
              .start(() -> {
                while (!over.get()) {
                  long start = System.nanoTime();
                  GateAnswer answer = decide("ana", directory, "cat notes.txt");
                  times.add(System.nanoTime() - start);
                  verdicts.add(answer.verdict() + ":" + answer.rule());
                  pause();
                }
              }));
    }
    Thread.sleep(200);
    print(name, measure(count));
    over.set(true);
    for (Thread caller : callers) {
      caller.join();
    }
    print(name.replace("ben", "ana"), times);
    System.out.println(name.replace("ben", "ana") + "_verdicts " + verdicts);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Long> measure(int count) throws InterruptedException {
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      GateAnswer answer = decide("ben", project, "cat link > out.txt && rm -rf ./build/" + i);
      times.add(System.nanoTime() - start);
      if (!answer.rule().isEmpty()) {
        throw new IllegalStateException("ben is told " + answer);
      }
      Thread.sleep(1);
    }
    return times;
  }

  private GateAnswer decide(String account, Path directory, String command) {
    return gate.tool(
        new Caller(account, "dev", Set.of(), List.of(), false),
        new ToolRequest(
            "s-" + account, "", "", "Bash", Json.object().put("command", command), directory));
  }

  private static void print(String name, List<Long> times) {
    List<Long> sorted = times.stream().sorted().toList();
    System.out.println(name + "_p50 " + sorted.get(sorted.size() / 2) / 1_000);
    System.out.println(name + "_p99 " + sorted.get(sorted.size() * 99 / 100) / 1_000);
    System.out.println(name + "_max " + sorted.getLast() / 1_000);
  }

  /// A connection that hangs in the resolver does not stop another.
  private static void resolver(Path binary, Path project, Path mount) throws Exception {
    Path directory = Files.createTempDirectory(project, "run");
    Files.setPosixFilePermissions(
        directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    try (RealResolver real = RealResolver.start(binary, directory, 0)) {
      Resolver resolver = new Resolver(Optional.of(real.socket()));
      for (int i = 0; i < 4; i++) {
        Path path = mount.resolve("x" + i);
        Thread.ofPlatform()
            .daemon()
            .start(() -> resolver.connection().ask(0, List.of(path), Turn.ALONE));
      }
      Thread.sleep(300);
      long start = System.nanoTime();
      try (Resolver.Connection connection = resolver.connection()) {
        Entry entry = connection.ask(0, List.of(project.resolve("link")), Turn.ALONE).getFirst();
        System.out.println("resolver_found " + entry.target().orElseThrow());
        System.out.println("resolver_us " + (System.nanoTime() - start) / 1_000);
      }
    }
    System.out.println("resolver_ended true");
  }
}
