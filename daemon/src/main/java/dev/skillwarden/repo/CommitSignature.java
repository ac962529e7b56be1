package dev.skillwarden.repo;

import dev.skillwarden.repo.FetchException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Locale;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.SignatureVerifier;
import org.eclipse.jgit.lib.SignatureVerifier.SignatureVerification;
import org.eclipse.jgit.lib.SignatureVerifiers;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.jspecify.annotations.Nullable;

/// Whether a commit is signed by one of the configured signers. Everything but a clear yes is a no:
/// unsigned, unknown format, no verifier, unknown, expired or revoked key.
final class CommitSignature {
  private CommitSignature() {}

  /// @throws FetchException `SIGNATURE` with the reason, `AUTH_CONFIG` when a key file cannot be
  ///   used
  static void require(Repository repository, String sha, Signers signers) throws FetchException {
    if (signers.isNone()) {
      return;
    }
    SignersConfig config = SignersConfig.read(signers);
    String problem;
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit commit = walk.parseCommit(ObjectId.fromString(sha));
      problem = problem(repository, commit, config);
    } catch (IOException | RuntimeException e) {
      problem = "its signature cannot be checked: " + e.getMessage();
    }
    if (!problem.isEmpty()) {
      throw new FetchException(
          Code.SIGNATURE,
          "commit %s is refused: %s; have it signed by one of sync.signers"
              .formatted(sha, problem));
    }
  }

  private static String problem(Repository repository, RevCommit commit, SignersConfig config)
      throws IOException {
    byte[] raw = commit.getRawGpgSignature();
    if (raw == null) {
      return "it is not signed";
    }
    GpgConfig.GpgFormat format = SignatureVerifiers.getFormat(raw);
    if (format == GpgConfig.GpgFormat.OPENPGP) {
      SignatureVerifiers.set(format, OpenPgp.INSTANCE);
    }
    boolean configured =
        format == GpgConfig.GpgFormat.SSH
            ? config.signers.sshAllowedSigners().isPresent()
            : format == GpgConfig.GpgFormat.OPENPGP && config.signers.openPgpKeys().isPresent();
    if (!configured) {
      return "its signature is of the kind %s, for which no signers are configured"
          .formatted(format);
    }
    SignatureVerification result = SignatureVerifiers.verify(repository, config, commit);
    if (result == null) {
      return "there is no verifier for its signature";
    }
    if (!result.verified() || result.expired()) {
      String why = result.message() == null ? "" : " (" + result.message() + ")";
      return result.expired()
          ? "the key of its signature is expired" + why
          : "its signature is not one of the signers'" + why;
    }
    return result.trustLevel() == SignatureVerifier.TrustLevel.FULL
            || result.trustLevel() == SignatureVerifier.TrustLevel.ULTIMATE
        ? ""
        : "the key of its signature is not trusted (%s)".formatted(result.trustLevel());
  }

  /// The signers in the form the library asks for.
  private static final class SignersConfig extends GpgConfig {
    private final Signers signers;
    private final @Nullable PGPPublicKeyRingCollection keys;

    private SignersConfig(
        Config config, Signers signers, @Nullable PGPPublicKeyRingCollection keys) {
      super(config);
      this.signers = signers;
      this.keys = keys;
    }

    static SignersConfig read(Signers signers) throws FetchException {
      Config config = new Config();
      if (signers.sshAllowedSigners().isPresent()) {
        if (!Files.isReadable(signers.sshAllowedSigners().get())) {
          throw Secrets.config(
              "the allowed signers file %s cannot be read"
                  .formatted(signers.sshAllowedSigners().get()));
        }
        config.setString(
            "gpg", "ssh", "allowedSignersFile", signers.sshAllowedSigners().get().toString());
      }
      if (signers.openPgpKeys().isEmpty()) {
        return new SignersConfig(config, signers, null);
      }
      try (InputStream in =
          PGPUtil.getDecoderStream(Files.newInputStream(signers.openPgpKeys().get()))) {
        return new SignersConfig(
            config, signers, new PGPPublicKeyRingCollection(in, new BcKeyFingerprintCalculator()));
      } catch (IOException | PGPException e) {
        throw Secrets.config(
            "the OpenPGP key file %s cannot be read: %s"
                .formatted(signers.openPgpKeys().get(), e.getMessage()));
      }
    }
  }

  /// Verifies against the key file of the configuration: no keyring, no home directory, no trust
  /// database.
  private static final class OpenPgp implements SignatureVerifier {
    private static final OpenPgp INSTANCE = new OpenPgp();

    @Override
    public SignatureVerification verify(
        Repository repository, GpgConfig config, byte[] data, byte[] signatureData)
        throws IOException {
      if (!(config instanceof SignersConfig own) || own.keys == null) {
        return refused("no OpenPGP keys are configured");
      }
      try (InputStream in = PGPUtil.getDecoderStream(new ByteArrayInputStream(signatureData))) {
        Object first = new BcPGPObjectFactory(in).nextObject();
        if (!(first instanceof PGPSignatureList list) || list.size() != 1) {
          return refused("it is not exactly one signature");
        }
        return verify(own, own.keys, list.get(0), data);
      } catch (PGPException | RuntimeException e) {
        return refused(String.valueOf(e.getMessage()));
      }
    }

    private static SignatureVerification verify(
        SignersConfig config, PGPPublicKeyRingCollection keys, PGPSignature signature, byte[] data)
        throws PGPException {
      PGPPublicKeyRing ring = keys.getPublicKeyRing(signature.getKeyID());
      if (ring == null) {
        return refused("the key %016X is not in the key file".formatted(signature.getKeyID()));
      }
      PGPPublicKey key = ring.getPublicKey(signature.getKeyID());
      String primary = fingerprint(ring.getPublicKey());
      if (!config.signers.openPgpFingerprints().contains(primary)) {
        return refused("the key %s is not among the fingerprints".formatted(primary));
      }
      boolean document =
          signature.getSignatureType() == PGPSignature.BINARY_DOCUMENT
              || signature.getSignatureType() == PGPSignature.CANONICAL_TEXT_DOCUMENT;
      if (!document || isRevoked(ring)) {
        return refused(document ? "the key is revoked" : "it is no signature of a document");
      }
      signature.init(new BcPGPContentVerifierBuilderProvider(), key);
      signature.update(data);
      boolean good = signature.verify();
      boolean expired = isExpired(key, signature) || isExpired(ring.getPublicKey(), signature);
      return new SignatureVerification(
          "openpgp",
          signature.getCreationTime(),
          primary,
          primary,
          "",
          good,
          expired,
          good ? TrustLevel.FULL : TrustLevel.NEVER,
          good ? "" : "it does not fit the commit");
    }

    private static boolean isRevoked(PGPPublicKeyRing ring) {
      for (Iterator<PGPPublicKey> keys = ring.getPublicKeys(); keys.hasNext(); ) {
        if (keys.next().hasRevocation()) {
          return true;
        }
      }
      return false;
    }

    /// Now counts as well as the time in the signature, which its maker chose.
    private static boolean isExpired(PGPPublicKey key, PGPSignature signature) {
      long valid = key.getValidSeconds();
      Instant signed = signature.getCreationTime().toInstant();
      Instant now = Instant.now();
      Instant at = signed.isAfter(now) ? signed : now;
      return valid > 0 && at.isAfter(key.getCreationTime().toInstant().plusSeconds(valid));
    }

    private static String fingerprint(PGPPublicKey key) {
      return HexFormat.of().formatHex(key.getFingerprint()).toUpperCase(Locale.ROOT);
    }

    private static SignatureVerification refused(String why) {
      return new SignatureVerification(
          "openpgp", Date.from(Instant.EPOCH), "", "", "", false, false, TrustLevel.NEVER, why);
    }

    @Override
    public String getName() {
      return "openpgp";
    }

    @Override
    public void clear() {
      // nothing is kept
    }
  }
}
