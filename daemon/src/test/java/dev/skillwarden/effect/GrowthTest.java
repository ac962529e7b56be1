package dev.skillwarden.effect;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Nothing explodes: nasty commands of 8 KiB end far below a second on a machine that is busy with
/// other things. How long they take on an idle one, and how that grows, is for the benchmark, see
/// docs/performance.md.
class GrowthTest {
  private static final int EIGHT_KIB = 8 << 10;
  private static final long LIMIT_MILLIS = 400;

  static final List<String> SHAPES =
      List.of(
          "$(",
          "$((",
          "`",
          "\\`",
          "${x:-",
          "((",
          "( ",
          "{ ",
          "\"",
          "'",
          "\"$(",
          "$'\\x41",
          "a|",
          "a;",
          "a&&",
          "env ",
          "sudo ",
          "bash -c '",
          "eval ",
          "xargs ",
          "<(",
          ">(",
          "<<A\n",
          "<<'A' <<B\n",
          "a=b ",
          "a=$a$a;",
          "x+=x;",
          "{a,b}",
          "{a,{",
          "{1..9}",
          "[[ ( ",
          "[[ a && ",
          "case a in a) ",
          "if a; then ",
          "while a; do ",
          "for i in a; do ",
          "f() { ",
          "a() { a|a& };",
          ">f ",
          "2>&1 ",
          "a[",
          "a=(",
          "$[",
          "!(a|",
          "*",
          "?",
          "../",
          "~/",
          "\\\n",
          "\r\n",
          "\u0000",
          "\uD800",
          "#",
          "time ",
          "! ",
          "coproc ",
          "function f ",
          "&",
          "cd a;",
          "rm -rf a;",
          "find . -exec ",
          "python -c '",
          "ssh a ",
          "git -c a=b ",
          "alias a=b;",
          "trap a 0;",
          "source a;",
          "echo a>b;");

  static Stream<String> shapes() {
    return SHAPES.stream();
  }

  private static ShellAnalyzer.Context context() {
    return new ShellAnalyzer.Context(
        Path.of("/w"), Path.of("/home/dev"), Map.of("HOME", "/home/dev"), FileView.NONE, Map.of());
  }

  private static long bestMillis(Runnable work) {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 4 && best > LIMIT_MILLIS; i++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, (System.nanoTime() - start) / 1_000_000);
    }
    return best;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void eightKibEndSoon(String shape) {
    String text = shape.repeat(EIGHT_KIB / shape.length());
    long bash = bestMillis(() -> ShellAnalyzer.analyze(text, context()));
    assertTrue(bash <= LIMIT_MILLIS, () -> "bash: " + bash + " ms");
    String last = text + "\nrm -rf /";
    long payload = bestMillis(() -> ShellAnalyzer.analyze(last, context()));
    assertTrue(payload <= LIMIT_MILLIS, () -> "with a payload: " + payload + " ms");
    long power = bestMillis(() -> ShellAnalyzer.analyzePowerShell(text, context()));
    assertTrue(power <= LIMIT_MILLIS, () -> "PowerShell: " + power + " ms");
  }

  /// Random mixtures of the shapes neither fail nor take long.
  @Test
  void mixturesEnd() {
    long seed = Long.getLong("fuzz.seed", 7);
    int rounds = Integer.getInteger("fuzz.rounds", 1_500);
    Random random = new Random(seed);
    List<String> slow = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      StringBuilder text = new StringBuilder();
      while (text.length() < 2_000) {
        String shape = SHAPES.get(random.nextInt(SHAPES.size()));
        text.append(shape.repeat(1 + random.nextInt(6)));
        text.append(random.nextInt(4) == 0 ? ") }; done; fi\n" : "a ");
      }
      String command = text.toString();
      long millis =
          bestMillis(() -> {
            ShellAnalyzer.analyze(command, context());
            ShellAnalyzer.analyzePowerShell(command, context());
          });
      if (millis > LIMIT_MILLIS) {
        slow.add("seed %d round %d: %d ms".formatted(seed, round, millis));
      }
    }
    assertTrue(slow.isEmpty(), slow::toString);
  }
}
