package dev.skillwarden.journal.format;

/// Constants of the journal's format, version 2.
public final class JournalFormat {
  /// Version of the format, the value of `v` and the first byte of what is hashed.
  public static final int VERSION = 2;

  /// How every record of this version begins.
  public static final String BEGIN = "{\"v\":" + VERSION + ",\"seq\":";

  /// Before the hash, which ends a record or is followed by the MAC.
  public static final String HASH = ",\"hash\":\"";

  /// Before the MAC, when there is one.
  public static final String MAC = ",\"mac\":\"";

  /// Most bytes of one record, hash and MAC included.
  public static final int MAX_BYTES = 61 << 10;

  /// Bytes of a hash, a MAC and a ratchet key.
  public static final int HASH_BYTES = 32;

  /// What precedes a ratchet key when the next one is derived from it.
  public static final byte EVOLVE = 'E';

  /// Origin of a checkpoint: this, the device, a slash, the install.
  public static final String ORIGIN = "skillwarden/";

  /// First line of what is signed when the device key changes.
  public static final String ROTATION = "skillwarden key rotation v2";

  /// HPKE info under which the first ratchet key is sealed.
  public static final String SEAL_INFO = "skillwarden ratchet key v2";

  /// File with the number and hash to go on from, and the ratchet key.
  public static final String STATE_FILE = "chain.state";

  /// First bytes of each of the two slots of the state file.
  public static final String STATE_MAGIC = "SWS2";

  /// Bytes of one slot of the state file.
  public static final int STATE_SLOT = 128;

  /// What the name of a stub ends with.
  public static final String STUB = ".stub.json";

  /// What the name of an export's sidecar ends with.
  public static final String SIDECAR = ".checkpoint";

  private JournalFormat() {}

  /// Kinds that the chain itself writes.
  public static final class Kinds {
    public static final String ENROLL = "enroll";
    public static final String KEY_ROTATION = "key-rotation";
    public static final String CHECKPOINT = "checkpoint";
    public static final String SEGMENT = "segment";
    public static final String LOST = "journal-lost";
    public static final String RETENTION = "retention";

    private Kinds() {}
  }

  /// Keys of `facts`.
  public static final class Facts {
    public static final String DEVICE = "device";
    public static final String INSTALL = "install";
    public static final String PUBLIC_KEY = "public_key";
    public static final String PREVIOUS_KEY = "previous_key";
    public static final String SIGNATURE = "signature";
    public static final String PREVIOUS_SIGNATURE = "previous_signature";
    public static final String RATCHET = "ratchet";
    public static final String SEALED_KEY = "sealed_key";
    public static final String ESCROW_KEY = "escrow_key";
    public static final String NOTE = "note";
    public static final String FROM = "from";
    public static final String TO = "to";
    public static final String COUNT = "count";
    public static final String WHY = "why";
    public static final String FILE = "file";
    public static final String AFTER = "after";
    public static final String AFTER_HASH = "after_hash";
    public static final String LAST_HASH = "last_hash";
    public static final String KEY_RECORD = "key_record";
    public static final String STUB_HASH = "stub_sha256";

    private Facts() {}
  }
}
