package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Channels.Action;
import dev.skillwarden.registry.Channels.Channel;
import dev.skillwarden.registry.Delta;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What all verbs of `skillwarden catalog` share.
abstract class CatalogVerb implements Callable<Integer> {
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

  /// What a commit says beside its subject, in pairs of name and value.
  static Map<String, String> trailers(String... pairs) {
    Map<String, String> trailers = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      trailers.put(pairs[i], pairs[i + 1]);
    }
    return trailers;
  }
}
