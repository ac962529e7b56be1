package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Gets secrets from where [Auth] says they are, and keeps them out of messages.
final class Secrets {
  private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_BYTES = 64 << 10;
  private static final int MAX_QUOTE = 300;

  /// Reading and writing by the group and by others.
  private static final int OTHERS = 066;

  private Secrets() {}

  /// The password or token, empty when none is configured.
  static Optional<String> password(Auth auth) throws FetchException, InterruptedException {
    if (auth.secretFile().isPresent() && !auth.command().isEmpty()) {
      throw config("both a secret file and a command are configured; keep one");
    }
    if (auth.secretFile().isPresent()) {
      Path file = auth.secretFile().get();
      requirePrivate("secret file", file);
      return Optional.of(firstLine("the secret file " + file, read("secret file", file)));
    }
    if (!auth.command().isEmpty()) {
      return Optional.of(fromCommand(auth.command()));
    }
    return Optional.empty();
  }

  /// Refuses a file that someone other than its owner may read or change. A file system without
  /// Unix modes is not checked.
  static void requirePrivate(String what, Path file) throws FetchException {
    try {
      if (!(Files.getAttribute(file, "unix:mode") instanceof Integer mode)) {
        return;
      }
      if ((mode & OTHERS) != 0) {
        throw config(
            "the %s %s has mode %04o, so other accounts can use it; run: chmod 600 %s"
                .formatted(what, file, mode & 07777, file));
      }
    } catch (UnsupportedOperationException e) {
      return; // a file system without such modes
    } catch (IOException e) {
      throw unreadable(what, file, e);
    }
  }

  static byte[] read(String what, Path file) throws FetchException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw config(
            "the %s %s is larger than %d KiB; is it the right file?"
                .formatted(what, file, MAX_BYTES >> 10));
      }
      return content;
    } catch (IOException e) {
      throw unreadable(what, file, e);
    }
  }

  static FetchException config(String message) {
    return new FetchException(Code.AUTH_CONFIG, message);
  }

  static FetchException unreadable(String what, Path file, IOException e) {
    String found =
        e instanceof NoSuchFileException
            ? "does not exist"
            : "cannot be read (" + e.getClass().getSimpleName() + ")";
    return config(
        "the %s %s %s; correct the path, or let the daemon's account read it"
            .formatted(what, file, found));
  }

  private static String firstLine(String source, byte[] content) throws FetchException {
    String text = new String(content, StandardCharsets.UTF_8);
    try {
      String line = new BufferedReader(new StringReader(text)).readLine();
      if (line == null || line.isBlank()) {
        throw config(source + " has an empty first line; it must be the password or token");
      }
      return line.strip();
    } catch (IOException e) {
      throw new IllegalStateException("reading a string", e);
    }
  }

  /// The command's error output is dropped: it may hold the secret.
  private static String fromCommand(List<String> command)
      throws FetchException, InterruptedException {
    String source = "the credential command " + command.getFirst();
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw config(source + " cannot be started; name an executable file by its absolute path");
    }
    try {
      FutureTask<byte[]> output =
          new FutureTask<>(() -> process.getInputStream().readNBytes(MAX_BYTES));
      Thread.ofVirtual().name("credential-command").start(output);
      long deadline = System.nanoTime() + COMMAND_TIMEOUT.toNanos();
      byte[] content = output.get(COMMAND_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
      if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new TimeoutException();
      }
      if (process.exitValue() != 0) {
        throw config(
            source
                + " ended with exit code "
                + process.exitValue()
                + "; run it by hand to see why");
      }
      return firstLine("the output of " + source, content);
    } catch (TimeoutException e) {
      throw config(
          source
              + " did not end within "
              + COMMAND_TIMEOUT.toSeconds()
              + " s; it must print the secret without asking anything");
    } catch (ExecutionException e) {
      throw config(source + " closed its output; run it by hand to see why");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /// A text from elsewhere as it may be quoted in a message: without the secret in any form it was
  /// sent in, on one line, cut.
  static String quote(String text, String username, Optional<String> secret) {
    String clean = text;
    if (secret.isPresent()) {
      clean = clean.replace(secret.get(), "***").replace(basic(username, secret.get()), "***");
    }
    clean = clean.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return clean.length() > MAX_QUOTE ? clean.substring(0, MAX_QUOTE) + "…" : clean;
  }

  /// The credentials as HTTP's Basic scheme sends them.
  static String basic(String username, String secret) {
    return Base64.getEncoder()
        .encodeToString((username + ":" + secret).getBytes(StandardCharsets.UTF_8));
  }
}
