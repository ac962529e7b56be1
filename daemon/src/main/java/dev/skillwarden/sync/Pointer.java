package dev.skillwarden.sync;

import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a fleet should serve: a small signed document, after the timestamp role of TUF (The Update
/// Framework 1.0). Two lines: the statement as JSON, then `KEY-ID BASE64-SIGNATURE` of
/// `skillwarden-pointer-v1`, a line end and the statement's bytes.
///
/// @param name what the pointer is for, such as `acme-skills/stable`; a pointer of another name is
///   refused
/// @param seq number of the pointer, never goes down
/// @param commit 40 hex digits
/// @param expires after this a new one should have been signed; an alarm, not an end
/// @param bundle where the commit can be had without git
public record Pointer(
    String name, long seq, String commit, Instant expires, Optional<Bundle> bundle) {
  /// Largest document that is read, in bytes.
  public static final int MAX_BYTES = 4_096;

  /// Highest number, so that a jump to the end cannot leave no room.
  public static final long MAX_SEQ = 1L << 52;

  private static final String CONTEXT = "skillwarden-pointer-v1\n";
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,127}");
  private static final Set<String> KEYS = Set.of("name", "seq", "commit", "expires", "bundle");
  private static final Set<String> BUNDLE_KEYS = Set.of("url", "sha256", "size");

  /// A git bundle named by its digest.
  ///
  /// @param size in bytes
  public record Bundle(String url, String sha256, long size) {
    private static final Pattern URL =
        Pattern.compile("https://\\S+|http://127\\.0\\.0\\.1(:\\d{1,5})?/\\S*");

    public Bundle {
      wanted("bundle.sha256", DIGEST.matcher(sha256).matches(), sha256);
      wanted("bundle.url", URL.matcher(url).matches(), url);
      wanted("bundle.size", size > 0, String.valueOf(size));
    }
  }

  public Pointer {
    wanted("name", NAME.matcher(name).matches(), name);
    wanted("commit", COMMIT.matcher(commit).matches(), commit);
    wanted("seq", seq >= 1 && seq <= MAX_SEQ, String.valueOf(seq));
  }

  private static void wanted(String key, boolean good, String found) {
    if (!good) {
      throw new IllegalArgumentException("%s is malformed, found '%s'".formatted(key, found));
    }
  }

  /// A pointer whose signature is good.
  ///
  /// @param keyId whose signature it is
  public record Verified(Pointer pointer, String keyId) {}

  /// The document that says this, signed.
  public String sign(PrivateKey key, Ed25519.Verifier verifier) throws GeneralSecurityException {
    String statement = statement();
    byte[] signature = Ed25519.sign(key, signed(statement));
    String document =
        statement
            + "\n"
            + verifier.id()
            + " "
            + Base64.getEncoder().encodeToString(signature)
            + "\n";
    if (!verifier.verify(signed(statement), signature)) {
      throw new GeneralSecurityException("the private and the public key are not one pair");
    }
    return document;
  }

  private String statement() {
    ObjectNode node =
        Json.object()
            .put("name", name)
            .put("seq", seq)
            .put("commit", commit)
            .put("expires", expires.toString());
    bundle.ifPresent(b ->
        node.putObject("bundle")
            .put("url", b.url())
            .put("sha256", b.sha256())
            .put("size", b.size()));
    return Json.write(node);
  }

  private static byte[] signed(String statement) {
    return (CONTEXT + statement).getBytes(StandardCharsets.UTF_8);
  }

  /// Verifies first, reads then.
  ///
  /// @throws RefusedException when anything is wrong with it
  public static Verified read(byte[] document, List<Ed25519.Verifier> keys)
      throws RefusedException {
    if (document.length > MAX_BYTES) {
      throw new RefusedException(
          RefusedException.Code.POINTER,
          "the pointer is over %,d bytes, the most one may have".formatted(MAX_BYTES));
    }
    String[] lines = new String(document, StandardCharsets.UTF_8).split("\n", -1);
    String[] signature = lines.length >= 2 ? lines[1].split(" ", -1) : new String[0];
    if (lines.length != 3 || !lines[2].isEmpty() || signature.length != 2) {
      throw new RefusedException(
          RefusedException.Code.POINTER, "the pointer is no statement with a signature line");
    }
    Ed25519.Verifier key =
        keys.stream()
            .filter(k -> k.id().equals(signature[0]))
            .findFirst()
            .orElseThrow(() ->
                new RefusedException(
                    RefusedException.Code.POINTER,
                    "the pointer is signed by key %s, which is not among the configured ones"
                        .formatted(signature[0].length() > 64 ? "?" : signature[0])));
    if (!key.verify(signed(lines[0]), base64(signature[1]))) {
      throw new RefusedException(RefusedException.Code.POINTER, "the pointer's signature is wrong");
    }
    return new Verified(parse(lines[0]), key.id());
  }

  private static byte[] base64(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return new byte[0]; // verifies against nothing
    }
  }

  private static Pointer parse(String statement) throws RefusedException {
    try {
      JsonNode node = Json.parse("pointer", statement);
      known(node, KEYS);
      Optional<Bundle> bundle = Optional.empty();
      if (node.has("bundle")) {
        JsonNode b = node.path("bundle");
        known(b, BUNDLE_KEYS);
        bundle =
            Optional.of(
                new Bundle(
                    b.path("url").asString(""),
                    b.path("sha256").asString(""),
                    b.path("size").asLong(0)));
      }
      return new Pointer(
          node.path("name").asString(""),
          node.path("seq").asLong(0),
          node.path("commit").asString(""),
          Instant.parse(node.path("expires").asString("")),
          bundle);
    } catch (InvalidTextException | IllegalArgumentException | DateTimeException e) {
      throw new RefusedException(
          RefusedException.Code.POINTER, "the pointer is signed but malformed: " + e.getMessage());
    }
  }

  private static void known(JsonNode node, Set<String> keys) {
    for (String key : node.propertyNames()) {
      if (!keys.contains(key)) {
        throw new IllegalArgumentException("unknown key '" + key + "'");
      }
    }
  }
}
