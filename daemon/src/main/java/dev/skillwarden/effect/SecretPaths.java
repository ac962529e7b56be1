package dev.skillwarden.effect;

import java.util.List;
import java.util.regex.Pattern;

/// Where secrets of people and machines lie.
public final class SecretPaths {
  private static final List<String> IN_HOME =
      List.of(
          ".ssh",
          ".aws",
          ".gnupg",
          ".kube/config",
          ".docker/config.json",
          ".netrc",
          ".npmrc",
          ".pypirc",
          ".git-credentials",
          ".config/gh/hosts.yml",
          ".config/gcloud",
          ".azure",
          ".vault-token",
          ".password-store",
          ".claude/.credentials.json",
          ".cargo/credentials.toml",
          ".pgpass",
          ".my.cnf");

  private static final List<String> ELSEWHERE =
      List.of(
          "/etc/shadow",
          "/etc/gshadow",
          "/etc/sudoers",
          "/root/.ssh",
          "/root/.aws",
          "/etc/kubernetes/admin.conf",
          "/var/run/secrets",
          "/run/secrets",
          "/etc/ssl/private");

  /// Public parts of secret directories.
  private static final List<String> OPEN =
      List.of("known_hosts", "/.ssh/config", ".pub", "/.aws/config", "authorized_keys");

  /// Files that hold secrets wherever they lie, by the names tools give them.
  private static final Pattern NAMES =
      Pattern.compile(
          "\\.env(\\.[A-Za-z0-9_-]+)?|id_(rsa|dsa|ecdsa|ed25519)(_sk)?|.+\\.(p12|pfx|p8|jks|keystore|ppk|kdbx)"
              + "|\\.htpasswd|\\.pgpass|\\.netrc|\\.git-credentials|service-account[^/]*\\.json|credentials\\.json");

  /// Names of the same kind that are made to be shared.
  private static final Pattern SHARED_NAMES =
      Pattern.compile("\\.env\\.(example|sample|template|dist|defaults?|schema)");

  private SecretPaths() {}

  /// Whether reading the path yields a secret.
  ///
  /// @param path absolute and resolved
  public static boolean isSecret(String path, String home) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return (NAMES.matcher(name).matches() && !SHARED_NAMES.matcher(name).matches())
        || isKept(path, home);
  }

  /// Whether the path lies where an account or the machine keeps its secrets.
  ///
  /// @param path absolute and resolved
  public static boolean isKept(String path, String home) {
    if (OPEN.stream().anyMatch(path::endsWith)) {
      return false;
    }
    for (String secret : IN_HOME) {
      if (under(path, home + "/" + secret)) {
        return true;
      }
    }
    if (path.matches(
            "/(home|Users)/[^/]+/(\\.ssh|\\.aws|\\.gnupg|\\.netrc|\\.git-credentials)(/.*)?")
        || path.matches("/proc/[^/]+/environ")) {
      return true;
    }
    return ELSEWHERE.stream().anyMatch(secret -> under(path, secret));
  }

  private static boolean under(String path, String root) {
    return path.equals(root) || path.startsWith(root + "/");
  }
}
