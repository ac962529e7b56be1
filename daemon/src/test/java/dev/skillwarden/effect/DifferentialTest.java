package dev.skillwarden.effect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.shell.Braces;
import dev.skillwarden.shell.ShellParser;
import dev.skillwarden.shell.ShellSyntaxException;
import dev.skillwarden.shell.Syntax;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compares with bash itself: what it accepts parses, and literal words are what it prints for
/// them. Scripts are only read (`bash -n`); the words that are printed come from a generator that
/// can make nothing but quotes, braces and escapes.
class DifferentialTest {
  private static final long SEED = Long.getLong("fuzz.seed", 11);

  @TempDir private Path empty;

  private static void needsBash() {
    boolean there = Files.isExecutable(Path.of("/bin/bash"));
    boolean required = "1".equals(System.getenv("SKILLWARDEN_REQUIRE_CLIENT"));
    Assumptions.assumeTrue(there || required, "bash is not installed");
  }

  private byte[] run(byte[] input, String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("env", "-i", "LC_ALL=C.UTF-8"));
    all.addAll(List.of(command));
    Process process =
        new ProcessBuilder(all)
            .directory(empty.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try (OutputStream out = process.getOutputStream()) {
                out.write(input);
              } catch (IOException e) {
                process.destroy(); // it ended early: the answer shows that
              }
            });
    byte[] output = process.getInputStream().readAllBytes();
    process.waitFor();
    writer.join();
    return output;
  }

  /// For each script, whether bash accepts it.
  private List<Boolean> accepted(List<String> scripts) throws IOException, InterruptedException {
    byte[] input = (String.join("\0", scripts) + "\0").getBytes(StandardCharsets.UTF_8);
    String loop =
        "while IFS= read -r -d '' s; do if printf %s \"$s\" | /bin/bash --norc -n; then echo y;"
            + " else echo n; fi; done";
    String answer =
        new String(run(input, "/bin/bash", "--norc", "-c", loop), StandardCharsets.UTF_8);
    List<Boolean> accepted = answer.lines().map("y"::equals).toList();
    assertEquals(scripts.size(), accepted.size());
    return accepted;
  }

  private void parsesWhatBashAccepts(List<String> scripts, int atLeast)
      throws IOException, InterruptedException {
    List<Boolean> accepted = accepted(scripts);
    List<String> refused = new ArrayList<>();
    for (int i = 0; i < scripts.size(); i++) {
      if (accepted.get(i)) {
        try {
          ShellParser.parse(scripts.get(i));
        } catch (ShellSyntaxException e) {
          refused.add(e.getMessage() + ": " + scripts.get(i).replace("\n", "\\n"));
        }
      }
    }
    long valid = accepted.stream().filter(a -> a).count();
    assertTrue(refused.isEmpty(), () -> String.join("\n", refused));
    assertTrue(valid >= atLeast, () -> "bash accepts only " + valid);
  }

  @Test
  void whatBashAcceptsParses() throws IOException, InterruptedException {
    needsBash();
    try (InputStream in = DifferentialTest.class.getResourceAsStream("/shell/scripts.txt")) {
      if (in == null) {
        throw new IOException("scripts.txt is missing");
      }
      List<String> scripts =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(DifferentialTest::unescaped)
              .toList();
      parsesWhatBashAccepts(scripts, scripts.size());
    }
  }

  private static String unescaped(String line) {
    return line.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\");
  }

  @Test
  void generatedScriptsParse() throws IOException, InterruptedException {
    needsBash();
    Random random = new Random(SEED);
    List<String> scripts = new ArrayList<>();
    int rounds = Integer.getInteger("fuzz.scripts", 600);
    for (int i = 0; i < rounds; i++) {
      scripts.add(new Scripts(random).list(3));
    }
    parsesWhatBashAccepts(scripts, rounds / 2);
  }

  /// Makes scripts of the whole grammar.
  private static final class Scripts {
    private final Random random;

    Scripts(Random random) {
      this.random = random;
    }

    private String any(String... choices) {
      return choices[random.nextInt(choices.length)];
    }

    String list(int depth) {
      StringBuilder text = new StringBuilder(pipeline(depth));
      for (int i = random.nextInt(3); i > 0; i--) {
        boolean line = text.charAt(text.length() - 1) == '\n'; // a here-document ended
        text.append(line ? "" : any(" ; ", "\n", " && ", " || ", " &\n", ";", "\n\n# c\n"));
        text.append(pipeline(depth));
      }
      return text.toString();
    }

    String pipeline(int depth) {
      String first = any("", "", "", "! ", "time ") + command(depth);
      boolean more = random.nextInt(4) == 0 && !first.endsWith("\n");
      return more ? first + any(" | ", "|\n", " |& ") + command(depth) : first;
    }

    String command(int depth) {
      if (depth == 0) {
        return simple(0);
      }
      int d = depth - 1;
      return switch (random.nextInt(16)) {
        case 0 -> "{ " + list(d) + "\n}" + redirects();
        case 1 -> "(" + list(d) + "\n)" + redirects();
        case 2 ->
            "if "
                + list(d)
                + "\nthen "
                + list(d)
                + "\n"
                + any("", "else " + list(d) + "\n", "elif a; then b\n")
                + "fi";
        case 3 -> any("while ", "until ") + list(d) + "\ndo " + list(d) + "\ndone" + redirects();
        case 4 ->
            "for i"
                + any(" in " + word(d) + " " + word(d), " in", "")
                + any(";", "\n")
                + " do "
                + list(d)
                + "\ndone";
        case 5 -> "for ((i=0; i<3; i++)); do " + list(d) + "\ndone";
        case 6 ->
            "case "
                + word(d)
                + " in "
                + any("", "(")
                + "a|"
                + word(0)
                + ") "
                + list(d)
                + "\n;; *) ;; esac";
        case 7 -> any("f() ", "function g ", "function h() ", "f ()\n") + "{ " + list(d) + "\n}";
        case 8 -> "[[ " + test(d) + " ]]";
        case 9 -> "(( " + arithmetic(d) + " ))";
        case 10 -> "a=(" + word(d) + " " + word(d) + any("", "\n", " # c\n") + ")";
        case 11 -> any("coproc ", "coproc N ") + "{ " + list(d) + "\n}";
        default -> simple(depth);
      };
    }

    String simple(int depth) {
      StringBuilder text = new StringBuilder(any("", "", "x=1 ", "y=" + word(depth) + " "));
      text.append(any("echo", "a", "cat", "b"));
      for (int i = random.nextInt(4); i > 0; i--) {
        text.append(' ').append(word(depth));
      }
      text.append(redirects());
      if (random.nextInt(10) == 0) {
        text.append(any(" <<E\nt $x\nE\n", " <<'E'\n$(\nE\n", " <<-E\n\tt\n\tE\n"));
      }
      return text.toString();
    }

    String redirects() {
      return any(
          "",
          "",
          "",
          " > f",
          " 2>&1",
          " >> f 2> g",
          " < f",
          " <<< \"a b\"",
          " &> f",
          " {v}> f",
          " >&-");
    }

    String word(int depth) {
      String text = "";
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        text += piece(depth);
      }
      return text;
    }

    String piece(int depth) {
      if (depth == 0) {
        return any(
            "a", "b1", "'c d'", "\"e f\"", "\\g", "$x", "${y}", "*", "{a,b}", "~", "$'\\n'", "é",
            "\"\"", "=", "a/b", "-n", ":", "%", "@", "^", "1");
      }
      int d = depth - 1;
      return switch (random.nextInt(14)) {
        case 0 -> "$(" + list(d) + "\n)";
        case 1 -> "\"$(" + list(d) + "\n)\"";
        case 2 -> "`" + any("echo a", "b c") + "`";
        case 3 ->
            "${x"
                + any(":-", "-", ":+", "#", "%%", "/", "//a/", ":1", ":1:2", "^^", "@Q")
                + any("", "", "a")
                + "}";
        case 4 -> "${x:-" + word(d) + "}";
        case 5 -> "\"${x:-" + any("a b", "'", "\"c d\"", "$y") + "}\"";
        case 6 -> "$((" + arithmetic(d) + "))";
        case 7 -> any("<(", ">(") + list(d) + "\n)";
        case 8 -> "${a[" + any("0", "@", "$i", "i+1") + "]}";
        default -> piece(0);
      };
    }

    String arithmetic(int depth) {
      return any("1", "x", "$x", "(1 + 2)", "a[1]", "x++", "16#ff")
          + any("", " + 2", " << 1", " > 1 && 2", " ? 1 : 2", " * (3)")
          + (depth > 0 && random.nextInt(5) == 0 ? " + $((" + arithmetic(depth - 1) + "))" : "");
    }

    String test(int depth) {
      return any(
              "a == b",
              "-f x",
              "! -n $y",
              "$x =~ ^a+$",
              "( a < b )",
              "a && b",
              "x || ! y",
              "-z \"\"",
              "$a == *.txt",
              "1 -eq 1",
              "$x =~ (a|b)c")
          + (depth > 0 && random.nextInt(4) == 0 ? " && " + test(depth - 1) : "");
    }
  }

  /// Words of quotes, escapes and braces only: bash prints what we expand them to.
  @Test
  void literalWordsAreWhatBashPrints()
      throws IOException, InterruptedException, ShellSyntaxException {
    needsBash();
    Random random = new Random(SEED);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      words.add(literal(random));
    }
    StringBuilder script = new StringBuilder("set -f\n");
    for (String word : words) {
      script.append("printf '%s\\0' ").append(word).append("; printf '\\1\\0'\n");
    }
    String printed =
        new String(
            run(
                script.toString().getBytes(StandardCharsets.UTF_8),
                "/bin/bash",
                "--norc",
                "--restricted"),
            StandardCharsets.UTF_8);
    List<String> expected =
        Arrays.stream(printed.split("\u0001\0", -1)).limit(words.size()).toList();
    assertEquals(words.size(), expected.size());
    List<String> different = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      StringBuilder own = new StringBuilder();
      for (Value value : expanded(words.get(i))) {
        own.append(value.text()).append('\0');
      }
      // More words than the budget of braces are told as such, not made.
      boolean over = expected.get(i).chars().filter(c -> c == 0).count() > Braces.MAX_WORDS;
      if (!over && !own.toString().equals(expected.get(i))) {
        different.add(
            "%s: bash %s, we %s"
                .formatted(words.get(i), shown(expected.get(i)), shown(own.toString())));
      }
    }
    assertTrue(
        different.isEmpty(),
        () ->
            different.size()
                + " differ\n"
                + String.join("\n", different.subList(0, Math.min(40, different.size()))));
  }

  private static String shown(String text) {
    return text.replace("\0", "|").replace("\n", "\\n");
  }

  private static List<Value> expanded(String word) throws ShellSyntaxException {
    Syntax syntax = ShellParser.parse("x " + word);
    if (!(syntax instanceof Syntax.Simple simple)) {
      throw new AssertionError("no simple command: " + word);
    }
    return ShellAnalyzer.words(
        simple.words().subList(1, simple.words().size()),
        new ShellAnalyzer.Context(
            Path.of("/w"), Path.of("/home/dev"), Map.of(), FileView.NONE, Map.of()));
  }

  private static String literal(Random random) {
    StringBuilder word = new StringBuilder("w");
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      word.append(part(random, 2));
    }
    return word.toString();
  }

  private static String part(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 7 : 11)) {
      case 0 -> "ab";
      case 1 -> "'c d;|&'";
      case 2 -> "\"e \\\\ \\\" f'\"";
      case 3 -> "\\" + " ;&|()<>'\"\\ax{},".charAt(random.nextInt(16));
      case 4 -> "$'\\t\\x41\\101\\u00e9\\'\\\\\\\"\\e\\a\\b\\f\\v\\cA\\z'";
      case 5 -> "\"\"";
      case 6 -> ",";
      case 7 -> "{" + part(random, depth - 1) + "," + part(random, depth - 1) + "}";
      case 8 -> "{" + random.nextInt(5) + ".." + random.nextInt(12) + "}";
      case 9 -> "{" + part(random, depth - 1) + "}";
      default -> "{a..e" + (random.nextBoolean() ? "..2" : "") + "}";
    };
  }
}
