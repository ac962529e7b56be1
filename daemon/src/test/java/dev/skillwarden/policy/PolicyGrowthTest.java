package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.text.Json;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Rules meet long paths, names and contents without overflow and without taking long.
class PolicyGrowthTest {
  private static final int LENGTH = 64 << 10;

  static Stream<String> shapes() {
    return Stream.of(
        "a/",
        "../",
        "./",
        "hooks/",
        "plugins/a/",
        ".github/workflows/",
        ".git/",
        ".claude/",
        "a",
        ".env.a",
        "a-",
        "a.",
        "secret-",
        "service-account-",
        "private-key-",
        "example.",
        "*",
        "[a]",
        "?/",
        "~/",
        "/proc/self/root",
        "C:\\",
        "é",
        "\uD800",
        "\uFFFF",
        "{\"command\":\"",
        "run: |\n a\n",
        "  - run: curl x\n",
        "\"hook",
        "AKIA",
        "eyJ.",
        "-----BEGIN ",
        "'",
        "\\");
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void longInputEndsSoon(String shape) {
    String text = shape.repeat(LENGTH / shape.length());
    String quoted = "'" + text.replace("'", "") + "'";
    for (String command :
        List.of("echo x > " + quoted, "cat " + quoted, "rm -rf " + quoted, "mv " + quoted + " b")) {
      decide("Bash", Json.object().put("command", command));
      decide("PowerShell", Json.object().put("command", command));
    }
    decide("Read", Json.object().put("file_path", text));
    decide("Write", Json.object().put("file_path", text).put("content", "x"));
    for (String file : List.of("package.json", ".github/workflows/a.yml", ".husky/a", "a.py")) {
      decide("Write", Json.object().put("file_path", file).put("content", text));
    }
    decide("mcp__fs__write_file", Json.object().put("path", text).put("content", text));
  }

  private static void decide(String tool, JsonNode input) {
    long start = System.nanoTime();
    TestCalls.decide(PolicyFile.defaults(), tool, input);
    long millis = (System.nanoTime() - start) / 1_000_000;
    String shown = input.toString();
    assertTrue(
        millis < 2_000,
        () ->
            "%s %s: %d ms"
                .formatted(tool, shown.substring(0, Math.min(80, shown.length())), millis));
  }
}
