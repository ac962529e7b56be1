package dev.skillwarden.http;

import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;

/// A request body read up to a bound.
///
/// @param bytes the body, or its beginning when there was more
record Body(byte[] bytes, Extent extent) {
  /// Whether it is all here.
  enum Extent {
    WHOLE,
    /// It was over the bound.
    OVERSIZE,
    /// It was more than the account may have in memory now.
    OVER_SHARE
  }

  /// Bytes taken of the budget at a time when the length is not known.
  private static final int STEP = 256 << 10;

  /// What is left of a body that is not taken: enough to tell what it was.
  private static final int BEGINNING = 1 << 20;

  /// Reads the body; what it takes of the budget is noted with the connection, and given back when
  /// the request is done. The rest of one that is over the account's share is received and
  /// forgotten, so that the sender gets to read the answer.
  ///
  /// @throws IOException when the body did not arrive whole
  static Body read(ServerRequest request, int limit, BodyBudget budget) throws IOException {
    try (InputStream in = content(request)) {
      return request.remotePeer() instanceof Peer peer
          ? read(in, request.headers().contentLength(), limit, peer, budget)
          : new Body(new byte[0], Extent.OVER_SHARE); // nobody whose share it could take
    } finally {
      received(request);
    }
  }

  /// Receives a body that nobody wants.
  static void discard(ServerRequest request, int limit) throws IOException {
    try (InputStream in = content(request)) {
      discard(in, limit);
    } finally {
      received(request);
    }
  }

  static InputStream content(ServerRequest request) {
    return request.content().hasEntity()
        ? request.content().inputStream()
        : InputStream.nullInputStream();
  }

  private static void received(ServerRequest request) {
    if (request.remotePeer() instanceof Peer peer) {
      peer.open().requestReceived();
    }
  }

  /// A body whose length is known takes all at once: of two that do not fit together one gets
  /// through.
  private static Body read(
      InputStream in, OptionalLong length, int limit, Peer peer, BodyBudget budget)
      throws IOException {
    int end = (int) Math.min(length.orElse(Long.MAX_VALUE), limit + 1);
    byte[] bytes = in.readNBytes(Math.min(BodyBudget.FREE, end));
    int filled = bytes.length;
    boolean more = filled == BodyBudget.FREE && filled < end;
    while (more) {
      int step = length.isPresent() ? end : Math.max(STEP, filled / 4); // it is copied each time
      int wanted = Math.min(step, end - filled);
      if (!budget.take(peer.owner(), wanted)) {
        discard(in, limit - filled);
        return new Body(beginning(bytes, filled), Extent.OVER_SHARE);
      }
      peer.open().holds(wanted);
      bytes = Arrays.copyOf(bytes, filled + wanted);
      int read = in.readNBytes(bytes, filled, wanted);
      filled += read;
      more = read == wanted && filled < end;
    }
    return filled > limit
        ? new Body(beginning(bytes, limit), Extent.OVERSIZE)
        : new Body(filled == bytes.length ? bytes : Arrays.copyOf(bytes, filled), Extent.WHOLE);
  }

  private static byte[] beginning(byte[] bytes, int most) {
    return Arrays.copyOf(bytes, Math.min(most, BEGINNING));
  }

  private static void discard(InputStream in, int most) throws IOException {
    byte[] part = new byte[BodyBudget.FREE];
    int left = most;
    int read = 0;
    while (left > 0 && read >= 0) {
      read = in.read(part, 0, Math.min(part.length, left));
      left -= read;
    }
  }

  boolean whole() {
    return extent == Extent.WHOLE;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Body b && b.extent == extent && Arrays.equals(b.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(extent, Arrays.hashCode(bytes));
  }

  @Override
  public String toString() {
    return bytes.length + " bytes" + (whole() ? "" : " and more");
  }
}
