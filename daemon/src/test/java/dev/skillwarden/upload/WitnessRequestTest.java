package dev.skillwarden.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.skillwarden.otlp.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is asked of a witness, and what its answers mean.
@org.jspecify.annotations.NullUnmarked // fields are set before each test
class WitnessRequestTest {
  private static final Identity IDENTITY = new Identity("laptop-7", "b1946ac9");

  private HttpServer witness;
  private int status = 200;
  private String answer = "";
  private String asked = "";

  @BeforeEach
  void start() throws IOException {
    witness = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    witness.createContext("/", this::answer);
    witness.start();
  }

  @AfterEach
  void stop() {
    witness.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Skillwarden-Why", "rollback");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private String head() throws Exception {
    URI url = URI.create("http://127.0.0.1:" + witness.getAddress().getPort() + "/w/");
    UploadConfig config =
        new UploadConfig(
            URI.create("http://127.0.0.1:1"),
            UploadConfig.Protocol.JSON,
            Duration.ofMinutes(5),
            UploadConfig.Receipt.WITNESS,
            Optional.of(new UploadConfig.Witness(url, Path.of("/unused"))),
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false);
    try (HttpTransport transport = new HttpTransport(config, Duration.ofSeconds(5))) {
      return transport.of(IDENTITY);
    }
  }

  @Test
  void asksForTheHeadOfThisJournal() throws Exception {
    answer = "a note";
    assertEquals("a note", head());
    assertEquals("GET /w/v1/head?device=laptop-7&install=b1946ac9", asked);
  }

  @Test
  void aRefusalToSignIsNoOutage() {
    status = 409;
    answer = "4711\n";
    Head.DisagreementException e = assertThrows(Head.DisagreementException.class, this::head);
    assertTrue(String.valueOf(e.getMessage()).startsWith("rollback: "), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).endsWith("size 4711"), e.getMessage());
  }

  @Test
  void aJournalItHasNotSeenYetIsOne() {
    status = 404;
    IOException e = assertThrows(IOException.class, this::head);
    assertFalse(e instanceof Head.DisagreementException);
  }
}
