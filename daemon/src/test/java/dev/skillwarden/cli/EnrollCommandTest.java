package dev.skillwarden.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skillwarden.journal.ChronicleJournal;
import dev.skillwarden.journal.JournalConfig;
import dev.skillwarden.text.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EnrollCommandTest {
  @TempDir Path home;

  private record Result(int exit, String out, String err) {}

  private Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[args.length + 3];
    all[0] = "enroll";
    all[1] = "--home";
    all[2] = home.toString();
    System.arraycopy(args, 0, all, 3, args.length);
    int exit = Main.run(all, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Result(exit, out.toString(), err.toString());
  }

  @Test
  void makesKeysOnceAndShowsThemAgain() throws Exception {
    Result first = run("--out", home.resolve("record.json").toString());
    assertEquals(0, first.exit(), first.err());
    assertTrue(first.out().contains("ratchet  off: chain and checkpoints only"), first.out());
    JsonNode record = Json.parse("record", Files.readAllBytes(home.resolve("record.json")));
    assertEquals(0, record.path("seq").asLong());
    assertTrue(record.path("public_key_pem").asString("").startsWith("-----BEGIN PUBLIC KEY-----"));
    assertEquals(record, Json.parse("again", run("--format", "json").out()));
  }

  @Test
  void sealsTheRatchetToTheConfiguredKey() throws Exception {
    Path key = home.resolve("escrow.pub");
    Files.writeString(
        key,
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(
                Base64.getEncoder()
                    .encodeToString(
                        KeyPairGenerator.getInstance("X25519")
                            .generateKeyPair()
                            .getPublic()
                            .getEncoded())));
    Files.createDirectories(home.resolve("config"));
    Files.writeString(
        home.resolve("config/skillwarden.yaml"),
        "journal: {escrow-key: %s, device: laptop-7}\n".formatted(key));
    Result result = run();
    assertEquals(0, result.exit(), result.err());
    assertTrue(result.out().contains("device   laptop-7"), result.out());
    assertTrue(result.out().contains("ratchet  on, sealed to escrow key "), result.out());
  }

  @Test
  void anotherKeyIsMadeOnlyWhenTheDaemonIsDown() throws Exception {
    JsonNode first = Json.parse("first", run("--format", "json").out());
    JsonNode second = Json.parse("second", run("--format", "json", "--rotate-key").out());
    assertNotEquals(first.path("key_id"), second.path("key_id"));
    assertEquals(first.path("public_key"), second.path("previous_key"));
    try (ChronicleJournal journal =
        ChronicleJournal.open(JournalConfig.defaults(home.resolve("journal")))) {
      Result refused = run("--rotate-key");
      assertEquals(1, refused.exit());
      assertTrue(refused.err().contains("open in this process"), refused.err());
      assertEquals(second, Json.parse("shown", run("--format", "json").out()));
      assertTrue(journal.lastSeq() > 0);
    }
  }
}
