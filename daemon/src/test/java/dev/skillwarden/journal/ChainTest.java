package dev.skillwarden.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainTest {
  private static final byte[] REST = EntryCodec.encodeRest(Entries.small("x"));

  @TempDir Path directory;

  private static byte[] key(int filler) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) filler);
    return key;
  }

  private static String text(byte[] line) {
    return new String(line, StandardCharsets.UTF_8);
  }

  /// The hash and the MAC, made with the library's own HMAC as docs/journal.md says.
  @Test
  void sealsAsDocumented() throws Exception {
    Chain chain = new Chain(7);
    chain.ratchet(key(5));
    byte[] first = chain.seal(REST);
    chain.advance();
    byte[] second = chain.seal(REST);

    byte[] bytes = EntryCodec.withSeq(7, REST);
    byte[] hash = hash(7, new byte[32], bytes);
    byte[] evolved = sha256(new byte[] {'E'}, key(5));
    String expected = text(bytes);
    assertEquals(
        expected.substring(0, expected.length() - 1)
            + ",\"hash\":\"%s\",\"mac\":\"%s\"}".formatted(hex(hash), hex(hmac(key(5), hash))),
        text(first));
    byte[] next = hash(8, hash, EntryCodec.withSeq(8, REST));
    assertTrue(text(second).endsWith("\"mac\":\"%s\"}".formatted(hex(hmac(evolved, next)))));
    assertArrayEquals(hash, Chain.hashOf(first));
    assertArrayEquals(evolved, chain.key());
  }

  @Test
  void withoutRatchetThereIsNoMac() {
    Chain chain = new Chain(0);
    byte[] line = chain.seal(REST);
    assertFalse(text(line).contains("\"mac\""), text(line));
    assertEquals(32, Chain.hashOf(line).length);
    assertEquals(0, Chain.hashOf(EntryCodec.withSeq(0, REST)).length);
  }

  /// A record whose end was destroyed is none, even when its hash is still there.
  @Test
  void aRecordThatIsCutHasNoHash() {
    Chain chain = new Chain(3);
    chain.ratchet(key(7));
    byte[] line = chain.seal(REST);
    assertEquals(32, Chain.hashOf(line).length);
    for (int left = 0; left < line.length; left++) {
      assertEquals(0, Chain.hashOf(Arrays.copyOf(line, left)).length, "cut to " + left);
      byte[] zeroed = Arrays.copyOf(Arrays.copyOf(line, left), line.length);
      assertEquals(0, Chain.hashOf(zeroed).length, "zeroed from " + left);
    }
  }

  @Test
  void lostNumbersEvolveTheKeyToo() {
    Chain one = new Chain(0);
    one.ratchet(key(1));
    for (int i = 0; i < 3; i++) {
      one.seal(REST);
      one.advance();
    }
    Chain other = new Chain(0);
    other.ratchet(key(1));
    other.skip(3);
    assertArrayEquals(one.key(), other.key());
    assertEquals(one.next(), other.next());
  }

  @Test
  void theHeadComesBackAndHoldsNoOlderKey() throws IOException {
    Chain chain = new Chain(0);
    chain.ratchet(key(9));
    Head head = Head.open(directory);
    assertEquals(Optional.empty(), head.read());
    byte[] before = key(9);
    for (int i = 0; i < 5; i++) {
      chain.seal(REST);
      chain.advance();
      head.write(chain);
      Head.State state = Head.open(directory).read().orElseThrow();
      assertEquals(chain.next(), state.next());
      assertArrayEquals(chain.hash(), state.hash());
      assertArrayEquals(chain.key(), state.key());
      String raw = hex(Files.readAllBytes(directory.resolve("chain.state")));
      assertFalse(raw.contains(hex(before)), "the key used before is still there");
      before = chain.key().clone();
    }
  }

  /// A kill can come between any two stores; what is torn is the slot that does not count yet.
  @Test
  void aTornSlotLeavesTheOneBefore() throws IOException {
    Chain chain = new Chain(40);
    chain.ratchet(key(3));
    Head head = Head.open(directory);
    head.write(chain);
    byte[] whole = Files.readAllBytes(directory.resolve("chain.state"));
    chain.seal(REST);
    chain.advance();
    head.write(chain);
    byte[] after = Files.readAllBytes(directory.resolve("chain.state"));
    int slot = Arrays.equals(Arrays.copyOf(whole, 128), new byte[128]) ? 0 : 128;
    for (int torn = 0; torn < 84; torn++) {
      byte[] mixed = whole.clone();
      System.arraycopy(after, slot, mixed, slot, torn);
      write(mixed);
      assertEquals(40, Head.open(directory).read().orElseThrow().next(), "torn at " + torn);
    }
    byte[] both = whole.clone();
    System.arraycopy(after, slot, both, slot, 128);
    write(both);
    assertEquals(41, Head.open(directory).read().orElseThrow().next());
  }

  private void write(byte[] state) throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.resolve("chain.state"), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(state), 0);
    }
  }

  private static byte[] hash(long seq, byte[] previous, byte[] bytes) throws Exception {
    return sha256(new byte[] {2}, ByteBuffer.allocate(8).putLong(seq).array(), previous, bytes);
  }

  private static byte[] sha256(byte[]... parts) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  private static byte[] hmac(byte[] key, byte[] message) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(message);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
