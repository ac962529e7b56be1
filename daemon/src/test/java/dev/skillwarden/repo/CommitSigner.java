package dev.skillwarden.repo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.GpgSignature;
import org.eclipse.jgit.lib.Repository;

/// Signs the commits of a test.
@FunctionalInterface
public interface CommitSigner {
  CommitSigner NONE = (repository, commit) -> {};

  void sign(Repository repository, CommitBuilder commit) throws IOException;

  /// A fresh SSH key.
  ///
  /// @param file where its private half goes; the public half goes beside it
  static CommitSigner ssh(Path file) throws IOException, GeneralSecurityException {
    KeyPair pair = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256);
    try (OutputStream out = Files.newOutputStream(file)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "test", null, out);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(publicHalf(file), PublicKeyEntry.toString(pair.getPublic()) + " test\n");
    return (repository, commit) -> {
      Config config = new Config();
      config.setString("gpg", null, "format", "ssh");
      config.setString("user", null, "signingKey", file.toString());
      GpgConfig gpg = new GpgConfig(config);
      org.eclipse.jgit.lib.Signer signer =
          org.eclipse.jgit.lib.Signers.get(GpgConfig.GpgFormat.SSH);
      try {
        signer.signObject(repository, gpg, commit, commit.getCommitter(), file.toString(), null);
      } catch (org.eclipse.jgit.api.errors.CanceledException
          | org.eclipse.jgit.api.errors.UnsupportedSigningFormatException e) {
        throw new IOException(e);
      }
    };
  }

  static Path publicHalf(Path file) {
    return file.resolveSibling(file.getFileName() + ".pub");
  }

  /// A line of an allowed signers file.
  static String allowed(Path file) throws IOException {
    return "ada@example.com " + Files.readString(publicHalf(file));
  }

  /// An OpenPGP key with its armoured public half.
  record OpenPgp(BcPGPKeyPair pair, String publicKey, String fingerprint) implements CommitSigner {
    public static OpenPgp generate() throws IOException, PGPException {
      Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
      generator.init(new Ed25519KeyGenerationParameters(new SecureRandom()));
      AsymmetricCipherKeyPair keys = generator.generateKeyPair();
      BcPGPKeyPair pair =
          new BcPGPKeyPair(
              PublicKeyPacket.VERSION_4,
              PublicKeyAlgorithmTags.EDDSA_LEGACY,
              keys,
              Date.from(Instant.now()));
      ByteArrayOutputStream armoured = new ByteArrayOutputStream();
      try (ArmoredOutputStream out = ArmoredOutputStream.builder().build(armoured)) {
        pair.getPublicKey().encode(out);
      }
      return new OpenPgp(
          pair,
          armoured.toString(StandardCharsets.US_ASCII),
          HexFormat.of().formatHex(pair.getPublicKey().getFingerprint()).toUpperCase(Locale.ROOT));
    }

    @Override
    public void sign(Repository repository, CommitBuilder commit) throws IOException {
      try {
        PGPSignatureGenerator generator =
            new PGPSignatureGenerator(
                new BcPGPContentSignerBuilder(
                    pair.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA512),
                pair.getPublicKey());
        generator.init(PGPSignature.BINARY_DOCUMENT, pair.getPrivateKey());
        generator.update(commit.build());
        ByteArrayOutputStream armoured = new ByteArrayOutputStream();
        try (ArmoredOutputStream out = ArmoredOutputStream.builder().build(armoured)) {
          generator.generate().encode(out);
        }
        commit.setGpgSignature(new GpgSignature(armoured.toByteArray()));
      } catch (PGPException e) {
        throw new IOException(e);
      }
    }
  }
}
