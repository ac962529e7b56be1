package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Whose journal this is, and the key that signs for it. Kept in `device.json` beside the journal.
///
/// @param device name of the machine, 1 to 64 letters, digits, `.`, `_` and `-`
/// @param install random name of this journal, 32 hex digits
/// @param escrow [dev.skillwarden.keys.Hpke.Recipient#id] of the key the ratchet is sealed to,
///   empty when the ratchet is off
/// @param record the line of the journal that names the key, empty before it is written: it is said
///   again when it is among what was destroyed
record Identity(
    String device,
    String install,
    PrivateKey key,
    Ed25519.Verifier publicKey,
    String escrow,
    String record) {
  private static final String FILE = "device.json";

  /// An identity whose record is not in the journal yet, with the ratchet key that goes with it.
  private static final String NEXT = "device.next.json";

  /// @param ratchet first ratchet key, empty when the ratchet is off
  /// @param sealed the same, sealed, as it stands in the record
  record Pending(Identity identity, byte[] ratchet, String sealed) {}

  /// With a new key.
  static Identity generate(String device, String install, String escrow) throws IOException {
    try {
      List<String> pair = Ed25519.generate();
      return new Identity(
          device,
          install,
          Ed25519.privateKey(pair.getFirst()),
          Ed25519.publicKeys(pair.getLast()).getFirst(),
          escrow,
          "");
    } catch (GeneralSecurityException e) {
      throw new IOException("no Ed25519 key can be made", e);
    }
  }

  /// The same with another escrow key.
  Identity sealedTo(String newEscrow) {
    return new Identity(device, install, key, publicKey, newEscrow, "");
  }

  /// The same, named by this line.
  Identity on(String line) {
    return new Identity(device, install, key, publicKey, escrow, line);
  }

  /// First line of its checkpoints, and the name that signs them.
  String origin() {
    return JournalFormat.ORIGIN + device + '/' + install;
  }

  /// The 32 bytes of the public key in base64.
  String publicText() {
    return Base64.getEncoder().encodeToString(Ed25519.raw(publicKey.key()));
  }

  /// @throws IOException when there is one that cannot be read, saying what to do
  static Optional<Identity> read(Path directory) throws IOException {
    return readPending(directory.resolve(FILE)).map(Pending::identity);
  }

  /// The identity that a crash kept from being taken into use.
  static Optional<Pending> pending(Path directory) throws IOException {
    return readPending(directory.resolve(NEXT));
  }

  private static Optional<Pending> readPending(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = Json.parse(file.toString(), Files.readAllBytes(file));
      Identity identity =
          new Identity(
              json.path("device").asString(),
              json.path("install").asString(),
              Ed25519.privateKey(json.path("private_key").asString()),
              Ed25519.publicKeys(json.path("public_key").asString()).getFirst(),
              json.path("escrow").asString(""),
              json.path("record").asString(""));
      byte[] ratchet = Base64.getDecoder().decode(json.path("ratchet_key").asString(""));
      return Optional.of(new Pending(identity, ratchet, json.path("sealed_key").asString("")));
    } catch (InvalidTextException | IOException | RuntimeException e) {
      throw new IOException(
          "%s cannot be read: %s; restore it, or move it away, and the journal goes on as another"
                  .formatted(file, e.getMessage())
              + " install",
          e);
    }
  }

  /// Keeps what is about to be written into the journal.
  void propose(Path directory, byte[] ratchet, String sealed) throws IOException {
    ObjectNode json = json();
    json.put("ratchet_key", Base64.getEncoder().encodeToString(ratchet));
    json.put("sealed_key", sealed);
    PrivateFiles.write(directory.resolve(NEXT), bytes(json));
  }

  /// The record is in the journal: from now on this is the identity.
  void accept(Path directory) throws IOException {
    PrivateFiles.write(directory.resolve(FILE), bytes(json()));
    withdraw(directory);
  }

  /// Forgets what was proposed.
  static void withdraw(Path directory) throws IOException {
    if (Files.exists(directory.resolve(NEXT))) {
      PrivateFiles.erase(directory.resolve(NEXT));
    }
  }

  private ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("device", device);
    json.put("install", install);
    json.put("escrow", escrow);
    json.put("record", record);
    json.put("private_key", Ed25519.pem("PRIVATE KEY", key));
    json.put("public_key", Ed25519.pem("PUBLIC KEY", publicKey.key()));
    return json;
  }

  private static byte[] bytes(ObjectNode json) {
    return Json.write(json).getBytes(StandardCharsets.UTF_8);
  }
}
