package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.catalog.CatalogFile.Entry;
import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.CatalogEdit.SkillTag;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Channels.Action;
import dev.skillwarden.registry.Channels.Channel;
import dev.skillwarden.registry.Delta;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.Dependency;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `skillwarden catalog …`: what channels serve. Every writing verb makes one commit on the
/// channel's branch and never pushes.
@Command(
    name = "catalog",
    mixinStandardHelpOptions = true,
    description = {
      "What channels serve: releases, old majors, roll back.",
      "A channel is a branch with a catalog of releases by tag team/name@1.2.3, with commit and",
      "digest. Every writing verb makes one commit on that branch; pushing stays with git."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  skillwarden catalog build --channel latest          list every tagged release",
      "  skillwarden catalog promote --from latest --to stable --min-age 7d",
      "  skillwarden catalog resolve support/refund:1.x --channel stable",
      "  skillwarden catalog yank support/refund@1.4.0 --channel stable --reason 'leaks data'",
      "  skillwarden catalog rollback --skill support/refund --to 1.3.0 --channel stable"
    },
    subcommands = {
      CatalogCommand.Build.class,
      CatalogCommand.Verify.class,
      CatalogCommand.Resolve.class,
      CatalogCommand.Log.class,
      CatalogCommand.Diff.class,
      CatalogCommand.Pin.class,
      CatalogCommand.Promote.class,
      CatalogCommand.Yank.class,
      CatalogCommand.Rollback.class,
      PointerCommand.class
    })
final class CatalogCommand implements Callable<Integer> {
  private static final Pattern AGE = Pattern.compile("(\\d{1,6})([dhm])");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  /// What all verbs below share.
  abstract static class Verb implements Callable<Integer> {
    @Spec CommandSpec spec;
    @Mixin RepositoryOption repository;
    @Mixin FormatOption format;

    /// @return the exit code
    abstract int run(LocalGit git, Channels channels) throws IOException, RegistryException;

    @Override
    public Integer call() throws IOException {
      try (LocalGit git = repository.git()) {
        return run(git, new Channels(git));
      } catch (RegistryException e) {
        err().println(e.getMessage());
        return ExitCode.REFUSED;
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }

    PrintWriter out() {
      return spec.commandLine().getOut();
    }

    PrintWriter err() {
      return spec.commandLine().getErr();
    }

    /// Commits and says what changed.
    int commit(LocalGit git, Channels channels, Channel channel, CatalogFile next, Action action)
        throws IOException, RegistryException {
      LocalGit.PersonIdentity author =
          git.identity(System.getenv(), Path.of(System.getProperty("user.home")))
              .orElseThrow(() ->
                  new RegistryException(
                      "who makes the commit? Set GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL, or user.name"
                          + " and user.email of the repository"));
      Optional<String> commit =
          channels.commit(channel, next, action, author, InstantSource.system().instant());
      Delta delta = Delta.between(channel.catalog(), next);
      if (format.json()) {
        ObjectNode node =
            Json.object().put("channel", next.channel()).put("commit", commit.orElse(""));
        ArrayNode changes = node.putArray("changes");
        delta.changes().forEach(c -> changes.add(c.toString()));
        out().println(Json.pretty(node));
      } else {
        delta.changes().forEach(c -> out().println(c));
        out()
            .println(
                commit
                    .map(c ->
                        "%s: commit %s, %d changes; push it with git push"
                            .formatted(next.channel(), c, delta.changes().size()))
                    .orElse(next.channel() + ": nothing to change"));
      }
      return ExitCode.DONE;
    }
  }

  private static Map<String, String> trailers(String... pairs) {
    Map<String, String> trailers = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      trailers.put(pairs[i], pairs[i + 1]);
    }
    return trailers;
  }

  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = "Adds a release for every tag team/name@1.2.3 that the channel does not list.")
  static final class Build extends Verb {
    @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
    private String name = "latest";

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      Channel channel = channels.open(name);
      CatalogEdit.Built built = new CatalogEdit(git, channels).build(channel.catalog());
      built.notes().forEach(n -> err().println("left out: " + n));
      if (!built.moved().isEmpty()) {
        built.moved().forEach(m -> err().println(m));
        err().println("a release never changes: restore the tags, then build again");
        return ExitCode.REFUSED;
      }
      return commit(
          git,
          channels,
          channel,
          built.catalog(),
          new Action("build", "Catalog of " + name, trailers()));
    }
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Compares a catalog with the repository.",
        "Every release with its commit, digest, frontmatter and tag, its dependencies with the",
        "channel, and the catalog with its own history. Exit code 1 on any difference."
      })
  static final class Verify extends Verb {
    @Option(
        names = "--ref",
        paramLabel = "REF",
        defaultValue = "latest",
        description = "Channel, tag or commit (default: latest).")
    private String ref = "latest";

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      CatalogFile.Parsed parsed = channels.catalog(ref);
      String commit = git.resolve(ref).orElseThrow();
      List<String> wrong = new ArrayList<>();
      parsed.findings().forEach(f -> wrong.add(f.at().message()));
      wrong.addAll(new CatalogEdit(git, channels).verify(parsed.catalog(), commit));
      long releases = parsed.catalog().entries().count();
      if (format.json()) {
        ObjectNode node =
            Json.object()
                .put("commit", commit)
                .put("releases", releases)
                .put("ok", wrong.isEmpty());
        ArrayNode array = node.putArray("differences");
        wrong.forEach(array::add);
        out().println(Json.pretty(node));
      } else {
        wrong.forEach(w -> out().println(w));
        out().println("%s: %,d releases, %,d differences".formatted(ref, releases, wrong.size()));
      }
      return wrong.isEmpty() ? ExitCode.DONE : ExitCode.REFUSED;
    }
  }

  @Command(
      name = "resolve",
      mixinStandardHelpOptions = true,
      description = "Says which release team/name:RANGE means, with commit and digest.")
  static final class Resolve extends Verb {
    @Parameters(paramLabel = "TEAM/NAME:RANGE")
    private String wanted = "";

    @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
    private String name = "latest";

    @Option(names = "--include-archived", description = "Also releases of archived skills.")
    private boolean archived;

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      Dependency dependency =
          Dependency.parse(wanted.contains(":") ? wanted : wanted.replace('@', ':'));
      CatalogFile catalog = channels.catalog(name).catalog();
      boolean isArchived = catalog.archived().containsKey(dependency.skill());
      CatalogFile searched =
          isArchived && archived
              ? new CatalogFile(catalog.channel(), catalog.releases(), Map.of())
              : catalog;
      Optional<Entry> found = CatalogEdit.resolve(searched, dependency);
      if (found.isEmpty()) {
        err()
            .println(
                isArchived && !archived
                    ? dependency.skill() + " is archived; --include-archived finds it"
                    : "%s stands for nothing on %s; listed: %s"
                        .formatted(
                            dependency,
                            name,
                            catalog.of(dependency.skill()).stream()
                                .map(e -> e.version() + (e.yanked().isPresent() ? " (yanked)" : ""))
                                .toList()));
        return ExitCode.REFUSED;
      }
      Entry entry = found.get();
      out()
          .println(
              format.json()
                  ? Json.pretty(CatalogFile.json(entry).put("name", entry.skill().toString()))
                  : "%s  commit %s  sha256 %s"
                      .formatted(entry.tag(), entry.commit(), entry.sha256()));
      entry.deprecated().ifPresent(d -> err().println("warning: " + d.text()));
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "log",
      mixinStandardHelpOptions = true,
      description = "Who changed what a channel serves, newest first: commit, author, releases.")
  static final class Log extends Verb {
    @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
    private String name = "latest";

    @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "Only this skill.")
    private Optional<String> skill = Optional.empty();

    @Option(
        names = "--since",
        paramLabel = "DATE",
        description = "Only commits since this day, such as 2026-01-31.")
    private Optional<String> since = Optional.empty();

    private static final int MOST = 1_000;

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      Optional<Instant> from = since.map(Log::day);
      String commit =
          git.resolve(name).orElseThrow(() -> new RegistryException("there is no channel " + name));
      List<LocalGit.LogEntry> entries = git.log(commit, MOST);
      ArrayNode array = Json.object().putArray("log");
      for (int i = 0; i < entries.size(); i++) {
        LocalGit.LogEntry entry = entries.get(i);
        if (from.isPresent() && entry.at().isBefore(from.get())) {
          break;
        }
        if (git.file(entry.commit(), CatalogFile.PATH, 0).isEmpty()) {
          break;
        }
        Delta delta =
            delta(git, channels, entry, i + 1 < entries.size() ? entries.get(i + 1) : null);
        List<Delta.Change> changes =
            delta.changes().stream()
                .filter(c -> skill.isEmpty() || c.release().startsWith(skill.get() + "@"))
                .toList();
        if (skill.isPresent() && changes.isEmpty()) {
          continue;
        }
        show(array, entry, changes);
      }
      if (format.json()) {
        out().println(Json.pretty(array));
      }
      return ExitCode.DONE;
    }

    private static Instant day(String text) {
      try {
        return java.time.LocalDate.parse(text).atStartOfDay(java.time.ZoneOffset.UTC).toInstant();
      } catch (DateTimeException e) {
        throw new IllegalArgumentException(
            "--since wants a date like 2026-01-31, found '" + text + "'", e);
      }
    }

    private static Delta delta(
        LocalGit git,
        Channels channels,
        LocalGit.LogEntry entry,
        LocalGit.@org.jspecify.annotations.Nullable LogEntry parent)
        throws IOException, RegistryException {
      CatalogFile after = channels.catalog(entry.commit()).catalog();
      boolean first = parent == null || git.file(parent.commit(), CatalogFile.PATH, 0).isEmpty();
      CatalogFile before =
          first || parent == null
              ? CatalogFile.empty(after.channel())
              : channels.catalog(parent.commit()).catalog();
      return Delta.between(before, after);
    }

    private void show(ArrayNode array, LocalGit.LogEntry entry, List<Delta.Change> changes) {
      String subject = entry.message().lines().findFirst().orElse("");
      Matcher request = Pattern.compile("\\(#(\\d+)\\)|pull request #(\\d+)").matcher(subject);
      boolean merged = request.find();
      if (format.json()) {
        ObjectNode node =
            array
                .addObject()
                .put("commit", entry.commit())
                .put("at", entry.at().toString())
                .put("author", entry.author())
                .put("committer", entry.committer())
                .put("signed", entry.signed())
                .put("subject", subject);
        if (merged) {
          node.put("pull_request", request.group(1) == null ? request.group(2) : request.group(1));
        }
        ArrayNode list = node.putArray("changes");
        changes.forEach(c -> list.add(c.toString()));
        return;
      }
      out()
          .println(
              "%s  %s  %s%s  %s"
                  .formatted(
                      entry.commit().substring(0, 12),
                      entry.at(),
                      entry.author(),
                      entry.signed() ? " (signed)" : " (not signed)",
                      subject));
      changes.forEach(c -> out().println("  " + c));
    }
  }

  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = "What differs between two channels, tags or commits.")
  static final class Diff extends Verb {
    @Parameters(index = "0", paramLabel = "A")
    private String a = "";

    @Parameters(index = "1", paramLabel = "B")
    private String b = "";

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      Delta delta = Delta.between(channels.catalog(a).catalog(), channels.catalog(b).catalog());
      if (format.json()) {
        ArrayNode array = Json.object().putArray("changes");
        delta.changes().forEach(c -> array.add(c.toString()));
        out().println(Json.pretty(array));
      } else {
        delta.changes().forEach(c -> out().println(c));
        err().println("%,d releases differ".formatted(delta.changes().size()));
      }
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "pin",
      mixinStandardHelpOptions = true,
      description = {
        "Makes one release the newest of its major on a channel.",
        "Adds it when it is missing, takes newer ones of the major off."
      })
  static final class Pin extends Verb {
    @Parameters(paramLabel = "TEAM/NAME@VERSION")
    private String release = "";

    @Option(names = "--channel", defaultValue = "stable", description = "Default: stable.")
    private String name = "stable";

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      SkillTag tag = SkillTag.of(release);
      Channel channel = channels.open(name);
      List<CatalogFile> others = new ArrayList<>();
      if (!name.equals("latest") && git.branch("latest").isPresent()) {
        others.add(channels.open("latest").catalog());
      }
      CatalogFile next = new CatalogEdit(git, channels).pin(channel.catalog(), tag, others);
      return commit(
          git,
          channels,
          channel,
          next,
          new Action(
              "pin",
              "Pin %s on %s".formatted(tag, name),
              trailers("Skill", tag.skill().toString(), "To", tag.version().toString())));
    }
  }

  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = {
        "Takes releases over from one channel to another.",
        "Refused are pre-releases, yanked ones, those younger than --min-age, and those whose",
        "dependencies the target cannot satisfy."
      })
  static final class Promote extends Verb {
    @Option(names = "--from", defaultValue = "latest", description = "Default: latest.")
    private String from = "latest";

    @Option(names = "--to", defaultValue = "stable", description = "Default: stable.")
    private String to = "stable";

    @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "Only this skill.")
    private Optional<String> skill = Optional.empty();

    @Option(
        names = "--min-age",
        paramLabel = "AGE",
        defaultValue = "0d",
        description = "Youngest release taken over, such as 7d or 12h (default: any).")
    private String minAge = "0d";

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      Optional<SkillId> only = skill.map(SkillId::parse);
      Channel target = channels.open(to);
      CatalogEdit.Promoted promoted =
          new CatalogEdit(git, channels)
              .promote(
                  channels.catalog(from).catalog(),
                  target.catalog(),
                  only,
                  age(minAge),
                  InstantSource.system().instant());
      promoted
          .held()
          .forEach((release, why) -> err().println("held back: %s %s".formatted(release, why)));
      if (promoted.promoted().isEmpty() && !promoted.held().isEmpty()) {
        return ExitCode.REFUSED;
      }
      return commit(
          git,
          channels,
          target,
          promoted.catalog(),
          new Action(
              "promote",
              "Promote %s from %s to %s"
                  .formatted(
                      only.map(SkillId::toString).orElse(promoted.promoted().size() + " releases"),
                      from,
                      to),
              trailers("Skill", skill.orElse(""), "From", from, "To", to)));
    }

    private static Duration age(String text) {
      Matcher matcher = AGE.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "--min-age wants a time such as 7d or 12h, found '" + text + "'");
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "d" -> Duration.ofDays(amount);
        case "h" -> Duration.ofHours(amount);
        default -> Duration.ofMinutes(amount);
      };
    }
  }

  @Command(
      name = "yank",
      mixinStandardHelpOptions = true,
      description = "Withdraws a release: ranges skip it, exact pins get VERSION_YANKED.")
  static final class Yank extends Verb {
    @Parameters(paramLabel = "TEAM/NAME@VERSION")
    private String release = "";

    @Option(names = "--channel", defaultValue = "latest", description = "Default: latest.")
    private String name = "latest";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, shown to callers.")
    private Optional<String> reason = Optional.empty();

    @Option(names = "--undo", description = "Takes the withdrawal back.")
    private boolean undo;

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      SkillTag tag = SkillTag.of(release);
      if (undo == reason.filter(r -> !r.isBlank()).isPresent()) {
        throw new IllegalArgumentException("give --reason TEXT, or --undo");
      }
      Channel channel = channels.open(name);
      return commit(
          git,
          channels,
          channel,
          CatalogEdit.yank(channel.catalog(), tag, undo ? Optional.empty() : reason),
          new Action(
              undo ? "unyank" : "yank",
              "%s %s on %s".formatted(undo ? "Unyank" : "Yank", tag, name),
              trailers(
                  "Skill",
                  tag.skill().toString(),
                  "From",
                  tag.version().toString(),
                  "Reason",
                  reason.orElse(""))));
    }
  }

  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = {
        "Takes back a commit, or the newer releases of a major.",
        "Makes a new commit, so machines that follow the channel accept it."
      })
  static final class Rollback extends Verb {
    @Option(names = "--channel", defaultValue = "stable", description = "Default: stable.")
    private String name = "stable";

    @Option(names = "--commit", paramLabel = "BAD", description = "Commit to take back.")
    private Optional<String> bad = Optional.empty();

    @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "Skill to roll back.")
    private Optional<String> skill = Optional.empty();

    @Option(names = "--to", paramLabel = "VERSION", description = "With --skill: newest to keep.")
    private Optional<String> to = Optional.empty();

    @Override
    int run(LocalGit git, Channels channels) throws IOException, RegistryException {
      if (bad.isPresent() == skill.isPresent() || skill.isPresent() != to.isPresent()) {
        throw new IllegalArgumentException("give --commit BAD, or --skill TEAM/NAME --to VERSION");
      }
      Channel channel = channels.open(name);
      if (skill.isPresent()) {
        SkillTag tag = SkillTag.of(skill.get() + "@" + to.orElse(""));
        return commit(
            git,
            channels,
            channel,
            CatalogEdit.rollBack(channel.catalog(), tag),
            new Action(
                "rollback",
                "Roll back %s to %s on %s".formatted(tag.skill(), tag.version(), name),
                trailers("Skill", tag.skill().toString(), "To", tag.version().toString())));
      }
      String commit =
          git.resolve(bad.orElse(""))
              .orElseThrow(() -> new RegistryException("there is no commit " + bad.orElse("")));
      if (channel.commit().isEmpty() || !git.isAncestor(commit, channel.commit().get())) {
        throw new RegistryException("%s is not in the history of %s".formatted(commit, name));
      }
      return commit(
          git,
          channels,
          channel,
          channels.without(channel.catalog(), commit),
          new Action(
              "rollback",
              "Roll back %s on %s".formatted(commit.substring(0, 12), name),
              trailers("From", commit)));
    }
  }
}
