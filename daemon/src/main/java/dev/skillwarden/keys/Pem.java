package dev.skillwarden.keys;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// PEM texts (RFC 7468).
final class Pem {
  private Pem() {}

  /// Every block of a type, with its lines before and after.
  static List<String> blocks(String type, String pem) {
    return Pattern.compile("-----BEGIN %s-----[^-]+-----END %s-----".formatted(type, type))
        .matcher(pem)
        .results()
        .map(r -> r.group() + "\n")
        .toList();
  }

  /// The bytes of the first block of a type.
  ///
  /// @throws IOException when there is none, or it is no base64; without the text
  static byte[] only(String type, String pem) throws IOException {
    Matcher matcher =
        Pattern.compile(
                "-----BEGIN %s-----([A-Za-z0-9+/=\\s]+)-----END %s-----".formatted(type, type))
            .matcher(pem);
    if (!matcher.find()) {
      throw new IOException("no %s in PEM is in it (-----BEGIN %s-----)".formatted(type, type));
    }
    try {
      return Base64.getMimeDecoder().decode(matcher.group(1).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException("the " + type + " is no base64", e);
    }
  }
}
