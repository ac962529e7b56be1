package dev.skillwarden.registry;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogFile.Entry;
import dev.skillwarden.skill.SkillId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What differs between two catalogs, release by release.
///
/// @param changes in the order of names, newest version first
public record Delta(List<Change> changes) {
  public Delta {
    changes = List.copyOf(changes);
  }

  /// One release that differs.
  ///
  /// @param before empty when it was added
  /// @param after empty when it was removed
  public record Change(String release, Optional<Entry> before, Optional<Entry> after) {
    /// `+ a/b@1.0.0`, `- a/b@1.0.0`, or `~ a/b@1.0.0 yanked: leaks`.
    @Override
    public String toString() {
      if (before.isEmpty()) {
        return "+ " + release;
      }
      return after.map(entry -> "~ " + release + what(before.get(), entry)).orElse("- " + release);
    }

    private static String what(Entry before, Entry after) {
      List<String> what = new ArrayList<>();
      if (!before.yanked().equals(after.yanked())) {
        what.add(after.yanked().map(r -> "yanked: " + r).orElse("not yanked any more"));
      }
      if (!before.deprecated().equals(after.deprecated())) {
        what.add(after.deprecated().map(d -> d.text()).orElse("not deprecated any more"));
      }
      if (!before.isSameRelease(after)) {
        what.add("OTHER CONTENT: commit %s to %s".formatted(before.commit(), after.commit()));
      }
      return " " + String.join(", ", what);
    }
  }

  /// What leads from one to the other.
  public static Delta between(CatalogFile before, CatalogFile after) {
    Map<String, Entry> old = byRelease(before);
    Map<String, Entry> now = byRelease(after);
    Map<String, Change> changes = new TreeMap<>();
    old.forEach((release, entry) -> {
      Entry next = now.get(release);
      if (next == null || !next.equals(entry)) {
        changes.put(release, new Change(release, Optional.of(entry), Optional.ofNullable(next)));
      }
    });
    now.forEach((release, entry) -> {
      if (!old.containsKey(release)) {
        changes.put(release, new Change(release, Optional.empty(), Optional.of(entry)));
      }
    });
    return new Delta(List.copyOf(changes.values()));
  }

  private static Map<String, Entry> byRelease(CatalogFile catalog) {
    Map<String, Entry> entries = new HashMap<>();
    catalog.entries().forEach(e -> entries.put(e.tag(), e));
    return entries;
  }

  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /// Takes the changes back from a catalog that may have changed since.
  ///
  /// @throws RegistryException when a release changed again meanwhile
  CatalogFile undo(CatalogFile now) throws RegistryException {
    CatalogFile result = now;
    for (Change change : changes) {
      Entry known = change.after().or(change::before).orElseThrow();
      SkillId id = known.skill();
      Optional<Entry> current = now.find(id, known.version());
      if (!current.equals(change.after())) {
        throw new RegistryException(
            "%s changed again after that commit; roll the later change back first, or use --skill"
                .formatted(change.release()));
      }
      List<Entry> entries =
          new ArrayList<>(
              result.of(id).stream().filter(e -> !e.version().equals(known.version())).toList());
      change.before().ifPresent(entries::add);
      result = result.with(id, entries);
    }
    return result;
  }
}
