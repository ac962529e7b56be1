package dev.skillwarden.redact;

import com.google.re2j.Matcher;
import java.util.List;
import java.util.Optional;

/// A secret that is known by the name before it. The name is found by plain search; what follows is
/// matched only there, on a bounded piece, so the whole stays linear.
///
/// @param keyword lower case text found in any case
/// @param pattern matched from the keyword on; the secret is group 1
/// @param place where the keyword counts
record CredentialRule(String label, String keyword, LazyPattern pattern, Place place)
    implements Rule {
  /// Longest secret looked at; one that is longer is taken to the end of its word.
  private static final int LONGEST = 1024;

  /// White space between a name and what says that a value follows.
  private static final int MAX_GAP = 4;

  /// Most words between a name and the end of its value, one of several words not counted: `" :
  /// "Basic value`.
  private static final int WORDS = 5;

  private enum Place {
    ANYWHERE,
    /// Where what follows may be an assignment.
    ASSIGNED,
    /// At the beginning of a word.
    WORD,
    /// After one more dash or none, and not within a word.
    OPTION,
    /// In an address that has an `@` before its path.
    USER_INFO
  }

  /// A quoted string or a shell word that does not begin as an expansion, which is a name and no
  /// secret.
  private static final String VALUE =
      "(\\\\?\"[^\"\\\\\\s$][^\"\\\\\\n]*|'[^'\\n]+|[^\\s\"'$`<>|&;(){}\\[\\],=\\\\][^\\s\"'`|&;<>(){},]*)";

  /// What may stand between a name and its value: `=`, or a colon after which a quoted value or,
  /// after a quoted name, any value follows.
  private static final String ASSIGNED =
      "(?i)NAME(?:=|\\\\?[\"']\\s{0,4}[:=]\\s{0,4}|\\s{1,4}=\\s{1,4}|\\s{0,4}:\\s{1,4})" + VALUE;

  private static final String NEXT_WORD =
      "\\s{1,4}(\"[^\"$\\n]+|'[^'\\n]+|[^\\s\"'$`<>|&;(-][^\\s\"'`|&;<>]*)";

  static final List<CredentialRule> ALL =
      List.of(
          assigned("password", "password"),
          assigned("password", "passwd"),
          assigned("password", "pwd"),
          assigned("password", "passphrase"),
          assigned("password", "pgpass"),
          assigned("password", "sshpass"),
          assigned("password", "_pass"),
          assigned("secret", "secret"),
          assigned("token", "token"),
          assigned("token", "_auth"),
          assigned("api-key", "api_key"),
          assigned("api-key", "api-key"),
          assigned("api-key", "apikey"),
          assigned("api-key", "subscription-key"),
          assigned("secret", "access_key"),
          assigned("secret", "access-key"),
          assigned("secret", "accountkey"),
          assigned("secret", "private_key"),
          assigned("secret", "secret_key"),
          option("password", "-password"),
          option("password", "-passwd"),
          option("password", "-passphrase"),
          option("password", "-password-command"),
          option("password", "-admin-password"),
          option("password", "-storepass"),
          option("password", "-keypass"),
          option("password", "-private-key-passphrase"),
          option("token", "-token"),
          option("token", "-auth-token"),
          option("token", "-access-token"),
          option("token", "-oauth2-bearer"),
          option("api-key", "-api-key"),
          option("api-key", "-apikey"),
          option("secret", "-secret"),
          option("secret", "-client-secret"),
          option("secret", "-secret-string"),
          option("secret", "-secret-key"),
          option("secret", "-account-key"),
          rule(
              "authorization",
              "authorization",
              "(?i)authorization[\"']?\\s{0,4}[:=]\\s{0,4}[\"']?(?:bearer|basic|token|digest|negotiate)\\s{1,4}([^\\s\"'$`][^\\s\"'`]*)"),
          rule(
              "authorization",
              "authorization",
              "(?i)authorization[\"']?\\s{0,4}[:=]\\s{0,4}[\"']?([^\\s\"'$`][^\\s\"'`]*)(?:[\"'\\n]|$)"),
          rule("authorization", "bearer ", "(?i)bearer ([A-Za-z0-9_.~+/=-]{16,})"),
          rule(
              "token", "private-token", "(?i)private-token\\s{0,4}:\\s{0,4}([^\\s\"'$][^\\s\"']*)"),
          rule("cookie", "cookie:", "(?i)cookie:\\s{0,4}([^\\s\"'$][^\"'\\n]*)"),
          url("://[^\\s/@:\"'\\[]*:([^\\s/@\"'$][^\\s/@\"']*)@"),
          url("://([A-Za-z0-9_-]{20,})@"),
          rule("url-signature", "?sig=", "(?i).sig=([A-Za-z0-9%+/=_-]{20,})"),
          rule("url-signature", "&sig=", "(?i).sig=([A-Za-z0-9%+/=_-]{20,})"),
          rule("url-signature", "x-amz-signature=", "(?i)x-amz-signature=([A-Fa-f0-9]{32,128})"),
          rule(
              "bot-token",
              "api.telegram.org/bot",
              "(?i)api.telegram.org/bot([0-9]+:[\\w-]{30,60})"),
          rule("discord-webhook", "/api/webhooks/", "(?i)/api/webhooks/[0-9]+/([\\w-]{40,100})"),
          rule(
              "teams-webhook",
              "/incomingwebhook/",
              "(?i)/incomingwebhook/([A-Fa-f0-9]{32}(?:/[\\w-]{1,80}){0,2})"),
          rule("terraform-token", ".atlasv1.", "(?i).atlasv1.([\\w-]{40,255})"),
          rule("azure-secret", "8q~", "8Q~([\\w.~-]{31,34})"),
          rule("secret", "aws_secret_access_key ", "(?i)aws_secret_access_key" + NEXT_WORD),
          rule("token", "aws_session_token ", "(?i)aws_session_token" + NEXT_WORD),
          word("password", "pass:", "(?i)pass:([^\\s\"'$`|&;<>][^\\s\"'`|&;<>]*)"),
          word("password", "/pass:", "(?i)/pass:([^\\s\"'$`|&;<>][^\\s\"'`|&;<>]*)"),
          word("password", "login ", "(?i)login\\s{1,4}[^\\s\"']+\\s{1,4}password" + NEXT_WORD));

  private static CredentialRule assigned(String label, String name) {
    return new CredentialRule(
        label, name, new LazyPattern(ASSIGNED.replace("NAME", name)), Place.ASSIGNED);
  }

  /// The value in the next word; the value after `=` is an assignment already.
  private static CredentialRule option(String label, String name) {
    return new CredentialRule(
        label, name, new LazyPattern("(?i)" + name + NEXT_WORD), Place.OPTION);
  }

  private static CredentialRule url(String pattern) {
    return new CredentialRule("url-password", "://", new LazyPattern(pattern), Place.USER_INFO);
  }

  private static CredentialRule word(String label, String keyword, String pattern) {
    return new CredentialRule(label, keyword, new LazyPattern(pattern), Place.WORD);
  }

  private static CredentialRule rule(String label, String keyword, String pattern) {
    return new CredentialRule(label, keyword, new LazyPattern(pattern), Place.ANYWHERE);
  }

  @Override
  public List<Hit> find(Window window, int at) {
    if (!counts(window, at)) {
      return List.of();
    }
    Optional<Matcher> match = match(window, at);
    if (match.isEmpty() || match.get().start(1) < 0) {
      return List.of();
    }
    Matcher matcher = match.get();
    int start = afterQuote(window.text(), at + matcher.start(1));
    int end = at + matcher.end(1);
    return start < end ? List.of(new Hit(start, end, label)) : List.of();
  }

  /// Most places do not match, and a matcher goes to the end of what it is given to find out. So a
  /// few words are tried first: what is wrong is wrong there, since nothing has to end a value.
  private Optional<Matcher> match(Window window, int at) {
    int lineEnd = lineEnd(window, at);
    int end = wordsEnd(window.text(), at + keyword.length(), lineEnd);
    Optional<Matcher> match = match(window, at, end);
    return match.isPresent() && at + match.get().end() == end && end < lineEnd
        ? match(window, at, lineEnd)
        : match;
  }

  private Optional<Matcher> match(Window window, int from, int to) {
    Matcher matcher = pattern.matcher(window.text().substring(from, to));
    boolean matches = matcher.lookingAt();
    window.spend(
        Window.PATTERN + (matches ? matcher.end() : (to - from) / Window.PLAIN_CHARACTERS));
    return matches ? Optional.of(matcher) : Optional.empty();
  }

  /// No value goes beyond its line, and only the white space before it may hold the end of one.
  private int lineEnd(Window window, int at) {
    int to = window.end(at, LONGEST);
    int from = Math.min(to, at + keyword.length() + 3 * MAX_GAP);
    int end = window.text().indexOf('\n', from, to);
    return end < 0 ? to : end + 1;
  }

  private static int wordsEnd(String text, int from, int to) {
    int words = 0;
    int at = Math.min(from, to);
    while (at < to && words < WORDS) {
      at++;
      if (at < to
          && Character.isWhitespace(text.charAt(at))
          && !Character.isWhitespace(text.charAt(at - 1))) {
        words++;
      }
    }
    return at;
  }

  private boolean counts(Window window, int at) {
    return switch (place) {
      case ANYWHERE -> true;
      case WORD -> window.beginsWord(at);
      case ASSIGNED ->
          isAssigned(window.text(), at + keyword.length())
              && !window.text().startsWith("$PWD", at - 1); // the working directory
      case USER_INFO -> hasUserInfo(window.text(), at + keyword.length());
      case OPTION -> {
        int dash = at > 0 && window.text().charAt(at - 1) == '-' ? at - 1 : at;
        yield dash == 0 || !Character.isLetterOrDigit(window.text().charAt(dash - 1));
      }
    };
  }

  /// Most names are only mentioned, and a look costs less than a pattern.
  private static boolean isAssigned(String text, int from) {
    int at = from;
    while (at < text.length() && at < from + MAX_GAP && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() && "=:\"'\\".indexOf(text.charAt(at)) >= 0;
  }

  /// Most addresses have none, and a look costs less than a pattern.
  private static boolean hasUserInfo(String text, int from) {
    int to = Math.min(text.length(), from + LONGEST);
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (c == '@') {
        return true;
      }
      if (c == '/' || c == '"' || c == '\'' || Character.isWhitespace(c)) {
        return false;
      }
    }
    return false;
  }

  private static int afterQuote(String text, int start) {
    int first = start;
    while (text.charAt(first) == '\\' || text.charAt(first) == '"' || text.charAt(first) == '\'') {
      first++;
    }
    return first;
  }
}
