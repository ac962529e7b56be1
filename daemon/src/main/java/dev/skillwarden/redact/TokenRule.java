package dev.skillwarden.redact;

import com.google.re2j.Matcher;
import java.util.List;
import java.util.Locale;

/// A secret that is known by how it begins. The pattern is tried only where the prefix stands at
/// the beginning of a word, and every pattern fails within a bounded number of characters or at the
/// end of the word, so that all rules together stay linear. The shapes are those their issuers
/// document.
///
/// @param shortest characters that every token has after its prefix at least
record TokenRule(String label, String prefix, LazyPattern pattern, int shortest) implements Rule {
  private static final int SHORTEST = 12;

  /// Longest token looked at; what goes on after it without a break belongs to it.
  private static final int LONGEST = 512;

  /// The same of web tokens, which have breaks.
  private static final int LONGEST_JWT = 4096;

  static final List<TokenRule> ALL =
      List.of(
          rule("aws-key", "AKIA", "[A-Z0-9]{16}\\b"),
          rule("aws-key", "ASIA", "[A-Z0-9]{16}\\b"),
          rule("alibaba-key", "LTAI", "[A-Za-z0-9]{16,24}\\b"),
          rule("github-token", "ghp_", "[A-Za-z0-9]{36,}"),
          rule("github-token", "gho_", "[A-Za-z0-9]{36,}"),
          rule("github-token", "ghu_", "[A-Za-z0-9]{36,}"),
          rule("github-token", "ghs_", "[A-Za-z0-9]{36,}"),
          rule("github-token", "ghr_", "[A-Za-z0-9]{36,}"),
          rule("github-token", "github_pat_", "[A-Za-z0-9_]{22,}"),
          rule("gitlab-token", "glpat-", "[A-Za-z0-9_.-]{20,}"),
          rule("gitlab-token", "gldt-", "[A-Za-z0-9_-]{20,}"),
          rule("gitlab-token", "glrt-", "[A-Za-z0-9_.-]{20,}"),
          rule("gitlab-token", "glptt-", "[a-f0-9]{40}"),
          rule("gitlab-token", "glcbt-", "[A-Za-z0-9]{1,5}_[A-Za-z0-9_-]{20,}"),
          rule("bitbucket-token", "ATBB", "[A-Za-z0-9]{24,}"),
          rule("slack-token", "xox", "[abeoprs]-[A-Za-z0-9-]{10,}"),
          rule("slack-token", "xapp-", "[A-Za-z0-9-]{10,}"),
          rule("slack-webhook", "hooks.slack.com/", "[a-z]+/[A-Za-z0-9/]{20,99}"),
          rule("npm-token", "npm_", "[A-Za-z0-9]{36}\\b"),
          rule("pypi-token", "pypi-", "[A-Za-z0-9_-]{50,}"),
          rule("rubygems-token", "rubygems_", "[a-f0-9]{48}"),
          rule("crates-token", "cio", "[A-Za-z0-9]{32}\\b"),
          rule("clojars-token", "CLOJARS_", "[a-z0-9]{60}"),
          rule("docker-token", "dckr_pat_", "[A-Za-z0-9_-]{20,}"),
          rule("anthropic-key", "sk-ant-", "[A-Za-z0-9_-]{20,}"),
          rule("openai-key", "sk-", "((proj|svcacct|admin)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})"),
          rule("groq-key", "gsk_", "[A-Za-z0-9]{40,}"),
          rule("xai-key", "xai-", "[A-Za-z0-9]{60,}"),
          rule("perplexity-key", "pplx-", "[A-Za-z0-9]{40,}"),
          rule("replicate-token", "r8_", "[A-Za-z0-9]{37}\\b"),
          rule("huggingface-token", "hf_", "[A-Za-z0-9]{30,64}\\b"),
          rule("pinecone-key", "pcsk_", "[A-Za-z0-9_]{40,}"),
          rule("langsmith-key", "lsv2_", "(pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
          rule("google-key", "AIza", "[A-Za-z0-9_-]{35}"),
          rule("google-oauth-secret", "GOCSPX-", "[A-Za-z0-9_-]{20,64}"),
          rule("google-oauth-token", "ya29.", "[A-Za-z0-9_-]{20,}"),
          rule("stripe-key", "sk_live_", "[A-Za-z0-9]{16,}"),
          rule("stripe-key", "rk_live_", "[A-Za-z0-9]{16,}"),
          rule("stripe-key", "sk_test_", "[A-Za-z0-9]{16,}"),
          rule("stripe-key", "rk_test_", "[A-Za-z0-9]{16,}"),
          rule("stripe-webhook-secret", "whsec_", "[A-Za-z0-9+/=]{24,}"),
          rule("square-token", "sq0", "(atp|csp)-[A-Za-z0-9_-]{22,60}"),
          rule("square-token", "EAAA", "[A-Za-z0-9_-]{56,}"),
          rule("shopify-token", "shpat_", "[a-fA-F0-9]{32}"),
          rule("shopify-token", "shpca_", "[a-fA-F0-9]{32}"),
          rule("shopify-token", "shppa_", "[a-fA-F0-9]{32}"),
          rule("shopify-token", "shpss_", "[a-fA-F0-9]{32}"),
          rule("sendgrid-key", "SG.", "[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}"),
          rule("sendinblue-key", "xkeysib-", "[a-f0-9]{64}-[A-Za-z0-9]{16}"),
          rule("mailgun-key", "key-", "[a-f0-9]{32}\\b"),
          rule("databricks-token", "dapi", "[a-f0-9]{32}"),
          rule("digitalocean-token", "doo_v1_", "[a-f0-9]{64}"),
          rule("digitalocean-token", "dop_v1_", "[a-f0-9]{64}"),
          rule("digitalocean-token", "dor_v1_", "[a-f0-9]{64}"),
          rule("doppler-token", "dp.", "(pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{40,120}"),
          rule("vault-token", "hvs.", "[A-Za-z0-9_-]{20,}"),
          rule("vault-token", "hvb.", "[A-Za-z0-9_-]{20,}"),
          rule("pulumi-token", "pul-", "[a-f0-9]{40}"),
          rule("fly-token", "fm2_", "[A-Za-z0-9+/=]{50,}"),
          rule("netlify-token", "nfp_", "[A-Za-z0-9]{36,}"),
          rule("planetscale-token", "pscale_", "(tkn|oauth|pw)_[A-Za-z0-9_.=-]{32,}"),
          rule("supabase-token", "sbp_", "[a-f0-9]{40}"),
          rule("postman-key", "PMAK-", "[a-f0-9]{24}-[a-f0-9]{34}"),
          rule("age-key", "AGE-SECRET-KEY-1", "[A-Z0-9]{58}"),
          rule("figma-token", "figd_", "[A-Za-z0-9_-]{20,}"),
          rule("linear-key", "lin_api_", "[A-Za-z0-9]{32,}"),
          rule("notion-token", "secret_", "[A-Za-z0-9]{43}\\b"),
          rule("notion-token", "ntn_", "[A-Za-z0-9]{40,}"),
          rule("atlassian-token", "ATATT3", "[A-Za-z0-9_=-]{60,}"),
          rule("sentry-token", "sntrys_", "[A-Za-z0-9+/=_-]{60,}"),
          rule("sentry-token", "sntryu_", "[a-f0-9]{64}"),
          rule("newrelic-key", "NRAK-", "[A-Z0-9]{27}"),
          rule("newrelic-key", "NRAA-", "[A-Z0-9]{27}"),
          rule("grafana-token", "glsa_", "[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
          rule("grafana-token", "glc_", "[A-Za-z0-9+/]{32,400}={0,2}"),
          rule("buildkite-token", "bkua_", "[a-f0-9]{40}"),
          rule("circleci-token", "CCIPAT_", "[A-Za-z0-9]{22}_[a-f0-9]{40}"),
          rule("tailscale-key", "tskey-", "[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,64}"),
          rule("onepassword-token", "ops_ey", "[A-Za-z0-9+/=_-]{60,}"),
          rule("openshift-token", "sha256~", "[A-Za-z0-9_-]{43}"),
          rule("sourcegraph-token", "sgp_", "[A-Za-z0-9_]{40,120}"),
          rule("sonar-token", "squ_", "[a-f0-9]{40}"),
          rule("sonar-token", "sqp_", "[a-f0-9]{40}"),
          rule("sonar-token", "sqa_", "[a-f0-9]{40}"),
          new TokenRule(
              "airtable-token", "pat", new LazyPattern("[A-Za-z0-9]{14}\\.[a-f0-9]{64}"), 79),
          rule("dynatrace-token", "dt0", "[a-z][0-9]{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}"),
          rule("mapbox-token", "sk.ey", "[A-Za-z0-9_-]{20,}\\.[A-Za-z0-9_-]{16,64}"),
          rule("jwt", "eyJ", "[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(\\.[A-Za-z0-9_-]*)*"));

  /// @param pattern of what follows the prefix
  private static TokenRule rule(String label, String prefix, String pattern) {
    return new TokenRule(label, prefix, new LazyPattern(pattern), SHORTEST);
  }

  @Override
  public String keyword() {
    return prefix.toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Hit> find(Window window, int at) {
    String text = window.text();
    if (!text.startsWith(prefix, at) || (at > 0 && continuesWord(text.charAt(at - 1)))) {
      return List.of();
    }
    int rest = at + prefix.length();
    if (longWordEnd(text, rest, rest + shortest) < rest + shortest) {
      return List.of();
    }
    String word = text.substring(rest, longWordEnd(text, rest + shortest, rest + longest()));
    window.spend(word.length() / Window.PLAIN_CHARACTERS);
    Matcher matcher = pattern.matcher(word);
    boolean matches = matcher.lookingAt();
    window.spend(Window.PATTERN + (matches ? matcher.end() : word.length()));
    return matches
        ? List.of(new Hit(at, wordEnd(text, rest + matcher.end(), text.length()), label))
        : List.of();
  }

  private int longest() {
    return label.equals("jwt") ? LONGEST_JWT : LONGEST;
  }

  /// End of what tokens are made of. Most words that begin like a token are short, and a look costs
  /// less than a pattern.
  private static int longWordEnd(String text, int from, int to) {
    int end = from;
    while (end < Math.min(to, text.length()) && isOfTokens(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isOfTokens(char c) {
    return continuesWord(c) || c == '/' || c == '+' || c == '=';
  }

  /// What follows a token without a break belongs to it.
  private static int wordEnd(String text, int end, int to) {
    int last = end;
    while (last < to && continuesWord(text.charAt(last)) && text.charAt(last) != '.') {
      last++;
    }
    return last;
  }

  /// Characters a token is made of: after one of them no token begins, else the tries at
  /// `eyJ-eyJ-eyJ-` would overlap.
  private static boolean continuesWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
  }
}
