package dev.skillwarden.bench;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.ShellAnalyzer;
import java.nio.file.Path;
import java.util.Map;
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

/// How analysis grows with nasty commands: shape by size.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class GrowthBenchmark {
  @Param({"8", "16", "32", "64"})
  public int kib;

  @Param({
    "nested",
    "pipes",
    "env",
    "no-ops",
    "braces",
    "redirects",
    "assignments",
    "word",
    "eval",
    "paths"
  })
  public String shape;

  private String command = "";

  private final ShellAnalyzer.Context context =
      new ShellAnalyzer.Context(
          Path.of("/w"),
          Path.of("/home/dev"),
          Map.of("HOME", "/home/dev"),
          FileView.NONE,
          Map.of());

  @Setup
  public void make() {
    int length = kib << 10;
    command =
        switch (shape) {
          case "nested" -> "rm -rf / ; " + "$(".repeat(length / 2);
          case "pipes" -> "a|".repeat(length / 2) + "a";
          case "env" -> "env ".repeat(length / 4) + "rm -rf /";
          case "no-ops" -> "true;".repeat(length / 5) + "rm -rf /";
          case "braces" -> "echo " + "{a,".repeat(length / 4) + "b" + "}".repeat(length / 4);
          case "redirects" -> "a" + " >f".repeat(length / 3);
          case "assignments" -> "x=$x$x;".repeat(length / 7) + "echo $x";
          case "word" -> "echo " + "a".repeat(length);
          case "eval" -> "eval ".repeat(length / 5) + "ls";
          case "paths" -> "cd a;".repeat(length / 5) + "rm -rf b";
          default -> throw new IllegalArgumentException(shape);
        };
  }

  @Benchmark
  public ShellAnalyzer.Analysis analysis() {
    return ShellAnalyzer.analyze(command, context);
  }
}
