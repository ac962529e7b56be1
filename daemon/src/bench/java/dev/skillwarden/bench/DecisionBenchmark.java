package dev.skillwarden.bench;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.files.PathLookups;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolCall;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.text.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.databind.JsonNode;

/// One decision of the guard, the cases of a file in turn, warm.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class DecisionBenchmark {
  /// JSON Lines in the format of `policy test`.
  @Param("")
  public String cases;

  /// `none` takes paths as written; `machine` looks them up as the daemon does.
  @Param("none")
  public String files;

  private final PathLookups lookups =
      new PathLookups(Optional.empty(), "dev", account -> OptionalInt.empty());
  private final ToolPolicy policy =
      new ToolPolicy(PolicyFile.defaults(), new GuardedPaths(List.of(Path.of("/opt/w")), 7717));
  private final List<ToolCall> calls = new ArrayList<>();
  private final Instant now = Instant.now();
  private int next;

  @Setup
  public void read() throws Exception {
    for (String line : Files.readAllLines(Path.of(cases))) {
      JsonNode node = Json.parse(cases, line);
      Path cwd = Path.of(node.path("cwd").asString("/workspace"));
      Path home = Path.of(node.path("home").asString("/home/user"));
      calls.add(
          new ToolCall(
              node.path("tool").asString(""),
              node.path("input"),
              cwd,
              Path.of(node.path("project_root").asString(cwd.toString())),
              home,
              Map.of("HOME", home.toString(), "PWD", cwd.toString())));
    }
  }

  @Benchmark
  public ToolDecision decision() {
    next = next + 1 == calls.size() ? 0 : next + 1;
    return policy.decide(
        calls.get(next), files.equals("none") ? FileView.NONE : lookups.view("dev"), now);
  }
}
