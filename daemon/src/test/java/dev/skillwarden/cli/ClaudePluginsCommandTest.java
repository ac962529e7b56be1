package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.repo.WorkRepository;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `claude seed`, `claude marketplace build` and `sync --once`, from the command line to the files.
class ClaudePluginsCommandTest {
  private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");
  private static final String URL = "https://git.example.com/skills.git";

  @TempDir private Path temp;
  private WorkRepository work;
  private Path seed;
  private Path home;
  private String out = "";
  private String err = "";

  @BeforeEach
  void create() throws Exception {
    work = WorkRepository.create(Files.createDirectory(temp.resolve("work")));
    work.skill("billing/refund", "1.0.0", "", "Pay it back.");
    work.skill("ops/report", "1.0.0", "", "Write it.");
    work.commit(LONG_AGO);
    seed = temp.resolve("seed");
    // Short: a control socket's path is.
    home = Files.createTempDirectory(Path.of("/tmp"), "sw-seed");
  }

  @AfterEach
  void close() throws IOException {
    work.close();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private int run(String... args) {
    StringWriter output = new StringWriter();
    StringWriter errors = new StringWriter();
    int code = Main.run(args, new PrintWriter(output, true), new PrintWriter(errors, true));
    out = output.toString();
    err = errors.toString();
    return code;
  }

  private void ok(String... args) {
    assertEquals(ExitCode.DONE, run(args), () -> out + err);
  }

  private void seedOfTheCheckout() {
    ok("claude", "seed", "--out", seed.toString(), "--repo", work.top().toString());
  }

  private static Map<String, String> tree(Path top) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(top)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(
            top.relativize(file)
                + " "
                + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
            Files.readString(file));
      }
    }
    return files;
  }

  @Test
  void equalSkillsGiveAnEqualSeedAndOtherSkillsReplaceItWhole() throws Exception {
    seedOfTheCheckout();
    assertEquals(
        seed.toString(),
        Json.parse("settings", out).path("env").path("CLAUDE_CODE_PLUGIN_SEED_DIR").asString(""));
    assertTrue(err.contains("2 plugins: 2 skills in full, 0 as stubs"), err);
    Map<String, String> first = tree(seed);
    seedOfTheCheckout();
    assertEquals(first, tree(seed));
    Files.delete(work.top().resolve(".claude/skills/ops/report.md"));
    seedOfTheCheckout();
    assertTrue(Files.notExists(seed.resolve("cache/company-skills/ops")), "a removed skill stays");
    assertNotEquals(first, tree(seed));
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(
          java.util.List.of("seed", "work"),
          left.map(p -> p.getFileName().toString()).sorted().toList(),
          "what was made on the way is left");
    }
  }

  @Test
  void everybodyMayReadASeedAndOnlyItsOwnerWrite() throws Exception {
    seedOfTheCheckout();
    try (Stream<Path> all = Files.walk(seed)) {
      for (Path file : all.toList()) {
        assertEquals(
            Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
            file.toString());
      }
    }
  }

  @Test
  void aDirectoryOfSomebodyElseIsNotTouched() throws Exception {
    Files.createDirectory(seed);
    Files.writeString(seed.resolve("mine.txt"), "mine");
    assertEquals(
        ExitCode.REFUSED,
        run("claude", "seed", "--out", seed.toString(), "--repo", work.top().toString()));
    assertTrue(err.contains("was not made by this command"), err);
    assertEquals(1, tree(seed).size());
  }

  @Test
  void aSeedThatCannotBeMadeLeavesTheOldOne() throws Exception {
    seedOfTheCheckout();
    Map<String, String> good = tree(seed);
    Files.delete(work.top().resolve(".claude/skills/ops/report.md"));
    Files.delete(work.top().resolve(".claude/skills/billing/refund.md"));
    assertEquals(
        ExitCode.REFUSED,
        run("claude", "seed", "--out", seed.toString(), "--repo", work.top().toString()));
    assertTrue(err.contains("there are no skills"), err);
    assertEquals(good, tree(seed));
  }

  @Test
  void aRunThatEndedBetweenTheTwoMovesIsMended() throws Exception {
    seedOfTheCheckout();
    Map<String, String> good = tree(seed);
    Files.move(seed, temp.resolve(".seed.old"));
    Files.createDirectories(temp.resolve(".seed.new/half"));
    seedOfTheCheckout();
    assertEquals(good, tree(seed));
    assertTrue(Files.notExists(temp.resolve(".seed.old")));
    assertTrue(Files.notExists(temp.resolve(".seed.new")));
  }

  @Test
  void aChannelGivesItsReleasesAndNotTheWorkTree() throws Exception {
    work.tag("billing/refund@1.0.0");
    ok("catalog", "build", "--repo", work.top().toString());
    work.skill("billing/refund", "2.0.0", "", "Not released.");
    ok(
        "claude",
        "seed",
        "--out",
        seed.toString(),
        "--repo",
        work.top().toString(),
        "--channel",
        "latest");
    String all = tree(seed).toString();
    assertTrue(all.contains("Pay it back."), all);
    assertFalse(all.contains("Not released.") || all.contains("Write it."), all);
  }

  @Test
  void aChannelOfWhichSomethingIsMissingGivesNothing() throws Exception {
    work.tag("billing/refund@1.0.0");
    ok("catalog", "build", "--repo", work.top().toString());
    work.checkOut("latest", false);
    Path catalog = work.top().resolve("catalog/skills.json");
    String listed = Files.readString(catalog);
    JsonNode release = Json.parse("c", listed).path("skills").get(0).path("releases").get(0);
    Files.writeString(catalog, listed.replace(release.path("commit").asString(""), "0".repeat(40)));
    work.commit(LONG_AGO);
    assertEquals(
        ExitCode.REFUSED,
        run(
            "claude",
            "seed",
            "--out",
            seed.toString(),
            "--repo",
            work.top().toString(),
            "--channel",
            "latest"));
    assertTrue(err.contains("are missing here"), err);
    assertTrue(Files.notExists(seed));
  }

  @Test
  void optionsOfARepositoryWantARepository() {
    assertEquals(
        ExitCode.USAGE, run("claude", "seed", "--out", seed.toString(), "--channel", "stable"));
    assertEquals(
        ExitCode.USAGE,
        run("claude", "seed", "--out", seed.toString(), "--repo", ".", "--name", "No Name"));
  }

  @Test
  void aHomeIsFilledWithoutADaemonAndServesWhenTheRemoteIsGone() throws Exception {
    String commit = work.commit(LONG_AGO);
    Files.createDirectories(home.resolve("config"));
    Files.writeString(
        home.resolve("config/skillwarden.yaml"),
        "sync:\n  remote: file://%s\n  pin:\n    sha: %s\n".formatted(work.top(), commit));
    assertEquals(
        ExitCode.REFUSED,
        run("claude", "seed", "--out", seed.toString(), "--home", home.toString()),
        "an empty store");
    assertTrue(err.contains("sync --once"), err);
    ok("sync", "--once", "--home", home.toString());
    assertEquals("serving 2 skills of commit " + commit + "\n", out);
    for (String made : new String[] {"journal", "upload", "elevations.json", "run/starts"}) {
      assertTrue(Files.notExists(home.resolve(made)), made + " would be in every container");
    }
    Files.move(work.top(), temp.resolve("gone"));
    ok("claude", "seed", "--out", seed.toString(), "--home", home.toString());
    assertTrue(tree(seed).toString().contains("Pay it back."));
  }

  @Test
  void aHomeWithoutARepositoryHasNothingToFetch() {
    assertEquals(ExitCode.USAGE, run("sync", "--once", "--home", home.toString()));
    assertTrue(err.contains("sync.remote"), err);
  }

  private int build(String... more) {
    return run(
        Stream.concat(
                Stream.of("claude", "marketplace", "build", "--repo", work.top().toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private JsonNode source(int plugin) throws Exception {
    return Json.parse(
            "list", Files.readString(work.top().resolve(".claude-plugin/marketplace.json")))
        .path("plugins")
        .get(plugin)
        .path("source");
  }

  @Test
  void aPluginIsPinnedToTheCommitThatHoldsItUntilItChanges() throws Exception {
    assertEquals(ExitCode.DONE, build(), err);
    assertEquals("./plugins/billing", source(0).asString(""));
    assertEquals(ExitCode.REFUSED, build("--url", URL), "nothing is committed");
    assertTrue(err.contains("does not hold plugins/billing"), err);
    String first = work.commit(LONG_AGO);
    assertEquals(ExitCode.DONE, build("--url", URL), err);
    assertEquals(first, source(0).path("sha").asString(""));
    assertEquals(URL, source(0).path("url").asString(""));
    work.commit(LONG_AGO);
    Map<String, String> built = tree(work.top().resolve(".claude-plugin"));
    assertEquals(ExitCode.DONE, build("--url", URL), err);
    assertEquals(ExitCode.DONE, build(), err);
    assertEquals(built, tree(work.top().resolve(".claude-plugin")), "nothing changed");

    work.skill("ops/report", "1.0.1", "", "Write it better.");
    assertEquals(ExitCode.DONE, build(), err);
    String second = work.commit(LONG_AGO);
    assertEquals(ExitCode.DONE, build("--url", URL), err);
    assertEquals(first, source(0).path("sha").asString(""), "it did not change");
    assertEquals(second, source(1).path("sha").asString(""));
  }

  @Test
  void aMarketplaceOfSomebodyElseIsNotTouched() throws Exception {
    work.write(".claude-plugin/marketplace.json", "{}");
    assertEquals(ExitCode.REFUSED, build());
    assertTrue(err.contains("was not made by this command"), err);
    assertEquals("{}", Files.readString(work.top().resolve(".claude-plugin/marketplace.json")));
    assertTrue(Files.notExists(work.top().resolve("plugins")));
  }
}
