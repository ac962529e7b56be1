package dev.skillwarden.effect;

final class PowerShell {
  private PowerShell() {}

  static void analyze(String code, CodeSink sink) {}
}
