package dev.skillwarden.redact;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A secret that a program takes where nothing in the text says so: as an option of one letter, by
/// its place, or by its standard input.
///
/// @param mark the program, or the option that makes it read the secret
/// @param verbs words that must follow the program, in this order, other words between them allowed
/// @param taken which of the words are secrets
/// @param fed whether the secret comes by standard input
record CommandRule(String label, String mark, List<String> verbs, Taken taken, boolean fed)
    implements Rule {
  /// Characters of a command that are looked at, each way.
  private static final int REACH = 1_024;

  private static final int MAX_WORDS = 64;

  /// Words that a rule passes over for one unit of work.
  private static final int WORDS_PER_UNIT = 4;

  /// ASCII that ends a word.
  private static final boolean[] ENDS = new boolean[128];

  static {
    for (char c = 0; c < ENDS.length; c++) {
      ENDS[c] = Character.isWhitespace(c) || ";|&)".indexOf(c) >= 0;
    }
  }

  /// Characters in which a word is sought for one unit of work.
  private static final int CHARACTERS_SOUGHT_PER_UNIT = 32;

  /// What names of secret settings have in them.
  private static final List<String> SAYING = List.of("auth", "token", "secret", "password", "key");

  /// A word of a command.
  ///
  /// @param start first character inside its quotes
  /// @param end one past the last
  record Word(int start, int end, String text) {
    boolean isExpansion() {
      return text.startsWith("$") || text.startsWith("`");
    }

    /// What follows a beginning, when there is something.
    Optional<Word> after(String beginning) {
      return text.startsWith(beginning) && text.length() > beginning.length()
          ? Optional.of(from(beginning.length()))
          : Optional.empty();
    }

    /// What follows a separator that is not the first character.
    Optional<Word> after(char separator) {
      int at = text.indexOf(separator);
      return at > 0 ? Optional.of(from(at + 1)) : Optional.empty();
    }

    private Word from(int characters) {
      return new Word(start + characters, end, text.substring(characters));
    }

    Word to(int characters) {
      return new Word(start, start + characters, text.substring(0, characters));
    }
  }

  /// Which of the words after the program and its verbs are secrets.
  ///
  /// @param what the same as text, so that a change of the rules shows
  private record Taken(String what, Function<List<Word>, Stream<Word>> finder) {
    static Taken of(String how, List<String> names, Function<List<Word>, Stream<Word>> finder) {
      return new Taken(how + names, finder);
    }

    Stream<Word> of(List<Word> words) {
      return finder.apply(words);
    }

    @Override
    public String toString() {
      return what;
    }
  }

  private static final Taken NOTHING = new Taken("nothing", words -> Stream.empty());

  static final List<CommandRule> ALL =
      List.of(
          rule("curl", split(':', "-u", "--user", "-U", "--proxy-user", "-E", "--cert")),
          rule("curl", option("--pass", "--proxy-pass")),
          new CommandRule("cookie", "curl", List.of(), cookie("-b", "--cookie"), false),
          rule("wget", split(':', "-u")),
          rule("http", split(':', "-a", "--auth")),
          rule("https", split(':', "-a", "--auth")),
          rule("xh", split(':', "-a", "--auth")),
          rule("mysql", attached("-p")),
          rule("mysqldump", attached("-p")),
          rule("mysqladmin", attached("-p")),
          rule("mariadb", attached("-p")),
          rule("mongo", option("-p")),
          rule("mongosh", option("-p")),
          rule("mongodump", option("-p")),
          rule("redis-cli", option("-a", "--pass")),
          rule("sqlcmd", option("-P")),
          rule("bcp", option("-P")),
          rule("sqlplus", logon()),
          rule("cqlsh", option("-p")),
          rule("mosquitto_pub", option("-P")),
          rule("mosquitto_sub", option("-P")),
          rule("rabbitmqctl", argument(1), "add_user"),
          rule("rabbitmqctl", argument(1), "change_password"),
          rule("etcdctl", split(':', "--user")),
          rule("sshpass", option("-p")),
          rule("htpasswd", htpasswd()),
          rule("net", windowsArgument(2), "use"),
          rule("net", windowsArgument(1), "user"),
          rule("xfreerdp", attached("/p:")),
          rule("smbclient", split('%', "-U", "--user")),
          rule("lftp", split(',', "-u", "--user")),
          rule("ldapsearch", option("-w")),
          rule("ldapadd", option("-w")),
          rule("ldapmodify", option("-w")),
          rule("ipmitool", option("-P")),
          rule("snmpwalk", option("-A")),
          rule("snmpwalk", option("-X")),
          rule("snmpget", option("-A")),
          rule("snmpget", option("-X")),
          rule("nmcli", option("password")),
          rule("wpa_passphrase", argument(1)),
          rule("openssl", nextWord("-k")),
          rule("ssh-keygen", option("-N")),
          rule("ssh-keygen", option("-P")),
          rule("zip", option("-P")),
          rule("unzip", option("-P")),
          rule("7z", attached("-p")),
          rule("security", option("-w"), "add-generic-password"),
          rule("security", option("-w"), "add-internet-password"),
          rule("bw", argument(1), "login"),
          rule("x11vnc", nextWord("-passwd")),
          rule("setx", named()),
          rule("convertto-securestring", option("-String")),
          rule("convertto-securestring", argument(0)),
          rule("aws", option("--value"), "ssm", "put-parameter"),
          rule("az", option("-p"), "login"),
          rule("gh", option("-b", "--body"), "secret", "set"),
          rule("glab", argument(1), "variable", "set"),
          rule("pulumi", argument(1), "config", "set", "--secret"),
          rule("kubectl", literal("--from-literal"), "create", "secret"),
          rule("helm", option("-p"), "registry", "login"),
          rule("docker", option("-p"), "login"),
          rule("podman", option("-p"), "login"),
          rule("vault", argument(0), "login"),
          rule("vault", assignment(), "kv", "put"),
          rule("vault", assignment(), "write"),
          rule("npm", named(), "config", "set"),
          rule("yarn", named(), "config", "set"),
          rule("cargo", argument(0), "login"),
          rule("twine", option("-p"), "upload"),
          rule("poetry", argument(2), "config"),
          rule("poetry", setting("pypi-token."), "config"),
          rule("dotnet", option("-k"), "nuget", "push"),
          rule("mc", argument(3), "alias", "set"),
          rule("b2", argument(1), "authorize-account"),
          rule("jenkins-cli.jar", split(':', "-auth")),
          fed("sudo -S"),
          fed("--password-stdin"),
          fed("passwd --stdin"),
          fed("chpasswd"),
          fed(".pgpass"),
          fed("kinit"),
          fed("--with-token"));

  private static CommandRule rule(String program, Taken taken, String... verbs) {
    return new CommandRule("password", program, List.of(verbs), taken, false);
  }

  /// What comes by standard input: the words of an `echo` in the same pipeline, or a here-string.
  private static CommandRule fed(String mark) {
    return new CommandRule("password", mark, List.of(), NOTHING, true);
  }

  /// The values of options: the next word, what is attached, or what follows `=`.
  private static Taken option(String... names) {
    List<String> wanted = List.of(names);
    return Taken.of("option", wanted, words -> values(words, wanted));
  }

  /// By loops: asked for every curl there is.
  private static Stream<Word> values(List<Word> words, List<String> names) {
    List<Word> values = new ArrayList<>(0);
    char first = names.getFirst().charAt(0); // the same of all
    for (int at = 0; at < words.size(); at++) {
      String word = words.get(at).text();
      if (word.isEmpty() || word.charAt(0) != first) {
        continue;
      }
      for (String name : names) {
        if (word.startsWith(name)) {
          value(words, at, name).ifPresent(values::add);
        }
      }
    }
    return values.isEmpty() ? Stream.empty() : values.stream();
  }

  private static Optional<Word> value(List<Word> words, int at, String name) {
    Word word = words.get(at);
    if (word.text().equals(name)) {
      return at + 1 < words.size() ? Optional.of(words.get(at + 1)) : Optional.empty();
    }
    boolean oneLetter = name.length() == 2;
    return word.after(oneLetter ? name : name + "=");
  }

  /// The values of options of programs whose long options have one dash too.
  private static Taken nextWord(String name) {
    return Taken.of(
        "next word",
        List.of(name),
        words ->
            IntStream.range(1, words.size())
                .filter(i -> words.get(i - 1).text().equals(name))
                .mapToObj(words::get));
  }

  /// The value of an option, or of one with a colon, that is never in the next word.
  private static Taken attached(String name) {
    return Taken.of(
        "attached", List.of(name), words -> words.stream().flatMap(w -> w.after(name).stream()));
  }

  /// What follows a separator in the value of an option, as in `user:password`.
  private static Taken split(char separator, String... names) {
    List<String> wanted = List.of(names);
    return Taken.of(
        "split " + separator,
        wanted,
        words -> values(words, wanted).flatMap(w -> w.after(separator).stream()));
  }

  /// Cookies given in the command; without `=` it is a file.
  private static Taken cookie(String... names) {
    List<String> wanted = List.of(names);
    return Taken.of(
        "cookie", wanted, words -> values(words, wanted).filter(w -> w.text().indexOf('=') > 0));
  }

  /// The word so many words after the verbs, options not counted.
  private static Taken argument(int number) {
    return new Taken("argument " + number, words -> arguments(words, "-").skip(number).limit(1));
  }

  /// The same for a program whose options begin with a slash.
  private static Taken windowsArgument(int number) {
    return new Taken(
        "Windows argument " + number, words -> arguments(words, "/").skip(number).limit(1));
  }

  private static Stream<Word> arguments(List<Word> words, String dash) {
    return words.stream().filter(w -> !w.text().startsWith(dash));
  }

  /// The last of `file user password`, or of `user password` with `-n`.
  private static Taken htpasswd() {
    return new Taken(
        "htpasswd",
        words -> {
          String options =
              words.stream().map(Word::text).filter(w -> w.startsWith("-")).collect(joining());
          return options.contains("b")
              ? argument(options.contains("n") ? 1 : 2).of(words)
              : Stream.empty();
        });
  }

  /// `user/password@database`.
  private static Taken logon() {
    return new Taken(
        "logon",
        words ->
            arguments(words, "-")
                .limit(1)
                .flatMap(w -> w.after('/').stream())
                .map(w -> w.text().indexOf('@') > 0 ? w.to(w.text().indexOf('@')) : w));
  }

  /// `name value` where the name says that it is one.
  private static Taken named() {
    return Taken.of(
        "named",
        SAYING,
        words -> {
          List<Word> both = arguments(words, "-").limit(2).toList();
          return both.size() == 2 && isSaying(both.getFirst().text())
              ? Stream.of(both.getLast())
              : Stream.empty();
        });
  }

  private static boolean isSaying(String name) {
    return SAYING.stream().anyMatch(name.toLowerCase(Locale.ROOT)::contains);
  }

  /// The value of a setting with this name.
  private static Taken setting(String name) {
    return Taken.of(
        "setting",
        List.of(name),
        words ->
            words.size() > 1 && words.getFirst().text().startsWith(name)
                ? Stream.of(words.get(1))
                : Stream.empty());
  }

  /// `--from-literal=name=value`.
  private static Taken literal(String name) {
    return split('=', name);
  }

  /// Every `name=value`.
  private static Taken assignment() {
    return new Taken(
        "assignment", words -> arguments(words, "-").flatMap(w -> w.after('=').stream()));
  }

  @Override
  public String keyword() {
    return mark.toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Hit> find(Window window, int at) {
    int after = at + mark.length();
    boolean isHere = fed ? window.text().startsWith(mark, at) : isProgram(window, at, after);
    if (!isHere) {
      return List.of();
    }
    Stream<Word> secrets = fed ? fed(window, at, after) : taken(window, after);
    return secrets
        .filter(w -> !w.isExpansion() && w.start() < w.end())
        .map(w -> new Hit(w.start(), w.end(), label))
        .toList();
  }

  private static boolean isProgram(Window window, int at, int after) {
    String text = window.text();
    return (window.beginsWord(at) || "/\\".indexOf(text.charAt(at - 1)) >= 0)
        && after < text.length()
        && (Character.isWhitespace(text.charAt(after)) || ".\"'".indexOf(text.charAt(after)) >= 0);
  }

  private Stream<Word> taken(Window window, int after) {
    if (!verbs.isEmpty() && !hasVerb(window, after)) {
      return Stream.empty();
    }
    List<Word> words =
        window.wordsFrom(after, from -> words(window, from, window.end(from, REACH)));
    window.spend(1 + words.size() / WORDS_PER_UNIT);
    for (String verb : verbs) {
      int found = 0;
      while (found < words.size() && !words.get(found).text().equals(verb)) {
        found++;
      }
      if (found == words.size()) {
        return Stream.empty();
      }
      words = words.subList(found + 1, words.size());
    }
    return taken.of(words);
  }

  /// Whether the first verb stands in the line, or in those it goes on with. Most commands of these
  /// programs are others, and a look costs less than their words.
  private boolean hasVerb(Window window, int after) {
    String text = window.text();
    int to = window.end(after, REACH);
    int end = text.indexOf('\n', after, to);
    while (end > after && "\\`\r".indexOf(text.charAt(end - 1)) >= 0) {
      end = text.indexOf('\n', end + 1, to);
    }
    int last = end < 0 ? to : end;
    window.spend((last - after) / CHARACTERS_SOUGHT_PER_UNIT);
    return text.indexOf(verbs.getFirst(), after, last) >= 0;
  }

  /// Options are told apart by case: `sudo -s` reads commands, and these are to be seen.
  private Stream<Word> fed(Window window, int at, int after) {
    return Stream.concat(
        Stream.concat(fedBefore(window, "echo", at), fedBefore(window, "printf", at)),
        hereString(window, after));
  }

  /// The words of the last `echo` or `printf` when its output goes where the mark stands.
  private static Stream<Word> fedBefore(Window window, String writer, int at) {
    String text = window.text();
    int least = Math.max(0, at - REACH);
    int begin = least + text.substring(least, at).lastIndexOf(writer);
    window.spend((at - least) / CHARACTERS_SOUGHT_PER_UNIT);
    if (begin < least || !window.beginsWord(begin)) {
      return Stream.empty();
    }
    List<Word> words = words(window, begin + writer.length(), at);
    int end = words.isEmpty() ? at : words.getLast().end();
    while (end < at && "\"'".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    while (end < at && Character.isWhitespace(text.charAt(end)) && text.charAt(end) != '\n') {
      end++;
    }
    boolean pipe = end < at && text.charAt(end) == '|' && text.charAt(end + 1) != '|';
    return end == at || (pipe && !endsBetween(text, end, at))
        ? words.stream()
            .takeWhile(w -> !w.text().startsWith(">"))
            .filter(w -> !w.text().startsWith("-"))
        : Stream.empty();
  }

  /// Whether the pipeline ends before the place.
  private static boolean endsBetween(String text, int from, int to) {
    return text.substring(from, to).chars().anyMatch(c -> ";&\n".indexOf(c) >= 0);
  }

  private static Stream<Word> hereString(Window window, int after) {
    String text = window.text();
    int to = window.end(after, REACH);
    int end = after;
    while (end < to && ";|&\n".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    int here = text.indexOf("<<<", after, end);
    return here < 0 ? Stream.empty() : words(window, here + 3, to).stream().limit(1);
  }

  /// Words up to the end of the simple command. One that is quoted as a whole is given without its
  /// quotes; inside of quotes nothing ends it, and a line that ends in a backslash goes on.
  private static List<Word> words(Window window, int from, int to) {
    String text = window.text();
    List<Word> words = new ArrayList<>();
    int at = from;
    while (at < to && words.size() < MAX_WORDS && "\n;|&".indexOf(text.charAt(at)) < 0) {
      int start = at;
      char first = text.charAt(start);
      boolean goesOn = (first == '\\' || first == '`') && lineEnds(text, at + 1, to) > 0;
      if (goesOn || Character.isWhitespace(first)) {
        at += goesOn ? 1 + lineEnds(text, at + 1, to) : 1;
        continue;
      }
      at = wordEnd(text, at, to);
      boolean quoted =
          at - start > 1 && (first == '"' || first == '\'') && text.charAt(at - 1) == first;
      words.add(
          quoted
              ? new Word(start + 1, at - 1, text.substring(start + 1, at - 1))
              : new Word(start, at, text.substring(start, at)));
      if (at < to && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
        break; // the command itself stood in quotes
      }
    }
    window.spend(words.size() + (at - from) / Window.PLAIN_CHARACTERS);
    return words;
  }

  /// Length of the line end here, 0 when there is none.
  private static int lineEnds(String text, int at, int to) {
    return text.startsWith("\r\n", at) && at + 1 < to
        ? 2
        : at < to && text.charAt(at) == '\n' ? 1 : 0;
  }

  /// A quote inside a word that nothing follows ends what the whole command stands in, and one that
  /// is never closed is none: what comes after must stay readable.
  private static int wordEnd(String text, int start, int to) {
    int at = start;
    while (at < to && !endsWord(text.charAt(at))) {
      char c = text.charAt(at);
      if (c == '"' || c == '\'') {
        boolean ends = at > start && (at + 1 == to || endsWord(text.charAt(at + 1)));
        int close = ends ? -1 : text.indexOf(c, at + 1, to);
        if (close < 0 && at > start) {
          return at;
        }
        at = Math.max(at, close);
      }
      at++;
    }
    return at;
  }

  private static boolean endsWord(char c) {
    return c < ENDS.length ? ENDS[c] : Character.isWhitespace(c);
  }
}
