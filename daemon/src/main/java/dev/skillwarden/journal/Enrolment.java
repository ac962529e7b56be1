package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.journal.format.JournalFormat.Facts;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whose journal it is, and how that changes: the genesis, a new device key, a ratchet begun anew.
/// A change is proposed in a file, then on record, then taken into use, so that a crash at any
/// moment is settled by what is on record.
final class Enrolment {
  private static final Logger LOG = System.getLogger(Enrolment.class.getName());
  private static final byte[] NONE = new byte[0];

  private final Path directory;
  private final JournalConfig.Sealing sealing;
  private final SecureRandom random = new SecureRandom();
  private @Nullable Identity identity;
  private boolean ratchetLost;

  Enrolment(Path directory, JournalConfig.Sealing sealing) {
    this.directory = directory;
    this.sealing = sealing;
  }

  Identity identity() {
    if (identity == null) {
      throw new IllegalStateException("the journal has no identity yet");
    }
    return identity;
  }

  /// Whether the journal must begin with a genesis.
  boolean isNew() {
    return identity == null;
  }

  /// The chain after what was found, settling a change that a crash interrupted. When the head says
  /// that there were more records, its number is beyond what was found by as many.
  Chain resume(Recovery recovery, Optional<Head.State> state) throws IOException {
    identity = recovery.isChained() ? Identity.read(directory).orElse(null) : null;
    long next = recovery.lastSeq() + 1;
    byte[] key = state.map(Head.State::key).orElse(NONE);
    long keyOf = state.map(Head.State::next).orElse(next + recovery.unreadable());
    Optional<Identity.Pending> pending = Identity.pending(directory);
    if (pending.isPresent() && isOnRecord(pending.get(), recovery)) {
      if (keyOf <= recovery.keySeq() + 1) {
        keyOf = recovery.keySeq() + 1;
        key = pending.get().ratchet();
      }
      identity = pending.get().identity().on(recovery.keyLine());
      identity.accept(directory);
    } else {
      Identity.withdraw(directory);
    }
    if (identity == null) {
      return new Chain(next + recovery.unreadable());
    }
    ratchetLost = key.length == 0 && !identity.escrow().isEmpty();
    Chain chain = new Chain(keyOf);
    chain.ratchet(key);
    chain.skip(Math.max(0, next - keyOf));
    chain.goOnFrom(recovery.lastHash());
    return chain;
  }

  private static boolean isOnRecord(Identity.Pending pending, Recovery recovery) {
    return recovery.isChained()
        && pending.sealed().equals(recovery.keyFacts().getOrDefault(Facts.SEALED_KEY, ""))
        && pending
            .identity()
            .publicText()
            .equals(recovery.keyFacts().getOrDefault(Facts.PUBLIC_KEY, ""));
  }

  /// The record that names the keys in use, when it is not among the records up to this one.
  Optional<String> destroyedKeyRecord(long lastSeq) {
    String record = identity().record();
    boolean destroyed =
        !record.isEmpty() && Recovery.seqOf(record.getBytes(StandardCharsets.UTF_8)) > lastSeq;
    return destroyed ? Optional.of(record) : Optional.empty();
  }

  /// The first record of a journal. If there was one before whose files are gone, it says which.
  Change genesis(Recovery recovery, Optional<Head.State> state) throws IOException {
    Optional<Identity> before = Identity.read(directory);
    byte[] install = new byte[16];
    random.nextBytes(install);
    Identity fresh =
        Identity.generate(sealing.device(), HexFormat.of().formatHex(install), escrowId());
    Map<String, String> facts = facts(fresh);
    Change change = change(JournalEntry.Kind.ENROLL, fresh, facts);
    if (before.isPresent() && state.isPresent() && state.get().next() > recovery.lastSeq() + 1) {
      facts.put("previous_install", before.get().install());
      facts.put("previous_size", String.valueOf(state.get().next()));
      LOG.log(
          Level.ERROR,
          "the journal of install {0} with {1} entries is gone; beginning a new one",
          before.get().install(),
          state.get().next());
    }
    return change;
  }

  /// What has to be put on record before anything else, because the configuration changed, the
  /// ratchet key is gone, or a new device key is wanted.
  ///
  /// @param seq number of the record
  Optional<Change> change(long seq, boolean newKey) throws IOException {
    Identity now = identity();
    if (!newKey && !ratchetLost && now.escrow().equals(escrowId())) {
      return Optional.empty();
    }
    if (ratchetLost) {
      LOG.log(Level.ERROR, "the key of the ratchet is gone; beginning a new ratchet");
    }
    Identity next =
        newKey
            ? Identity.generate(now.device(), now.install(), escrowId())
            : now.sealedTo(escrowId());
    Map<String, String> facts = facts(next);
    facts.put(Facts.PREVIOUS_KEY, now.publicText());
    Change change = change(JournalEntry.Kind.KEY_ROTATION, next, facts);
    byte[] signed =
        "%s\n%s\n%s\n%d\n%s\n%s\n%s\n"
            .formatted(
                JournalFormat.ROTATION,
                now.device(),
                now.install(),
                seq,
                now.publicText(),
                next.publicText(),
                facts.getOrDefault(Facts.SEALED_KEY, "-"))
            .getBytes(StandardCharsets.UTF_8);
    facts.put(Facts.SIGNATURE, signature(next.key(), signed));
    facts.put(Facts.PREVIOUS_SIGNATURE, signature(now.key(), signed));
    return Optional.of(change);
  }

  private static String signature(PrivateKey key, byte[] signed) throws IOException {
    try {
      return Base64.getEncoder().encodeToString(Ed25519.sign(key, signed));
    } catch (GeneralSecurityException e) {
      throw new IOException("the device key does not sign", e);
    }
  }

  private String escrowId() {
    return sealing.escrow().map(Hpke.Recipient::id).orElse("");
  }

  private static Map<String, String> facts(Identity identity) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(Facts.DEVICE, identity.device());
    facts.put(Facts.INSTALL, identity.install());
    facts.put(Facts.PUBLIC_KEY, identity.publicText());
    facts.put(Facts.RATCHET, identity.escrow().isEmpty() ? "off" : "on");
    return facts;
  }

  private Change change(JournalEntry.Kind kind, Identity next, Map<String, String> facts)
      throws IOException {
    byte[] ratchet = NONE;
    if (sealing.escrow().isPresent()) {
      ratchet = new byte[JournalFormat.HASH_BYTES];
      random.nextBytes(ratchet);
      byte[] sealed =
          Hpke.seal(
              sealing.escrow().get(),
              ratchet,
              JournalFormat.SEAL_INFO,
              next.device() + '/' + next.install());
      facts.put(Facts.SEALED_KEY, Base64.getEncoder().encodeToString(sealed));
      facts.put(Facts.ESCROW_KEY, escrowId());
    }
    return new Change(kind, next, facts, ratchet);
  }

  /// An identity on its way into the journal.
  final class Change {
    private final JournalEntry.Kind kind;
    private final Identity next;
    private final Map<String, String> facts;
    private final byte[] ratchet;

    private Change(
        JournalEntry.Kind kind, Identity next, Map<String, String> facts, byte[] ratchet) {
      this.kind = kind;
      this.next = next;
      this.facts = facts;
      this.ratchet = ratchet;
    }

    JournalEntry.Kind kind() {
      return kind;
    }

    Map<String, String> facts() {
      return facts;
    }

    /// First ratchet key, empty when the ratchet is off.
    byte[] ratchet() {
      return ratchet;
    }

    /// To be called before the record is written.
    void propose() throws IOException {
      next.propose(directory, ratchet, facts.getOrDefault(Facts.SEALED_KEY, ""));
    }

    /// To be called when the record is written and the chain goes on with the new ratchet.
    ///
    /// @param line the record
    void accept(byte[] line) throws IOException {
      Identity named = next.on(new String(line, StandardCharsets.UTF_8));
      named.accept(directory);
      Arrays.fill(ratchet, (byte) 0);
      identity = named;
      ratchetLost = false;
    }
  }
}
