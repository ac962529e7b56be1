package dev.skillwarden.http;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Speaks HTTP/1.1 with the daemon over its control socket: what the JDK's own client cannot.
public final class ControlClient {
  private static final int MAX_ANSWER = 32 << 20;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3})");
  private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d{1,9})\\s*$");

  private final Path socket;

  /// @param socket the daemon's control socket
  public ControlClient(Path socket) {
    this.socket = socket;
  }

  /// @param status HTTP status
  public record Response(int status, JsonNode body) {}

  /// The daemon could not be asked.
  public static class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    ControlException(String message, Throwable cause) {
      super(message, cause);
    }

    ControlException(String message) {
      super(message);
    }
  }

  /// No daemon listens.
  public static final class NotRunningException extends ControlException {
    private static final long serialVersionUID = 1L;

    NotRunningException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public Response get(String path) throws ControlException {
    return ask("GET", path, new byte[0]);
  }

  public Response post(String path, JsonNode body) throws ControlException {
    return ask("POST", path, Json.write(body).getBytes(StandardCharsets.UTF_8));
  }

  private Response ask(String method, String path, byte[] body) throws ControlException {
    try (SocketChannel channel = connect()) {
      String head =
          "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
              .formatted(method, path, body.length);
      write(channel, head.getBytes(StandardCharsets.US_ASCII));
      write(channel, body);
      return read(channel);
    } catch (IOException e) {
      throw new ControlException(
          "the daemon did not answer on %s: %s; see its log".formatted(socket, e.getMessage()), e);
    }
  }

  private SocketChannel connect() throws ControlException, IOException {
    if (!Files.exists(socket)) {
      throw new NotRunningException("no control socket at " + socket, new IOException("missing"));
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException e) {
      channel.close();
      if (Files.isWritable(socket)) {
        throw new NotRunningException("nobody listens on " + socket, e);
      }
      throw new ControlException("%s is not open to you: %s".formatted(socket, e.getMessage()), e);
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /// Stops at Content-Length: the server keeps the connection open after the answer.
  private static Response read(SocketChannel channel) throws IOException, ControlException {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    int headEnd = -1;
    int length = -1;
    int status = 0;
    while (headEnd < 0 || received.size() < headEnd + length) {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new IOException("the connection ended early");
      }
      received.write(buffer.array(), 0, buffer.position());
      if (headEnd < 0) {
        String text = received.toString(StandardCharsets.ISO_8859_1);
        int blank = text.indexOf("\r\n\r\n");
        if (blank >= 0) {
          headEnd = blank + 4;
          Matcher statusLine = STATUS.matcher(text);
          Matcher contentLength =
              LENGTH.matcher(text.substring(0, headEnd).toLowerCase(Locale.ROOT).replace("\r", ""));
          status = statusLine.lookingAt() ? Integer.parseInt(statusLine.group(1)) : 0;
          length = contentLength.find() ? Integer.parseInt(contentLength.group(1)) : 0;
        }
      }
      if (received.size() > MAX_ANSWER) {
        throw new IOException("the answer is over %,d bytes".formatted(MAX_ANSWER));
      }
    }
    byte[] all = received.toByteArray();
    byte[] body = java.util.Arrays.copyOfRange(all, headEnd, headEnd + length);
    try {
      return new Response(status, body.length == 0 ? Json.object() : Json.parse("answer", body));
    } catch (InvalidTextException e) {
      throw new ControlException(
          "the daemon's answer is no JSON (status " + status + "): " + e.getMessage(), e);
    }
  }
}
