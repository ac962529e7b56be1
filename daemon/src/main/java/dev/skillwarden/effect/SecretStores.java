package dev.skillwarden.effect;

import java.util.List;
import java.util.Map;

/// Commands that print what a secret store holds.
final class SecretStores {
  /// Command → words that must stand in it in this order.
  private static final Map<String, List<List<String>>> PRINTS =
      Map.ofEntries(
          Map.entry("gh", List.of(List.of("auth", "token"))),
          Map.entry(
              "glab", List.of(List.of("auth", "status", "-t"), List.of("config", "get", "token"))),
          Map.entry(
              "gcloud",
              List.of(
                  List.of("auth", "print-access-token"),
                  List.of("auth", "print-identity-token"),
                  List.of("auth", "application-default", "print-access-token"),
                  List.of("secrets", "versions", "access"))),
          Map.entry(
              "aws",
              List.of(
                  List.of("secretsmanager", "get-secret-value"),
                  List.of("ssm", "get-parameter", "--with-decryption"),
                  List.of("ssm", "get-parameters", "--with-decryption"),
                  List.of("configure", "get", "aws_secret_access_key"),
                  List.of("configure", "export-credentials"),
                  List.of("sts", "get-session-token"),
                  List.of("ecr", "get-login-password"))),
          Map.entry(
              "az",
              List.of(
                  List.of("account", "get-access-token"), List.of("keyvault", "secret", "show"))),
          Map.entry(
              "vault", List.of(List.of("read"), List.of("kv", "get"), List.of("print", "token"))),
          Map.entry(
              "doppler",
              List.of(
                  List.of("secrets", "get"), List.of("secrets", "download"), List.of("secrets"))),
          Map.entry("infisical", List.of(List.of("secrets"), List.of("export"))),
          Map.entry("pass", List.of(List.of("show"), List.of("-c"))),
          Map.entry("gopass", List.of(List.of("show"))),
          Map.entry(
              "bw", List.of(List.of("get", "password"), List.of("get", "item"), List.of("export"))),
          Map.entry("lpass", List.of(List.of("show"), List.of("export"))),
          Map.entry("secret-tool", List.of(List.of("lookup"), List.of("search"))),
          Map.entry(
              "security",
              List.of(
                  List.of("find-generic-password"),
                  List.of("find-internet-password"),
                  List.of("dump-keychain"),
                  List.of("export"))),
          Map.entry("heroku", List.of(List.of("config"), List.of("auth:token"))),
          Map.entry(
              "kubectl",
              List.of(
                  List.of("get", "secret", "-o"),
                  List.of("get", "secrets", "-o"),
                  List.of("config", "view", "--raw"))),
          Map.entry(
              "oc",
              List.of(
                  List.of("get", "secret", "-o"),
                  List.of("get", "secrets", "-o"),
                  List.of("whoami", "-t"))),
          Map.entry(
              "npm", List.of(List.of("token", "list"), List.of("config", "get", "_authToken"))),
          Map.entry("git", List.of(List.of("credential", "fill"))),
          Map.entry("git-credential-osxkeychain", List.of(List.of("get"))));

  private SecretStores() {}

  static boolean prints(Call call) {
    List<List<String>> shapes = PRINTS.get(call.name());
    if (shapes == null) {
      return false;
    }
    List<String> words = call.arguments().stream().map(Value::text).toList();
    return shapes.stream().anyMatch(s -> inOrder(words, s))
        && words.stream().noneMatch(w -> w.equals("--help") || w.equals("-h"));
  }

  /// Whether the words stand among the arguments in order; the first must be the first operand.
  private static boolean inOrder(List<String> arguments, List<String> words) {
    int next = 0;
    for (String argument : arguments) {
      if (next == words.size()) {
        return true;
      }
      String wanted = words.get(next);
      boolean option = wanted.startsWith("-");
      boolean matches =
          option
              ? argument.startsWith(wanted)
                  || (wanted.equals("-o") && argument.startsWith("--output"))
              : argument.equals(wanted)
                  || (wanted.equals("secret") && argument.startsWith("secret/"));
      if (matches) {
        next++;
      } else if (next == 0 && !argument.startsWith("-")) {
        return false;
      }
    }
    return next == words.size();
  }
}
