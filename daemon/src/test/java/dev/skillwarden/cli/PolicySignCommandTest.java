package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.keys.Ed25519;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicySignCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path directory;

  private record Run(int exit, String out, String err) {}

  private static Run run(String verb, Path file, String... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] arguments =
        Stream.concat(Stream.of("policy", verb, file.toString()), Stream.of(more))
            .toArray(String[]::new);
    int exit = Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Run(exit, out.toString(), err.toString());
  }

  @BeforeEach
  void makeKeys() throws Exception {
    for (String name : List.of("a", "b")) {
      List<String> pair = Ed25519.generate();
      Files.writeString(directory.resolve(name + ".key"), pair.getFirst());
      Files.writeString(directory.resolve(name + ".pub"), pair.getLast());
    }
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(directory.resolve(name), text);
  }

  private Run sign(Path file, String... more) {
    return run(
        "sign",
        file,
        Stream.concat(Stream.of("--key", path("a.key"), "--public", path("a.pub")), Stream.of(more))
            .toArray(String[]::new));
  }

  private Run verify(Path file, String keys, String... more) {
    return run(
        "verify",
        file,
        Stream.concat(Stream.of("--public", path(keys)), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void signsWhatMachinesTake() throws Exception {
    Path policy = file("policy.yaml", "version: 3\nvalid_until: 2999-12-31\n");
    Run signed = sign(policy);
    assertEquals(0, signed.exit(), signed.err());
    assertTrue(
        signed.out().contains("policy.yaml version 3, valid until 3000-01-01T00:00:00Z, signed by"),
        signed.out());
    assertEquals(0, verify(policy, "a.pub").exit());
    Run other = verify(policy, "b.pub");
    assertEquals(1, other.exit());
    assertTrue(other.err().contains("not signed by a key of policy.keys"), other.err());
    Files.writeString(policy, "version: 4\n");
    assertTrue(verify(policy, "a.pub").err().contains("of another content"));
    Files.delete(directory.resolve("policy.yaml.sig"));
    assertTrue(verify(policy, "a.pub").err().contains("it is not signed"));
    Files.writeString(directory.resolve("policy.yaml.sig"), "x".repeat(100_000));
    assertTrue(verify(policy, "a.pub").err().contains("no signed note"));
  }

  @Test
  void aFileOfAnotherNameIsSignedForWhatItIs() throws Exception {
    Path organization = file("acme.yaml", "version: 1\nteams: [ops]\n");
    assertEquals(2, sign(organization).exit());
    assertEquals(0, sign(organization, "--as", "organization.yaml").exit());
    assertEquals(0, verify(organization, "a.pub", "--as", "organization.yaml").exit());
    Path policy = file("policy.yaml", "version: 1\n");
    assertEquals(0, sign(policy).exit());
    Path moved = file("organization.yaml", "version: 1\n");
    Files.copy(directory.resolve("policy.yaml.sig"), directory.resolve("organization.yaml.sig"));
    assertEquals(1, verify(moved, "a.pub").exit(), "one passes for the other");
  }

  @ParameterizedTest
  @CsvSource({"'version: 1,rulez: {}', unknown key", "'version: 1,valid_until: 2020-01-01', ended"})
  void signsNothingThatMachinesRefuse(String text, String why) throws Exception {
    Path policy = file("policy.yaml", text.replace(',', '\n'));
    Run run = sign(policy);
    assertEquals(1, run.exit());
    assertTrue(run.err().contains(why), run.err());
    assertFalse(Files.exists(directory.resolve("policy.yaml.sig")));
  }

  @Test
  void theKeysMustBeOnePair() throws Exception {
    Path policy = file("policy.yaml", "version: 1\n");
    Run run = run("sign", policy, "--key", path("a.key"), "--public", path("b.pub"));
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("not one pair"), run.err());
  }
}
