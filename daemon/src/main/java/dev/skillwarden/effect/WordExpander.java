package dev.skillwarden.effect;

import dev.skillwarden.shell.Braces;
import dev.skillwarden.shell.Syntax;
import dev.skillwarden.shell.Syntax.Piece;
import dev.skillwarden.shell.Syntax.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// From words as written to the words a command sees: braces, `~`, parameters, substitutions and
/// splitting. What is not known becomes [Value#HOLE].
final class WordExpander {
  /// Most words one word may become.
  private static final int MAX_FIELDS = 1_000;

  /// Longest value whose patterns are followed, in characters.
  private static final int MAX_PATTERN_TEXT = 2_000;

  private final ShellAnalyzer shell;
  private final Variables variables;

  WordExpander(ShellAnalyzer shell, Variables variables) {
    this.shell = shell;
    this.variables = variables;
  }

  List<Value> expand(List<Word> words) {
    List<Value> values = new ArrayList<>();
    for (Word word : words) {
      if (values.size() > MAX_WORDS) {
        shell.exceeded("a command has more than %,d words".formatted(MAX_WORDS));
        break;
      }
      values.addAll(expand(word));
    }
    return values;
  }

  /// The words one word becomes, none when it expands to nothing.
  List<Value> expand(Word word) {
    List<Value> values = new ArrayList<>();
    List<Word> words = Braces.expand(word);
    if (words.isEmpty()) {
      shell.exceeded("braces make more than %d words".formatted(Braces.MAX_WORDS));
      words = List.of(word);
    }
    for (Word one : words) {
      Fields fields = new Fields();
      pieces(one.pieces(), fields, true);
      values.addAll(fields.done());
      check(fields);
    }
    return values;
  }

  /// As in an assignment or a here-document: one value, nothing splits.
  Value single(Word word) {
    Fields fields = new Fields();
    pieces(word.pieces(), fields, false);
    check(fields);
    return fields.overflow ? Value.unknown(fields.taints) : fields.joined();
  }

  private void check(Fields fields) {
    if (fields.overflow) {
      shell.exceeded("a word has more than %,d characters".formatted(MAX_TEXT));
    }
  }

  private void pieces(List<Piece> pieces, Fields fields, boolean splits) {
    for (int i = 0; i < pieces.size(); i++) {
      switch (pieces.get(i)) {
        case Piece.Text t -> {
          String text = t.text();
          if (i == 0 && !t.quoted() && text.startsWith("~")) {
            text = tilde(text);
          }
          fields.literal(text, t.quoted());
        }
        case Piece.Parameter p -> parameter(p, fields, splits && !p.quoted());
        case Piece.Substitution s -> {
          Value value = shell.substitute(s);
          fields.value(
              value, splits && !s.quoted() && s.kind() == Syntax.Kind.COMMAND, separators());
        }
        case Piece.Arithmetic a -> {
          a.inside().forEach(shell::inside);
          fields.value(Value.unknown(Taints.NONE), false, "");
        }
      }
    }
  }

  private String tilde(String text) {
    int slash = text.indexOf('/');
    String user = text.substring(1, slash < 0 ? text.length() : slash);
    String rest = slash < 0 ? "" : text.substring(slash);
    return switch (user) {
      case "" -> home() + rest;
      case "+" -> shell.directory().text() + rest;
      case "-" -> text;
      case "root" -> "/root" + rest;
      default -> user.matches("[a-z_][A-Za-z0-9_.-]*") ? "/home/" + user + rest : text;
    };
  }

  private String home() {
    return variables
        .get("HOME")
        .filter(Value::known)
        .map(Value::text)
        .orElse(shell.home().toString());
  }

  private String separators() {
    return variables.get("IFS").filter(Value::known).map(Value::text).orElse(" \t\n");
  }

  private void parameter(Piece.Parameter p, Fields fields, boolean splits) {
    boolean all = p.name().equals("@") || p.name().equals("*");
    Optional<String> subscript = p.subscript().map(w -> single(w).text());
    boolean elements = subscript.filter(s -> s.equals("@") || s.equals("*")).isPresent();
    if ((all || elements) && p.operator() == Syntax.Operator.NONE) {
      List<Value> values =
          all ? shell.positional() : variables.elements(p.name()).orElse(List.of());
      boolean joined = p.name().equals("*") || subscript.equals(Optional.of("*"));
      if (all || variables.elements(p.name()).isPresent()) {
        for (int i = 0; i < values.size(); i++) {
          if (i > 0 && joined && !splits) {
            fields.literal(" ", true);
          } else if (i > 0) {
            fields.next();
          }
          fields.value(values.get(i), splits, separators());
        }
        return;
      }
    }
    fields.value(value(p, subscript), splits, separators());
  }

  private Value value(Piece.Parameter p, Optional<String> subscript) {
    Optional<Value> found = lookup(p.name(), subscript);
    boolean empty = found.filter(v -> !v.known() || !v.text().isEmpty()).isEmpty();
    return switch (p.operator()) {
      case NONE, REQUIRED -> {
        p.arguments().forEach(this::single);
        yield found.orElseGet(() -> Value.unknown(Taints.NONE));
      }
      case DEFAULT -> {
        Value fallback = argument(p, 0);
        yield empty ? fallback : found.orElse(fallback);
      }
      case ASSIGN -> {
        Value fallback = argument(p, 0);
        if (empty) {
          shell.assign(p.name(), fallback);
        }
        yield empty ? fallback : found.orElse(fallback);
      }
      case ALTERNATIVE -> {
        Value other = argument(p, 0);
        // A variable nobody has seen set may be set all the same.
        yield found.isPresent() && empty ? Value.of("") : other;
      }
      case INDIRECT ->
          found
              .filter(Value::known)
              .flatMap(v -> lookup(v.text(), Optional.empty()))
              .orElseGet(() -> Value.unknown(Taints.NONE));
      case LENGTH ->
          found
              .filter(Value::known)
              .map(v -> Value.of(String.valueOf(v.text().length())))
              .orElseGet(() -> Value.unknown(Taints.NONE));
      case OTHER -> {
        p.arguments().forEach(this::single);
        yield found.map(v -> Value.unknown(v.taints())).orElseGet(() -> Value.unknown(Taints.NONE));
      }
      default -> transformed(p, found);
    };
  }

  private Value argument(Piece.Parameter p, int index) {
    return index < p.arguments().size() ? single(p.arguments().get(index)) : Value.of("");
  }

  private Optional<Value> lookup(String name, Optional<String> subscript) {
    if (subscript.isPresent()) {
      List<Value> elements = variables.elements(name).orElse(List.of());
      String index = subscript.get();
      if (index.equals("@") || index.equals("*")) {
        return elements.isEmpty() ? Optional.empty() : Optional.of(join(elements));
      }
      if (index.matches("-?\\d{1,6}") && !elements.isEmpty()) {
        int i = Integer.parseInt(index);
        i = i < 0 ? elements.size() + i : i;
        return i >= 0 && i < elements.size() ? Optional.of(elements.get(i)) : Optional.empty();
      }
    }
    if (name.matches("[1-9]\\d?")) {
      int i = Integer.parseInt(name) - 1;
      return i < shell.positional().size()
          ? Optional.of(shell.positional().get(i))
          : Optional.empty();
    }
    return switch (name) {
      case "0" -> Optional.of(Value.of("bash"));
      case "@", "*" -> Optional.of(join(shell.positional()));
      case "$", "BASHPID", "PPID" -> Optional.of(Value.of("self")); // as in /proc/self
      case "HOME" -> Optional.of(variables.get("HOME").orElse(Value.of(shell.home().toString())));
      case "PWD" -> Optional.of(shell.directory());
      case "IFS" -> Optional.of(variables.get("IFS").orElse(Value.of(" \t\n")));
      case "USER", "LOGNAME" -> Optional.of(variables.get(name).orElseGet(this::user));
      // Wherever it is, it is for files that may go.
      case "TMPDIR", "TMP", "TEMP" -> Optional.of(variables.get(name).orElse(Value.of("/tmp")));
      default -> variables.get(name);
    };
  }

  private Value user() {
    String home = shell.home().toString();
    return Value.of(home.substring(home.lastIndexOf('/') + 1));
  }

  private Value transformed(Piece.Parameter p, Optional<Value> found) {
    Value first = argument(p, 0);
    Value second = argument(p, 1);
    if (found.isEmpty() || !found.get().known() || !first.known() || !second.known()) {
      Taints taints = found.map(Value::taints).orElse(Taints.NONE);
      return Value.unknown(taints.plus(first.taints()).plus(second.taints()));
    }
    Value value = found.get();
    String text = value.text();
    if (text.length() > MAX_PATTERN_TEXT) {
      return Value.unknown(value.taints());
    }
    return switch (p.operator()) {
      case UPPER -> value.text(text.toUpperCase(Locale.ROOT));
      case LOWER -> value.text(text.toLowerCase(Locale.ROOT));
      case SUBSTRING -> substring(value, first.text(), p.arguments().size() > 1, second.text());
      case REMOVE_PREFIX -> value.from(cutFront(text, first.text()));
      case REMOVE_SUFFIX -> value.text(text.substring(0, cutBack(text, first.text())));
      case REPLACE -> value.text(replace(text, first.text(), second.text(), false));
      case REPLACE_ALL -> value.text(replace(text, first.text(), second.text(), true));
      default -> Value.unknown(value.taints());
    };
  }

  private static Value substring(Value value, String offset, boolean bounded, String length) {
    String from = offset.strip();
    String count = length.strip();
    if (!from.matches("-?\\d{1,6}") || (bounded && !count.matches("-?\\d{1,6}"))) {
      return Value.unknown(value.taints());
    }
    int size = value.text().length();
    int begin = Integer.parseInt(from);
    begin = Math.clamp(begin < 0 ? size + begin : begin, 0, size);
    int end = size;
    if (bounded) {
      int n = Integer.parseInt(count);
      end = Math.clamp(n < 0 ? (long) size + n : (long) begin + n, begin, size);
    }
    return value.text(value.text().substring(begin, end));
  }

  /// Length of the shortest prefix that the pattern takes, 0 when none.
  private static int cutFront(String text, String pattern) {
    for (int i = 0; i <= text.length(); i++) {
      if (Glob.matches(pattern, text.substring(0, i))) {
        return i;
      }
    }
    return 0;
  }

  private static int cutBack(String text, String pattern) {
    for (int i = text.length(); i >= 0; i--) {
      if (Glob.matches(pattern, text.substring(i))) {
        return i;
      }
    }
    return text.length();
  }

  /// Plain text in the pattern only; `?` and `*` are taken as any one or all characters.
  private static String replace(String text, String pattern, String replacement, boolean all) {
    String plain = pattern.replaceFirst("^[#%]", "");
    if (plain.isEmpty()) {
      return text;
    }
    if (plain.chars().noneMatch(c -> c == '*' || c == '?' || c == '[')) {
      return all
          ? text.replace(plain, replacement)
          : text.indexOf(plain) < 0
              ? text
              : text.substring(0, text.indexOf(plain))
                  + replacement
                  + text.substring(text.indexOf(plain) + plain.length());
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      boolean one = plain.indexOf('*') < 0 && Glob.matches(plain, text.substring(at, at + 1));
      if (one || (plain.indexOf('*') >= 0 && Glob.matches(plain, text.substring(at)))) {
        out.append(replacement);
        at = one ? at + 1 : text.length();
        if (!all) {
          return out.append(text.substring(at)).toString();
        }
      } else {
        out.append(text.charAt(at++));
      }
    }
    return out.toString();
  }

  static Value join(List<Value> values) {
    if (values.size() == 1) {
      return values.getFirst();
    }
    StringBuilder text = new StringBuilder();
    boolean known = true;
    for (Value value : values) {
      text.append(text.isEmpty() ? "" : " ").append(value.text());
      known &= value.known();
    }
    return new Value(text.toString(), known, Variables.taints(values), false);
  }

  /// Words of one command.
  private static final int MAX_WORDS = 20_000;

  /// Text that variables and substitutions may put into one word, in characters.
  private static final int MAX_TEXT = 32 << 10;

  /// Words as they grow.
  private static final class Fields {
    private final List<Value> complete = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private boolean known = true;
    private boolean glob;
    private boolean started;
    private boolean overflow;
    private int total;
    private final StringBuilder rest = new StringBuilder();
    private Taints taints = Taints.NONE;

    void literal(String piece, boolean quoted) {
      text.append(piece);
      started |= quoted || !piece.isEmpty();
      glob |=
          !quoted
              && (piece.indexOf('*') >= 0 || piece.indexOf('?') >= 0 || piece.indexOf('[') >= 0);
    }

    void value(Value value, boolean splits, String separators) {
      taints = taints.plus(value.taints());
      known &= value.known();
      glob |= value.glob();
      total += value.text().length();
      if (total > MAX_TEXT) {
        overflow = true;
        return;
      }
      if (!splits || separators.isEmpty()) {
        text.append(value.text());
        started |= !splits || !value.text().isEmpty();
        return;
      }
      for (int i = 0; i < value.text().length(); i++) {
        char c = value.text().charAt(i);
        if (separators.indexOf(c) >= 0) {
          next();
        } else {
          glob |= c == '*' || c == '?' || c == '[';
          text.append(c);
          started = true;
        }
      }
    }

    /// Ends the word when one has begun.
    void next() {
      if (started && complete.size() < MAX_FIELDS) {
        complete.add(new Value(text.toString(), known, taints, glob));
      } else if (started) {
        rest.append(rest.isEmpty() ? "" : " ").append(text); // too many: the last is all of them
      }
      text.setLength(0);
      started = false;
      glob = false;
      known = true;
    }

    List<Value> done() {
      next();
      if (!rest.isEmpty()) {
        complete.add(new Value(rest.toString(), false, taints, true));
        rest.setLength(0);
      }
      return complete;
    }

    Value joined() {
      return new Value(text.toString(), known, taints, glob);
    }
  }
}
