package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.repo.WorkRepository;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The verbs for authors and CI, from the command line to the files and commits they leave.
class RegistryCommandsTest {
  private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

  @TempDir private Path temp;
  private WorkRepository work;
  private String out = "";
  private String err = "";

  @BeforeEach
  void create() throws Exception {
    work = WorkRepository.create(Files.createDirectory(temp.resolve("work")));
  }

  @AfterEach
  void close() {
    work.close();
  }

  private int run(String... args) {
    // In a CI job the default of lint would be another form.
    StringWriter output = new StringWriter();
    StringWriter errors = new StringWriter();
    List<String> all = new ArrayList<>(List.of(args));
    if (all.getFirst().equals("lint") && !all.contains("--format")) {
      all.addAll(List.of("--format", "text"));
    }
    if (all.stream().noneMatch("--repo"::equals) && !all.contains("pointer")) {
      all.add("--repo");
      all.add(work.top().toString());
    }
    int code =
        Main.run(
            all.toArray(String[]::new),
            new PrintWriter(output, true),
            new PrintWriter(errors, true));
    out = output.toString();
    err = errors.toString();
    return code;
  }

  private void ok(String... args) {
    assertEquals(ExitCode.DONE, run(args), () -> out + err);
  }

  /// Two majors of a skill, a dependant, and a hotfix of the old major made after the new one.
  private String releases() throws Exception {
    work.skill("billing/refund", "1.4.0", "", "one");
    work.skill("billing/reply", "1.0.0", "depends_on: ['billing/refund:1.x']\n", "reply");
    work.commit(LONG_AGO);
    work.tag("billing/refund@1.4.0");
    work.tag("billing/reply@1.0.0");
    work.skill("billing/refund", "2.0.0", "", "two");
    String two = work.commit(LONG_AGO);
    work.tag("billing/refund@2.0.0");
    work.checkOutNew("billing/refund/1.x", "billing/refund@1.4.0");
    work.skill("billing/refund", "1.4.1", "", "hotfix");
    work.commit(LONG_AGO);
    work.tag("billing/refund@1.4.1");
    work.checkOut("main", false);
    return two;
  }

  @Test
  void aCatalogKeepsOldMajorsAliveWithHotfixesThatMainDoesNotReach() throws Exception {
    releases();
    ok("catalog", "build");
    assertTrue(out.contains("+ billing/refund@1.4.1"), out);
    ok("catalog", "resolve", "billing/refund:1.x");
    assertTrue(out.startsWith("billing/refund@1.4.1  commit "), out);
    ok("catalog", "resolve", "billing/refund:2.x");
    assertTrue(out.startsWith("billing/refund@2.0.0 "), out);
    ok("catalog", "verify");
    assertEquals("latest: 4 releases, 0 differences\n", out);
    ok("catalog", "build");
    assertEquals("latest: nothing to change\n", out);
    assertTrue(Files.notExists(work.top().resolve("catalog")), "the work tree was not touched");
  }

  @Test
  void everyWritingVerbMakesOneCommitWithTrailers() throws Exception {
    releases();
    ok("catalog", "build");
    ok("catalog", "promote");
    ok("catalog", "yank", "billing/refund@1.4.1", "--channel", "stable", "--reason", "leaks data");
    try (LocalGit git = LocalGit.find(work.top()).orElseThrow()) {
      String head = git.branch("stable").orElseThrow();
      LocalGit.LogEntry entry = git.log(head, 1).getFirst();
      assertEquals("Ada <ada@example.com>", entry.author());
      assertEquals(
          """
          Yank billing/refund@1.4.1 on stable

          ~ billing/refund@1.4.1 yanked: leaks data

          Catalog-Action: yank
          Skill: billing/refund
          From: 1.4.1
          Reason: leaks data
          """,
          entry.message());
      assertEquals(2, git.log(head, 9).size());
    }
    ok("catalog", "resolve", "billing/refund:1.x", "--channel", "stable");
    assertTrue(out.startsWith("billing/refund@1.4.0 "), out);
    assertEquals(
        ExitCode.REFUSED, run("catalog", "resolve", "billing/refund:1.4.1", "--channel", "stable"));
    assertTrue(err.contains("1.4.1 (yanked)"), err);
    assertEquals(
        ExitCode.REFUSED,
        run("catalog", "yank", "billing/refund@1.4.1", "--channel", "stable", "--reason", "again"));
    ok("catalog", "yank", "billing/refund@1.4.1", "--channel", "stable", "--undo");
    ok("catalog", "log", "--channel", "stable", "--skill", "billing/refund");
    assertTrue(out.contains("Unyank billing/refund@1.4.1 on stable"), out);
    ok("catalog", "diff", "latest", "stable");
    assertEquals("", out);
  }

  @Test
  void promoteHoldsBackWhatIsYoungOrCannotBeSatisfied() throws Exception {
    work.skill("billing/refund", "1.0.0", "", "one");
    work.commit(Instant.now().minus(Duration.ofHours(1)));
    work.tag("billing/refund@1.0.0");
    work.skill("billing/reply", "1.0.0", "depends_on: ['billing/refund:1.x']\n", "reply");
    work.skill("billing/fresh", "1.0.0-rc.1", "", "candidate");
    work.commit(LONG_AGO);
    work.tag("billing/reply@1.0.0");
    work.tag("billing/fresh@1.0.0-rc.1");
    ok("catalog", "build");
    assertEquals(ExitCode.REFUSED, run("catalog", "promote", "--min-age", "7d"));
    assertTrue(err.contains("billing/refund@1.0.0 was released at"), err);
    assertTrue(err.contains("less than 7d ago"), err);
    assertTrue(
        err.contains(
            "billing/reply@1.0.0 needs billing/refund:1.x, which channel stable cannot satisfy"),
        err);
    assertTrue(err.contains("billing/fresh@1.0.0-rc.1 is a pre-release"), err);
    try (LocalGit git = LocalGit.find(work.top()).orElseThrow()) {
      assertTrue(git.branch("stable").isEmpty(), "nothing was committed");
    }
    ok("catalog", "promote", "--min-age", "30m");
    assertTrue(out.contains("+ billing/reply@1.0.0"), out);
    assertFalse(out.contains("fresh"), out);
  }

  @Test
  void rollBackOfACommitAndOfASkill() throws Exception {
    releases();
    ok("catalog", "build");
    ok("catalog", "promote");
    work.skill("billing/refund", "2.1.0", "", "bad");
    work.commit(LONG_AGO);
    work.tag("billing/refund@2.1.0");
    ok("catalog", "build");
    ok("catalog", "promote");
    ok("catalog", "rollback", "--commit", "stable");
    assertEquals(1, out.lines().filter(l -> l.equals("- billing/refund@2.1.0")).count(), out);
    ok("catalog", "rollback", "--commit", "stable");
    ok("catalog", "resolve", "billing/refund:2.x", "--channel", "stable");
    assertTrue(out.startsWith("billing/refund@2.1.0 "), out);
    ok("catalog", "rollback", "--skill", "billing/refund", "--to", "2.0.0");
    ok("catalog", "resolve", "billing/refund:2.x", "--channel", "stable");
    assertTrue(out.startsWith("billing/refund@2.0.0 "), out);
    ok("catalog", "pin", "billing/refund@2.1.0");
    ok("catalog", "resolve", "billing/refund:2.x", "--channel", "stable");
    assertTrue(out.startsWith("billing/refund@2.1.0 "), out);
  }

  @Test
  void verifyFindsMovedTagsAndBuildRefusesThem() throws Exception {
    releases();
    ok("catalog", "build");
    work.skill("billing/refund", "2.0.0", "", "changed in place");
    work.commit(LONG_AGO);
    work.tag("billing/refund@2.0.0");
    assertEquals(ExitCode.REFUSED, run("catalog", "verify"));
    assertTrue(out.contains("billing/refund@2.0.0: the tag was moved to commit"), out);
    assertEquals(ExitCode.REFUSED, run("catalog", "build"));
    assertTrue(err.contains("a release never changes"), err);
  }

  @Test
  void aTagThatIsNoSoundReleaseIsLeftOutAndTold() throws Exception {
    work.skill("billing/refund", "1.0.0", "", "one");
    work.commit(LONG_AGO);
    work.tag("billing/refund@1.1.0");
    work.tag("billing/none@1.0.0");
    work.tag("v1");
    ok("catalog", "build");
    assertTrue(err.contains("left out: billing/none@1.0.0: commit"), err);
    assertTrue(
        err.contains(
            "left out: billing/refund@1.1.0: names billing/refund@1.0.0 in its frontmatter"),
        err);
  }

  @Test
  void aCheckedOutChannelFollowsItsCommits() throws Exception {
    releases();
    ok("catalog", "build");
    work.checkOut("latest", false);
    ok("catalog", "yank", "billing/refund@2.0.0", "--reason", "x");
    assertTrue(
        Files.readString(work.top().resolve("catalog/skills.json")).contains("\"yanked\" : \"x\""));
    Files.writeString(work.top().resolve("catalog/skills.json"), "{}");
    assertEquals(ExitCode.FAILURE, run("catalog", "yank", "billing/refund@1.4.0", "--reason", "y"));
    assertTrue(err.contains("has changes that are not committed"), err);
  }

  @Test
  void lintComparesWithTheBaseAndTheTags() throws Exception {
    releases();
    ok("lint", "--base", "main");
    work.skill("billing/refund", "2.0.0", "", "edited in place");
    assertEquals(ExitCode.REFUSED, run("lint", "--base", "main"));
    assertTrue(out.contains("SK022 version-not-raised"), out);
    assertTrue(out.contains("SK024 tag-of-other-content"), out);
    work.skill("billing/refund", "2.0.1", "", "edited properly");
    ok("lint", "--base", "main");
    assertEquals(ExitCode.FAILURE, run("lint", "--base", "nowhere"));
    assertTrue(err.contains("there is no nowhere in this clone"), err);
    assertEquals(ExitCode.USAGE, run("lint", "--format", "xml"));
    assertEquals(ExitCode.USAGE, run("lint", "--repo", temp.toString()));
    assertTrue(err.contains("no skills found below"), err);
  }

  @Test
  void theGateShowsWhatChangedWhoDependsAndWhoReviews() throws Exception {
    work.skill("billing/refund", "1.0.0", "", "one");
    work.skill("billing/reply", "1.0.0", "depends_on: ['billing/refund:1.x']\n", "reply");
    work.commit(LONG_AGO);
    work.skill("billing/refund", "2.0.0", "", "two");
    assertEquals(ExitCode.REFUSED, run("gate", "--base", "main"));
    assertTrue(
        out.contains("billing/refund  changed  1.0.0 -> 2.0.0  0       0         1           pass"),
        out);
    assertTrue(out.contains("SK031 unsatisfiable-range"), out);
    assertTrue(out.contains("gate: FAIL"), out);
    assertTrue(out.contains("required reviewers: leads"), out);
    work.skill("billing/refund", "1.1.0", "", "two");
    ok("gate", "--base", "main", "--format", "json");
    assertTrue(out.contains("\"dependants\" : [ \"billing/reply\" ]"), out);
  }

  @Test
  void theIndexIsByteEqualForEqualSkills() throws Exception {
    releases();
    Path first = temp.resolve("a.json");
    Path second = temp.resolve("b.json");
    work.skill("billing/reply", "2.0.0", "depends_on: ['billing/refund:2.x']\n", "reply");
    ok("index", "--out", first.toString());
    assertTrue(out.startsWith("indexed 2 skills (2 changed) in "), out);
    ok("index", "--out", second.toString());
    assertEquals(Files.readString(first), Files.readString(second));
    ok("index", "--out", first.toString(), "--verify");
    work.skill("billing/refund", "2.0.1", "", "new");
    assertEquals(ExitCode.REFUSED, run("index", "--out", first.toString(), "--verify"));
    assertTrue(out.contains("differs in 1 entries"), out);
    work.skill("billing/refund", "two", "", "new");
    assertEquals(ExitCode.REFUSED, run("index", "--out", first.toString()));
    assertTrue(err.contains("nothing written"), err);
    assertEquals(Files.readString(first), Files.readString(second));
  }

  @Test
  void authorsStartWithInitAndNewAndFindWhatTheyWrote() throws Exception {
    ok("init", "--team", "billing", "--team", "support", "--pre-commit");
    assertTrue(out.contains("created .claude/skills/_schema.yaml"), out);
    assertTrue(Files.isExecutable(work.top().resolve(".git/hooks/pre-commit")));
    ok("init", "--team", "billing");
    assertTrue(out.contains("kept    .claude/skills/_schema.yaml"), out);
    ok("new", "billing/refund", "--owner", "leads");
    assertEquals(ExitCode.REFUSED, run("lint", "--fail-on", "warning"));
    assertTrue(out.contains("SK046 weak-description"), out);
    assertEquals(ExitCode.REFUSED, run("new", "billing/refund"));
    ok(
        "new",
        "support/reply",
        "--owner",
        "leads",
        "--description",
        "Write an honest answer: short, \"kind\" and complete.");
    ok("invoke", "support/reply");
    assertTrue(out.contains("# Reply"), out);
    assertEquals(ExitCode.USAGE, run("new", "support"));
    assertEquals(ExitCode.USAGE, run("init", "--team", "No Team"));
    ok(
        "codeowners",
        "--check",
        "--org",
        "acme",
        "--out",
        temp.resolve("none").toString(),
        "--help");
    assertEquals(ExitCode.REFUSED, run("codeowners", "--check"));
    ok("codeowners");
    ok("codeowners", "--check");
    assertTrue(
        Files.readString(work.top().resolve(".github/CODEOWNERS"))
            .contains("/.claude/skills/support/reply.md @leads\n"));
  }

  @Test
  void whoMayUseWhat() throws Exception {
    work.write(
        "policy/organization.yaml",
        """
        version: 1
        teams: [billing, support]
        users:
          ana: {teams: [billing], role: lead}
        groups:
          agents: {teams: [support]}
        """);
    work.write(
        ".claude/skills/billing/refund.md",
        WorkRepository.skillText("billing/refund", "1.0.0", "", "x")
            .replace("access_level: public", "access_level: team"));
    work.skill("support/reply", "1.0.0", "depends_on: ['billing/refund:1.x']\n", "reply");
    ok("who-can", "support/reply");
    assertEquals(
        List.of(
            "WHO                                 MAY  WHY NOT",
            "accounts that cannot be determined  no   billing/refund is team, and the calling"
                + " account could not be determined.",
            "accounts the file does not name     no   billing/refund is team, and account (any) is"
                + " not in team billing.",
            "group agents                        no   billing/refund is team, and account (any) is"
                + " not in team billing.",
            "account ana                         yes"),
        out.lines().toList());
    ok("what-can", "ana");
    assertEquals(3, out.lines().count(), out);
    ok("what-can", "bob", "--group", "agents", "--all");
    assertTrue(out.contains("no: billing/refund is team, and account bob is not in team"), out);
    assertEquals(ExitCode.USAGE, run("who-can", "support/replay"));
    assertTrue(err.contains("did you mean 'support/reply'?"), err);
    assertEquals(ExitCode.REFUSED, run("lint"));
    assertTrue(out.contains("SK034"), out);
  }

  @Test
  void nativeSkillsAreImportedWithEveryChangeTold() throws Exception {
    Path source = temp.resolve("native");
    Files.createDirectories(source.resolve("pdf-tools"));
    Files.writeString(
        source.resolve("pdf-tools/SKILL.md"),
        """
        ---
        name: PDF Tools
        description: Fill and merge PDF files.
        license: MIT
        metadata:
          version: "1.2"
          tags: [PDF, office]
        ---
        Run `scripts/fill.py`.
        """);
    Files.createDirectories(source.resolve("broken"));
    Files.writeString(source.resolve("broken/SKILL.md"), "---\ndescription: a: b: c\n---\nText.\n");
    assertEquals(
        ExitCode.REFUSED, run("import", source.toString(), "--team", "office", "--dry-run"));
    assertTrue(Files.notExists(work.top().resolve(".claude")), "a dry run writes nothing");
    assertEquals(ExitCode.REFUSED, run("import", source.toString(), "--team", "office"));
    assertEquals(
        """
        %1$s/broken/SKILL.md
          not imported: SKILL.md:2:15: mapping values are not allowed here; a value that contains ': ' must be in quotes
        %1$s/pdf-tools/SKILL.md -> .claude/skills/office/pdf-tools.md
          name: 'PDF Tools' became 'pdf-tools'
          version: '1.2' became 1.2.0
          access_level: team
          dropped keys: license
          the instructions name files that are not imported: scripts/fill.py
        """
            .formatted(source),
        out);
    assertEquals("1 of 2 imported; check them with: skillwarden lint\n", err);
    ok("lint");
    assertEquals(ExitCode.REFUSED, run("import", source.toString(), "--team", "office"));
    assertTrue(out.contains("not imported: office/pdf-tools is there already"), out);
  }

  @Test
  void pointersAreSignedAndVerified() throws Exception {
    List<String> pair = dev.skillwarden.keys.Ed25519.generate();
    Path key = Files.writeString(temp.resolve("key"), pair.getFirst());
    Path verifier = Files.writeString(temp.resolve("pub"), pair.getLast());
    String commit = "0123456789012345678901234567890123456789";
    ok(
        "catalog",
        "pointer",
        "sign",
        "--key",
        key.toString(),
        "--public",
        verifier.toString(),
        "--name",
        "acme/stable",
        "--seq",
        "7",
        "--commit",
        commit);
    Path pointer = Files.writeString(temp.resolve("pointer"), out);
    assertTrue(Files.size(pointer) <= 500, "a pointer has " + Files.size(pointer) + " bytes");
    ok("catalog", "pointer", "verify", "--public", verifier.toString(), pointer.toString());
    assertTrue(out.startsWith("acme/stable number 7: commit " + commit + ", expires "), out);
    Files.writeString(pointer, Files.readString(pointer).replace("\"seq\":7", "\"seq\":8"));
    assertEquals(
        ExitCode.REFUSED,
        run("catalog", "pointer", "verify", "--public", verifier.toString(), pointer.toString()));
    assertEquals("the pointer's signature is wrong\n", err);
  }
}
