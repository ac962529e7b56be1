package dev.skillwarden.shell;

import java.util.List;

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

  private SecretPaths() {}

  /// Whether reading the path yields a secret.
  ///
  /// @param path absolute and resolved
  public static boolean isSecret(String path, String home) {
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
