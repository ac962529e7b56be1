package dev.skillwarden.gate;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.effect.FileView;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.journal.JournalEntry;
import dev.skillwarden.policy.GuardedPaths;
import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolPolicy;
import dev.skillwarden.search.SearchIndex;
import dev.skillwarden.search.VectorCache;
import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Instructions;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

/// A [Gatekeeper] over a default policy and two skills: `ops/restart` is public, `pay/refund` is
/// for its team. Its journal is a list.
public final class TestGate {
  public static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  public static final Caller ANA = new Caller("ana", "dev", Set.of("ops"), List.of(), false);
  public static final CatalogSnapshot SNAPSHOT =
      new CatalogSnapshot(
          "c0ffee",
          List.of(
              skill("ops/restart", "Restarts a stuck service", AccessLevel.PUBLIC),
              skill("pay/refund", "Refunds a card payment", AccessLevel.TEAM)),
          List.of());

  private final List<JournalEntry> entries = new CopyOnWriteArrayList<>();
  private final Duration limit;
  private volatile boolean full;
  private volatile Function<String, FileView> files = account -> FileView.NONE;
  private volatile ElevationUses uses = (caller, elevations, decision) -> Optional.empty();
  private volatile Supplier<PolicyInForce> policy = () -> inForce(PolicyFile.defaults());
  private volatile Supplier<Organization> organization = Organization::empty;
  private volatile InstantSource clock = InstantSource.fixed(NOON);

  /// @param limit time for one decision
  public TestGate(Duration limit) {
    this.limit = limit;
  }

  public static Skill skill(String id, String description, AccessLevel level) {
    return new Skill(
        SkillId.parse(id),
        Version.parse("1.2.0"),
        description,
        List.of(),
        level,
        Set.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Instructions.of("Steps of " + id + ".\n"),
        ".claude/skills/" + id + ".md",
        "");
  }

  public static PolicyInForce inForce(PolicyFile file) {
    GuardedPaths guarded = new GuardedPaths(List.of(Path.of("/var/lib/skillwarden")), 7431);
    return new PolicyInForce(Optional.of(new ToolPolicy(file, guarded)), file, "0", "");
  }

  /// A fresh gate; what is set later holds for it too.
  public Gate gate() {
    return gate(() -> organization.get(), searched());
  }

  /// As [#gate()], with an organization.
  public Gate gate(Organization fixed) {
    return gate(() -> fixed, searched());
  }

  private static Served searched() {
    return new Served(
        SNAPSHOT, Optional.of(SearchIndex.build(SNAPSHOT, Optional.empty(), VectorCache.none())));
  }

  /// As [#gate()], without search: cheap to make.
  public Gate gateWithoutSearch() {
    return gateOver(SNAPSHOT);
  }

  /// As [#gateWithoutSearch()], over other skills.
  public Gate gateOver(CatalogSnapshot snapshot) {
    return gate(() -> organization.get(), new Served(snapshot, Optional.empty()));
  }

  /// As [#gateOver(CatalogSnapshot)], with an organization.
  Gate gateOver(CatalogSnapshot snapshot, Organization fixed) {
    return gate(() -> fixed, new Served(snapshot, Optional.empty()));
  }

  private Gate gate(Supplier<Organization> members, Served served) {
    return new Gatekeeper(
        new Gatekeeper.World(
            () -> policy.get(),
            members,
            () -> served,
            account -> files.apply(account),
            account -> Path.of("/home", account),
            (caller, elevations, decision) -> uses.use(caller, elevations, decision)),
        this::append,
        () -> clock.instant(),
        new ShortIds(new Random(7)),
        limit);
  }

  private long append(JournalEntry entry) throws IOException {
    if (full) {
      throw new IOException("no space left");
    }
    entries.add(entry);
    return entries.size();
  }

  /// Every append fails from now on.
  public void fillDisk() {
    full = true;
  }

  public void files(Supplier<FileView> view) {
    files = account -> view.get();
  }

  /// @param view a fresh view of the file system for a decision of an account
  public void filesOf(Function<String, FileView> view) {
    files = view;
  }

  /// Who counts what elevations open; nobody by default.
  public void uses(ElevationUses counted) {
    uses = counted;
  }

  public void policy(PolicyInForce inForce) {
    policy = () -> inForce;
  }

  /// @param inForce asked for each decision
  public void policyOf(Supplier<PolicyInForce> inForce) {
    policy = inForce;
  }

  /// @param members asked for each decision; not for gates that were given an organization
  public void organizationOf(Supplier<Organization> members) {
    organization = members;
  }

  /// The system's clock as the gate sees it, noon by default.
  public void clock(InstantSource system) {
    clock = system;
  }

  /// What was journaled, in order.
  public List<JournalEntry> entries() {
    return entries;
  }
}
