package dev.skillwarden.effect;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Small scanners over inline code of other languages. Patterns, one pass each.
final class InlineCode {
  /// Longest code looked at, in characters.
  private static final int MAX_LENGTH = 64 << 10;

  private static final Pattern DELETES =
      Pattern.compile(
          "(?:shutil\\.rmtree|os\\.(?:remove|unlink|rmdir|removedirs)|rmSync|rmdirSync|unlinkSync|FileUtils\\.rm_rf?|File\\.delete|rmtree|unlink)\\s*\\(?\\s*\\[?\\s*[\"']([^\"']*)[\"']");
  private static final Pattern RUNS =
      Pattern.compile(
          "(?:os\\.system|os\\.popen|subprocess\\.\\w+|execSync|exec|spawnSync|system|popen|shell_exec|passthru|`)\\s*\\(?\\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`]*)`)");
  private static final Pattern OPENS =
      Pattern.compile(
          "(?:open|readFileSync|read_text|Path|File\\.read|file_get_contents)\\s*\\(\\s*(?:os\\.path\\.expanduser\\()?[\"']([^\"']*)[\"']");
  private static final Pattern WRITES =
      Pattern.compile(
          "(?:open\\s*\\(\\s*(?:os\\.path\\.expanduser\\()?[\"']([^\"']*)[\"']\\)?\\s*,\\s*[\"'][wax]|(?:writeFileSync|appendFileSync|File\\.write|file_put_contents)\\s*\\(\\s*[\"']([^\"']*)[\"'])");
  private static final Pattern EVALUATES = Pattern.compile("(?:exec|eval)\\s*\\(");
  private static final Pattern FETCHED =
      Pattern.compile("urlopen|requests\\.get|fetch\\(|http\\.get");
  private static final Pattern DECODED =
      Pattern.compile("b64decode|atob|fromhex|decompress|Buffer\\.from");
  private static final Pattern SOCKET = Pattern.compile("socket|TCPSocket|fsockopen");
  private static final Pattern SOCKET_SHELL =
      Pattern.compile("dup2|/bin/(?:ba)?sh|subprocess|pty\\.spawn|exec");
  private static final Pattern SED_EXECUTES =
      Pattern.compile(
          "(?s)(\\d+|/[^/]*/)?s(.)(?:(?!\\2).)*\\2(?:(?!\\2).)*\\2[0-9gpiIm]*e[0-9gpiIm]*|\\d*e"
              + " .+");

  private InlineCode() {}

  /// Tells the sink what the code does; whether all of it was looked at.
  static boolean scan(String language, String code, CodeSink sink) {
    String text = code.length() > MAX_LENGTH ? code.substring(0, MAX_LENGTH) : code;
    if (language.equals("sed")) {
      if (SED_EXECUTES.matcher(text).matches()) {
        sink.executes(text);
      }
      return text.length() == code.length();
    }
    for (Matcher m = DELETES.matcher(text); m.find(); ) {
      sink.delete(Value.of(m.group(1)), true, m.group());
    }
    for (Matcher m = RUNS.matcher(text); m.find(); ) {
      String run = m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : m.group(3);
      sink.shell(Value.of(run), m.group());
    }
    for (Matcher m = OPENS.matcher(text); m.find(); ) {
      sink.read(Value.of(m.group(1)), m.group());
    }
    for (Matcher m = WRITES.matcher(text); m.find(); ) {
      String path = m.group(1) == null ? m.group(2) : m.group(1);
      sink.write(Value.of(path), Value.unknown(Taints.NONE), m.group());
    }
    if (follows(text, EVALUATES, FETCHED)) {
      sink.foreign(CodeSink.Source.NETWORK, text);
    }
    if (follows(text, EVALUATES, DECODED)) {
      sink.foreign(CodeSink.Source.DECODED, text);
    }
    if (follows(text, SOCKET, SOCKET_SHELL)) {
      sink.reverseShell(text);
    }
    return text.length() == code.length();
  }

  /// Whether `second` occurs after the first `first`: one pass each, where one expression for both
  /// would start again at every `first`.
  private static boolean follows(String text, Pattern first, Pattern second) {
    Matcher begin = first.matcher(text);
    return begin.find() && second.matcher(text).region(begin.end(), text.length()).find();
  }
}
