package dev.skillwarden.registry;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogFile.Entry;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The channels of a repository: branches that hold a catalog and nothing else of ours. Every
/// change is one commit on the channel's branch.
public final class Channels {
  private final LocalGit git;
  private final Map<Entry, Optional<Skill>> read = new HashMap<>();

  public Channels(LocalGit git) {
    this.git = git;
  }

  /// A channel as it stands.
  ///
  /// @param commit empty when the branch does not exist yet
  /// @param findings about entries that were left out
  public record Channel(Optional<String> commit, CatalogFile catalog, List<Finding> findings) {
    public Channel {
      findings = List.copyOf(findings);
    }
  }

  /// @param name also the branch's name
  public Channel open(String name) throws IOException, RegistryException {
    Optional<String> commit = git.branch(name);
    if (commit.isEmpty()) {
      return new Channel(commit, CatalogFile.empty(name), List.of());
    }
    CatalogFile.Parsed parsed = at(commit.get());
    return new Channel(commit, parsed.catalog(), parsed.findings());
  }

  /// The catalog of a branch, tag or commit.
  public CatalogFile.Parsed catalog(String ref) throws IOException, RegistryException {
    return at(
        git.resolve(ref)
            .orElseThrow(() ->
                new RegistryException(
                    "there is no %s in this clone; fetch it, or build it with `skillwarden catalog build`"
                        .formatted(ref))));
  }

  private CatalogFile.Parsed at(String commit) throws IOException, RegistryException {
    GitStore.Blob file =
        git.file(commit, CatalogFile.PATH, CatalogFile.MAX_BYTES)
            .orElseThrow(() ->
                new RegistryException(
                    "commit %s has no %s; a channel's branch holds one"
                        .formatted(commit, CatalogFile.PATH)));
    try {
      return CatalogFile.parse(CatalogFile.PATH, file.content());
    } catch (InvalidTextException e) {
      throw new RegistryException(String.valueOf(e.getMessage()));
    }
  }

  /// A catalog without what one commit of its history changed.
  public CatalogFile without(CatalogFile now, String commit) throws IOException, RegistryException {
    CatalogFile after = at(commit).catalog();
    List<LocalGit.LogEntry> log = git.log(commit, 2);
    boolean first =
        log.size() < 2 || git.file(log.getLast().commit(), CatalogFile.PATH, 0).isEmpty();
    CatalogFile before =
        first ? CatalogFile.empty(after.channel()) : at(log.getLast().commit()).catalog();
    return Delta.between(before, after).undo(now);
  }

  /// A change of a channel, as it goes into the commit's message.
  ///
  /// @param action such as `promote`
  /// @param trailers further lines such as `Skill` to `a/b`, empty values left out
  public record Action(String action, String subject, Map<String, String> trailers) {
    public Action {
      trailers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(trailers));
    }

    String message(Delta delta) {
      StringBuilder message = new StringBuilder(subject).append("\n\n");
      int shown = 0;
      for (Delta.Change change : delta.changes()) {
        if (shown++ == 50) {
          message.append("… and %d more\n".formatted(delta.changes().size() - 50));
          break;
        }
        message.append(change).append('\n');
      }
      message.append("\nCatalog-Action: ").append(action).append('\n');
      trailers.forEach((key, value) -> {
        if (!value.isEmpty()) {
          message.append(key).append(": ").append(value.replace('\n', ' ')).append('\n');
        }
      });
      return message.toString();
    }
  }

  /// Commits a changed catalog.
  ///
  /// @return the new commit, empty when nothing changed
  public Optional<String> commit(
      Channel channel, CatalogFile next, Action action, LocalGit.PersonIdentity author, Instant at)
      throws IOException {
    Delta delta = Delta.between(channel.catalog(), next);
    boolean same = delta.isEmpty() && channel.catalog().archived().equals(next.archived());
    if (same && channel.commit().isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        git.commit(
            next.channel(),
            channel.commit(),
            CatalogFile.PATH,
            next.write(),
            action.message(delta),
            author,
            at));
  }

  /// The file a release names, if it is what the release says it is.
  public Optional<Skill> skill(Entry entry) throws IOException {
    Optional<Skill> known = read.get(entry);
    if (known == null) {
      known =
          check(entry).isEmpty() ? file(entry).flatMap(f -> parse(f).skill()) : Optional.empty();
      read.put(entry, known);
    }
    return known;
  }

  private Optional<SkillFile> file(Entry entry) throws IOException {
    if (git.resolve(entry.commit()).isEmpty()) {
      return Optional.empty();
    }
    return git.file(entry.commit(), entry.path(), SkillParser.MAX_FILE)
        .map(b -> new SkillFile(b.path(), b.regular(), b.content()));
  }

  private static ParsedSkill parse(SkillFile file) {
    return SkillParser.parse(file);
  }

  /// What is wrong with a release: its file, digest, name and version; empty when it is sound.
  List<String> check(Entry entry) throws IOException {
    Optional<SkillFile> file = file(entry);
    if (file.isEmpty()) {
      return List.of(
          "commit %s is not in this clone or has no %s".formatted(entry.commit(), entry.path()));
    }
    List<String> wrong = new ArrayList<>();
    if (!file.get().regular()) {
      wrong.add("is no plain file in its commit");
    }
    String digest = Sha256.of(file.get().content());
    if (!digest.equals(entry.sha256())) {
      wrong.add("has the digest %s, the catalog says %s".formatted(digest, entry.sha256()));
    }
    ParsedSkill parsed = parse(file.get());
    parsed.findings().stream()
        .filter(Finding::isError)
        .forEach(f -> wrong.add("%s: %s".formatted(f.rule().id(), f.at().message())));
    parsed
        .skill()
        .filter(s -> !s.release().equals(entry.tag()))
        .ifPresent(s -> wrong.add("names %s in its frontmatter".formatted(s.release())));
    return wrong;
  }
}
