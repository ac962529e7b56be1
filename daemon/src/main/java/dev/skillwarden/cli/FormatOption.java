package dev.skillwarden.cli;

import picocli.CommandLine.Option;

/// The `--format` option of every verb.
final class FormatOption {
  enum Format {
    text,
    json
  }

  @Option(
      names = "--format",
      paramLabel = "text|json",
      description = "How the result is written (default: ${DEFAULT-VALUE}).")
  private Format format = Format.text;

  boolean json() {
    return format == Format.json;
  }
}
