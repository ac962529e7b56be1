package dev.skillwarden.effect;

import java.util.Locale;
import java.util.regex.Pattern;

/// Files that are read every day, but must not be sent away: keys and certificates by name, lists
/// of accounts, homes as a whole. Wider than [SecretPaths], which must not even be read.
final class SensitiveFiles {
  private static final Pattern NAME =
      Pattern.compile(
          ".*\\.(?:key|pem|pfx|p12|jks|kdbx|keystore|ovpn|gpg|asc|tfstate|tfvars)"
              + "|.*(?:secret|credential|passwd|password|private[-_]?key|api[-_]?key|token)s?(?:\\.[a-z0-9]+)?"
              + "|\\.env(?:\\..+)?|id_[a-z0-9]+|\\.(?:bash|zsh|psql|mysql|python)_history");
  private static final Pattern OPEN =
      Pattern.compile(
          ".*(?:example|sample|template|public|\\.pub|\\.md|\\.html?|\\.css)(?:\\..*)?");
  private static final Pattern DIRECTORY =
      Pattern.compile(
          "(?:.*/)?(?:certs?|secrets?|credentials?|private|keys|\\.ssh|\\.aws|\\.gnupg|\\.kube)(?:/\\*?|/[^/]*)?");

  private SensitiveFiles() {}

  static boolean isSensitive(String path, String home) {
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    boolean wholeHome =
        home.equals(path) || (home + "/*").equals(path) || home.startsWith(path + "/");
    return wholeHome
        || path.equals("/etc/passwd")
        || path.equals("/etc/group")
        || (path.startsWith("/proc/") && path.endsWith("/environ"))
        || ((NAME.matcher(name).matches() || DIRECTORY.matcher(path).matches())
            && !OPEN.matcher(name).matches());
  }
}
