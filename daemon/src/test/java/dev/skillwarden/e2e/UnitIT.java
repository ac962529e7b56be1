package dev.skillwarden.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The packaged program under the limits of its unit, without systemd running.
final class UnitIT {
  private static final Path INSTALLER = Path.of("..", "installer").toAbsolutePath().normalize();

  private static Installed.Run run(String... command) throws Exception {
    return Installed.run(INSTALLER, Map.of(), command);
  }

  private static boolean missing(String program) throws Exception {
    return run("sh", "-c", "command -v " + program).exit() != 0;
  }

  @Test
  void itsExposureIsLow() throws Exception {
    assumeTrue(!missing("systemd-analyze"), "skipped: systemd-analyze is missing");
    for (String unit : List.of("skillwarden.service", "skillwarden-resolve.service")) {
      Installed.Run run =
          run(
              "systemd-analyze",
              "security",
              "--offline=true",
              "--threshold=20",
              "--no-pager",
              "systemd/" + unit);
      assertEquals(0, run.exit(), run.out() + run.err());
      assertTrue(run.out().contains("Overall exposure level for " + unit), run.out());
    }
  }

  @Test
  void whatCannotRunHereIsSound() throws Exception {
    assumeTrue(!missing("python3"), "skipped: python3 is missing");
    Installed.Run run = run("python3", "test-definitions.py");
    assertEquals(0, run.exit(), run.out() + run.err());
  }

  @Test
  void itDecidesUnderItsUnit() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "skipped: wants root");
    for (String program : List.of("systemd-analyze", "python3", "setpriv", "unshare", "cc")) {
      assumeTrue(!missing(program), "skipped: " + program + " is missing");
    }
    Path work = Files.createTempDirectory("sw-unit");
    Installed.Run run = run("./test-unit.sh", Installed.packaged().toString(), work.toString());
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.out().contains("ok: stopped; the journal is sound"), run.out());
    Files.delete(work);
  }
}
