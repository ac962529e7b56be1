package dev.skillwarden.registry;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogFile.Entry;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Sha256;
import dev.skillwarden.text.Suggest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The changes a catalog can go through. Each takes a catalog and gives the next one; committing it
/// is [Channels]' part.
public final class CatalogEdit {
  private final LocalGit git;
  private final Channels channels;

  public CatalogEdit(LocalGit git, Channels channels) {
    this.git = git;
    this.channels = channels;
  }

  /// A changed catalog with what to tell about the change.
  ///
  /// @param notes what was left out and why
  /// @param moved releases whose tag stands for other content than the catalog says
  public record Built(CatalogFile catalog, List<String> notes, List<String> moved) {
    public Built {
      notes = List.copyOf(notes);
      moved = List.copyOf(moved);
    }
  }

  /// Adds a release for every tag `team/name@1.2.3` that has none. What is listed stays as it is: a
  /// release never changes.
  public Built build(CatalogFile catalog) throws IOException {
    CatalogFile next = catalog;
    List<String> notes = new ArrayList<>();
    List<String> moved = new ArrayList<>();
    for (LocalGit.Tag tag : git.tags().values()) {
      Optional<SkillTag> named = SkillTag.parse(tag.name());
      if (named.isEmpty()) {
        continue;
      }
      SkillTag name = named.get();
      Optional<Entry> listed = catalog.find(name.skill(), name.version());
      if (listed.isPresent()) {
        if (!sameContent(listed.get(), tag)) {
          moved.add(
              "%s: the tag stands for commit %s, the catalog for %s, with other content"
                  .formatted(tag.name(), tag.commit(), listed.get().commit()));
        }
        continue;
      }
      Optional<Entry> entry = entry(name, tag, notes);
      if (entry.isPresent()) {
        next = next.with(entry.get());
      }
    }
    return new Built(next, notes, moved);
  }

  private boolean sameContent(Entry entry, LocalGit.Tag tag) throws IOException {
    return entry.commit().equals(tag.commit())
        || git.file(tag.commit(), entry.path(), SkillParser.MAX_FILE)
            .map(b -> Sha256.of(b.content()).equals(entry.sha256()))
            .orElse(false);
  }

  private Optional<Entry> entry(SkillTag name, LocalGit.Tag tag, List<String> notes)
      throws IOException {
    String path = SkillParser.ROOT + name.skill() + ".md";
    Optional<SkillFile> file =
        git.file(tag.commit(), path, SkillParser.MAX_FILE)
            .map(b -> new SkillFile(b.path(), b.regular(), b.content()));
    if (file.isEmpty()) {
      notes.add("%s: commit %s has no %s".formatted(tag.name(), tag.commit(), path));
      return Optional.empty();
    }
    Entry entry =
        new Entry(
            name.skill(),
            name.version(),
            tag.commit(),
            Sha256.of(file.get().content()),
            tag.made(),
            Optional.empty(),
            Optional.empty());
    List<String> wrong = channels.check(entry);
    if (!wrong.isEmpty()) {
      notes.add("%s: %s".formatted(tag.name(), String.join("; ", wrong)));
      return Optional.empty();
    }
    Optional<Skill> skill = channels.skill(entry);
    return Optional.of(entry.deprecated(skill.flatMap(Skill::deprecated)));
  }

  /// Makes one release the newest of its major: adds it when it is missing, and takes newer ones of
  /// the major off the channel.
  ///
  /// @param from channels to take the release from
  public CatalogFile pin(CatalogFile catalog, SkillTag release, List<CatalogFile> from)
      throws IOException, RegistryException {
    Entry entry = find(catalog, release, from);
    List<Entry> entries = new ArrayList<>(List.of(entry));
    for (Entry other : catalog.of(release.skill())) {
      boolean newer =
          other.version().major() == release.version().major()
              && other.version().compareTo(release.version()) > 0;
      if (!newer && !other.version().equals(release.version())) {
        entries.add(other);
      }
    }
    return catalog.with(release.skill(), entries);
  }

  private Entry find(CatalogFile catalog, SkillTag release, List<CatalogFile> from)
      throws IOException, RegistryException {
    Optional<Entry> found = catalog.find(release.skill(), release.version());
    for (CatalogFile other : from) {
      found = found.or(() -> other.find(release.skill(), release.version()));
    }
    if (found.isPresent()) {
      return found.get();
    }
    LocalGit.Tag tag = git.tags().get(release.toString());
    List<String> notes = new ArrayList<>();
    Optional<Entry> fresh = tag == null ? Optional.empty() : entry(release, tag, notes);
    if (fresh.isPresent()) {
      return fresh.get();
    }
    throw new RegistryException(
        notes.isEmpty()
            ? "there is no release %s%s"
                .formatted(release, Suggest.nearest(release.toString(), git.tags().keySet()))
            : notes.getFirst());
  }

  /// Withdraws a release, or takes that back.
  ///
  /// @param reason empty to take it back
  public static CatalogFile yank(CatalogFile catalog, SkillTag release, Optional<String> reason)
      throws RegistryException {
    Entry entry = listed(catalog, release);
    if (entry.yanked().isPresent() == reason.isPresent()) {
      throw new RegistryException(
          reason.isPresent()
              ? "%s is yanked already: %s".formatted(release, entry.yanked().orElse(""))
              : "%s is not yanked".formatted(release));
    }
    return catalog.with(entry.yanked(reason));
  }

  private static Entry listed(CatalogFile catalog, SkillTag release) throws RegistryException {
    return catalog
        .find(release.skill(), release.version())
        .orElseThrow(() ->
            new RegistryException(
                "channel %s has no %s; it lists %s"
                    .formatted(
                        catalog.channel(),
                        release,
                        catalog.of(release.skill()).stream()
                            .map(e -> e.version().toString())
                            .toList())));
  }

  /// Takes every newer release of the version's major off the channel.
  public static CatalogFile rollBack(CatalogFile catalog, SkillTag to) throws RegistryException {
    listed(catalog, to);
    List<Entry> kept =
        catalog.of(to.skill()).stream()
            .filter(e ->
                e.version().major() != to.version().major()
                    || e.version().compareTo(to.version()) <= 0)
            .toList();
    if (kept.size() == catalog.of(to.skill()).size()) {
      throw new RegistryException(
          "%s is the newest release of its major on %s already".formatted(to, catalog.channel()));
    }
    return catalog.with(to.skill(), kept);
  }

  /// What a promotion takes over and what it holds back.
  ///
  /// @param promoted releases taken over, `team/name@1.2.3`
  /// @param held release to the reason it is held back
  public record Promoted(CatalogFile catalog, List<String> promoted, Map<String, String> held) {
    public Promoted {
      promoted = List.copyOf(promoted);
      held = java.util.Collections.unmodifiableMap(new TreeMap<>(held));
    }
  }

  /// Takes releases over from another channel: neither pre-releases nor yanked ones, none that is
  /// younger than `minAge`, none whose dependencies the target cannot satisfy. Yanks and
  /// deprecations of releases the target has are taken over too.
  ///
  /// @param only one skill, empty for all
  public Promoted promote(
      CatalogFile from, CatalogFile to, Optional<SkillId> only, Duration minAge, Instant now)
      throws IOException {
    CatalogFile next = to;
    Map<String, String> held = new TreeMap<>();
    Map<String, Entry> candidates = new TreeMap<>();
    for (Entry entry : from.entries().toList()) {
      if (only.isPresent() && !only.get().equals(entry.skill())) {
        continue;
      }
      Optional<Entry> there = to.find(entry.skill(), entry.version());
      if (there.isPresent()) {
        if (there.get().isSameRelease(entry) && !there.get().equals(entry)) {
          next = next.with(entry);
        }
      } else if (entry.version().isPrerelease()) {
        held.put(entry.tag(), "is a pre-release");
      } else if (entry.yanked().isPresent()) {
        held.put(entry.tag(), "is yanked: " + entry.yanked().get());
      } else if (Duration.between(entry.released(), now).compareTo(minAge) < 0) {
        held.put(
            entry.tag(),
            "was released at %s, less than %s ago".formatted(entry.released(), shown(minAge)));
      } else {
        candidates.put(entry.tag(), entry);
      }
    }
    return satisfiable(next, candidates, held);
  }

  /// Candidates may satisfy each other; what one cannot have takes its dependants along.
  private Promoted satisfiable(
      CatalogFile target, Map<String, Entry> candidates, Map<String, String> held)
      throws IOException {
    while (true) {
      CatalogFile next = target;
      for (Entry entry : candidates.values()) {
        next = next.with(entry);
      }
      Map<String, String> unmet = new TreeMap<>();
      for (Entry entry : candidates.values()) {
        Optional<String> reason = unmet(next, entry);
        reason.ifPresent(r -> unmet.put(entry.tag(), r));
      }
      if (unmet.isEmpty()) {
        return new Promoted(next, List.copyOf(candidates.keySet()), held);
      }
      candidates.keySet().removeAll(unmet.keySet());
      held.putAll(unmet);
    }
  }

  private Optional<String> unmet(CatalogFile catalog, Entry entry) throws IOException {
    Optional<Skill> skill = channels.skill(entry);
    if (skill.isEmpty()) {
      return Optional.of("cannot be read: " + String.join("; ", channels.check(entry)));
    }
    for (Dependency dependency : skill.get().dependsOn()) {
      if (resolve(catalog, dependency).isEmpty()) {
        return Optional.of(
            "needs %s, which channel %s cannot satisfy".formatted(dependency, catalog.channel()));
      }
    }
    return Optional.empty();
  }

  /// The release a range stands for in a catalog.
  public static Optional<Entry> resolve(CatalogFile catalog, Dependency wanted) {
    if (catalog.archived().containsKey(wanted.skill())) {
      return Optional.empty();
    }
    return catalog.of(wanted.skill()).stream()
        .filter(e -> e.yanked().isEmpty() && wanted.range().selects(e.version()))
        .max(Comparator.comparing(Entry::version));
  }

  private static String shown(Duration duration) {
    return duration.toHours() % 24 == 0 ? duration.toDays() + "d" : duration.toHours() + "h";
  }

  /// Everything wrong with a catalog: files, digests, frontmatter, tags, dependencies, and releases
  /// that changed in the channel's history.
  ///
  /// @param commit the channel's commit, whose history is looked at
  public List<String> verify(CatalogFile catalog, String commit)
      throws IOException, RegistryException {
    List<String> wrong = new ArrayList<>();
    Map<String, LocalGit.Tag> tags = git.tags();
    for (Entry entry : catalog.entries().toList()) {
      channels.check(entry).forEach(w -> wrong.add(entry.tag() + ": " + w));
      LocalGit.Tag tag = tags.get(entry.tag());
      if (tag == null) {
        wrong.add("%s: there is no such tag in this clone".formatted(entry.tag()));
      } else if (!sameContent(entry, tag)) {
        wrong.add(
            "%s: the tag was moved to commit %s, with other content"
                .formatted(entry.tag(), tag.commit()));
      }
      if (entry.yanked().isEmpty() && !catalog.archived().containsKey(entry.skill())) {
        unmet(catalog, entry)
            .filter(u -> u.startsWith("needs"))
            .ifPresent(u -> wrong.add(entry.tag() + ": " + u));
      }
    }
    history(catalog, commit, wrong);
    return wrong;
  }

  /// A version that once stood for other bytes was changed in place by somebody.
  private void history(CatalogFile catalog, String commit, List<String> wrong)
      throws IOException, RegistryException {
    for (LocalGit.LogEntry entry : git.log(commit, MAX_HISTORY)) {
      if (git.file(entry.commit(), CatalogFile.PATH, 0).isEmpty()) {
        return; // before the first catalog
      }
      CatalogFile then = channels.catalog(entry.commit()).catalog();
      for (Entry now : catalog.entries().toList()) {
        Optional<Entry> old = then.find(now.skill(), now.version());
        if (old.isPresent() && !old.get().sha256().equals(now.sha256())) {
          String line =
              "%s: stood for other content in commit %s".formatted(now.tag(), entry.commit());
          if (wrong.stream().noneMatch(w -> w.startsWith(now.tag() + ": stood"))) {
            wrong.add(line);
          }
        }
      }
    }
  }

  /// Commits of a channel's history that are compared.
  private static final int MAX_HISTORY = 200;

  /// `team/name@1.2.3`.
  public record SkillTag(SkillId skill, Version version) {
    /// @throws IllegalArgumentException saying what is wanted
    public static SkillTag of(String text) {
      return parse(text)
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "wants team/name@VERSION such as support/refund@1.2.3, found '%s'"
                      .formatted(text)));
    }

    static Optional<SkillTag> parse(String text) {
      int at = text.indexOf('@');
      if (at < 0) {
        return Optional.empty();
      }
      try {
        return Optional.of(
            new SkillTag(
                SkillId.parse(text.substring(0, at)), Version.parse(text.substring(at + 1))));
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // not one of ours
      }
    }

    @Override
    public String toString() {
      return skill + "@" + version;
    }
  }
}
