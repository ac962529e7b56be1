package dev.skillwarden.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The shipped witness, started as its documentation says, and what a client does with its answers.
final class WitnessProcess implements AutoCloseable {
  static final Path PROGRAM = Path.of("../installer/collector/witness/Witness.java");
  private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

  /// A note whose signature holds.
  record Note(String origin, long size, String root, Instant time) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String verifier;
  private final URI uri;

  private WitnessProcess(Process process, String verifier, URI uri) {
    this.process = process;
    this.verifier = verifier;
    this.uri = uri;
  }

  static WitnessProcess start(Path directory, URI clickhouse, String... more) throws Exception {
    Path key = directory.resolve("witness.key");
    if (!Files.exists(key)) {
      Files.writeString(key, newKey());
    }
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--key", key.toString(), "--clickhouse", clickhouse.toString()));
    options.addAll(List.of("--listen", "127.0.0.1:0"));
    options.addAll(List.of(more));
    Process process =
        command(options.toArray(String[]::new))
            .redirectError(directory.resolve("witness.log").toFile())
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String verifier = out.readLine();
    String listening = out.readLine();
    if (verifier == null || listening == null) {
      throw new IOException(Files.readString(directory.resolve("witness.log")));
    }
    assertTrue(verifier.startsWith("verifier "), verifier);
    assertTrue(listening.startsWith("listening on 127.0.0.1:"), listening);
    return new WitnessProcess(
        process,
        verifier.substring("verifier ".length()),
        URI.create("http://" + listening.substring("listening on ".length())));
  }

  static ProcessBuilder command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx128m", PROGRAM.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  static String newKey() throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    return pem("PRIVATE KEY", pair.getPrivate().getEncoded())
        + pem("PUBLIC KEY", pair.getPublic().getEncoded());
  }

  static String pem(String what, byte[] encoded) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(what, Base64.getEncoder().encodeToString(encoded), what);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri.resolve(path)).timeout(Duration.ofSeconds(60)).build(),
        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  HttpResponse<String> head(String device, String install)
      throws IOException, InterruptedException {
    return get("/v1/head?device=" + device + "&install=" + install);
  }

  /// The head this journal is signed with.
  Note signed(String device, String install) throws Exception {
    HttpResponse<String> answer = head(device, install);
    assertEquals(200, answer.statusCode(), answer.body());
    return verified(answer.body());
  }

  /// Reads a note as https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint have it.
  private Note verified(String note) throws GeneralSecurityException {
    int end = note.indexOf("\n\n");
    String text = note.substring(0, end + 1);
    List<String> lines = text.lines().toList();
    assertEquals(4, lines.size(), note);
    String[] signature = note.substring(end + 2).strip().split(" ", -1);
    assertEquals(List.of("\u2014", "witness"), List.of(signature).subList(0, 2));
    assertTrue(note.endsWith("\n"), note);

    byte[] signed = Base64.getDecoder().decode(signature[2]);
    String[] known = verifier.split("\\+", 3);
    byte[] key = Base64.getDecoder().decode(known[2]);
    assertEquals(33, key.length);
    assertEquals(1, key[0], "type Ed25519");
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update("witness\n".getBytes(StandardCharsets.UTF_8));
    String id = HexFormat.of().formatHex(digest.digest(key), 0, 4);
    assertEquals(List.of("witness", id), List.of(known).subList(0, 2));
    assertEquals(id, HexFormat.of().formatHex(signed, 0, 4));
    assertTrue(
        holds(Arrays.copyOfRange(key, 1, 33), text, Arrays.copyOfRange(signed, 4, 68)), note);

    assertTrue(lines.get(3).startsWith("time "), note);
    return new Note(
        lines.get(0),
        Long.parseLong(lines.get(1)),
        HexFormat.of().formatHex(Base64.getDecoder().decode(lines.get(2))),
        Instant.parse(lines.get(3).substring("time ".length())));
  }

  private static boolean holds(byte[] key, String text, byte[] signature)
      throws GeneralSecurityException {
    byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + key.length);
    System.arraycopy(key, 0, encoded, SPKI.length, key.length);
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    verifier.update(text.getBytes(StandardCharsets.UTF_8));
    return verifier.verify(signature);
  }

  /// Asks it to stop.
  ///
  /// @return whether it ended within 10 s
  boolean stop() throws InterruptedException {
    process.destroy();
    return process.waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
