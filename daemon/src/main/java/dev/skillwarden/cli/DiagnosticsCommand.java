package dev.skillwarden.cli;

import dev.skillwarden.daemon.Home;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "diagnostics",
    mixinStandardHelpOptions = true,
    description = {
      "Puts into one zip file what a support ticket needs: version, doctor, status, configuration,"
          + " the end of the log, and what the journal counts. Secrets are taken out; keys, commands,"
          + " prompts and skills are not in it. Look into it before you give it away."
    })
final class DiagnosticsCommand implements Callable<Integer> {
  private static final int MOST_BYTES = 256 << 10;
  private static final int MOST_LINES = 100_000;

  @Spec private CommandSpec spec;
  @Mixin private HomeOption home;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The zip file; one that is there is not replaced (default: named by the time).")
  private @Nullable Path out;

  @Option(
      names = "--log-lines",
      paramLabel = "N",
      description = "Lines of the log, from its end, 0 to 100000 (default: ${DEFAULT-VALUE}).")
  private int logLines = 500;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (logLines < 0 || logLines > MOST_LINES) {
      err.println("--log-lines wants 0 to %d, found %d".formatted(MOST_LINES, logLines));
      return ExitCode.USAGE;
    }
    Instant now = InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS);
    Path file =
        out == null
            ? Path.of("skillwarden-diagnostics-%s.zip".formatted(now.toString().replace(":", "")))
            : out;
    if (Files.exists(file)) { // before the checks, which take a while
      return taken(file);
    }
    Map<String, String> parts = parts(now);
    try {
      write(file, parts);
    } catch (FileAlreadyExistsException e) {
      return taken(file);
    }
    PrintWriter said = spec.commandLine().getOut();
    said.println("wrote %s, for you to look into before you give it away:".formatted(file));
    parts.forEach((name, text) ->
        said.println(
            "  %-28s %,d bytes".formatted(name, text.getBytes(StandardCharsets.UTF_8).length)));
    return ExitCode.DONE;
  }

  private int taken(Path file) {
    spec.commandLine().getErr().println(file + " is there already; name another file with --out");
    return ExitCode.USAGE;
  }

  /// Name → text, without secrets.
  private Map<String, String> parts(Instant now) throws IOException {
    Home place = home.home();
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("about.json", about(place, now));
    parts.put("doctor.json", verb(Stream.of("doctor", "--format", "json"), home.arguments()));
    parts.put("status.json", verb(Stream.of("status", "--format", "json"), home.arguments()));
    List<String> root = List.of("--home", place.root().toString());
    parts.put("journal-stats.json", verb(Stream.of("journal", "stats", "--format", "json"), root));
    parts.put("journal-verify.txt", verb(Stream.of("journal", "verify"), root));
    for (Path configured : configuration(place)) {
      parts.put("config/" + place.config().relativize(configured), text(configured));
    }
    parts.put("log.txt", log(place));
    parts.replaceAll((name, text) -> Redactor.withoutSecrets(text));
    return parts;
  }

  private static String about(Home place, Instant now) {
    return Json.pretty(
        Json.object()
            .put("made", now.toString())
            .put("version", VersionCommand.current())
            .put("mode", place.isSystem() ? "system" : "user")
            .put("home", place.toString())
            .put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"))
            .put("architecture", System.getProperty("os.arch"))
            .put("java", System.getProperty("java.runtime.version"))
            .put("processors", Runtime.getRuntime().availableProcessors()));
  }

  /// What a verb of this program prints, problems after it.
  private static String verb(Stream<String> verb, List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = Stream.concat(verb, arguments.stream()).toArray(String[]::new);
    int code = Main.run(all, new PrintWriter(out, true), new PrintWriter(err, true));
    return out + (err.toString().isEmpty() ? "" : "%nexit code %d: %s".formatted(code, err));
  }

  private static List<Path> configuration(Home place) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path file : List.of(place.configFile(), place.policyFile(), place.organizationFile())) {
      if (Files.exists(file)) {
        files.add(file);
      }
    }
    if (Files.isDirectory(place.configDropIns())) {
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(place.configDropIns(), "*.yaml")) {
        TreeSet<Path> sorted = new TreeSet<>();
        found.forEach(sorted::add);
        files.addAll(sorted);
      }
    }
    return files;
  }

  private static String text(Path file) {
    try {
      long size = Files.size(file);
      return size > MOST_BYTES
          ? "left out: %,d bytes".formatted(size)
          : new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }

  private String log(Home place) {
    if (place.isSystem()) {
      return "the service manager keeps it: journalctl -u skillwarden\n";
    }
    Deque<String> last = new ArrayDeque<>();
    try (Stream<String> lines = Files.lines(place.log(), StandardCharsets.ISO_8859_1)) {
      lines.forEach(line -> {
        last.add(line);
        if (last.size() > logLines) {
          last.remove();
        }
      });
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
    return String.join("\n", last) + "\n";
  }

  /// The file is made and written in one go: between two steps its name could come to mean another.
  private static void write(Path file, Map<String, String> parts) throws IOException {
    FileAttribute<?>[] mode =
        file.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try (SeekableByteChannel channel =
            Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode);
        ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel))) {
      for (Map.Entry<String, String> part : parts.entrySet()) {
        zip.putNextEntry(new ZipEntry(part.getKey()));
        zip.write(part.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
  }
}
