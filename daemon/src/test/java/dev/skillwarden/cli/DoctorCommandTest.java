package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.daemon.FileSignature;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DoctorCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path home;

  private Path config() {
    return home.resolve("config");
  }

  @BeforeEach
  void makeHome() throws Exception {
    Files.createDirectories(config());
  }

  private Ed25519.Verifier requireSigned(List<String> pair) throws Exception {
    Path keys = Files.writeString(home.resolve("policy.pub"), pair.getLast());
    Files.writeString(
        config().resolve("skillwarden.yaml"),
        "policy: {require-signed: true, keys: %s}\n".formatted(keys));
    return Ed25519.publicKeys(pair.getLast()).getFirst();
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(config().resolve(name), text);
  }

  private void sign(String name, String as, List<String> pair) throws Exception {
    Path file = config().resolve(name);
    Files.writeString(
        FileSignature.of(file),
        FileSignature.sign(
            as,
            Files.readAllBytes(file),
            Ed25519.privateKey(pair.getFirst()),
            Ed25519.publicKeys(pair.getLast()).getFirst()));
  }

  /// What doctor says of policy or organization: `+` or `-`, the code, and the cause.
  private String said(String code) throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Main.run(
        new String[] {"doctor", "--home", home.toString(), "--format", "json"},
        new PrintWriter(out, true),
        new PrintWriter(err, true));
    for (JsonNode finding :
        Json.parse("doctor", out.toString().getBytes(StandardCharsets.UTF_8)).path("findings")) {
      if (finding.path("code").asString("").startsWith(code)) {
        boolean ok = finding.path("ok").asBoolean(false);
        assertTrue(ok || !finding.path("next").asString("").isEmpty(), finding.toString());
        return (ok ? "+" : "-") + finding.path("cause").asString("");
      }
    }
    throw new AssertionError("nothing is said of " + code + ": " + out + err);
  }

  private void assertSaid(String code, String sign, String text) throws Exception {
    String said = said(code);
    assertTrue(said.startsWith(sign) && said.contains(text), said);
  }

  @Test
  void whatNeedsNoSignatureMayBeAbsentButNotOver() throws Exception {
    assertSaid("POLICY", "+", "the built-in one holds");
    write("policy.yaml", "version: 3\nvalid_until: 2020-01-01\n");
    assertSaid("POLICY", "-", "ended at 2020-01-02T00:00:00Z");
    write("policy.yaml", "version: 3\n");
    assertSaid("POLICY", "+", "is valid");
    write("organization.yaml", "version: 1\nvalid_until: 2020-01-01\n");
    assertSaid("ORGANIZATION", "-", "ended at");
  }

  @Test
  void whatMustBeSignedIsBadWithoutASignatureThatCounts() throws Exception {
    List<String> pair = Ed25519.generate();
    Ed25519.Verifier key = requireSigned(pair);
    assertEquals(1, Ed25519.publicKeys(pair.getLast()).size(), key.id());
    for (String code : List.of("POLICY", "ORGANIZATION")) {
      assertSaid(code, "-", "is not there, and policy.require-signed wants it signed");
    }
    write("policy.yaml", "version: 3\n");
    assertSaid("POLICY", "-", "it is not signed");
    sign("policy.yaml", "policy.yaml", Ed25519.generate());
    assertSaid("POLICY", "-", "not signed by a key of policy.keys");
    sign("policy.yaml", "organization.yaml", pair);
    assertSaid("POLICY", "-", "of another content or of another file");
    sign("policy.yaml", "policy.yaml", pair);
    assertSaid("POLICY", "+", "is valid and signed");
    write("policy.yaml", "version: 4\n");
    assertSaid("POLICY", "-", "of another content");
    write("policy.yaml", "version: 4\nvalid_until: 2020-01-01\n");
    sign("policy.yaml", "policy.yaml", pair);
    assertSaid("POLICY", "-", "ended at");
  }
}
