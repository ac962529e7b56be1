package dev.skillwarden.cli;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import dev.skillwarden.http.HookProbe;
import dev.skillwarden.http.ProbedWay;
import dev.skillwarden.http.ScriptedModel;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.OtherProgram;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Has the installed client make two calls, one that must be denied and one that must pass: with
/// the machine's own managed settings and the client's own TLS. A script plays the model, so
/// nothing leaves the machine; home and project are new and empty, and the environment is.
///
/// The call that must be denied does no harm where it runs: it asks the daemon whether it lives,
/// and leaves a mark. The one that must pass reads a file of the project, which needs nobody's
/// permission.
final class ClientProof {
  private static final System.Logger LOG = System.getLogger(ClientProof.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// How our denial begins, wherever the client puts it.
  private static final Pattern OURS =
      Pattern.compile("Blocked by Skillwarden \\(rule ([a-z-]{1,60}), id ([^)]{1,40})\\)");

  private static final int LONGEST_QUOTE = 300;

  private static final String DAEMON =
      "skillwarden doctor; if another process holds the port, stop it; start clients again after a"
          + " new certificate";

  private final InstalledClient client;
  private final int port;
  private final String denied = HookProbe.ID + UUID.randomUUID();
  private final String passed = HookProbe.ID + UUID.randomUUID();

  /// What only the file of the project says.
  final String token = UUID.randomUUID().toString();

  /// @param port of the daemon
  ClientProof(InstalledClient client, int port) {
    this.client = client;
    this.port = port;
  }

  /// Runs the client once, for 20 s at most.
  ///
  /// @throws IOException when there is no room for it, or it cannot be started
  List<Finding> run() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("skillwarden-proof");
    Path home = work.resolve("home");
    Path project = work.resolve("project");
    try {
      Path note = prepare(work, home, project);
      try (ScriptedModel model = ScriptedModel.start(script(note))) {
        OtherProgram.End end =
            new OtherProgram(command(), environment(home, model), project).run(PATIENCE);
        boolean ran = Files.exists(project.resolve("ran"), LinkOption.NOFOLLOW_LINKS);
        return judge(model.result(denied), model.result(passed), ran, explained(end));
      }
    } finally {
      remove(work, home, project);
    }
  }

  /// Both directories are complete before they are given away: in a directory of another account
  /// root neither writes nor changes anything.
  ///
  /// @return the file that only the harmless call reads
  private Path prepare(Path work, Path home, Path project) throws IOException {
    mode(work, "rwx--x--x");
    mode(Files.createDirectory(home), "rwx------");
    mode(Files.createDirectory(project), "rwxr-xr-x");
    Path note =
        Files.writeString(
            project.resolve("note.txt"),
            token + "\n",
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    mode(note, "rw-r--r--");
    client.account().give(home);
    client.account().give(project);
    return note;
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  /// What `nobody` owns is deleted by `nobody`, who can empty the two directories and no more. Then
  /// root removes three empty ones that nobody else can replace.
  private void remove(Path work, Path home, Path project) throws InterruptedException {
    try {
      if (!client.account().root()) {
        GeneratedDirectory.delete(work);
        return;
      }
      List<String> empty = List.of("/bin/rm", "-rf", "--", home.toString(), project.toString());
      new OtherProgram(client.account().command(empty), Map.of(), Path.of("/")).run(PATIENCE);
      Files.deleteIfExists(home);
      Files.deleteIfExists(project);
      Files.delete(work);
    } catch (IOException e) {
      LOG.log(Level.ERROR, work + " is left behind; delete it", e);
    }
  }

  private List<ScriptedModel.Call> script(Path note) {
    return List.of(
        new ScriptedModel.Call(
            denied,
            "Bash",
            Json.object()
                .put("command", HookProbe.forbidden(port) + "; touch ran")
                .put("description", "must be denied")),
        new ScriptedModel.Call(passed, "Read", Json.object().put("file_path", note.toString())));
  }

  private List<String> command() {
    return client
        .account()
        .command(
            List.of(
                client.program().toString(),
                "-p",
                "go",
                "--output-format",
                "stream-json",
                "--verbose",
                "--allowedTools",
                "Bash,Read"));
  }

  private static Map<String, String> environment(Path home, ScriptedModel model) {
    return Map.of(
        "PATH",
        InstalledClient.PATH,
        "HOME",
        home.toString(),
        "LANG",
        "C.UTF-8",
        "TERM",
        "dumb",
        "ANTHROPIC_API_KEY",
        model.key(),
        "ANTHROPIC_BASE_URL",
        "http://127.0.0.1:" + model.port(),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "1",
        "DISABLE_TELEMETRY",
        "1",
        "DISABLE_ERROR_REPORTING",
        "1",
        "DISABLE_AUTOUPDATER",
        "1");
  }

  private static String explained(OtherProgram.End end) {
    String said = end.err().isBlank() ? end.out() : end.err();
    return "%s; it said: %s"
        .formatted(
            end.finished()
                ? "it ended with exit code " + end.exit()
                : "it was ended after %d s".formatted(PATIENCE.toSeconds()),
            said.isBlank() ? "nothing" : quoted(said));
  }

  private static String quoted(String text) {
    String line = Redactor.withoutSecrets(text).strip().replaceAll("\\s+", " ");
    return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE - 1) + "…";
  }

  /// What the answers of the client prove.
  ///
  /// @param ran whether the mark is there that only the forbidden call leaves
  /// @param end how the client ended, for people
  List<Finding> judge(
      Optional<ScriptedModel.Result> forbidden,
      Optional<ScriptedModel.Result> harmless,
      boolean ran,
      String end) {
    List<Finding> findings = new ArrayList<>();
    if (ran) {
      findings.add(
          open("a call that must be denied ran" + forbidden.map(this::quotedResult).orElse("")));
    } else if (forbidden.isEmpty()) {
      findings.add(silent("the client made no call", end));
      return findings;
    } else {
      findings.add(denial(forbidden.get()));
    }
    findings.add(
        harmless.map(this::passing).orElseGet(() -> silent("the client made one call only", end)));
    return findings;
  }

  private String quotedResult(ScriptedModel.Result result) {
    return "; the client said: " + quoted(result.text());
  }

  private Finding denial(ScriptedModel.Result result) {
    Matcher ours = OURS.matcher(result.text());
    if (!result.error()) {
      return open("a call that must be denied was answered" + quotedResult(result));
    }
    if (ours.find()) {
      return Finding.good(
          FindingCode.CLIENT_DENY,
          "in %s a call was denied by this machine's daemon (rule %s, id %s) and did not run"
              .formatted(client.program(), ours.group(1), ours.group(2)));
    }
    if (hookFailed(result)) {
      return Finding.bad(
          FindingCode.CLIENT_DENY,
          "a call was denied, but not by a decision of the daemon: its hook failed"
              + quotedResult(result),
          DAEMON);
    }
    return open(
        "no hook denied a call that must be denied; it was refused otherwise"
            + quotedResult(result));
  }

  private static boolean hookFailed(ScriptedModel.Result result) {
    return result.text().contains("hook error") && !OURS.matcher(result.text()).find();
  }

  private Finding passing(ScriptedModel.Result result) {
    return !result.error() && result.text().contains(token)
        ? Finding.good(
            FindingCode.CLIENT_PASS, "in %s a harmless call passed".formatted(client.program()))
        : Finding.bad(
            FindingCode.CLIENT_PASS,
            "a harmless call did not pass" + quotedResult(result),
            objection(result));
  }

  private static String objection(ScriptedModel.Result result) {
    if (hookFailed(result)) {
      return DAEMON;
    }
    return HookProbe.decisionId(result.text())
        .map(ProbedWay::explain)
        .orElse("look for deny rules of Read in the managed settings");
  }

  private static Finding open(String cause) {
    return Finding.bad(
        FindingCode.CLIENT_OPEN,
        cause,
        "the gate is open: repair what else is found here, then make the settings again: skillwarden claude settings");
  }

  private static Finding silent(String what, String end) {
    return Finding.bad(
        FindingCode.CLIENT_SILENT,
        "%s: %s".formatted(what, end),
        "start the client by hand; it says which setting it refuses");
  }
}
