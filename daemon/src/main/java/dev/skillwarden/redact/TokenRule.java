package dev.skillwarden.redact;

import com.google.re2j.Matcher;
import java.util.List;

/// A secret that is known by how it begins. The pattern is tried only where the prefix stands at
/// the beginning of a word, and every pattern fails within a bounded number of characters or at the
/// end of the word, so that all rules together stay linear.
record TokenRule(String label, String prefix, LazyPattern pattern) {
  /// Longest token looked at.
  private static final int LONGEST = 4096;

  static final List<TokenRule> ALL =
      List.of(
          rule("aws-key", "AKIA", "AKIA[A-Z0-9]{16}\\b"),
          rule("aws-key", "ASIA", "ASIA[A-Z0-9]{16}\\b"),
          rule("github-token", "ghp_", "ghp_[A-Za-z0-9]{36,255}"),
          rule("github-token", "gho_", "gho_[A-Za-z0-9]{36,255}"),
          rule("github-token", "ghu_", "ghu_[A-Za-z0-9]{36,255}"),
          rule("github-token", "ghs_", "ghs_[A-Za-z0-9]{36,255}"),
          rule("github-token", "ghr_", "ghr_[A-Za-z0-9]{36,255}"),
          rule("github-token", "github_pat_", "github_pat_[A-Za-z0-9_]{22,255}"),
          rule("gitlab-token", "glpat-", "glpat-[A-Za-z0-9_.-]{20,255}"),
          rule("gitlab-token", "gldt-", "gldt-[A-Za-z0-9_-]{20,255}"),
          rule("gitlab-token", "glrt-", "glrt-[A-Za-z0-9_.-]{20,255}"),
          rule("slack-token", "xox", "xox[abeoprs]-[A-Za-z0-9-]{10,255}"),
          rule("slack-token", "xapp-", "xapp-[A-Za-z0-9-]{10,255}"),
          rule(
              "slack-webhook",
              "hooks.slack.com/",
              "hooks\\.slack\\.com/[a-z]+/[A-Za-z0-9/]{20,99}"),
          rule("npm-token", "npm_", "npm_[A-Za-z0-9]{36}\\b"),
          rule("anthropic-key", "sk-ant-", "sk-ant-[A-Za-z0-9_-]{20,255}"),
          rule(
              "openai-key",
              "sk-",
              "sk-((proj|svcacct|admin)-[A-Za-z0-9_-]{20,255}|[A-Za-z0-9]{32,255})"),
          rule("google-key", "AIza", "AIza[A-Za-z0-9_-]{35}"),
          rule("stripe-key", "sk_live_", "sk_live_[A-Za-z0-9]{16,255}"),
          rule("stripe-key", "rk_live_", "rk_live_[A-Za-z0-9]{16,255}"),
          rule("sendgrid-key", "SG.", "SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}"),
          rule("pypi-token", "pypi-", "pypi-[A-Za-z0-9_-]{50,512}"),
          rule("docker-token", "dckr_pat_", "dckr_pat_[A-Za-z0-9_-]{20,255}"),
          rule("huggingface-token", "hf_", "hf_[A-Za-z0-9]{30,64}\\b"),
          rule("digitalocean-token", "dop_v1_", "dop_v1_[a-f0-9]{64}"),
          rule("vault-token", "hvs.", "hvs\\.[A-Za-z0-9_-]{20,255}"),
          rule("jwt", "eyJ", "eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(\\.[A-Za-z0-9_-]*)*"));

  private static TokenRule rule(String label, String prefix, String pattern) {
    return new TokenRule(label, prefix, new LazyPattern(pattern));
  }

  /// Adds every token of this kind that begins within the window.
  void find(String text, int from, int to, List<Hit> hits) {
    int at = text.indexOf(prefix, from, to);
    while (at >= 0) {
      int next = at + prefix.length();
      if (at == 0 || !continuesWord(text.charAt(at - 1))) {
        Matcher matcher = pattern.matcher(text.substring(at, Math.min(to, at + LONGEST)));
        if (matcher.lookingAt()) {
          next = wordEnd(text, at + matcher.end(), to);
          hits.add(new Hit(at, next, label));
        }
      }
      at = text.indexOf(prefix, next, to);
    }
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
