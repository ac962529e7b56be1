package dev.skillwarden.skill;

import dev.skillwarden.text.Problem;
import dev.skillwarden.text.YamlNode;
import java.util.List;
import java.util.Optional;

/// What came of reading one file.
///
/// @param path path in the repository
/// @param skill present exactly when no finding is an error
/// @param frontmatter the keys as written, when they could be read
/// @param text the whole file with LF line ends, empty when it is not text
/// @param bodyLine 1-based line at which the instructions start, 0 when there are none
/// @param findings everything to mend, in the order of the file
public record ParsedSkill(
    String path,
    Optional<Skill> skill,
    Optional<YamlNode.Mapping> frontmatter,
    String text,
    int bodyLine,
    List<Finding> findings) {
  public ParsedSkill {
    findings = List.copyOf(findings);
  }

  /// The same without the text, for those who keep many.
  public ParsedSkill withoutText() {
    return new ParsedSkill(path, skill, frontmatter, "", bodyLine, findings);
  }

  /// A problem at a key of the frontmatter, or at its first line when the key is not there.
  public Problem at(String key, String message) {
    Optional<YamlNode> value = frontmatter.flatMap(f -> f.get(key));
    return value
        .map(v -> new Problem(path, v.line(), v.column(), message))
        .orElseGet(() -> new Problem(path, 1, 1, message));
  }

  /// A problem at one entry of `depends_on`.
  public Problem atDependency(SkillId dependency, String message) {
    Optional<YamlNode> list = frontmatter.flatMap(f -> f.get("depends_on"));
    if (list.isPresent() && list.get() instanceof YamlNode.Sequence entries) {
      for (YamlNode entry : entries.items()) {
        if (entry instanceof YamlNode.Scalar s && s.value().strip().startsWith(dependency + ":")) {
          return new Problem(path, entry.line(), entry.column(), message);
        }
      }
    }
    return at("depends_on", message);
  }
}
