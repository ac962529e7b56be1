package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.keys.Ed25519;
import dev.skillwarden.keys.Hpke;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// Whose journal it is: device, install, the key in use, and what the ratchet does, as the `enroll`
/// and `key-rotation` records say.
final class DeviceKeys {
  private static final String ON = "on";
  private static final String OFF = "off";
  private static final int PUBLIC_BYTES = 32;

  /// What a signature under the key in use is worth.
  enum Trust {
    /// No key is known.
    NONE,
    FULL,
    /// The record that names the key is damaged: a signature that is right counts, a wrong one is
    /// no further finding.
    DOUBTFUL,
    /// The key came in unsigned: its signatures say nothing.
    REFUSED
  }

  /// A key and what its signatures are worth.
  record InUse(Optional<Ed25519.Verifier> key, Trust trust) {}

  /// What the MAC of the next record must be.
  enum RatchetMode {
    UNKNOWN,
    ON,
    OFF
  }

  private final VerifyOptions options;
  private final Ratchet ratchet;
  private String device = "";
  private String install = "";
  private Optional<Ed25519.Verifier> key = Optional.empty();
  private Trust trust = Trust.NONE;

  /// Number of the record that brought the key, and what was in use before it.
  private long since;

  private InUse before = new InUse(Optional.empty(), Trust.NONE);
  private RatchetMode mode = RatchetMode.UNKNOWN;
  private boolean pinSeen;
  private boolean sealedSeen;
  private boolean opened;

  DeviceKeys(VerifyOptions options, Ratchet ratchet) {
    this.options = options;
    this.ratchet = ratchet;
    if (options.device().isPresent()) {
      key = options.device();
      trust = Trust.DOUBTFUL;
    }
  }

  /// @param seq number of the record
  /// @param firstHere whether no record with a MAC came before
  /// @throws MalformedException when it does not say what a genesis must
  /// @throws WrongKeyException when all was taken over, but the escrow key does not fit
  void enroll(Facts facts, long seq, boolean firstHere)
      throws MalformedException, WrongKeyException {
    Ed25519.Verifier named = publicKey(facts, JournalFormat.Facts.PUBLIC_KEY);
    String ofDevice = facts.id(JournalFormat.Facts.DEVICE);
    String ofInstall = facts.id(JournalFormat.Facts.INSTALL);
    RatchetMode wanted = mode(facts);
    device = ofDevice;
    install = ofInstall;
    use(named, Trust.FULL, seq);
    beginRatchet(facts, wanted, seq, firstHere);
  }

  /// @throws MalformedException when it is not what the keys in use would have signed; the new key
  ///   is used from here on, but not trusted
  /// @throws WrongKeyException when all was taken over, but the escrow key does not fit
  void rotate(Facts facts, long seq, boolean firstHere)
      throws MalformedException, WrongKeyException {
    Ed25519.Verifier next = publicKey(facts, JournalFormat.Facts.PUBLIC_KEY);
    Ed25519.Verifier previous = publicKey(facts, JournalFormat.Facts.PREVIOUS_KEY);
    RatchetMode wanted = mode(facts);
    try {
      checkRotation(facts, seq, previous, next);
      device = facts.id(JournalFormat.Facts.DEVICE);
      install = facts.id(JournalFormat.Facts.INSTALL);
      use(next, trust == Trust.NONE ? Trust.DOUBTFUL : trust, seq);
    } catch (MalformedException e) {
      use(next, Trust.REFUSED, seq);
      mode = wanted;
      ratchet.forget();
      throw e;
    }
    beginRatchet(facts, wanted, seq, firstHere);
  }

  private void checkRotation(
      Facts facts, long seq, Ed25519.Verifier previous, Ed25519.Verifier next)
      throws MalformedException {
    String ofDevice = facts.id(JournalFormat.Facts.DEVICE);
    String ofInstall = facts.id(JournalFormat.Facts.INSTALL);
    if (!device.isEmpty() && !(device.equals(ofDevice) && install.equals(ofInstall))) {
      throw new MalformedException(
          "is of %s/%s, the journal of %s/%s".formatted(ofDevice, ofInstall, device, install));
    }
    if (!device.isEmpty() && key.isPresent() && !key.get().key().equals(previous.key())) {
      throw new MalformedException(
          "replaces key %s; %s is in use".formatted(previous.id(), key.get().id()));
    }
    String sealed = facts.optional(JournalFormat.Facts.SEALED_KEY);
    byte[] signed =
        (JournalFormat.ROTATION
                + "\n%s\n%s\n%d\n%s\n%s\n%s\n"
                    .formatted(
                        ofDevice,
                        ofInstall,
                        seq,
                        facts.text(JournalFormat.Facts.PREVIOUS_KEY),
                        facts.text(JournalFormat.Facts.PUBLIC_KEY),
                        sealed.isEmpty() ? "-" : sealed))
            .getBytes(StandardCharsets.UTF_8);
    if (!next.verify(signed, facts.base64(JournalFormat.Facts.SIGNATURE))) {
      throw new MalformedException("is not signed by the new key " + next.id());
    }
    if (!previous.verify(signed, facts.base64(JournalFormat.Facts.PREVIOUS_SIGNATURE))) {
      throw new MalformedException("is not signed by the previous key " + previous.id());
    }
  }

  private void use(Ed25519.Verifier next, Trust with, long seq) {
    before = new InUse(key, trust);
    since = seq;
    key = Optional.of(next);
    trust = with;
    pinSeen |= with != Trust.REFUSED && isPin(next);
  }

  private boolean isPin(Ed25519.Verifier candidate) {
    return options.device().filter(pin -> pin.key().equals(candidate.key())).isPresent();
  }

  private static Ed25519.Verifier publicKey(Facts facts, String name) throws MalformedException {
    byte[] raw = facts.base64(name);
    if (raw.length != PUBLIC_BYTES) {
      throw new MalformedException(
          "has a `%s` of %d bytes; 32 are wanted".formatted(name, raw.length));
    }
    try {
      return Ed25519.ofRaw(raw);
    } catch (IOException e) {
      throw new MalformedException("has a `" + name + "` that is no Ed25519 key");
    }
  }

  private static RatchetMode mode(Facts facts) throws MalformedException {
    boolean sealed = !facts.optional(JournalFormat.Facts.SEALED_KEY).isEmpty();
    String stated = facts.text(JournalFormat.Facts.RATCHET);
    if (stated.equals(ON) && sealed) {
      return RatchetMode.ON;
    }
    if (stated.equals(OFF) && !sealed) {
      return RatchetMode.OFF;
    }
    throw new MalformedException(
        "says the ratchet is `%s` and %s sealed key"
            .formatted(stated, sealed ? "has a" : "has no"));
  }

  private void beginRatchet(Facts facts, RatchetMode wanted, long seq, boolean firstHere)
      throws MalformedException, WrongKeyException {
    mode = wanted;
    ratchet.forget();
    if (wanted != RatchetMode.ON) {
      return;
    }
    sealedSeen = true;
    if (firstHere && options.firstKey().isPresent()) {
      ratchet.begin(HexFormat.of().parseHex(options.firstKey().get()), seq + 1);
      opened = true;
    } else if (options.escrow().isPresent()) {
      ratchet.begin(open(options.escrow().get(), facts), seq + 1);
      opened = true;
    }
  }

  private byte[] open(Hpke.Opener opener, Facts facts)
      throws MalformedException, WrongKeyException {
    String to = facts.text(JournalFormat.Facts.ESCROW_KEY);
    if (!to.equals(opener.recipient().id())) {
      throw new WrongKeyException(
          "the ratchet key is sealed to escrow key %s, the one given is %s"
              .formatted(shortened(to), shortened(opener.recipient().id())));
    }
    byte[] sealed = facts.base64(JournalFormat.Facts.SEALED_KEY);
    byte[] first;
    try {
      first = opener.open(sealed, JournalFormat.SEAL_INFO, device + "/" + install);
    } catch (IOException e) {
      throw new WrongKeyException("the sealed ratchet key cannot be opened: " + e.getMessage());
    }
    if (first.length != JournalFormat.HASH_BYTES) {
      Arrays.fill(first, (byte) 0);
      throw new WrongKeyException("the sealed ratchet key has not 32 bytes");
    }
    return first;
  }

  private static String shortened(String id) {
    return id.length() <= 16 ? id : id.substring(0, 16);
  }

  /// The genesis was changed. A key that was given is more worth than the one it names now.
  void genesisChanged() {
    lessTrust(Trust.DOUBTFUL);
    if (options.device().isPresent()) {
      key = options.device();
      pinSeen = true;
    }
  }

  /// The key stays in use, but what it signs is believed less.
  void lessTrust(Trust less) {
    if (less.compareTo(trust) > 0) {
      trust = less;
    }
  }

  Optional<Ed25519.Verifier> key() {
    return key;
  }

  /// What was in use at a record: a checkpoint may be written down after the key changed.
  InUse at(long seq) {
    return seq < since && before.key().isPresent() ? before : new InUse(key, trust);
  }

  Trust trust() {
    return trust;
  }

  RatchetMode mode() {
    return mode;
  }

  String device() {
    return device;
  }

  String install() {
    return install;
  }

  /// Empty while no record named a device.
  String origin() {
    return device.isEmpty() ? "" : JournalFormat.ORIGIN + device + "/" + install;
  }

  /// A key was given, keys were named, and it is none of them.
  boolean pinMissed() {
    return options.device().isPresent() && !pinSeen && !device.isEmpty();
  }

  /// Some ratchet key was sealed in what was read.
  boolean sealedSeen() {
    return sealedSeen;
  }

  /// Some ratchet key was opened.
  boolean opened() {
    return opened;
  }

  /// A key that was given is not the journal's.
  static final class WrongKeyException extends Exception {
    @java.io.Serial private static final long serialVersionUID = 1;

    WrongKeyException(String message) {
      super(message, null, false, false);
    }
  }
}
