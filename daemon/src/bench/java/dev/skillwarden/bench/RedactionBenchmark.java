package dev.skillwarden.bench;

import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

/// Taking secrets out of the commands of a file, each on its own or many in one text of 8 KiB.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class RedactionBenchmark {
  private static final int TEXTS = 200;

  /// JSON Lines in the format of `policy test`.
  @Param("")
  public String cases;

  private final List<String> commands = new ArrayList<>();
  private final List<String> dense = new ArrayList<>();
  private int next;

  @Setup
  public void read() throws Exception {
    for (String line : Files.readAllLines(Path.of(cases))) {
      JsonNode command = Json.parse(cases, line).path("input").path("command");
      if (command.isString()) {
        commands.add(command.stringValue());
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < TEXTS; i++) {
      StringBuilder text = new StringBuilder();
      while (text.length() < Redactor.LIMIT) {
        text.append(commands.get(random.nextInt(commands.size()))).append('\n');
      }
      dense.add(text.substring(0, Redactor.LIMIT));
    }
  }

  @Benchmark
  public String oneCommand() {
    return Redactor.redact(commands.get(Math.floorMod(next++, commands.size())));
  }

  @Benchmark
  public String commandsOf8KiB() {
    return Redactor.redact(dense.get(Math.floorMod(next++, TEXTS)));
  }
}
