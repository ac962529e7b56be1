package dev.skillwarden.cli;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The git program of the account that runs the command line, with its own settings and keys.
final class OwnGit {
  private static final System.Logger LOG = System.getLogger(OwnGit.class.getName());
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private OwnGit() {}

  /// Whether it may read the repository. Asks for nothing: no answer in time, no git, or a question
  /// for a password count as no.
  static boolean canRead(String url) {
    ProcessBuilder builder =
        new ProcessBuilder("git", "ls-remote", "--quiet", "--heads", "--", url)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    builder.environment().put("GIT_ASKPASS", "true");
    builder.environment().put("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=5");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      if (process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "git cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
