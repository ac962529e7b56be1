package dev.skillwarden.gate;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.skill.SkillId;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/// The names by which the client may call a skill. The client accepts aliases (a leading `/` or
/// blank, a plugin prefix, the bare name), so every managed skill a name could mean counts, served
/// or not.
final class SkillNames {
  private SkillNames() {}

  /// The managed skills that `written` could mean; empty when it is no managed skill.
  static List<SkillId> candidates(CatalogSnapshot snapshot, String written) {
    String name =
        Normalizer.normalize(written, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT);
    while (name.startsWith("/")) {
      name = name.substring(1).strip();
    }
    String plain = name;
    return snapshot.claimed().stream().filter(s -> answersTo(s, plain)).toList();
  }

  private static boolean answersTo(SkillId skill, String name) {
    String team = skill.team();
    String shortName = skill.name();
    if (name.equals(shortName) || name.equals(team + "/" + shortName)) {
      return true;
    }
    // `plugin:skill`: any prefix, since plugins can be installed under other names; also
    // plugin:team/skill.
    int colon = name.lastIndexOf(':');
    String last = name.substring(colon + 1).strip();
    return colon >= 0 && (last.equals(shortName) || last.equals(team + "/" + shortName));
  }
}
