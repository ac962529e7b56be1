package dev.skillwarden.upload;

import dev.skillwarden.keys.Ed25519;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Looks at the files that an upload needs.
public final class UploadCheck {
  private UploadCheck() {}

  private interface Look {
    void at() throws IOException;
  }

  /// What is wrong with them, and what to do; empty when nothing is.
  public static List<String> problems(UploadConfig config) {
    List<String> problems = new ArrayList<>();
    look(problems, () -> Credentials.tls(config));
    config.headersFile().ifPresent(file -> look(problems, () -> Credentials.headers(file)));
    config
        .witness()
        .ifPresent(witness ->
            look(
                problems,
                () -> {
                  byte[] pem = Credentials.read("upload.witness-key", witness.key());
                  try {
                    Ed25519.publicKeys(new String(pem, StandardCharsets.UTF_8));
                  } catch (IOException e) {
                    throw new IOException(
                        "upload.witness-key %s: %s".formatted(witness.key(), e.getMessage()), e);
                  }
                }));
    return problems;
  }

  private static void look(List<String> problems, Look look) {
    try {
      look.at();
    } catch (IOException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }
}
