package dev.skillwarden.e2e.lab;

import dev.skillwarden.e2e.lab.Attack.Profile;
import dev.skillwarden.keys.LoopbackCertificate;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A machine in namespaces of its own: three accounts, the packaged daemon as one of them, managed
/// settings in their place, loopback only. Needs root.
final class Lab {
  /// The daemon's port, in the lab's own network.
  static final int PORT = 7717;

  /// A hostile proxy's.
  static final int PROXY = 7800;

  private static final String SERVICE = "64001";

  /// Developers of this machine, as `lab.sh` makes them.
  enum Account {
    ANA("64002"),
    BO("64003");

    private final String uid;

    Account(String uid) {
      this.uid = uid;
    }
  }

  private static final Path SCRIPTS = Path.of("src", "test", "e2e", "lab").toAbsolutePath();
  private static final Path MOCK = Path.of("src", "test", "e2e", "mock-model.mjs").toAbsolutePath();

  /// What the admin's own settings give, in the same file: else `strict` would refuse every tool
  /// for want of a permission, and no hook would be needed to deny it.
  private static final List<String> TOOLS =
      List.of(
          "Bash", "Edit", "Write", "Read", "Skill", "Agent", "Monitor", "mcp__served", "mcp__own");

  private final Path root;
  private final Path node;
  private final Process holder;
  private @Nullable Process daemon;
  private Scene.Daemon state = Scene.Daemon.STOPPED;
  private final AtomicInteger runs = new AtomicInteger();

  /// What a session left.
  ///
  /// @param sent everything the model was sent, a request a line
  /// @param reached the attack reached its goal
  /// @param started the client began a session
  /// @param evidence for people who look why
  record Outcome(boolean reached, boolean started, String sent, String evidence) {}

  private Lab(Path root, Path node, Process holder) {
    this.root = root;
    this.node = node;
    this.holder = holder;
  }

  static Lab open(Path packaged, Path node) throws IOException, InterruptedException {
    Path root = Files.createTempDirectory(Path.of("/tmp"), "sw-lab");
    mode(root, "rwxr-xr-x");
    copy(packaged, root.resolve("opt"));
    Process holder =
        new ProcessBuilder("unshare", "-mn", "sh", SCRIPTS.resolve("lab.sh").toString(), "" + root)
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("lab.log").toFile())
            .start();
    await(root.resolve("lab.ready"), root.resolve("lab.log"));
    Lab lab = new Lab(root, node, holder);
    lab.configure();
    return lab;
  }

  private void configure() throws IOException, InterruptedException {
    Path remote = root.resolve("remote");
    skill(remote, "support/open", "public");
    skill(remote, "support/ours", "team");
    skill(remote, "finance/theirs", "team");
    git(remote, "init", "-q", "-b", "main");
    git(remote, "add", "-A");
    git(remote, "commit", "-qm", "skills");
    String sha = git(remote, "rev-parse", "HEAD").strip();
    run(root, List.of("chown", "-R", SERVICE + ":" + SERVICE, remote.toString()));
    Path kept = Files.createDirectories(root.resolve("kept"));
    run(root, List.of("sh", SCRIPTS.resolve("authority.sh").toString(), kept.toString()));
    Path config = Files.createDirectories(root.resolve("etc/skillwarden"));
    Files.writeString(
        config.resolve("skillwarden.yaml"),
        "server: {port: %d, extra-ca: %s}\nsearch: {model: false}\nsync:\n  remote: file://%s\n  pin:\n    sha: %s\n"
            .formatted(PORT, kept.resolve("ca.pem"), remote, sha));
    Files.writeString(
        config.resolve("organization.yaml"),
        "version: 1\nteams: [support, finance]\nusers:\n  ana: {teams: [support]}\n  bo: {teams: [finance]}\n");
    for (String place :
        List.of("var/lib/skillwarden", "var/lib/skillwarden-public", "run/skillwarden")) {
      Path directory = Files.createDirectories(root.resolve(place));
      run(root, List.of("chown", SERVICE + ":" + SERVICE, directory.toString()));
    }
    ensure(Scene.Daemon.RUNNING);
    ObjectNode admin = Json.object();
    ArrayNode allow = admin.putObject("permissions").putArray("allow");
    TOOLS.forEach(allow::add);
    Files.writeString(root.resolve("admin.json"), Json.write(admin));
  }

  private static void skill(Path remote, String name, String level) throws IOException {
    Path file = remote.resolve(".claude/skills/" + name + ".md");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "---\nname: %s\nversion: 1.0.0\ndescription: Does what %s does.\ntags: [test]\naccess_level: %s\n---\n# Do it\n\nBody of %s.\n"
            .formatted(name, name, level, name));
  }

  private String git(Path directory, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git", "-c", "user.name=lab"));
    command.addAll(List.of("-c", "user.email=lab@localhost", "-c", "commit.gpgsign=false"));
    command.addAll(List.of(arguments));
    return run(directory, command);
  }

  /// Key, certificate for `localhost` and authority of somebody whom no client here trusts.
  Path foreignPem() throws IOException {
    Path pem = root.resolve("foreign.pem");
    if (Files.notExists(pem)) {
      Files.writeString(pem, LoopbackCertificate.issue("foreign", Instant.now()).pem());
    }
    return pem;
  }

  /// Key and certificate for another name, of an authority in the published bundle that has our
  /// own's constraints.
  Path otherNamePem() {
    return root.resolve("kept/other.pem");
  }

  Path root() {
    return root;
  }

  /// The daemon's own key and certificate, which only root and its account can read: what an
  /// impostor would have that is no impostor any more.
  Path ownPem() throws IOException {
    try {
      JsonNode kept =
          Json.parse("tls", Files.readAllBytes(root.resolve("var/lib/skillwarden/keys/tls.json")));
      Path pem = root.resolve("own.pem");
      Files.writeString(pem, kept.path("current").asString(""));
      return pem;
    } catch (InvalidTextException e) {
      throw new IOException(e);
    }
  }

  /// A program run in the lab by an account.
  private List<String> inside(String uid, String... command) {
    List<String> all =
        new ArrayList<>(
            List.of("nsenter", "-t", Long.toString(holder.pid()), "-m", "-n", "--", "setpriv"));
    all.addAll(List.of("--reuid", uid, "--regid", uid, "--clear-groups"));
    all.addAll(List.of("--inh-caps=-all", "--bounding-set=-all"));
    all.addAll(List.of(command));
    return all;
  }

  /// Starts a script of the lab as an account; its output goes to a file.
  Process script(Account account, Path out, String... command) throws IOException {
    return new ProcessBuilder(inside(account.uid, command))
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
  }

  /// Gives an account what lies there.
  void own(Account account, Path path) throws IOException, InterruptedException {
    run(root, List.of("chown", "-R", account.uid + ":" + account.uid, path.toString()));
  }

  /// Mounts a file system that never answers, until the process ends.
  Process hungMount(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Process process =
        new ProcessBuilder(
                "nsenter",
                "-t",
                Long.toString(holder.pid()),
                "-m",
                "--",
                "python3",
                Path.of("src/test/resources/files/hung_mount.py").toAbsolutePath().toString(),
                directory.toString(),
                "sleep",
                "3600")
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("hung.txt").toFile())
            .start();
    Thread.sleep(500);
    if (!process.isAlive()) {
      throw new IOException(Files.readString(root.resolve("hung.txt")));
    }
    return process;
  }

  static Path scripts() {
    return SCRIPTS;
  }

  Path node() {
    return node;
  }

  Path bundle() {
    return root.resolve("var/lib/skillwarden-public/ca-bundle.pem");
  }

  Path controlSocket() {
    return root.resolve("run/skillwarden/control.sock");
  }

  /// The daemon's process.
  long daemonPid() {
    Process running = daemon;
    if (running == null) {
      throw new IllegalStateException("the daemon does not run");
    }
    return running.pid();
  }

  /// A verb of our program, by root in the lab.
  Run verb(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid()), "-m", "-n", "--"));
    command.add(root.resolve("opt/bin/skillwarden").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("--root", root.toString()));
    Path out = root.resolve("verb.txt");
    Path err = root.resolve("verb-errors.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("no end of " + String.join(" ", arguments));
    }
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /// What a process left.
  record Run(int exit, String out, String err) {}

  /// The settings of a profile as an admin makes them, with the admin's own permissions in them.
  ///
  /// @param old for clients without `onFailure`
  Path settings(Profile profile, boolean old) throws IOException, InterruptedException {
    boolean relayed = old && profile != Profile.MONITOR; // which blocks nothing in any client
    Path out = root.resolve("profiles/" + profile + (relayed ? "-old" : ""));
    if (Files.notExists(out)) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "claude",
                  "settings",
                  "--profile",
                  profile.toString().toLowerCase(Locale.ROOT),
                  "--out",
                  out.toString()));
      if (profile != Profile.MONITOR) {
        arguments.addAll(List.of("--merge", root.resolve("admin.json").toString()));
      }
      if (relayed) {
        arguments.add("--old-clients");
      }
      Run made = verb(arguments.toArray(String[]::new));
      if (made.exit() != 0) {
        throw new IOException("settings: " + made.err());
      }
    }
    return out;
  }

  /// Puts settings where the client seeks them.
  void deliver(Optional<Path> settings) throws IOException, InterruptedException {
    Path managed = root.resolve("managed");
    run(
        root,
        List.of("sh", "-c", "rm -rf managed/* && chown root:root managed && chmod 755 managed"));
    if (settings.isPresent()) {
      run(root, List.of("cp", "-rT", settings.get().toString(), managed.toString()));
    }
  }

  /// Plays an attack in a fresh home.
  ///
  /// @param settings managed ones; empty for a machine without any
  Outcome play(Attack attack, Path client, Optional<Path> settings)
      throws IOException, InterruptedException {
    deliver(settings);
    Scene scene = scene(Account.ANA, client);
    attack.scene().prepare(scene);
    ensure(scene.daemon);
    Optional<Process> rogue = Optional.empty();
    try {
      if (scene.rogue.isPresent()) {
        rogue = Optional.of(rogue(scene.rogue.get(), scene.run));
      }
      return session(Account.ANA, scene);
    } finally {
      if (rogue.isPresent()) {
        rogue.get().destroyForcibly().waitFor();
      }
    }
  }

  /// An empty scene in a fresh home.
  Scene scene(Account account, Path client) throws IOException, InterruptedException {
    Path home = root.resolve("home/" + account.name().toLowerCase(Locale.ROOT));
    delete(home);
    Files.createDirectories(home.resolve("project"));
    Path run = Files.createDirectories(root.resolve("runs/" + runs.incrementAndGet()));
    own(account, run);
    return new Scene(this, client, run, home, root.resolve("managed"));
  }

  /// Lets the client play a scene. Several accounts may at once.
  Outcome session(Account account, Scene scene) throws IOException, InterruptedException {
    scene.write();
    script(scene);
    own(account, scene.home);
    own(account, scene.run);
    mode(scene.home, "rwxr-xr-x"); // there is no path resolver in the lab
    return outcome(scene, client(account, scene));
  }

  private static void script(Scene scene) throws IOException {
    ObjectNode script = Json.object().put("marker", scene.marker.toString());
    script.set("turns", scene.turns);
    script.set("threads", scene.threads);
    Files.writeString(scene.run.resolve("script.json"), Json.write(script));
    Files.writeString(
        scene.run.resolve("env"),
        String.join("", scene.environment.stream().map(line -> line + "\n").toList()));
    Files.writeString(scene.run.resolve("stdin"), "");
  }

  private int client(Account account, Scene scene) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            inside(
                account.uid,
                "timeout",
                "-k",
                "2",
                Long.toString(scene.limit.toSeconds()),
                "sh",
                SCRIPTS.resolve("client.sh").toString(),
                starter(scene).toString(),
                node.toString(),
                MOCK.toString(),
                scene.run.toString(),
                scene.home.toString(),
                scene.project.toString()));
    command.addAll(scene.host.isEmpty() ? List.of("-p", scene.prompt) : List.of("-p"));
    command.addAll(List.of("--output-format", "stream-json", "--verbose"));
    if (!scene.arguments.contains("--allowedTools")) {
      command.addAll(List.of("--allowedTools", String.join(",", TOOLS)));
    }
    command.addAll(scene.arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(scene.run.resolve("client.txt").toFile())
            .start();
    return process.waitFor();
  }

  /// The client, or a script that starts it.
  private Path starter(Scene scene) throws IOException {
    if (scene.host.isEmpty()) {
      return scene.client;
    }
    Path starter = scene.run.resolve("start.sh");
    Files.writeString(
        starter,
        "#!/bin/sh\nexec %s %s %s %s \"$@\"\n"
            .formatted(
                node,
                SCRIPTS.resolve(scene.host.getFirst()),
                String.join(" ", scene.host.subList(1, scene.host.size())),
                scene.client));
    mode(starter, "rwxr-xr-x");
    return starter;
  }

  /// A library that speaks for our hooks when it is loaded into their programs.
  Path preload() throws IOException, InterruptedException {
    Path library = root.resolve("preload.so");
    if (Files.notExists(library)) {
      run(
          root,
          List.of(
              "cc",
              "-shared",
              "-fPIC",
              "-o",
              library.toString(),
              SCRIPTS.resolve("preload.c").toString()));
    }
    return library;
  }

  private static Outcome outcome(Scene scene, int exit) throws IOException {
    Path record = scene.run.resolve("record.jsonl");
    String sent = Files.exists(record) ? Files.readString(record) : "";
    Path stream = scene.run.resolve("stream.jsonl");
    boolean started =
        Files.exists(stream) && Files.readString(stream).contains("\"subtype\":\"init\"");
    boolean marker = Files.exists(scene.marker);
    boolean canary = sent.contains(Scene.CANARY);
    List<String> evidence = new ArrayList<>();
    evidence.add("exit " + exit + (marker ? ", marker" : "") + (canary ? ", canary sent" : ""));
    results(sent).forEach(evidence::add);
    for (String file : List.of("stderr.txt", "client.txt", "rogue.log")) {
      Path path = scene.run.resolve(file);
      if (Files.exists(path) && Files.size(path) > 0) {
        evidence.add(file + ": " + Files.readString(path).strip());
      }
    }
    evidence.add("see " + scene.run);
    return new Outcome(marker || canary, started, sent, String.join("\n", evidence));
  }

  /// Results of tools, as the client told the model.
  static List<String> results(String sent) throws IOException {
    List<String> results = new ArrayList<>();
    for (String line : sent.lines().toList()) {
      try {
        for (JsonNode message : Json.parse("record", line).path("body").path("messages")) {
          for (JsonNode block : message.path("content")) {
            if (block.path("type").asString("").equals("tool_result")) {
              results.add("result: " + block.path("content"));
            }
          }
        }
      } catch (InvalidTextException e) {
        throw new IOException(e);
      }
    }
    return results.stream().distinct().toList();
  }

  private Process rogue(Scene.Rogue wanted, Path run) throws IOException, InterruptedException {
    Path ready = run.resolve("rogue.ready");
    List<String> command =
        inside(
            Account.ANA.uid,
            "env",
            "ROGUE_PROXY=" + (wanted.proxy() ? 1 : 0),
            node.toString(),
            SCRIPTS.resolve("rogue.mjs").toString(),
            wanted.mode(),
            Integer.toString(wanted.port()),
            run.resolve("rogue.log").toString(),
            ready.toString());
    wanted.pem().ifPresent(pem -> command.add(pem.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(run.resolve("rogue.txt").toFile())
            .start();
    await(ready, run.resolve("rogue.txt"));
    return process;
  }

  /// Brings our daemon into a state.
  void ensure(Scene.Daemon wanted) throws IOException, InterruptedException {
    if (state == wanted) {
      return;
    }
    if (state == Scene.Daemon.FROZEN) {
      signal("CONT");
      state = Scene.Daemon.RUNNING;
    }
    if (wanted == Scene.Daemon.STOPPED) {
      stopDaemon();
    } else if (daemon == null) {
      startDaemon();
    }
    if (wanted == Scene.Daemon.FROZEN) {
      signal("STOP");
    }
    state = wanted;
  }

  private void signal(String signal) throws IOException, InterruptedException {
    run(root, List.of("kill", "-" + signal, Long.toString(daemonPid())));
  }

  private void startDaemon() throws IOException, InterruptedException {
    Path log = root.resolve("daemon.log");
    daemon =
        new ProcessBuilder(
                inside(
                    SERVICE,
                    root.resolve("opt/bin/skillwarden").toString(),
                    "start",
                    "--foreground",
                    "--root",
                    root.toString()))
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    for (int i = 0; i < 150; i++) {
      if (servesSkills(verb("status", "--format", "json").out())) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IOException("the daemon did not start: " + Files.readString(log));
  }

  private static boolean servesSkills(String status) {
    try {
      return Json.parse("status", status).path("skills").asInt(0) == 3;
    } catch (InvalidTextException e) {
      return false; // before it is up, status says so in words
    }
  }

  private void stopDaemon() throws InterruptedException {
    Process running = daemon;
    if (running != null) {
      running.destroy();
      if (!running.waitFor(20, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
    }
    daemon = null;
  }

  private static String run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + out);
    }
    return out;
  }

  private static void await(Path file, Path log) throws IOException, InterruptedException {
    for (int i = 0; i < 500; i++) {
      if (Files.exists(file)) {
        return;
      }
      Thread.sleep(20);
    }
    throw new IOException("not ready: " + (Files.exists(log) ? Files.readString(log) : ""));
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    run(Path.of("/"), List.of("cp", "-r", from.toString(), to.toString()));
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /// Ends every process and removes everything.
  void close() throws IOException, InterruptedException {
    ensure(Scene.Daemon.STOPPED);
    holder.destroyForcibly().waitFor();
    delete(root);
  }
}
