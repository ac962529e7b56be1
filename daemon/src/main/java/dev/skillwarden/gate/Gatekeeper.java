package dev.skillwarden.gate;

import dev.skillwarden.catalog.Archive;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.catalog.Resolution;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Elevation;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.journal.JournalSink;
import dev.skillwarden.policy.AccessDecision;
import dev.skillwarden.policy.AccessPolicy;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolCall;
import dev.skillwarden.policy.ToolDecision;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.policy.Verdict;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.skill.InputSchema;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import dev.skillwarden.skill.VersionRange;
import dev.skillwarden.text.Suggest;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// The [Gate] in service: policy, then journal, then answer. The one place where failure becomes
/// denial.
public final class Gatekeeper implements Gate {
  private static final System.Logger LOG = System.getLogger(Gatekeeper.class.getName());
  private static final int MAX_PAYLOAD = 64 << 10;
  private static final int MAX_PAYLOAD_PROBLEMS = 8;

  private final World world;
  private final JournalSink journal;
  private final InstantSource clock;
  private final ShortIds ids;
  private final Deadline deadline;
  private final Sessions sessions = new Sessions();
  private final Scope scope;
  private final SessionFiles written = new SessionFiles();

  /// What decisions are made from, each read once per request.
  ///
  /// @param files a fresh view of the file system for one decision of an account
  /// @param homes home directory of an account
  /// @param uses counts what is opened by elevations
  public record World(
      Supplier<PolicyInForce> policy,
      Supplier<Organization> organization,
      Supplier<Served> served,
      Function<String, FileView> files,
      Function<String, Path> homes,
      ElevationUses uses) {}

  /// @param limit longest time a decision may take before it is a denial
  public Gatekeeper(
      World world, JournalSink journal, InstantSource clock, ShortIds ids, Duration limit) {
    this.world = world;
    this.journal = journal;
    this.clock = clock;
    this.ids = ids;
    this.deadline = new Deadline(limit);
    this.scope = new Scope(world, sessions, clock);
  }

  @Override
  public GateAnswer tool(Caller caller, ToolRequest request) {
    Sessions.CallKey key =
        new Sessions.CallKey(
            caller.account(), request.session(), request.toolUseId(), Sessions.digest(request));
    Optional<GateAnswer> earlier =
        request.toolUseId().isEmpty() ? Optional.empty() : sessions.answered(key);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    Case subject =
        new Case(
            JournalEntry.Kind.TOOL,
            caller,
            e -> e.call(request.session(), request.tool(), request.toolUseId()));
    GateAnswer answer =
        decide(
            subject,
            policy ->
                request.tool().equals("Skill")
                    ? skillTool(subject, policy, request)
                    : toolCall(caller, policy, request),
            text(request.input(), "command", "file_path", "notebook_path", "skill", "url"));
    if (!request.toolUseId().isEmpty()) {
      sessions.remember(key, request, answer, clock.instant());
    }
    return answer;
  }

  private ToolDecision toolCall(Caller caller, PolicyInForce policy, ToolRequest request) {
    Path home = world.homes().apply(caller.account());
    Path root = sessions.root(caller.account(), request.session(), request.cwd());
    ToolCall call =
        new ToolCall(
            request.tool(),
            request.input(),
            request.cwd(),
            root,
            home,
            Map.of(
                "HOME", home.toString(), "USER", caller.account(), "PWD", request.cwd().toString()),
            written.of(caller.account(), request.session()));
    ToolPolicy.Judged judged =
        policy
            .tools()
            .orElseThrow()
            .judge(call, world.files().apply(caller.account()), clock.instant());
    if (judged.decision().verdict() != Verdict.DENY) {
      written.add(caller.account(), request.session(), judged.written());
    }
    return judged.decision();
  }

  private ToolDecision skillTool(Case subject, PolicyInForce policy, ToolRequest request) {
    JsonNode name = request.input().path("skill");
    if (!name.isString()) {
      return deny("malformed-input", "The Skill tool wants its 'skill' argument as text.", "");
    }
    return skillUse(subject, policy, request.place(), name.stringValue());
  }

  /// The client is about to load a skill by name, through the tool or because the user typed it.
  private ToolDecision skillUse(Case subject, PolicyInForce policy, Place place, String written) {
    Caller caller = scope.at(subject.caller(), place);
    CatalogSnapshot snapshot = world.served().get().snapshot();
    List<SkillId> candidates = SkillNames.candidates(snapshot, written);
    if (candidates.isEmpty()) {
      return unmanaged(policy.file().unmanagedSkills(), written);
    }
    for (SkillId candidate : candidates) {
      Optional<String> closed = closed(subject, caller, candidate, snapshot);
      if (closed.isPresent()) {
        String several =
            candidates.size() == 1
                ? ""
                : " '%s' can mean %d managed skills, and all must be open to you."
                    .formatted(written, candidates.size());
        return deny("skill-access", closed.get() + several, written);
      }
    }
    return ToolDecision.none(List.of("skill " + candidates.getFirst()), List.of());
  }

  /// Why nobody, or not this caller, may load the skill; empty when it is open.
  private Optional<String> closed(
      Case subject, Caller caller, SkillId id, CatalogSnapshot snapshot) {
    Optional<Skill> skill = snapshot.representative(id);
    if (skill.isEmpty()) {
      return Optional.of(id + " has errors in the registry, so nothing of it is handed out.");
    }
    switch (access(caller, skill.get(), snapshot)) {
      case AccessDecision.Denied denied -> {
        return Optional.of(denied.reason());
      }
      case AccessDecision.Granted(List<Elevation> by) -> subject.opened().addAll(by);
    }
    return switch (snapshot.resolve(id, VersionRange.ANY)) {
      case Resolution.Archived(Archive archive) ->
          Optional.of(
              "%s was archived on %s%s."
                  .formatted(
                      id,
                      archive.on(),
                      archive.replacement().map(r -> "; use " + r + " instead").orElse("")));
      case Resolution.NoVersion(List<Version> left) when left.isEmpty() ->
          Optional.of(id + ": every release was withdrawn.");
      case Resolution.Found _, Resolution.NoVersion _, Resolution.Yanked _, Resolution.Unknown _ ->
          Optional.empty();
    };
  }

  private static ToolDecision unmanaged(Verdict verdict, String written) {
    return switch (verdict) {
      case NONE -> ToolDecision.none(List.of("unmanaged skill"), List.of());
      case ASK, DENY ->
          new ToolDecision(
              verdict,
              "unmanaged-skill",
              "This skill is not in the company registry.",
              written,
              "Find a managed skill with search_skills.",
              List.of(),
              List.of());
    };
  }

  private static ToolDecision deny(String rule, String reason, String span) {
    return new ToolDecision(Verdict.DENY, rule, reason, span, "", List.of(), List.of());
  }

  @Override
  public void toolResult(Caller caller, ToolResult result) {
    JournalEntry entry =
        entry(JournalEntry.Kind.TOOL_RESULT, caller, ids.next())
            .call(result.session(), result.tool(), result.toolUseId())
            .outcome(result.succeeded() ? "ok" : "failed")
            .detail(result.succeeded() ? "" : result.outcome())
            .took(result.took())
            .build();
    try {
      journal.append(entry);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "the result of a " + result.tool() + " call was not journaled", e);
    }
  }

  @Override
  public GateAnswer expansion(Caller caller, Place place, String commandName) {
    Case subject =
        new Case(JournalEntry.Kind.EXPANSION, caller, e -> e.call(place.session(), "", ""));
    return decide(
        subject, policy -> skillUse(subject, policy, place, commandName), "/" + commandName);
  }

  @Override
  public GateAnswer configChange(Caller caller, String session, String source, String path) {
    Case subject = new Case(JournalEntry.Kind.CONFIG_CHANGE, caller, e -> e.call(session, "", ""));
    return decide(
        subject,
        policy ->
            source.equals("policy_settings")
                ? ToolDecision.none(List.of("managed settings changed"), List.of())
                : deny(
                    "agent-config-write",
                    "Settings changed while a session runs ("
                        + source
                        + "); they take effect with the next session.",
                    path),
        path);
  }

  @Override
  public String sessionStart(Caller caller, String session, String source) {
    PolicyInForce policy = world.policy().get();
    GateAnswer answer =
        decide(
            new Case(
                JournalEntry.Kind.SESSION, caller, e -> e.call(session, "", "").detail(source)),
            p -> ToolDecision.none(List.of(), List.of()),
            "");
    if (answer.verdict() != Verdict.NONE) {
      return answer.text();
    }
    return policy.alarm().isEmpty() ? "" : "Skillwarden: " + policy.alarm();
  }

  @Override
  public GateAnswer malformed(Caller caller, String event, String problem) {
    Case subject = new Case(JournalEntry.Kind.TOOL, caller, e -> e.detail(event + ": " + problem));
    return decide(
        subject,
        policy -> deny("malformed-input", "The request could not be read: " + problem, ""),
        "");
  }

  @Override
  public Outcome<SearchResult> search(Caller caller, SearchQuery query, String toolUseId) {
    String id = ids.next();
    Instant start = clock.instant();
    return guarded(
        "search",
        id,
        claim -> {
          Served served = world.served().get();
          if (served.index().isEmpty()) {
            return new Outcome.Refused<>(notReady(id));
          }
          Organization organization = world.organization().get();
          Caller here = scope.joined(caller, toolUseId, SkillTool.search());
          SearchResult result =
              served
                  .index()
                  .get()
                  .search(
                      query,
                      skill ->
                          AccessPolicy.permits(
                              here, skill, served.snapshot(), organization, start));
          JournalEntry.Builder entry =
              entry(JournalEntry.Kind.SEARCH, caller, id)
                  .call("", "", toolUseId)
                  .decision("allow", "", "")
                  .outcome(
                      result.hits().size()
                          + " hits, "
                          + result.mode().name().toLowerCase(java.util.Locale.ROOT));
          return journaled(claim, entry, start, id, new Outcome.Ok<>(result));
        });
  }

  @Override
  public Outcome<Invocation> invoke(Caller caller, InvokeRequest request) {
    String id = ids.next();
    Instant start = clock.instant();
    return guarded(
        "invoke",
        id,
        claim -> {
          PolicyInForce policy = world.policy().get();
          CatalogSnapshot snapshot = world.served().get().snapshot();
          Caller here = scope.joined(caller, request.toolUseId(), SkillTool.invoke(request.name()));
          Outcome<Invocation> resolved =
              policy.tools().isPresent()
                  ? resolve(here, request, snapshot, id)
                  : refused(
                      ApiError.Code.NOT_READY,
                      "no valid policy is loaded: %s".formatted(policy.alarm()),
                      request.name(),
                      id);
          if (!claim.take()) {
            return tooLate(id);
          }
          Outcome<Invocation> outcome = counted(here, resolved, snapshot, id);
          JournalEntry.Builder entry =
              entry(JournalEntry.Kind.INVOKE, caller, id).call("", "", request.toolUseId());
          switch (outcome) {
            case Outcome.Ok<Invocation>(Invocation i) ->
                entry
                    .skill(i.skill().id().toString(), i.skill().version().toString())
                    .decision("allow", "", "");
            case Outcome.Refused<Invocation>(ApiError e) ->
                entry
                    .skill(e.skill(), "")
                    .decision("deny", e.code().name(), e.reason())
                    .detail(narrowed(e));
          }
          return appended(entry, start, id, outcome);
        });
  }

  /// From where it was asked, when that is why it was refused; else empty.
  private static String narrowed(ApiError error) {
    return error.reason().equals(AccessDecision.Reason.NARROWED.name()) ? error.message() : "";
  }

  /// The same outcome once the use of the elevations it rests on is on record.
  private Outcome<Invocation> counted(
      Caller caller, Outcome<Invocation> outcome, CatalogSnapshot snapshot, String id) {
    if (!(outcome instanceof Outcome.Ok<Invocation>(Invocation invocation))) {
      return outcome;
    }
    SkillId skill = invocation.skill().id();
    return switch (access(caller, invocation.skill(), snapshot)) {
      case AccessDecision.Denied denied -> // an elevation expired this very moment
          new Outcome.Refused<>(aclDenied(caller, skill, denied, id));
      case AccessDecision.Granted(List<Elevation> by) ->
          (by.isEmpty() ? Optional.<String>empty() : world.uses().use(caller, by, id))
              .<Outcome<Invocation>>map(refusal ->
                  new Outcome.Refused<>(
                      aclDenied(
                          caller,
                          skill,
                          new AccessDecision.Denied(
                              skill, AccessDecision.Reason.NOT_ELEVATED, refusal),
                          id)))
              .orElse(outcome);
    };
  }

  private Outcome<Invocation> resolve(
      Caller caller, InvokeRequest request, CatalogSnapshot snapshot, String id) {
    if (snapshot.commit().isEmpty()) {
      return new Outcome.Refused<>(notReady(id));
    }
    SkillId skillId;
    VersionRange range;
    try {
      skillId = SkillId.parse(request.name().strip());
      range = VersionRange.parse(request.versionConstraint());
    } catch (IllegalArgumentException e) {
      return refused(ApiError.Code.INVALID_REQUEST, e.getMessage() + ".", "", id);
    }
    if (!request.payload().isObject() || request.payload().toString().length() > MAX_PAYLOAD) {
      return refused(
          ApiError.Code.INVALID_REQUEST,
          "payload wants a JSON object of at most 64 KiB.",
          skillId.toString(),
          id);
    }
    Resolution resolution = snapshot.resolve(skillId, range);
    // What exists is told only to those who may use the skill.
    Optional<Skill> judged =
        resolution instanceof Resolution.Found(Skill s)
            ? Optional.of(s)
            : snapshot.representative(skillId);
    if (judged.isEmpty()) {
      return refused(
          ApiError.Code.SKILL_NOT_FOUND,
          notFound(caller, skillId, snapshot),
          skillId.toString(),
          id);
    }
    if (access(caller, judged.get(), snapshot) instanceof AccessDecision.Denied denied) {
      return new Outcome.Refused<>(aclDenied(caller, skillId, denied, id));
    }
    String name = skillId.toString();
    return switch (resolution) {
      case Resolution.Found(Skill skill) -> found(request, skill, range, snapshot, id);
      case Resolution.NoVersion(List<Version> available) ->
          refused(
              ApiError.Code.VERSION_NOT_FOUND,
              "%s has no version in %s; served: %s. Pin one of these."
                  .formatted(skillId, range, available),
              name,
              id);
      case Resolution.Yanked(Version version, String reason) ->
          refused(
              ApiError.Code.VERSION_YANKED,
              "%s@%s was withdrawn: %s. Served: %s. Pin one of these, or a range."
                  .formatted(skillId, version, reason, snapshot.versions(skillId)),
              name,
              id);
      case Resolution.Archived(Archive archive) ->
          refused(
              ApiError.Code.SKILL_ARCHIVED,
              "%s was archived on %s%s.%s To have it back, ask its owners to restore it in the catalog."
                  .formatted(
                      skillId,
                      archive.on(),
                      archive.reason().isEmpty() ? "" : ": " + archive.reason(),
                      archive.replacement().map(r -> " Use " + r + " instead.").orElse("")),
              name,
              id);
      case Resolution.Unknown() ->
          throw new IllegalStateException(skillId + " has a representative but is unknown");
    };
  }

  private Outcome<Invocation> found(
      InvokeRequest request, Skill skill, VersionRange range, CatalogSnapshot snapshot, String id) {
    List<String> wrong =
        request.checked() && skill.inputs().isPresent()
            ? skill.inputs().get().check(request.payload()).stream()
                .map(InputSchema.Violation::toString)
                .limit(MAX_PAYLOAD_PROBLEMS)
                .toList()
            : List.of();
    if (!wrong.isEmpty()) {
      return refused(
          ApiError.Code.INVALID_REQUEST,
          "the payload does not fit %s: %s. Correct it and invoke again."
              .formatted(skill.release(), String.join("; ", wrong)),
          skill.id().toString(),
          id);
    }
    return new Outcome.Ok<>(
        new Invocation(
            skill,
            snapshot.dependencies(skill),
            AgentText.payload(request.payload()),
            warnings(skill, range),
            id));
  }

  private static List<String> warnings(Skill skill, VersionRange range) {
    List<String> warnings = new ArrayList<>();
    if (range.equals(VersionRange.ANY)) {
      warnings.add(
          "UNPINNED: no version was asked for; pin %s with version_constraint %d.x"
              .formatted(skill.id(), skill.version().major()));
    }
    skill.deprecated().ifPresent(d -> warnings.add("DEPRECATED: " + d.text()));
    return warnings;
  }

  private String notFound(Caller caller, SkillId id, CatalogSnapshot snapshot) {
    List<String> visible =
        snapshot.skills().stream()
            .filter(s -> access(caller, s, snapshot) instanceof AccessDecision.Granted)
            .map(s -> s.id().toString())
            .toList();
    return "there is no skill %s%s. Find one with search_skills."
        .formatted(id, Suggest.nearest(id.toString(), visible));
  }

  @Override
  public Outcome<List<Skill>> list(Caller caller) {
    String id = ids.next();
    return guarded(
        "list",
        id,
        claim -> {
          CatalogSnapshot snapshot = world.served().get().snapshot();
          Caller here = scope.direct(caller);
          return snapshot.commit().isEmpty()
              ? new Outcome.Refused<>(notReady(id))
              : new Outcome.Ok<>(
                  snapshot.skills().stream()
                      .filter(s -> access(here, s, snapshot) instanceof AccessDecision.Granted)
                      .toList());
        });
  }

  @Override
  public Outcome<Skill> resolve(Caller caller, String name, String versionConstraint) {
    String id = ids.next();
    Instant start = clock.instant();
    return guarded(
        "resolve",
        id,
        claim -> {
          InvokeRequest request = InvokeRequest.unchecked(name, versionConstraint);
          Outcome<Invocation> found =
              resolve(scope.direct(caller), request, world.served().get().snapshot(), id);
          Outcome<Skill> outcome =
              switch (found) {
                case Outcome.Ok<Invocation>(Invocation i) -> new Outcome.Ok<>(i.skill());
                case Outcome.Refused<Invocation>(ApiError e) -> new Outcome.Refused<>(e);
              };
          String decision = outcome instanceof Outcome.Ok<Skill> ? "allow" : "deny";
          JournalEntry.Builder entry =
              entry(JournalEntry.Kind.ACCESS_CHECK, caller, id)
                  .skill(name, versionConstraint)
                  .decision(decision, "", "")
                  .detail(outcome instanceof Outcome.Refused<Skill>(ApiError e) ? narrowed(e) : "");
          return journaled(claim, entry, start, id, outcome);
        });
  }

  @Override
  public Outcome<Access> access(Caller caller, String skill) {
    String id = ids.next();
    Instant start = clock.instant();
    return guarded(
        "access check",
        id,
        claim -> {
          CatalogSnapshot snapshot = world.served().get().snapshot();
          Outcome<Access> outcome = check(scope.direct(caller), skill, snapshot, id);
          String decision =
              outcome instanceof Outcome.Ok<Access>(Access a) && a.allowed() ? "allow" : "deny";
          JournalEntry.Builder entry =
              entry(JournalEntry.Kind.ACCESS_CHECK, caller, id)
                  .skill(skill, "")
                  .decision(decision, "", "")
                  .detail(
                      outcome instanceof Outcome.Ok<Access>(Access a) && !a.allowed()
                          ? a.reason()
                          : "");
          return journaled(claim, entry, start, id, outcome);
        });
  }

  private Outcome<Access> check(Caller caller, String name, CatalogSnapshot snapshot, String id) {
    SkillId skillId;
    try {
      skillId = SkillId.parse(name.strip());
    } catch (IllegalArgumentException e) {
      return refused(ApiError.Code.INVALID_REQUEST, e.getMessage() + ".", "", id);
    }
    if (snapshot.commit().isEmpty()) {
      return new Outcome.Refused<>(notReady(id));
    }
    Optional<Skill> judged = snapshot.representative(skillId);
    if (judged.isEmpty()) {
      return refused(
          ApiError.Code.SKILL_NOT_FOUND,
          notFound(caller, skillId, snapshot),
          skillId.toString(),
          id);
    }
    return switch (access(caller, judged.get(), snapshot)) {
      case AccessDecision.Granted _ -> new Outcome.Ok<>(new Access(true, "access_granted", "", id));
      case AccessDecision.Denied denied -> {
        ApiError error = aclDenied(caller, skillId, denied, id);
        yield new Outcome.Ok<>(new Access(false, error.message(), error.requestUrl(), id));
      }
    };
  }

  private AccessDecision access(Caller caller, Skill skill, CatalogSnapshot snapshot) {
    return AccessPolicy.check(caller, skill, snapshot, world.organization().get(), clock.instant());
  }

  private ApiError aclDenied(
      Caller caller, SkillId asked, AccessDecision.Denied denied, String id) {
    boolean narrowed = denied.code() == AccessDecision.Reason.NARROWED;
    String url = narrowed ? "" : requestUrl(caller, denied, id);
    String ask = url.isEmpty() ? " Ask your administrator for access." : " Request access: " + url;
    String through = denied.skill().equals(asked) ? "" : " (needed by " + asked + ")";
    return new ApiError(
        ApiError.Code.ACL_DENIED,
        denied.reason() + through + (narrowed ? "" : ask), // access is had, just not from there
        denied.skill().toString(),
        denied.code().name(),
        url,
        id);
  }

  private String requestUrl(Caller caller, AccessDecision.Denied denied, String id) {
    return world
        .organization()
        .get()
        .requestUrl(denied.skill(), caller.account(), id, denied.code().name());
  }

  private static ApiError notReady(String id) {
    return new ApiError(
        ApiError.Code.NOT_READY,
        "no skills are served yet: the first sync has not finished or no repository is configured."
            + " Try again, or see `skillwarden status`.",
        "",
        "",
        "",
        id);
  }

  private static <T> Outcome<T> refused(
      ApiError.Code code, String message, String skill, String id) {
    return new Outcome.Refused<>(new ApiError(code, message, skill, "", "", id));
  }

  /// What a decision is about, and what of it goes into the journal.
  ///
  /// @param opened filled while it is decided: elevations it rests on
  private record Case(
      JournalEntry.Kind kind,
      Caller caller,
      Function<JournalEntry.Builder, JournalEntry.Builder> describe,
      Set<Elevation> opened) {
    Case(
        JournalEntry.Kind kind,
        Caller caller,
        Function<JournalEntry.Builder, JournalEntry.Builder> describe) {
      this(kind, caller, describe, new LinkedHashSet<>());
    }
  }

  /// The same decision once the use of its elevations is on record; a denial when one is used up.
  private ToolDecision counted(Case subject, ToolDecision decision, String id) {
    if (decision.verdict() == Verdict.DENY || subject.opened().isEmpty()) {
      return decision;
    }
    return world
        .uses()
        .use(subject.caller(), List.copyOf(subject.opened()), id)
        .map(refusal -> deny("skill-access", refusal, decision.span()))
        .orElse(decision);
  }

  /// Decides under the deadline, journals, and answers.
  private GateAnswer decide(
      Case subject, Function<PolicyInForce, ToolDecision> judge, String shown) {
    String id = ids.next();
    Instant start = clock.instant();
    return deadline.run(
        claim -> {
          PolicyInForce policy = world.policy().get();
          ToolDecision decision =
              policy.tools().isEmpty()
                  ? deny("policy-unavailable", "No valid policy is loaded: " + policy.alarm(), "")
                  : judge.apply(policy);
          return claim.take()
              ? record(subject, policy, counted(subject, decision, id), shown, id, start)
              : late(id);
        },
        () ->
            record(
                subject,
                world.policy().get(),
                deny("analysis-budget-exceeded", "The decision took too long.", ""),
                shown,
                id,
                start),
        cause -> {
          LOG.log(
              Level.ERROR, "denied " + subject.kind() + " " + id + ": the daemon failed", cause);
          return record(
              subject,
              world.policy().get(),
              deny("internal-error", "The daemon failed; its log has the cause.", ""),
              shown,
              id,
              start);
        });
  }

  private static GateAnswer late(String id) {
    return new GateAnswer(
        Verdict.DENY,
        id,
        "analysis-budget-exceeded",
        AgentText.denied("analysis-budget-exceeded", id, "The decision took too long."));
  }

  private GateAnswer record(
      Case subject,
      PolicyInForce policy,
      ToolDecision decision,
      String shown,
      String id,
      Instant start) {
    JournalEntry entry =
        subject
            .describe()
            .apply(entry(subject.kind(), subject.caller(), id))
            .decision(decision.verdict().text(), decision.rule(), decision.reason())
            .command(shown, decision.paths())
            .matched(MatchedSpan.of(shown, decision.span()))
            .took(Duration.between(start, clock.instant()))
            .build();
    try {
      journal.append(entry);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "decision " + id + " was not journaled", e);
      if (policy.file().journal() == PolicyFile.Journaling.REQUIRED) {
        return new GateAnswer(
            Verdict.DENY,
            id,
            "journal-unavailable",
            AgentText.denied(
                "journal-unavailable",
                id,
                "The decision could not be journaled, and the policy requires it. `skillwarden"
                    + " doctor` says what is wrong."));
      }
    }
    return decision.verdict() == Verdict.NONE
        ? GateAnswer.none(id)
        : new GateAnswer(decision.verdict(), id, decision.rule(), AgentText.of(decision, id));
  }

  /// Runs a skill request; what it throws becomes INTERNAL.
  private <T> Outcome<T> guarded(
      String what, String id, Function<Deadline.Claim, Outcome<T>> work) {
    return deadline.run(
        work,
        () -> refused(ApiError.Code.INTERNAL, what + " took too long; try again.", "", id),
        cause -> {
          LOG.log(Level.ERROR, what + " " + id + " failed", cause);
          return refused(
              ApiError.Code.INTERNAL,
              what + " failed inside the daemon; its log has the cause.",
              "",
              id);
        });
  }

  /// What was not answered in time is not journaled as if it had been.
  private <T> Outcome<T> journaled(
      Deadline.Claim claim,
      JournalEntry.Builder entry,
      Instant start,
      String id,
      Outcome<T> outcome) {
    return claim.take() ? appended(entry, start, id, outcome) : tooLate(id);
  }

  private static <T> Outcome<T> tooLate(String id) {
    return refused(ApiError.Code.INTERNAL, "the answer came too late; try again.", "", id);
  }

  private <T> Outcome<T> appended(
      JournalEntry.Builder entry, Instant start, String id, Outcome<T> outcome) {
    try {
      journal.append(entry.took(Duration.between(start, clock.instant())).build());
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.ERROR, "request " + id + " was not journaled", e);
      if (world.policy().get().file().journal() == PolicyFile.Journaling.REQUIRED) {
        return refused(
            ApiError.Code.JOURNAL_UNAVAILABLE,
            "the request could not be journaled, and the policy requires it. `skillwarden doctor`"
                + " says what is wrong.",
            "",
            id);
      }
    }
    return outcome;
  }

  private JournalEntry.Builder entry(JournalEntry.Kind kind, Caller caller, String id) {
    return JournalEntry.of(clock.instant(), id, kind, caller.account())
        .under(world.policy().get().version(), world.served().get().snapshot().commit());
  }

  /// The first of the named arguments that is text.
  private static String text(JsonNode input, String... names) {
    for (String name : names) {
      if (input.path(name).isString()) {
        return input.path(name).stringValue();
      }
    }
    return "";
  }
}
