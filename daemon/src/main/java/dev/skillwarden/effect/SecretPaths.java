package dev.skillwarden.effect;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where secrets of people and machines lie, and by which names.
public final class SecretPaths {
  /// How much reading a path gives away.
  public enum Kind {
    /// Nothing in particular.
    OPEN,
    /// It may hold secrets among other things: state files, histories, keys by their ending.
    SENSITIVE,
    /// It is there to hold a secret.
    SECRET
  }

  /// Below a home, in lower case.
  private static final PathSet IN_HOME =
      PathSet.of(
          """
          .ssh
          .aws
          .gnupg
          .kube/config
          .docker/config.json
          .config/containers/auth.json
          .netrc
          _netrc
          .npmrc
          .yarnrc.yml
          .pypirc
          .git-credentials
          .config/git/credentials
          .config/gh/hosts.yml
          .config/hub
          .config/glab-cli
          .config/gcloud
          .gcloud
          .boto
          .azure
          .oci
          .aliyun
          .bluemix
          .config/doctl
          .config/hcloud
          .config/fly
          .fly/config.yml
          .config/heroku
          .local/share/com.vercel.cli/auth.json
          .config/netlify/config.json
          .config/stripe
          .config/ngrok
          .ngrok2
          .cloudflared
          .wrangler/config
          .circleci/cli.yml
          .config/rclone
          .s3cfg
          .vault-token
          .terraform.d/credentials.tfrc.json
          .terraformrc
          .pulumi/credentials.json
          .databrickscfg
          .snowflake
          .snowsql/config
          .kaggle/kaggle.json
          .huggingface/token
          .cache/huggingface/token
          .config/openai
          .anthropic
          .claude/.credentials.json
          .codex/auth.json
          .gemini/oauth_creds.json
          .config/github-copilot
          .local/share/opencode/auth.json
          .password-store
          .config/op
          .config/1password
          .config/bitwarden cli
          .config/sops
          .config/age
          .cargo/credentials
          .cargo/credentials.toml
          .gem/credentials
          .bundle/config
          .composer/auth.json
          .config/composer/auth.json
          .config/pypoetry/auth.toml
          .m2/settings.xml
          .m2/settings-security.xml
          .gradle/gradle.properties
          .nuget/nuget.config
          .ivy2/.credentials
          .sbt/.credentials
          .jfrog
          .subversion/auth
          .pgpass
          .my.cnf
          .mylogin.cnf
          .htpasswd
          .local/share/keyrings
          .local/share/kwalletd
          .kde/share/apps/kwallet
          .pki/nssdb
          .mozilla
          .thunderbird
          .config/google-chrome
          .config/chromium
          .config/bravesoftware
          .config/microsoft-edge
          .config/signal
          .config/slack
          .config/solana/id.json
          .ethereum/keystore
          .bitcoin
          .electrum
          library/keychains
          library/cookies
          library/application support/google/chrome
          library/application support/firefox
          library/application support/bravesoftware
          library/application support/microsoft edge
          library/application support/1password
          library/application support/bitwarden
          library/application support/com.apple.tcc
          library/messages
          library/group containers/2bua8c4s2c.com.1password
          appdata/roaming/microsoft/credentials
          appdata/roaming/microsoft/protect
          appdata/roaming/gcloud
          appdata/roaming/github cli
          appdata/roaming/npm/.npmrc
          appdata/roaming/nuget/nuget.config
          appdata/roaming/mozilla
          appdata/local/microsoft/credentials
          appdata/local/microsoft/vault
          appdata/local/google/chrome/user data
          appdata/local/microsoft/edge/user data\
          """);

  /// Below a home, in lower case: what people typed and agents were told.
  private static final PathSet HISTORIES =
      PathSet.of(
          """
          .bash_history
          .zsh_history
          .zhistory
          .history
          .local/share/fish/fish_history
          .python_history
          .node_repl_history
          .irb_history
          .psql_history
          .mysql_history
          .sqlite_history
          .rediscli_history
          .mongo_repl_history
          .lesshst
          .viminfo
          .claude/history.jsonl
          .codex/history.jsonl
          appdata/roaming/microsoft/windows/powershell/psreadline\
          """);

  private static final PathSet ELSEWHERE =
      PathSet.of(
          """
          /etc/shadow
          /etc/shadow-
          /etc/gshadow
          /etc/gshadow-
          /etc/master.passwd
          /etc/security/opasswd
          /etc/sudoers
          /etc/sudoers.d
          /etc/kubernetes/admin.conf
          /etc/kubernetes/pki
          /etc/rancher
          /var/lib/rancher/k3s/server/token
          /var/run/secrets
          /run/secrets
          /etc/ssl/private
          /etc/pki/tls/private
          /etc/letsencrypt/live
          /etc/letsencrypt/archive
          /etc/letsencrypt/keys
          /etc/wireguard
          /etc/openvpn
          /etc/krb5.keytab
          /etc/networkmanager/system-connections
          /etc/wpa_supplicant
          /etc/docker/key.json
          /etc/vault.d
          /library/keychains
          /var/db/dslocal/nodes
          c:/windows/system32/config
          c:/windows/ntds\
          """);

  private static final Pattern MACHINE =
      Pattern.compile("/proc/[^/]+/(?:environ|mem)|/etc/ssh/ssh_host_[a-z0-9]+_key");

  /// Public parts of secret directories, in lower case.
  private static final List<String> PUBLIC =
      List.of("known_hosts", "/.ssh/config", ".pub", "/.aws/config", "authorized_keys");

  /// Files that are there to hold a secret wherever they lie, by the names tools give them.
  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "\\.env(?:\\.[a-z0-9_-]+)*|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk|[._-][a-z0-9_.-]+)?"
              + "|.+\\.(?:p12|pfx|p8|jks|(?<!debug\\.)keystore|ppk|kdbx|keytab|ovpn)"
              + "|\\.htpasswd|\\.pgpass|[._]netrc|\\.git-credentials|\\.vault-token|\\.my\\.cnf"
              + "|\\.pypirc|\\.dockercfg"
              + "|(?:[a-z0-9]+[-_.])*(?:service|svc)[-_]?account(?:[-_.][a-z0-9]+)*\\.json"
              + "|(?:client[-_])?secrets?\\.(?:json|ya?ml|toml|ini|properties|env)"
              + "|(?:application[-_]default[-_])?credentials(?:\\.(?:json|ya?ml|toml|ini|csv|db))"
              + "|.*private[-_.]?key(?:\\.(?:pem|key|der|asc|txt|json))?|.*[-_.](?:private|priv)\\.(?:pem|key)");

  /// Names of files that often hold secrets.
  private static final Pattern SENSITIVE_NAME =
      Pattern.compile(
          ".+\\.(?:pem|key|tfstate|tfvars|envrc|env|gpg)|.+\\.tfstate\\.backup|\\.envrc|debug\\.keystore"
              + "|(?:.+\\.)?env\\.(?:local|dev|development|staging|stage|prod|production|test)"
              + "|(?:secrets?|passwords?|credentials?|tokens?|api[-_]?keys?)(?:\\.(?:txt|csv|enc|db|xml|conf|cfg))?"
              + "|passwd\\.(?:txt|csv|db|bak)");

  /// Names of the same kinds that are made to be shared.
  private static final Pattern SHARED_NAME =
      Pattern.compile(
          "\\.env(?:\\.[a-z0-9_-]+)*\\.(?:example|sample|template|dist|defaults?|schema|tpl|tmpl)"
              + "|\\.env\\.(?:example|sample|template|dist|defaults?|schema|tpl|tmpl|vault)(?:\\.[a-z]+)?"
              + "|.*(?:example|sample|template|dummy|public|\\bpub)s?(?:[-_.].*)?|.*\\.(?:pub|crt|csr|md|html?)"
              + "|(?:ca|cacerts?|ca[-_]?(?:bundle|cert|certificates?|chain)|cert|chain|fullchain|.*[-_.](?:cert|crt|ca|chain))\\.pem");

  /// Longest name a file system takes, in characters.
  private static final int LONGEST_NAME = 255;

  private SecretPaths() {}

  /// Where secrets lie below a home, sorted, in lower case; each stands for all below it.
  public static List<String> inHome() {
    return IN_HOME.roots();
  }

  /// @param path absolute and resolved
  /// @param home the caller's own home
  public static Kind kind(String path, String home) {
    String folded = path.toLowerCase(Locale.ROOT);
    if (isKept(folded, path, home)) {
      return Kind.SECRET;
    }
    String name = folded.substring(folded.lastIndexOf('/') + 1);
    if (name.length() > LONGEST_NAME || SHARED_NAME.matcher(name).matches()) {
      return Kind.OPEN;
    }
    if (SECRET_NAME.matcher(name).matches()) {
      return Kind.SECRET;
    }
    boolean sensitive =
        SENSITIVE_NAME.matcher(name).matches()
            || Homes.below(path, home).filter(HISTORIES::covers).isPresent();
    return sensitive ? Kind.SENSITIVE : Kind.OPEN;
  }

  /// Whether reading the path yields a secret.
  ///
  /// @param path absolute and resolved
  public static boolean isSecret(String path, String home) {
    return kind(path, home) == Kind.SECRET;
  }

  /// Whether the path lies where an account or the machine keeps its secrets.
  ///
  /// @param path absolute and resolved
  public static boolean isKept(String path, String home) {
    return isKept(path.toLowerCase(Locale.ROOT), path, home);
  }

  private static boolean isKept(String folded, String path, String home) {
    for (String open : PUBLIC) {
      if (folded.endsWith(open)) {
        return false;
      }
    }
    Optional<String> below = Homes.below(path, home);
    return below.filter(IN_HOME::covers).isPresent()
        || ELSEWHERE.covers(folded)
        || MACHINE.matcher(folded).matches();
  }

  /// Names a pattern is tried against.
  private static final List<String> WELL_KNOWN =
      List.of(".env", ".env.local", ".env.production", "id_rsa", "id_ed25519", ".netrc", ".npmrc");

  /// Whether a pattern in the last part of a path is made to match a secret: `.e?v`, `id_*`. One
  /// that matches nearly everything is not.
  static boolean aimsAtSecret(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    long literal = name.chars().filter(c -> Character.isLetterOrDigit(c) || c == '_').count();
    return literal >= 2
        && name.length() < 64
        && (name.startsWith(".env")
            || WELL_KNOWN.stream().anyMatch(known -> Glob.matches(name, known)))
        && !name.startsWith("*");
  }
}
