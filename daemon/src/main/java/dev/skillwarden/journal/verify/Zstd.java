package dev.skillwarden.journal.verify;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Decompresses. The library tells of damage by unchecked exceptions too; here it is one kind.
final class Zstd extends FilterInputStream {
  static final String SUFFIX = ".zst";

  Zstd(InputStream compressed) throws IOException {
    super(new ZstdInputStream(compressed));
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    try {
      return super.read(bytes, from, length);
    } catch (RuntimeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
