package dev.skillwarden.effect;

import java.util.Optional;
import java.util.regex.Pattern;

/// What inline code of other languages does, as far as it says so itself.
final class InlineCode {
  /// Longest code looked at, in characters.
  static final int MAX_LENGTH = 64 << 10;

  private InlineCode() {}

  /// Tells the sink what the code does; whether all of it was looked at.
  static boolean scan(String language, String code, CodeSink sink) {
    String text = code.length() > MAX_LENGTH ? code.substring(0, MAX_LENGTH) : code;
    if (language.equals("sed")) {
      if (SED_EXECUTES.matcher(text).matches()) {
        sink.executes(text);
      }
    } else {
      Optional<CodeDialect> dialect = CodeDialect.of(language);
      dialect.ifPresent(d -> CodeScanner.scan(text, d, sink));
    }
    return text.length() == code.length();
  }

  private static final Pattern SED_EXECUTES =
      Pattern.compile(
          "(?s)(\\d+|/[^/]*/)?s(.)(?:(?!\\2).)*\\2(?:(?!\\2).)*\\2[0-9gpiIm]*e[0-9gpiIm]*|\\d*e"
              + " .+");
}
