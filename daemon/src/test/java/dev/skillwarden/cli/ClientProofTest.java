package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.claude.Finding;
import dev.skillwarden.http.ScriptedModel.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientProofTest {
  private final ClientProof proof =
      new ClientProof(
          new InstalledClient(Path.of("/usr/bin/claude"), new ClientAccount(false)), 7717);

  private String judged(boolean error, String text, Optional<Result> harmless, boolean ran) {
    return codes(proof.judge(Optional.of(new Result(error, text)), harmless, ran, "it ended"));
  }

  private static String codes(List<Finding> findings) {
    return String.join(
        " ", findings.stream().map(f -> (f.ok() ? "+" : "-") + f.code().id()).toList());
  }

  private Optional<Result> read() {
    return Optional.of(new Result(false, "1\t" + proof.token));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true  | PreToolUse:Bash hook error: Blocked by Skillwarden (rule guard-self-access, id 2ab): no | false | +CLIENT_DENY",
        "true  | PreToolUse:Bash hook error: [https://localhost]: failed; blocking because onFailure is \"block\" | false | -CLIENT_DENY",
        "true  | Claude requested permissions to use Bash | false | -CLIENT_OPEN",
        "false | (Bash completed with no output) | false | -CLIENT_OPEN",
        "true  | PreToolUse:Bash hook error: Blocked by Skillwarden (rule guard-self-access, id 2ab): no | true | -CLIENT_OPEN"
      })
  void onlyOurOwnDenialOfACallThatDidNotRunIsOne(
      boolean error, String text, boolean ran, String code) {
    assertEquals(code + " +CLIENT_PASS", judged(error, text, read(), ran));
  }

  @Test
  void aHarmlessCallThatDoesNotPassIsFound() {
    String denied = "Blocked by Skillwarden (rule a, id 2ab)";
    assertEquals(
        "+CLIENT_DENY -CLIENT_PASS",
        judged(true, denied, Optional.of(new Result(true, "Permission to read denied")), false));
    assertEquals(
        "+CLIENT_DENY -CLIENT_PASS",
        judged(true, denied, Optional.of(new Result(false, "another text")), false));
    assertEquals("+CLIENT_DENY -CLIENT_SILENT", judged(true, denied, Optional.empty(), false));
  }

  @Test
  void aClientThatMakesNoCallProvesNothing() {
    assertEquals(
        "-CLIENT_SILENT", codes(proof.judge(Optional.empty(), Optional.empty(), false, "")));
    assertEquals(
        "-CLIENT_OPEN -CLIENT_SILENT",
        codes(proof.judge(Optional.empty(), Optional.empty(), true, "")));
  }

  @Test
  void aCallThatTheDaemonStoppedIsExplainedByItsId() {
    assertEquals(
        "skillwarden explain 2ab",
        proof
            .judge(
                Optional.of(new Result(true, "Blocked by Skillwarden (rule a, id 1zz): no")),
                Optional.of(new Result(true, "Blocked by Skillwarden (rule b-c, id 2ab): no")),
                false,
                "")
            .getLast()
            .next());
  }

  /// A program in its place is run, ended in time with all it started, and nothing is left.
  @Test
  void aProgramThatIsNoClientIsSilent() throws Exception {
    InstalledClient none = InstalledClient.at(Path.of("/bin/true"));
    Optional<String> obstacle = none.obstacle();
    Assumptions.assumeTrue(obstacle.isEmpty(), obstacle.toString());
    List<Path> before = proofs();
    assertEquals("-CLIENT_SILENT", codes(new ClientProof(none, 7717).run()));
    assertEquals(List.of(), proofs().stream().filter(p -> !before.contains(p)).toList());
  }

  private static List<Path> proofs() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("skillwarden-proof"))
          .toList();
    }
  }
}
