package dev.skillwarden.effect;

final class InlineCode {
  private InlineCode() {}

  static boolean scan(String language, String code, CodeSink sink) {
    return true;
  }
}
