package dev.skillwarden.catalog;

import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// Builds a snapshot, from the files of one commit or from the releases of a catalog. What is bad
/// is left out and reported, with everything that depends on it; the rest is served.
public final class CatalogBuilder {
  private final String commit;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, Candidate> candidates = new LinkedHashMap<>();
  private final Set<SkillId> known = new HashSet<>();
  private final Map<SkillId, Archive> archived = new HashMap<>();
  private final Map<SkillId, Skill> archivedSkills = new HashMap<>();

  /// @param parsed gives positions to findings
  private record Candidate(Release release, ParsedSkill parsed) {}

  private CatalogBuilder(String commit) {
    this.commit = commit;
  }

  /// Gives the files of a tree.
  @FunctionalInterface
  public interface Tree {
    /// @param to takes every file below `.claude/skills/`
    void read(Consumer<SkillFile> to) throws IOException;
  }

  /// The skills of one tree, one release each.
  ///
  /// @param commit 40-hex commit the files come from
  public static CatalogSnapshot tree(String commit, Tree files) throws IOException {
    CatalogBuilder builder = new CatalogBuilder(commit);
    files.read(builder::addFile);
    return builder.build();
  }

  /// As [#tree(String, Tree)], of files that are in memory.
  ///
  /// @param files every file below `.claude/skills/`
  public static CatalogSnapshot tree(String commit, List<SkillFile> files) {
    CatalogBuilder builder = new CatalogBuilder(commit);
    files.forEach(builder::addFile);
    return builder.build();
  }

  private void addFile(SkillFile file) {
    if (SkillParser.isSkillPath(file.path())) {
      ParsedSkill parsed = SkillParser.parse(file);
      SkillParser.named(file.path()).ifPresent(known::add);
      findings.addAll(parsed.findings());
      parsed.skill().ifPresent(s -> add(Release.of(s), parsed));
    }
  }

  /// Where the file of a release is read.
  @FunctionalInterface
  public interface Content {
    /// The file as it is in the release's commit; empty when commit or file are not there.
    Optional<SkillFile> read(CatalogFile.Entry entry);
  }

  /// The releases of a catalog. Digest, name and version of each file must be those of its entry.
  ///
  /// @param before releases read earlier; those of equal digest are taken over without reading
  public static CatalogSnapshot releases(
      String commit, CatalogFile.Parsed catalog, Content content, CatalogSnapshot before) {
    CatalogBuilder builder = new CatalogBuilder(commit);
    builder.findings.addAll(catalog.findings());
    builder.archived.putAll(catalog.catalog().archived());
    builder.known.addAll(catalog.catalog().releases().keySet());
    builder.known.addAll(catalog.catalog().archived().keySet());
    catalog
        .catalog()
        .entries()
        .filter(e -> !catalog.catalog().archived().containsKey(e.skill()))
        .forEach(e -> builder.addEntry(e, content, before));
    for (SkillId id : catalog.catalog().archived().keySet()) {
      catalog.catalog().of(id).stream()
          .findFirst()
          .flatMap(content::read)
          .flatMap(file -> SkillParser.parse(file).skill())
          .ifPresent(s -> builder.archivedSkills.put(id, s.alone()));
    }
    return builder.build();
  }

  /// Joins the skills of several repositories. A name belongs to the first repository that uses it,
  /// also when it serves nothing under it: no other can step in for a skill that was retired or has
  /// errors.
  ///
  /// @param commit stands for all commits together
  public static CatalogSnapshot join(String commit, List<CatalogSnapshot> parts) {
    CatalogBuilder builder = new CatalogBuilder(commit);
    Map<SkillId, Integer> owner = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      for (SkillId id : parts.get(i).claimed()) {
        owner.putIfAbsent(id, i);
      }
    }
    builder.known.addAll(owner.keySet());
    for (int i = 0; i < parts.size(); i++) {
      int part = i;
      CatalogSnapshot from = parts.get(i);
      builder.findings.addAll(from.findings());
      from.releases()
          .forEach(r -> {
            int first = owner.getOrDefault(r.skill().id(), part);
            if (first == part) {
              builder.add(r, positionless(r.skill()));
            } else {
              builder.findings.add(taken(r.skill(), part, first));
            }
          });
      from.archived()
          .forEach((id, archive) -> {
            if (owner.getOrDefault(id, part) == part) {
              builder.archived.put(id, archive);
              Optional.ofNullable(from.archivedSkills().get(id))
                  .ifPresent(s -> builder.archivedSkills.put(id, s));
            }
          });
    }
    return builder.build();
  }

  private static Finding taken(Skill skill, int part, int first) {
    return new Finding(
        SkillRule.DUPLICATE_RELEASE,
        new Problem(
            skill.path(),
            0,
            0,
            "%s of source %d is not served: source %d has a skill of that name"
                .formatted(skill.release(), part + 1, first + 1)));
  }

  private static ParsedSkill positionless(Skill skill) {
    return new ParsedSkill(skill.path(), Optional.of(skill), Optional.empty(), "", 0, List.of());
  }

  private void addEntry(CatalogFile.Entry entry, Content content, CatalogSnapshot before) {
    Optional<Release> earlier =
        before
            .release(entry.skill(), entry.version())
            .filter(r -> r.written().sha256().equals(entry.sha256()));
    if (earlier.isPresent()) {
      serve(
          earlier.get().written(),
          entry,
          positionless(earlier.get().written()),
          earlier.get().findings());
      return;
    }
    Optional<SkillFile> file = content.read(entry);
    if (file.isEmpty()) {
      refuse(
          SkillRule.RELEASE_MISSING,
          entry,
          "cannot be read: commit %s or the file in it is not there".formatted(entry.commit()));
      return;
    }
    if (!file.get().regular()) {
      refuse(SkillRule.NOT_A_PLAIN_FILE, entry, "is no plain file in its commit");
      return;
    }
    ParsedSkill parsed = SkillParser.parse(file.get());
    String digest = Sha256.of(file.get().content());
    if (!digest.equals(entry.sha256())) {
      refuse(
          SkillRule.DIGEST_MISMATCH,
          entry,
          "has the digest %s, the catalog says %s".formatted(digest, entry.sha256()));
      return;
    }
    List<Finding> about =
        parsed.findings().stream()
            .map(f ->
                new Finding(
                    f.rule(),
                    f.severity(),
                    new Problem(entry.tag(), f.at().line(), f.at().column(), f.at().message())))
            .toList();
    if (parsed.skill().isEmpty()) {
      findings.addAll(about);
      return;
    }
    Skill skill = parsed.skill().get();
    if (!skill.id().equals(entry.skill()) || !skill.version().equals(entry.version())) {
      refuse(
          SkillRule.RELEASE_MISMATCH,
          entry,
          "names %s in its frontmatter, the catalog says %s"
              .formatted(skill.release(), entry.tag()));
      return;
    }
    serve(skill, entry, parsed, about);
  }

  private void serve(
      Skill written, CatalogFile.Entry entry, ParsedSkill parsed, List<Finding> about) {
    findings.addAll(about);
    add(new Release(under(written, entry), written, entry.yanked(), about), parsed);
  }

  /// What the catalog says about a release comes later than what its file says.
  private static Skill under(Skill skill, CatalogFile.Entry entry) {
    return entry.deprecated().isPresent() ? skill.deprecated(entry.deprecated()) : skill;
  }

  private void refuse(SkillRule rule, CatalogFile.Entry entry, String message) {
    known.add(entry.skill());
    findings.add(new Finding(rule, new Problem(entry.tag(), 0, 0, message)));
  }

  private void add(Release release, ParsedSkill parsed) {
    known.add(release.skill().id());
    Candidate earlier =
        candidates.putIfAbsent(
            release.skill().release(), new Candidate(release, parsed.withoutText()));
    if (earlier != null) {
      findings.add(
          new Finding(
              SkillRule.DUPLICATE_RELEASE,
              parsed.at(
                  "name", "%s is also in %s".formatted(release.skill().release(), parsed.path()))));
    }
  }

  private CatalogSnapshot build() {
    Set<SkillId> before = Set.copyOf(known);
    boolean changed = true;
    while (changed) {
      boolean unmet = leaveOutUnmet(before);
      changed = leaveOutCycles() || unmet;
    }
    return new CatalogSnapshot(
        commit,
        candidates.values().stream().map(Candidate::release).toList(),
        archived,
        archivedSkills,
        before,
        findings.stream().distinct().toList());
  }

  /// Repeats until nothing more falls out: what needs a release that is left out is left out too.
  private boolean leaveOutUnmet(Set<SkillId> named) {
    boolean changed = false;
    boolean again = true;
    while (again) {
      again = false;
      Index index = new Index(candidates.values(), named);
      for (Candidate candidate : List.copyOf(candidates.values())) {
        Skill skill = candidate.release().skill();
        List<Finding> unmet = new ArrayList<>();
        if (!skill.dependsOn().isEmpty()) {
          unmet.addAll(DependencyRules.unmet(candidate.parsed(), skill, index));
          skill.dependsOn().stream()
              .filter(d -> index.exists(d.skill()) && index.versions(d.skill()).isEmpty())
              .forEach(d ->
                  unmet.add(
                      new Finding(
                          SkillRule.LEFT_OUT_DEPENDENCY,
                          candidate
                              .parsed()
                              .atDependency(
                                  d.skill(), "depends on %s, which is left out".formatted(d)))));
        }
        if (!unmet.isEmpty()) {
          candidates.remove(skill.release());
          findings.addAll(unmet);
          again = true;
          changed = true;
        }
      }
    }
    return changed;
  }

  private boolean leaveOutCycles() {
    Index index = new Index(candidates.values(), Set.of());
    List<Skill> all = candidates.values().stream().map(c -> c.release().skill()).toList();
    Function<Skill, List<Skill>> next =
        skill -> skill.dependsOn().stream().flatMap(d -> index.highest(d).stream()).toList();
    Map<Skill, List<Skill>> cycles = DependencyRules.cycles(all, next);
    cycles.forEach((skill, cycle) -> {
      Candidate candidate = candidates.remove(skill.release());
      if (candidate != null) {
        findings.add(
            new Finding(
                SkillRule.CYCLE,
                candidate
                    .parsed()
                    .atDependency(
                        cycle.get(1).id(),
                        "is part of the dependency circle " + DependencyRules.shownCycle(cycle))));
      }
    });
    return !cycles.isEmpty();
  }

  /// What may be depended on: releases that are not yanked.
  private static final class Index implements DependencyRules.Available {
    private final Map<SkillId, List<Skill>> live = new HashMap<>();
    private final Set<SkillId> named;

    Index(Collection<Candidate> candidates, Set<SkillId> named) {
      this.named = named;
      for (Candidate candidate : candidates) {
        if (candidate.release().yanked().isEmpty()) {
          Skill skill = candidate.release().skill();
          live.computeIfAbsent(skill.id(), id -> new ArrayList<>()).add(skill);
        }
      }
    }

    @Override
    public boolean exists(SkillId id) {
      return named.contains(id) || live.containsKey(id);
    }

    @Override
    public List<Version> versions(SkillId id) {
      return live.getOrDefault(id, List.of()).stream().map(Skill::version).toList();
    }

    @Override
    public Collection<SkillId> all() {
      return live.keySet();
    }

    Optional<Skill> highest(dev.skillwarden.skill.Dependency dependency) {
      return live.getOrDefault(dependency.skill(), List.of()).stream()
          .filter(s -> dependency.range().selects(s.version()))
          .max(java.util.Comparator.comparing(Skill::version));
    }
  }
}
