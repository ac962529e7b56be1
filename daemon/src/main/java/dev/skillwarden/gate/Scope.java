package dev.skillwarden.gate;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.Paths;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Caps;
import dev.skillwarden.identity.Narrowing;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Which of its account's rights a request has, by where it comes from.
final class Scope {
  private static final Path ROOT = Path.of("/");

  private final Gatekeeper.World world;
  private final Sessions sessions;
  private final InstantSource clock;

  Scope(Gatekeeper.World world, Sessions sessions, InstantSource clock) {
    this.world = world;
    this.sessions = sessions;
    this.clock = clock;
  }

  /// The caller in a session: grants for the session hold, subagent and workspace narrow.
  Caller at(Caller caller, Place place) {
    Caps caps = world.organization().get().caps();
    return caller
        .in(place.session())
        .narrowed(caps.agent(place.agentType()))
        .narrowed(workspace(caller.account(), place, caps));
  }

  /// The caller of a skill request over MCP. It is where the tool call was made that the client
  /// asked about before; without one it is a direct call.
  ///
  /// @param toolUseId the client's id of the call, empty when it sent none
  Caller joined(Caller caller, String toolUseId, SkillTool tool) {
    Optional<Place> place = sessions.place(caller.account(), toolUseId, tool, clock.instant());
    return place.isEmpty() ? direct(caller) : at(caller, place.get());
  }

  /// The caller of a request that is known to come from no session.
  Caller direct(Caller caller) {
    return caller.narrowed(world.organization().get().caps().direct());
  }

  private Narrowing workspace(String account, Place place, Caps caps) {
    Path begun = sessions.root(account, place.session(), place.cwd());
    if (caps.workspaces().isEmpty()) {
      return Narrowing.NONE;
    }
    Set<String> directories = new LinkedHashSet<>();
    directories.add(place.cwd().toString());
    directories.add(begun.toString()); // a session does not get out by changing its directory
    FileView files = world.files().apply(account);
    UnaryOperator<String> real =
        directory -> Paths.resolve(directory, ROOT, world.homes().apply(account), files);
    Narrowing narrowing = caps.workspace(directories, real);
    return files.overrun() ? narrowing.and(caps.anyWorkspace()) : narrowing;
  }
}
