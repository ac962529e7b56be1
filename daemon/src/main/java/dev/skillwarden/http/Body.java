package dev.skillwarden.http;

import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// A request body read up to a bound.
///
/// @param bytes the body, or its beginning when it is over the bound
/// @param oversize whether there was more
record Body(byte[] bytes, boolean oversize) {
  /// @throws IOException when the body did not arrive whole
  static Body read(ServerRequest request, int limit) throws IOException {
    try (InputStream in =
        request.content().hasEntity()
            ? request.content().inputStream()
            : InputStream.nullInputStream()) {
      byte[] bytes = in.readNBytes(limit + 1);
      boolean oversize = bytes.length > limit;
      return new Body(oversize ? Arrays.copyOf(bytes, Math.min(limit, 1 << 20)) : bytes, oversize);
    } finally {
      if (request.remotePeer() instanceof Peer peer) {
        peer.open().requestReceived();
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Body b && b.oversize == oversize && Arrays.equals(b.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " bytes" + (oversize ? " and more" : "");
  }
}
