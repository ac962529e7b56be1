package dev.skillwarden.upload;

import java.io.IOException;
import java.net.http.HttpHeaders;

/// Sends one request and waits for its answer.
interface Transport {
  /// @param body of the answer, at most [#MAX_ANSWER] bytes of it; more is cut off
  record Answer(int status, HttpHeaders headers, byte[] body) {
    @Override
    public String toString() {
      return "status " + status + ", " + body.length + " bytes";
    }
  }

  /// Most bytes of an answer that are read.
  int MAX_ANSWER = 4 << 20;

  /// @param body the request before compression
  /// @throws IOException when there is no whole answer: not reached, lost, or too slow
  Answer post(byte[] body) throws IOException, InterruptedException;
}
