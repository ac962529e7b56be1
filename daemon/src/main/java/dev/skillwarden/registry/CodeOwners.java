package dev.skillwarden.registry;

import dev.skillwarden.skill.Skill;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The block of a CODEOWNERS file that makes reviews by a skill's owners binding on the git host.
public final class CodeOwners {
  private static final String BEGIN = "# skillwarden:begin - written by `skillwarden codeowners`";
  private static final String END = "# skillwarden:end";

  private final Optional<String> organization;
  private final Optional<String> platform;

  /// @param organization turns the owner `leads` into `@ORGANIZATION/leads`; without one such
  ///   owners get an `@` only
  /// @param platform who reviews the schema, the policy and the CI job
  public CodeOwners(Optional<String> organization, Optional<String> platform) {
    this.organization = organization;
    this.platform = platform;
  }

  /// The block, with its marks. Later lines win on the git hosts, so the general ones come first.
  public String block(List<Skill> skills) {
    List<String> lines = new ArrayList<>(List.of(BEGIN));
    platform.ifPresent(p -> {
      for (String path :
          List.of("/.claude/skills/", "/.claude/skills/_schema.yaml", "/policy/", "/.github/")) {
        lines.add(path + " " + handle(p));
      }
    });
    skills.stream()
        .sorted(java.util.Comparator.comparing(Skill::id))
        .filter(s -> !s.owners().isEmpty())
        .forEach(s ->
            lines.add(
                "/%s %s"
                    .formatted(
                        s.path(),
                        String.join(" ", s.owners().stream().map(this::handle).toList()))));
    lines.add(END);
    return String.join("\n", lines) + "\n";
  }

  /// A handle or an address stays as it is.
  private String handle(String owner) {
    if (owner.contains("@")) {
      return owner;
    }
    return organization.map(o -> "@" + o + "/" + owner).orElse("@" + owner);
  }

  /// A whole file with the block in the place of an earlier one, or at its end.
  public static String merge(String file, String block) {
    int begin = file.indexOf("# skillwarden:begin");
    int end = file.indexOf(END, Math.max(0, begin));
    if (begin < 0 || end < 0) {
      String before = file.isEmpty() || file.endsWith("\n") ? file : file + "\n";
      return before + block;
    }
    int after = Math.min(file.length(), end + END.length() + 1);
    return file.substring(0, begin) + block + file.substring(after);
  }
}
