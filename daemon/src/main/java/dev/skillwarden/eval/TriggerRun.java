package dev.skillwarden.eval;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.policy.AccessDecision;
import dev.skillwarden.policy.AccessPolicy;
import dev.skillwarden.policy.Audience;
import dev.skillwarden.search.ModelUnavailableException;
import dev.skillwarden.search.SearchQuery;
import dev.skillwarden.search.SearchResult;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/// Asks search what the triggers of suites ask, each as the narrowest caller who may use the skill:
/// what that caller may not see is in nobody's way.
public final class TriggerRun {
  /// Answers a query over what is permitted.
  public interface Finder {
    /// @throws ModelUnavailableException when it cannot answer in the way it was made for
    Found find(SearchQuery query, Predicate<Skill> permitted) throws ModelUnavailableException;
  }

  /// What was found.
  ///
  /// @param skills best first
  /// @param abstained whether search said that nothing fits well
  public record Found(List<SkillId> skills, boolean abstained) {
    public Found {
      skills = List.copyOf(skills);
    }

    public static Found of(SearchResult result) {
      return new Found(
          result.hits().stream().map(h -> h.skill().id()).toList(), result.abstained());
    }

    /// Where the skill stands, 1 for the first.
    OptionalInt place(SkillId skill) {
      int index = skills.indexOf(skill);
      return index < 0 ? OptionalInt.empty() : OptionalInt.of(index + 1);
    }
  }

  private final CatalogSnapshot snapshot;
  private final Organization organization;
  private final Instant now;
  private final Finder finder;
  private final Optional<Baseline> baseline;

  /// @param organization levels it tightens are looked at, its members are not
  /// @param now instant at which access is judged
  /// @param baseline what an earlier run found
  public TriggerRun(
      CatalogSnapshot snapshot,
      Organization organization,
      Instant now,
      Finder finder,
      Optional<Baseline> baseline) {
    this.snapshot = snapshot;
    this.organization = organization;
    this.now = now;
    this.finder = finder;
    this.baseline = baseline;
  }

  /// @param suites of skills of the snapshot
  /// @return one result a trigger, in their order
  /// @throws InvalidTextException naming every suite whose skill nobody can use
  public List<TriggerResult> run(List<Suite> suites)
      throws InvalidTextException, ModelUnavailableException {
    Map<Suite, Caller> callers = callers(suites);
    List<TriggerResult> results = new ArrayList<>();
    for (Map.Entry<Suite, Caller> entry : callers.entrySet()) {
      for (Trigger trigger : entry.getKey().triggers()) {
        results.add(result(entry.getKey(), trigger, entry.getValue()));
      }
    }
    return results;
  }

  private Map<Suite, Caller> callers(List<Suite> suites) throws InvalidTextException {
    Map<Suite, Caller> callers = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>();
    for (Suite suite : suites) {
      Optional<Caller> caller =
          snapshot
              .representative(suite.skill())
              .flatMap(s -> Audience.narrowest(s, snapshot, organization, now));
      if (caller.isPresent()) {
        callers.put(suite, caller.get());
      } else {
        problems.add(
            new Problem(
                suite.file(),
                1,
                1,
                "nobody can use %s: no role opens it and all it depends on"
                    .formatted(suite.skill())));
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    return callers;
  }

  private TriggerResult result(Suite suite, Trigger trigger, Caller caller)
      throws ModelUnavailableException {
    Predicate<Skill> permitted =
        s ->
            AccessPolicy.check(caller, s, snapshot, organization, now)
                instanceof AccessDecision.Granted;
    Found found = finder.find(SearchQuery.of(trigger.query(), trigger.k()), permitted);
    OptionalInt place = found.place(suite.skill());
    boolean passed =
        trigger.shouldTrigger() ? place.isPresent() : place.isEmpty() || place.getAsInt() > 1;
    if (place.isEmpty()) { // for people; the verdict is on the k they asked for
      place =
          finder
              .find(SearchQuery.of(trigger.query(), SearchQuery.MAX_K), permitted)
              .place(suite.skill());
    }
    return new TriggerResult(
        suite,
        trigger,
        caller,
        place,
        found.skills().stream().findFirst(),
        found.abstained(),
        passed,
        verdict(Baseline.Key.of(suite, trigger), trigger.kind(), passed));
  }

  private Verdict verdict(Baseline.Key key, Trigger.Kind kind, boolean passed) {
    if (kind == Trigger.Kind.EDGE) {
      return passed ? Verdict.EDGE_MET : Verdict.EDGE_UNMET;
    }
    Optional<Boolean> before = baseline.flatMap(b -> b.passed(key));
    if (passed) {
      return before.orElse(true) ? Verdict.PASSED : Verdict.FIXED;
    }
    if (before.isEmpty()) {
      return Verdict.FAILED;
    }
    return before.get() ? Verdict.REGRESSED : Verdict.KNOWN;
  }
}
