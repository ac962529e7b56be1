package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.claude.FindingCode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProbedWayTest {
  private static final HookProbe.Answer DENIED =
      new HookProbe.Answer("deny", "Blocked by Skillwarden (rule guard-self-access, id 1zz): no");

  private static Finding judged(HookProbe.Answer forbidden, HookProbe.Answer harmless)
      throws Exception {
    return ProbedWay.PORT.judge(
        "here", "forbidden", command -> command.equals("forbidden") ? forbidden : harmless);
  }

  @Test
  void oneDeniedAndOnePassedIsGood() throws Exception {
    HookProbe.Answer none = new HookProbe.Answer("", "");
    assertEquals(FindingCode.PORT, judged(DENIED, none).code());
    assertEquals(FindingCode.PORT_DENY, judged(none, none).code());
    assertEquals(
        FindingCode.PORT_SILENT,
        ProbedWay.PORT
            .judge(
                "here",
                "forbidden",
                command -> {
                  throw new IOException("nobody listens");
                })
            .code());
  }

  /// The journal has it under another session, and maybe another account.
  @Test
  void aHarmlessCallThatIsStoppedIsExplainedByItsId() throws Exception {
    Finding denied =
        judged(
            DENIED, new HookProbe.Answer("deny", "Blocked by Skillwarden (rule a-b, id 2ab): no"));
    assertEquals(FindingCode.PORT_PASS, denied.code());
    assertEquals("skillwarden explain 2ab", denied.next());
    assertEquals(
        "skillwarden explain 3cd",
        judged(
                DENIED,
                new HookProbe.Answer(
                    "ask", "Skillwarden asks for confirmation (rule a, id 3cd): sure?"))
            .next());
    assertEquals(
        "skillwarden journal show; skillwarden explain with the id found there",
        judged(DENIED, new HookProbe.Answer("deny", "no")).next());
  }
}
