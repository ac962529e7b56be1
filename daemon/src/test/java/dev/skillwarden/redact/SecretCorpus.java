package dev.skillwarden.redact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// `redact/secrets.txt`: shapes of tokens, and the idioms of programs that take secrets.
public final class SecretCorpus {
  private static final Pattern SECRET = Pattern.compile("<([a-z0-9]+)(?::(\\d+))?(!?)>");
  private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
  private static final String DIGITS = "0123456789";
  private static final String ALNUM = LOWER + LOWER.toUpperCase(java.util.Locale.ROOT) + DIGITS;

  /// So much of a secret must not be left anywhere.
  private static final int PIECE = 6;

  /// A command and the secrets in it.
  public record Made(String text, List<String> secrets) {
    /// Whether a piece of a secret is left.
    public boolean isTold(String text) {
      return pieces().anyMatch(text::contains);
    }

    /// Everything of which nothing may be left.
    public Stream<String> pieces() {
      return secrets.stream()
          .flatMap(s ->
              IntStream.rangeClosed(0, Math.max(0, s.length() - PIECE))
                  .mapToObj(i -> s.substring(i, Math.min(s.length(), i + PIECE))));
    }
  }

  private SecretCorpus() {}

  public static List<String> templates() throws IOException {
    try (InputStream in = SecretCorpus.class.getResourceAsStream("/redact/secrets.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  private static String made(String kind, int length, Random random) {
    return switch (kind) {
      case "alnum" -> drawn(ALNUM, length, random);
      case "lower" -> drawn(LOWER + DIGITS, length, random);
      case "upper" -> drawn(ALNUM.substring(26), length, random);
      case "hex" -> drawn("abcdef" + DIGITS, length, random);
      case "b64" -> drawn(ALNUM + "+/", length, random);
      case "url" -> drawn(ALNUM + "_-", length - 1, random) + drawn(ALNUM, 1, random);
      case "digits" -> drawn(DIGITS, length, random);
      case "pw" ->
          drawn(ALNUM, 3, random) + drawn("#%^+.", 1, random) + drawn(ALNUM, length - 4, random);
      case "uuid" -> {
        String hex = drawn("abcdef" + DIGITS, 32, random);
        yield hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
      }
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static String drawn(String from, int length, Random random) {
    StringBuilder drawn = new StringBuilder();
    random.ints(length, 0, from.length()).forEach(i -> drawn.append(from.charAt(i)));
    return drawn.toString();
  }

  /// A command made from a template, the same for the same seed.
  public static Made made(String template, int seed) {
    Random random = new Random(seed);
    List<String> secrets = new ArrayList<>();
    String text =
        SECRET
            .matcher(template)
            .replaceAll(m -> {
              int length = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
              String made = made(m.group(1), length, random);
              if (m.group(3).isEmpty()) {
                secrets.add(made);
              }
              return Matcher.quoteReplacement(made);
            });
    return new Made(text, List.copyOf(secrets));
  }
}
