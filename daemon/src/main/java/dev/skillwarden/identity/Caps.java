package dev.skillwarden.identity;

import dev.skillwarden.identity.Narrowing.Part;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the organisation leaves of an account's rights to types of subagents, and to sessions that
/// work in certain directories.
///
/// @param agents by type; [#ANY_AGENT] is for the types that are not listed
/// @param workspaces by absolute directory, for it and all below it
public record Caps(Map<String, Cap> agents, Map<String, Cap> workspaces) {
  /// Nothing is narrowed.
  public static final Caps NONE = new Caps(Map.of(), Map.of());

  /// Every type of subagent that has no entry of its own.
  public static final String ANY_AGENT = "*";

  /// A subagent whose type is not known; no type has a line end in it.
  public static final String UNNAMED_AGENT = "\n";

  private static final String ADVICE = "Leave it to the agent that called you.";
  private static final String ELSEWHERE = "Use it in a session elsewhere.";

  public Caps {
    agents = Map.copyOf(agents);
    workspaces = Map.copyOf(workspaces);
  }

  /// For a subagent: its own cap, or that of the types that are not listed. One whose type is not
  /// known gets what all caps leave.
  ///
  /// @param type empty for the main agent, which is not narrowed
  public Narrowing agent(String type) {
    if (type.isEmpty()) {
      return Narrowing.NONE;
    }
    if (type.equals(UNNAMED_AGENT)) {
      return one("subagents of an unknown type", all(agents), ADVICE);
    }
    Cap cap = Optional.ofNullable(agents.get(type)).or(this::others).orElse(Cap.NONE);
    return one("subagents of type '%s'".formatted(type), cap, ADVICE);
  }

  private Optional<Cap> others() {
    return Optional.ofNullable(agents.get(ANY_AGENT));
  }

  /// For a session that works in the directories: the caps of all workspaces that hold one of them,
  /// under any of its names, in upper or lower case.
  ///
  /// @param directories absolute
  /// @param real the same directory, links followed
  public Narrowing workspace(Collection<String> directories, UnaryOperator<String> real) {
    if (workspaces.isEmpty()) {
      return Narrowing.NONE;
    }
    Set<String> at = names(directories, real);
    return new Narrowing(
        workspaces.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .filter(w ->
                names(List.of(w.getKey()), real).stream()
                    .anyMatch(root -> at.stream().anyMatch(d -> d.startsWith(root))))
            .map(w -> new Part("sessions in " + w.getKey(), w.getValue(), ELSEWHERE))
            .toList());
  }

  /// For a session of which nobody can say where it works: what the caps of all workspaces leave.
  public Narrowing anyWorkspace() {
    return one(
        "sessions whose directory could not be looked up", all(workspaces), "Try again later.");
  }

  /// For a request that no tool call of a session is known for: any subagent in any workspace can
  /// have made it, so it gets what all caps leave.
  public Narrowing direct() {
    return one(
        "direct calls, which can come from any subagent in any workspace,",
        all(agents).and(all(workspaces)),
        "Load it with the client's own Skill tool or the MCP tool invoke_skill.");
  }

  private static Narrowing one(String of, Cap cap, String advice) {
    return new Narrowing(List.of(new Part(of, cap, advice)));
  }

  private static Cap all(Map<String, Cap> caps) {
    return caps.values().stream().reduce(Cap.NONE, Cap::and);
  }

  /// As they are compared: with a slash at the end, so that a name is no beginning of another.
  private static Set<String> names(Collection<String> directories, UnaryOperator<String> real) {
    return directories.stream()
        .flatMap(d -> Stream.of(d, real.apply(d)))
        .map(d -> d.replace('\\', '/').toLowerCase(Locale.ROOT).replaceAll("/+$", "") + "/")
        .collect(Collectors.toCollection(HashSet::new));
  }
}
