package dev.skillwarden.effect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InlineCodeTest {
  private static final List<String> LANGUAGES =
      List.of(
          "python",
          "node",
          "perl",
          "ruby",
          "php",
          "lua",
          "awk",
          "osascript",
          "rscript",
          "julia",
          "groovy",
          "elixir");

  private static final List<String> SHAPES =
      List.of(
          "(",
          "[",
          "{",
          "f(",
          "a.b",
          "a+",
          "x=x+x;",
          "'a'+",
          "\"",
          "'",
          "`",
          "/",
          "\\",
          "${",
          "#{",
          "{{",
          "f\"{",
          "[f(x) for x in [",
          "[[",
          "--[[",
          "/*",
          "<<A\n",
          "q{",
          "%w[",
          "for x in y:",
          "a=>",
          "(a)=>",
          "x|",
          "import a as b;",
          "const {a} = ",
          "os.system(",
          "=begin\n",
          "r'''",
          "\"\"\"",
          "@{",
          "$",
          "\uD800",
          "a ? b : ",
          "do shell script ");

  static Stream<Arguments> nasty() {
    return LANGUAGES.stream()
        .flatMap(language -> SHAPES.stream().map(shape -> Arguments.of(language, shape)));
  }

  /// Nothing hangs or overflows, with code as long as is looked at; a busy machine may take its
  /// time.
  @ParameterizedTest
  @MethodSource("nasty")
  void endsOnNastyCode(String language, String shape) {
    String code = shape.repeat(InlineCode.MAX_LENGTH / shape.length());
    long start = System.nanoTime();
    assertTrue(InlineCode.scan(language, code, sink()));
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertTrue(millis < 2_000, () -> millis + " ms");
  }

  @Test
  void saysWhenCodeIsLongerThanItLooks() {
    assertFalse(InlineCode.scan("python", "x".repeat(InlineCode.MAX_LENGTH + 1), sink()));
  }

  @Test
  void effectsStandInTheOrderOfTheCode() {
    ShellAnalyzer.Analysis analysis =
        ShellAnalyzer.analyze(
            "python3 -c 'open(\"a\"); import os; os.remove(\"b\"); open(\"c\", \"w\")'",
            new ShellAnalyzer.Context(
                Path.of("/w"), Path.of("/home/dev"), Map.of(), FileView.NONE, Map.of()));
    assertEquals(
        List.of("Read /w/a", "Delete /w/b", "Write /w/c"),
        analysis.effects().stream().map(InlineCodeTest::shown).toList());
  }

  private static String shown(Effect effect) {
    return switch (effect) {
      case Effect.Read r -> "Read " + r.path();
      case Effect.Delete d -> "Delete " + d.path();
      case Effect.Write w -> "Write " + w.path();
      default -> effect.toString();
    };
  }

  /// Takes everything and does nothing.
  private static CodeSink sink() {
    return (CodeSink)
        java.lang.reflect.Proxy.newProxyInstance(
            CodeSink.class.getClassLoader(),
            new Class<?>[] {CodeSink.class},
            (proxy, method, arguments) -> null);
  }
}
