package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Delta;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    description = "Who changed what a channel serves, newest first: commit, author, releases.")
final class CatalogLogCommand extends CatalogVerb {
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
    Optional<Instant> from = since.map(CatalogLogCommand::day);
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
      Delta delta = delta(git, channels, entry, i + 1 < entries.size() ? entries.get(i + 1) : null);
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
