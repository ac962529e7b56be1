package dev.skillwarden.redact;

import com.google.re2j.Matcher;
import java.util.List;

/// A secret that is known by the name before it. The name is found by plain search; what follows is
/// matched only there, on a bounded piece, so the whole stays linear.
///
/// @param keyword lower case text found in any case
/// @param pattern matched from the keyword on; the secret is group 1
/// @param context lower case words, one of which must stand before in the same simple command; none
///   means anywhere
record CredentialRule(String label, String keyword, LazyPattern pattern, List<String> context) {
  /// Longest secret looked at; one that is longer is taken to the end of its word.
  private static final int LONGEST = 1024;

  /// How far back the program of the command is looked for.
  private static final int CONTEXT = 512;

  /// A quoted string or a shell word that does not begin as an expansion, which is a name and no
  /// secret.
  private static final String VALUE =
      "(\\\\?\"[^\"\\\\\\s$][^\"\\\\\\n]{0,900}|'[^'\\n]{1,900}|[^\\s\"'$`<>|&;(){}\\[\\],=\\\\][^\\s\"'`|&;<>(){},]{0,900})";

  /// What may stand between a name and its value: `=`, or a colon after which a quoted value or,
  /// after a quoted name, any value follows.
  private static final String ASSIGNED =
      "(?i)NAME(?:=|\\\\?[\"']\\s{0,4}[:=]\\s{0,4}|\\s{1,4}=\\s{1,4}|\\s{0,4}:\\s{1,4})" + VALUE;

  static final List<CredentialRule> ALL =
      List.of(
          assigned("password", "password"),
          assigned("password", "passwd"),
          assigned("password", "pwd"),
          assigned("password", "passphrase"),
          assigned("password", "pgpass"),
          assigned("secret", "secret"),
          assigned("token", "token"),
          assigned("api-key", "api_key"),
          assigned("api-key", "api-key"),
          assigned("api-key", "apikey"),
          assigned("secret", "access_key"),
          assigned("secret", "access-key"),
          assigned("secret", "accountkey"),
          assigned("secret", "private_key"),
          assigned("secret", "secret_key"),
          option("password", "--password"),
          option("password", "--passwd"),
          option("password", "--passphrase"),
          option("token", "--token"),
          option("token", "--auth-token"),
          option("token", "--access-token"),
          option("api-key", "--api-key"),
          option("secret", "--secret"),
          option("secret", "--client-secret"),
          rule(
              "authorization",
              "authorization",
              "(?i)authorization[\"']?\\s{0,4}[:=]\\s{0,4}[\"']?(?:bearer|basic|token|digest|negotiate)\\s{1,4}([^\\s\"'$`][^\\s\"'`]{0,900})"),
          rule(
              "authorization",
              "authorization",
              "(?i)authorization[\"']?\\s{0,4}[:=]\\s{0,4}[\"']?([^\\s\"'$`][^\\s\"'`]{0,900})(?:[\"'\\n]|$)"),
          rule("authorization", "bearer ", "(?i)bearer ([A-Za-z0-9_.~+/=-]{16,900})"),
          rule(
              "token",
              "private-token",
              "(?i)private-token\\s{0,4}:\\s{0,4}([^\\s\"'$][^\\s\"']{0,900})"),
          rule("cookie", "cookie:", "(?i)cookie:\\s{0,4}([^\\s\"'$][^\"'\\n]{0,900})"),
          rule(
              "url-password", "://", "://[^\\s/@:\"'\\[]{0,200}:([^\\s/@\"'$][^\\s/@\"']{0,400})@"),
          rule("url-password", "://", "://([A-Za-z0-9_-]{20,400})@"),
          in(
              "password",
              "-u",
              "-u\\s{0,4}[\"']?[^\\s:\"'$]{1,200}:([^\\s\"'$][^\\s\"']{0,400})",
              "curl",
              "wget",
              "http ",
              "https ",
              "xh "),
          in(
              "password",
              "--user",
              "--user[\\s=]{1,4}[\"']?[^\\s:\"'$]{1,200}:([^\\s\"'$][^\\s\"']{0,400})",
              "curl"),
          in(
              "password",
              "-p",
              "-p([^\\s\"'$-][^\\s\"']{0,400}|\"[^\"$]{1,400}|'[^']{1,400})",
              "mysql",
              "mariadb"),
          in(
              "password",
              "-p",
              "-p\\s{0,4}([^\\s\"'$-][^\\s\"']{0,400}|\"[^\"$]{1,400}|'[^']{1,400})",
              "sshpass",
              "docker login",
              "podman login"),
          in(
              "password",
              "-a",
              "-a\\s{1,4}([^\\s\"'$-][^\\s\"']{0,400}|\"[^\"$]{1,400}|'[^']{1,400})",
              "redis-cli"));

  private static CredentialRule assigned(String label, String name) {
    return rule(label, name, ASSIGNED.replace("NAME", name));
  }

  /// The value in the next word; the value after `=` is an assignment already.
  private static CredentialRule option(String label, String name) {
    return rule(
        label,
        name,
        name
            + "\\s{1,4}(\"[^\"$\\n]{1,900}|'[^'\\n]{1,900}|[^\\s\"'$`<>|&;(-][^\\s\"'`|&;<>]{0,900})");
  }

  private static CredentialRule rule(String label, String keyword, String pattern) {
    return new CredentialRule(label, keyword, new LazyPattern(pattern), List.of());
  }

  private static CredentialRule in(
      String label, String keyword, String pattern, String... programs) {
    return new CredentialRule(label, keyword, new LazyPattern(pattern), List.of(programs));
  }

  /// Adds every secret of this kind that begins within the window.
  ///
  /// @param window the text searched
  /// @param lower `window` with ASCII letters in lower case
  /// @param offset position of the window in the whole text
  void find(String window, String lower, int offset, List<Hit> hits) {
    int at = lower.indexOf(keyword);
    while (at >= 0) {
      int next = at + keyword.length();
      if (fits(lower, at)) {
        Matcher matcher =
            pattern.matcher(window.substring(at, Math.min(window.length(), at + LONGEST)));
        if (matcher.lookingAt() && matcher.start(1) >= 0) {
          int start = afterQuote(window, at + matcher.start(1));
          int end = at + matcher.end(1);
          if (start < end) {
            hits.add(new Hit(offset + start, offset + end, label));
            next = end;
          }
        }
      }
      at = lower.indexOf(keyword, next);
    }
  }

  private static int afterQuote(String text, int start) {
    int first = start;
    while (text.charAt(first) == '\\' || text.charAt(first) == '"' || text.charAt(first) == '\'') {
      first++;
    }
    return first;
  }

  private boolean fits(String lower, int at) {
    if (context.isEmpty()) {
      return true;
    }
    if (at > 0 && !Character.isWhitespace(lower.charAt(at - 1))) {
      return false;
    }
    int begin = at;
    int earliest = Math.max(0, at - CONTEXT);
    while (begin > earliest && ";|&\n".indexOf(lower.charAt(begin - 1)) < 0) {
      begin--;
    }
    String command = lower.substring(begin, at);
    return context.stream().anyMatch(command::contains);
  }
}
