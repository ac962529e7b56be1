package dev.skillwarden.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Names that stand for accounts in the journal: `u-` and 16 hexadecimal digits of HMAC-SHA-256 of
/// the login name. Equal on all machines that have the same key; only who has it can tell whose one
/// is.
public final class Pseudonyms {
  /// Name of the key's file beside the journal, when the configuration names no other.
  public static final String KEY_FILE = "pseudonym.key";

  private static final String BEGIN = "u-";
  private static final int BYTES = 8;
  private static final Pattern SHAPE = Pattern.compile(BEGIN + "[0-9a-f]{" + 2 * BYTES + "}");

  private final KeyedDigest digest;
  private final Function<String, Path> homes;

  /// @param homes home directory of an account
  Pseudonyms(KeyedDigest digest, Function<String, Path> homes) {
    this.digest = digest;
    this.homes = homes;
  }

  /// With the key in a file, which is made when it is missing.
  ///
  /// @param homes home directory of an account
  /// @throws IOException when the file cannot be read or made, or holds something else
  public static Pseudonyms open(Path key, Function<String, Path> homes) throws IOException {
    return new Pseudonyms(KeyFile.open(key), homes);
  }

  /// For readers: makes nothing.
  ///
  /// @return empty when there is no such file
  /// @throws IOException when it cannot be read or holds something else
  public static Optional<Pseudonyms> read(Path key) throws IOException {
    return KeyFile.read(key).map(digest -> new Pseudonyms(digest, account -> Path.of("/")));
  }

  /// Whether a name has the shape of a pseudonym.
  public static boolean isOne(String name) {
    return SHAPE.matcher(name).matches();
  }

  /// What an account is called.
  public String of(String account) {
    return BEGIN + digest.of(account, BYTES);
  }

  /// The text with the account's own home directory named by the pseudonym: its last component,
  /// where the whole path stands.
  String withoutHome(String text, String account) {
    Path home = homes.apply(account);
    Path name = home.getFileName();
    if (name == null || text.indexOf(home.toString()) < 0) {
      return text;
    }
    String shown = home.resolveSibling(of(account)).toString();
    return replaced(text, home.toString(), shown);
  }

  /// The text with the account's name, where it is a word of its own, replaced by the pseudonym.
  /// For what the daemon itself says of a caller: in commands, names are words of all kinds.
  String withoutName(String text, String account) {
    return text.indexOf(account) < 0 ? text : replaced(text, account, of(account));
  }

  private static String replaced(String text, String word, String replacement) {
    StringBuilder out = new StringBuilder(text.length() + replacement.length());
    int done = 0;
    for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length())) {
      int end = at + word.length();
      boolean begins = at == 0 || !isOfName(text.charAt(at - 1));
      if (begins && !goesOn(text, end)) {
        out.append(text, done, at).append(replacement);
        done = end;
      }
    }
    return out.append(text, done, text.length()).toString();
  }

  /// A dot at the end of a sentence does not belong to the name.
  private static boolean goesOn(String text, int end) {
    int at = end;
    while (at < text.length() && text.charAt(at) == '.') {
      at++;
    }
    return at < text.length() && isOfName(text.charAt(at));
  }

  private static boolean isOfName(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-';
  }
}
