package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.journal.verify.Finding.Place;
import dev.skillwarden.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.json.JsonFactory;

/// Hands the records of an export to the chain: `jsonl` or `otlp-jsonl`, as its first line is.
final class ExportScan {
  private static final int READ = 256 << 10;

  /// Longest line: far more than the largest batch of records.
  private static final int MOST_LINE = 32 << 20;

  private static final byte[] RECORD = "{\"v\":".getBytes(StandardCharsets.US_ASCII);

  /// Where a body's text stands, innermost first; empty names are the elements of lists.
  private static final List<String> BODY =
      List.of("stringValue", "body", "", "logRecords", "", "scopeLogs", "", "resourceLogs");

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Json.MAX_DEPTH)
                  .maxStringLength(MOST_LINE)
                  .build())
          .build();

  private enum Form {
    UNKNOWN,
    RECORDS,
    OTLP
  }

  private final InputStream in;
  private final Chain chain;
  private byte[] buffer = new byte[READ];
  private int begin;
  private int end;
  private long line;
  private Form form = Form.UNKNOWN;

  private ExportScan(InputStream in, Chain chain) {
    this.in = in;
    this.chain = chain;
  }

  /// @return whether it is OTLP
  static boolean read(Path file, Chain chain) throws IOException {
    boolean compressed = String.valueOf(file.getFileName()).endsWith(Zstd.SUFFIX);
    try (InputStream plain = Files.newInputStream(file)) {
      if (!compressed) {
        return new ExportScan(plain, chain).readAll();
      }
      return readCompressed(plain, chain);
    }
  }

  private static boolean readCompressed(InputStream plain, Chain chain) throws IOException {
    try (InputStream in = new Zstd(plain)) {
      ExportScan scan = new ExportScan(in, chain);
      try {
        return scan.readAll();
      } catch (IOException e) {
        chain.damage(
            Kind.UNREADABLE,
            Place.ofLine(scan.line + 1),
            "the compressed data is damaged or cut off: " + e.getMessage());
        return scan.form == Form.OTLP;
      }
    }
  }

  private boolean readAll() throws IOException {
    while (true) {
      int feed = feed();
      if (feed < 0) {
        return form == Form.OTLP;
      }
      int to = feed;
      if (to > begin && buffer[to - 1] == '\r') {
        to--;
      }
      if (to > begin) {
        line(begin, to - begin);
      }
      begin = Math.min(feed + 1, end);
    }
  }

  /// Makes the next line stand in the buffer.
  ///
  /// @return where its line feed is, or the end of the last line without one; -1 after the last
  private int feed() throws IOException {
    int looked = begin;
    while (true) {
      for (int i = looked; i < end; i++) {
        if (buffer[i] == '\n') {
          line++;
          return i;
        }
      }
      looked = end - begin;
      if (looked > MOST_LINE) {
        skipLine();
        looked = begin;
        continue;
      }
      boolean more = fill();
      if (!more) {
        line++;
        return begin < end ? end : -1;
      }
      looked += begin;
    }
  }

  /// @return whether there was something to read
  private boolean fill() throws IOException {
    if (begin > 0) {
      System.arraycopy(buffer, begin, buffer, 0, end - begin);
      end -= begin;
      begin = 0;
    }
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    int count = in.read(buffer, end, buffer.length - end);
    end += Math.max(0, count);
    return count > 0;
  }

  private void skipLine() throws IOException {
    line++;
    chain.damage(
        Kind.UNREADABLE, Place.ofLine(line), "a line of more than %d bytes".formatted(MOST_LINE));
    while (true) {
      for (int i = begin; i < end; i++) {
        if (buffer[i] == '\n') {
          begin = i + 1;
          return;
        }
      }
      begin = end;
      if (!fill()) {
        return;
      }
    }
  }

  private void line(int from, int length) {
    boolean isRecord =
        length > RECORD.length
            && Arrays.equals(buffer, from, from + RECORD.length, RECORD, 0, RECORD.length);
    if (form == Form.UNKNOWN) {
      form = isRecord ? Form.RECORDS : Form.OTLP;
    }
    Place place = Place.ofLine(line);
    if (form == Form.RECORDS) {
      chain.record(place, buffer, from, length, false);
      return;
    }
    String problem = otlp(place, from, length);
    if (problem != null) {
      chain.damage(Kind.UNREADABLE, place, problem);
    }
  }

  private @Nullable String otlp(Place place, int from, int length) {
    boolean any = false;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), buffer, from, length)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING && isBody(parser.streamReadContext())) {
          byte[] record = parser.getString().getBytes(StandardCharsets.UTF_8);
          chain.record(place, record, 0, record.length, false);
          any = true;
        }
      }
    } catch (JacksonException e) {
      return "a line that is no JSON: " + e.getOriginalMessage();
    }
    return any ? null : "a line that is neither a record nor an OTLP request with records";
  }

  private static boolean isBody(TokenStreamContext innermost) {
    TokenStreamContext context = innermost;
    for (String name : BODY) {
      String found = context.inArray() ? "" : context.currentName();
      if (!name.equals(found)) {
        return false;
      }
      context = context.getParent();
    }
    return context.inRoot();
  }
}
