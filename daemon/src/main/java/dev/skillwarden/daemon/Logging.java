package dev.skillwarden.daemon;

import dev.skillwarden.redact.Redactor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Log set-up: one event per line on standard error, UTC times; a cause follows indented.
public final class Logging {
  private Logging() {}

  /// For the daemon.
  public static void daemon(DaemonConfig.LogLevel level) {
    configure(
        switch (level) {
          case DEBUG -> Level.FINE;
          case INFO -> Level.INFO;
          case WARNING -> Level.WARNING;
          case ERROR -> Level.SEVERE;
        });
  }

  /// For verbs that work alone: problems only, the verb itself says what happened.
  public static void commandLine() {
    configure(Level.SEVERE);
  }

  private static void configure(Level level) {
    LogManager.getLogManager().reset();
    Handler handler = new ConsoleHandler();
    handler.setLevel(level);
    handler.setFormatter(new Lines());
    Logger root = Logger.getLogger("");
    root.setLevel(level);
    root.addHandler(handler);
    // Libraries speak when something is wrong, not to announce themselves.
    for (String library :
        new String[] {
          "io.helidon",
          "org.eclipse.jgit",
          "org.apache.sshd",
          "net.openhft",
          "io.modelcontextprotocol",
          "io.github.jbellis",
          "org.apache.lucene"
        }) {
      Logger logger = Logger.getLogger(library);
      logger.setLevel(level.intValue() < Level.WARNING.intValue() ? Level.WARNING : level);
      KEPT.add(logger);
    }
  }

  /// The log manager holds loggers weakly; their levels would be forgotten.
  private static final java.util.List<Logger> KEPT = new java.util.ArrayList<>();

  /// Messages and causes quote what failed, so secrets are taken out as they are for the journal.
  static final class Lines extends Formatter {
    @Override
    public String format(LogRecord event) {
      StringBuilder line = new StringBuilder();
      line.append(Instant.ofEpochMilli(event.getMillis()))
          .append(' ')
          .append(event.getLevel().getName())
          .append(' ')
          .append(shortName(event.getLoggerName()))
          .append(": ")
          .append(lines(formatMessage(event)))
          .append('\n');
      Throwable cause = event.getThrown();
      if (cause != null) {
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace));
        line.append("  ").append(lines(trace.toString().stripTrailing())).append('\n');
      }
      return line.toString();
    }

    private static String lines(String text) {
      return Redactor.withoutSecrets(text).replace("\n", "\n  ");
    }

    private static String shortName(String logger) {
      return logger.startsWith("dev.skillwarden.")
          ? logger.substring("dev.skillwarden.".length())
          : logger;
    }
  }
}
