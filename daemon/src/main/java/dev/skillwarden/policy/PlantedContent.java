package dev.skillwarden.policy;

import dev.skillwarden.effect.SecretPaths;
import dev.skillwarden.redact.Tokens;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// What is written into a file that others run by themselves later: build pipelines, package
/// scripts, hooks, settings that start programs. Judged by what it would run.
final class PlantedContent {
  private static final Pattern PIPELINE =
      Pattern.compile(
          "(?:.*/)?(?:\\.github/(?:workflows|actions)/.*\\.ya?ml|\\.gitlab-ci\\.yml|\\.circleci/config\\.yml"
              + "|azure-pipelines\\.ya?ml|bitbucket-pipelines\\.yml|\\.travis\\.yml|\\.drone\\.yml"
              + "|\\.woodpecker(?:/.*)?\\.ya?ml|cloudbuild\\.ya?ml|buildspec\\.ya?ml|jenkinsfile"
              + "|lefthook\\.ya?ml|\\.pre-commit-config\\.ya?ml|action\\.ya?ml)");
  private static final Pattern SETTINGS =
      Pattern.compile(
          "(?:.*/)?(?:package\\.json|composer\\.json|\\.vscode/[a-z]+\\.json|hooks/[^/]+\\.json|hooks\\.json"
              + "|\\.?mcp\\.json|settings(?:\\.local)?\\.json|devcontainer\\.json|opencode\\.jsonc?)");
  private static final Pattern SCRIPT =
      Pattern.compile("(?:.*/)?(?:\\.husky/[^/]+|\\.githooks/[^/]+|git-hooks/[^/]+|\\.envrc)");

  /// Keys whose text runs: by name of the package manager's own steps, or wherever a program is
  /// started.
  private static final Set<String> RUN_KEYS =
      Set.of(
          "preinstall",
          "install",
          "postinstall",
          "prepare",
          "prepublish",
          "prepublishonly",
          "prepack",
          "postpack",
          "post-install-cmd",
          "post-update-cmd",
          "post-autoload-dump",
          "command",
          "initializecommand",
          "oncreatecommand",
          "postcreatecommand",
          "poststartcommand",
          "postattachcommand");

  /// Objections that hold wherever the text runs; the others may be right on a build machine.
  private static final Set<Rule> ANYWHERE =
      Set.of(
          Rule.REVERSE_SHELL,
          Rule.CREDENTIAL_EXFIL,
          Rule.CLOUD_METADATA,
          Rule.ENCODED_PAYLOAD_EXEC,
          Rule.FORK_BOMB,
          Rule.POLICY_TAMPERING);

  /// Foreign code, and what could not be followed.
  private static final Set<Rule> DOUBTFUL =
      Set.of(
          Rule.REMOTE_CODE_PIPE,
          Rule.REMOTE_CODE_DOWNLOAD_RUN,
          Rule.OBFUSCATED_EXEC,
          Rule.ANALYSIS_BUDGET_EXCEEDED);

  /// Longest content, in characters, and most scripts that are looked at; of more, it is said.
  private static final int LONGEST = 256 << 10;

  private static final int MAX_SCRIPTS = 4_000;

  /// @param rule what is to be said about it
  /// @param span the part of the content
  record Plant(Rule rule, String span) {}

  private PlantedContent() {}

  /// @param path absolute and resolved
  /// @param shell the rules that object to a shell command
  static List<Plant> judge(
      String path, String home, String content, Function<String, Set<Rule>> shell) {
    String folded = path.toLowerCase(Locale.ROOT);
    List<Plant> plants = new ArrayList<>();
    String text = content.length() > LONGEST ? content.substring(0, LONGEST) : content;
    boolean runs =
        SETTINGS.matcher(folded).matches()
            || PIPELINE.matcher(folded).matches()
            || SCRIPT.matcher(folded).matches();
    if (runs && text.length() < content.length()) {
      plants.add(new Plant(Rule.PLANTED_EXECUTION, "more than can be looked at"));
    }
    if (SETTINGS.matcher(folded).matches()) {
      if (switchesHooksOff(text)) {
        plants.add(new Plant(Rule.POLICY_TAMPERING, "hooks are switched off"));
      }
      run(values(text), false, shell, plants);
    } else if (PIPELINE.matcher(folded).matches()) {
      run(blocks(text), true, shell, plants);
    } else if (SCRIPT.matcher(folded).matches()) {
      run(List.of(text), false, shell, plants);
    }
    if (SecretPaths.kind(path, home) == SecretPaths.Kind.OPEN && Tokens.holds(content)) {
      plants.add(new Plant(Rule.SECRET_COMMIT, "a secret"));
    }
    return plants;
  }

  private static void run(
      List<String> scripts,
      boolean elsewhere,
      Function<String, Set<Rule>> shell,
      List<Plant> plants) {
    if (scripts.size() > MAX_SCRIPTS) {
      plants.add(new Plant(Rule.PLANTED_EXECUTION, "more scripts than can be looked at"));
    }
    for (String script : scripts.subList(0, Math.min(scripts.size(), MAX_SCRIPTS))) {
      Set<Rule> rules = shell.apply(script);
      Optional<Rule> certain = rules.stream().filter(ANYWHERE::contains).findFirst();
      boolean doubtful =
          rules.stream()
              .anyMatch(
                  r -> DOUBTFUL.contains(r) || (!elsewhere && r.defaultVerdict() == Verdict.DENY));
      if (certain.isPresent()) {
        plants.add(new Plant(certain.get(), script));
      } else if (doubtful) {
        plants.add(new Plant(Rule.PLANTED_EXECUTION, script));
      }
    }
  }

  private static final Pattern HOOKS_OFF =
      Pattern.compile(
          "\"[^\"\\n]{0,60}(?i:disable)[^\"\\n]{0,20}(?i:hooks?)\"\\s{0,8}:\\s{0,8}true"
              + "|\"(?:[A-Za-z.]{3,60}(?i:hook)[A-Za-z.]{0,60}|(?i:hook)[A-Za-z.]{3,60})\"\\s{0,8}:\\s{0,8}(?:false|\\{[^{}]{0,400}:\\s{0,8}false)");

  private static boolean switchesHooksOff(String json) {
    return HOOKS_OFF.matcher(json).find();
  }

  /// Text values of the keys that run, whether or not the text is a whole JSON document.
  private static List<String> values(String json) {
    List<String> values = new ArrayList<>();
    String key = "";
    int at = json.indexOf('"');
    while (at >= 0) {
      int end = at + 1;
      while (end < json.length() && json.charAt(end) != '"') {
        end += json.charAt(end) == '\\' ? 2 : 1;
      }
      if (end >= json.length()) {
        break;
      }
      String text = unescaped(json.substring(at, end + 1));
      int next = end + 1;
      while (next < json.length() && Character.isWhitespace(json.charAt(next))) {
        next++;
      }
      boolean isKey = next < json.length() && json.charAt(next) == ':';
      if (isKey) {
        key = text.toLowerCase(Locale.ROOT);
      } else if (RUN_KEYS.contains(key)) {
        values.add(text);
      }
      at = json.indexOf('"', end + 1);
    }
    return values;
  }

  private static String unescaped(String quoted) {
    try {
      return Json.parse("text", quoted).asString("");
    } catch (InvalidTextException e) {
      return quoted.substring(1, quoted.length() - 1); // as written
    }
  }

  private static final Pattern KEY = Pattern.compile("^(?:-\\s+)?(?:[A-Za-z_-]+:\\s+)?");

  /// The texts of a YAML file: block scalars as a whole, other lines without their key.
  private static List<String> blocks(String yaml) {
    List<String> blocks = new ArrayList<>();
    StringBuilder block = new StringBuilder();
    int indent = -1;
    for (String line : yaml.split("\n", -1)) {
      String stripped = line.strip();
      int own = line.length() - line.stripLeading().length();
      if (indent >= 0 && (own > indent || stripped.isEmpty())) {
        block.append(stripped).append('\n');
        continue;
      }
      if (indent >= 0) {
        blocks.add(block.toString());
        block.setLength(0);
        indent = -1;
      }
      if (stripped.matches(".*:\\s*[|>][-+0-9]*")) {
        indent = own;
      } else if (!stripped.startsWith("#")) {
        String value = KEY.matcher(stripped).replaceFirst("");
        if (value.indexOf(' ') > 0) {
          blocks.add(unquoted(value));
        }
      }
    }
    if (!block.isEmpty()) {
      blocks.add(block.toString());
    }
    return blocks;
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() > 1
            && (value.charAt(0) == '"' || value.charAt(0) == '\'')
            && value.charAt(value.length() - 1) == value.charAt(0);
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
