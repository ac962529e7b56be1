package dev.skillwarden.http;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import java.io.IOException;

/// A way to the daemon, and what the answers to a forbidden and a harmless call say of it.
public enum ProbedWay {
  PORT(FindingCode.PORT, FindingCode.PORT_DENY, FindingCode.PORT_PASS, FindingCode.PORT_SILENT),
  RELAY(
      FindingCode.RELAY, FindingCode.RELAY_DENY, FindingCode.RELAY_PASS, FindingCode.RELAY_SILENT);

  private final FindingCode good;
  private final FindingCode deny;
  private final FindingCode pass;
  private final FindingCode silent;

  ProbedWay(FindingCode good, FindingCode deny, FindingCode pass, FindingCode silent) {
    this.good = good;
    this.deny = deny;
    this.pass = pass;
    this.silent = silent;
  }

  /// Asks for the decision on a command.
  @FunctionalInterface
  public interface Ask {
    /// @return `deny`, `ask`, or empty when there is no objection
    /// @throws IOException when there is no answer that a client would take, saying why
    String of(String command) throws IOException, InterruptedException;
  }

  /// Asks for the decision on a command, and why.
  @FunctionalInterface
  public interface Judge {
    /// @throws IOException when there is no answer that a client would take, saying why
    HookProbe.Answer of(String command) throws IOException, InterruptedException;
  }

  /// What shows a decision, in every session and of every account.
  public static String explain(String id) {
    return "skillwarden explain " + id;
  }

  /// The same as [#judge], without the reasons.
  public Finding probe(String where, String forbidden, Ask ask) throws InterruptedException {
    return judge(where, forbidden, command -> new HookProbe.Answer(ask.of(command), ""));
  }

  /// Asks for a call that every policy denies, and for one that nobody objects to.
  ///
  /// @param where for people: `over https on port 7717`
  public Finding judge(String where, String forbidden, Judge judge) throws InterruptedException {
    try {
      String denied = judge.of(forbidden).decision();
      HookProbe.Answer passed = judge.of(HookProbe.HARMLESS);
      if (!denied.equals("deny")) {
        return Finding.bad(
            deny,
            "%s a call that must be denied was answered with '%s'".formatted(where, denied),
            "skillwarden doctor; see which process listens there");
      }
      return passed.decision().isEmpty()
          ? Finding.good(good, where + " one call was denied and one passed")
          : Finding.bad(
              pass,
              "%s a harmless call was answered with '%s'".formatted(where, passed.decision()),
              HookProbe.decisionId(passed.reason())
                  .map(ProbedWay::explain)
                  .orElse("skillwarden journal show; skillwarden explain with the id found there"));
    } catch (IOException e) {
      return Finding.bad(
          silent,
          "%s no answer that a client takes: %s".formatted(where, e),
          "skillwarden doctor; if another process holds the port, stop it");
    }
  }
}
