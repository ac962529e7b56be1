package dev.skillwarden.journal;

import dev.skillwarden.journal.format.JournalFormat;
import dev.skillwarden.redact.Redactor;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Entries as canonical JSON: one line, keys in the order of [JournalEntry], no spaces. `v`, `seq`,
/// `ts`, `id`, `kind` and `account` are always there; of the others an empty text, list or object
/// and a zero duration are left out. Times have microseconds, always six digits, in UTC. [Chain]
/// adds `hash` and `mac`.
///
/// A reader ignores keys it does not know, so a later version may add some. A change of meaning
/// raises [JournalFormat#VERSION], and older readers then count the entry as unreadable. Version 1,
/// which had no chain, is still read.
public final class EntryCodec {
  private static final int UNCHAINED = 1;

  /// Most bytes of one encoded entry.
  public static final int MAX_BYTES = 60 << 10;

  /// Longest name-like text (session, tool, rule and such).
  static final int MAX_NAME = 256;

  /// Longest path.
  static final int MAX_PATH = 1024;

  /// Most paths of one entry.
  static final int MAX_PATHS = 32;

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
          .toFormatter(Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private EntryCodec() {}

  /// The entry as it will be stored: secrets out of every text, everything within its limit.
  static JournalEntry bounded(JournalEntry entry, Privacy privacy) {
    JournalEntry redacted =
        redacted(entry, privacy, privacy.command(entry), entry.paths(), entry.detail());
    if (encode(Long.MAX_VALUE, redacted).length <= MAX_BYTES) {
      return redacted;
    }
    return redacted(
        entry,
        privacy,
        "[left out: entry too large, %d characters]".formatted(entry.command().length()),
        List.of("[left out: entry too large, %d paths]".formatted(entry.paths().size())),
        "[left out: entry too large, %d characters]".formatted(entry.detail().length()));
  }

  /// @param command as it will be stored
  private static JournalEntry redacted(
      JournalEntry entry, Privacy privacy, String command, List<String> paths, String detail) {
    return JournalEntry.of(
            entry.time().truncatedTo(ChronoUnit.MICROS),
            name(entry.id()),
            entry.kind(),
            name(privacy.account(entry)))
        .call(name(entry.session()), name(entry.tool()), name(entry.toolUseId()))
        .skill(name(entry.skill()), name(entry.version()))
        .decision(name(entry.decision()), name(entry.rule()), privacy.said(entry, entry.reason()))
        .command(command, paths(entry, privacy, paths))
        .digest(
            entry.digest().isEmpty() ? privacy.digest(entry.command(), command) : entry.digest())
        .outcome(name(entry.outcome()))
        .under(name(entry.policyVersion()), name(entry.catalogCommit()))
        .took(Duration.of(micros(entry.duration()), ChronoUnit.MICROS))
        .detail(privacy.said(entry, detail))
        .facts(facts(entry))
        .build();
  }

  /// A receipt is signed as it is; what else the daemon says by name may quote what it met.
  private static Map<String, String> facts(JournalEntry entry) {
    if (entry.kind() == JournalEntry.Kind.RECEIPT) {
      return entry.facts();
    }
    Map<String, String> facts = new LinkedHashMap<>();
    entry.facts().forEach((name, text) -> facts.put(name, Redactor.redact(text)));
    return facts;
  }

  private static String name(String text) {
    return cut(Redactor.redact(text), MAX_NAME);
  }

  private static List<String> paths(JournalEntry entry, Privacy privacy, List<String> paths) {
    List<String> kept = new ArrayList<>();
    for (String path : paths.subList(0, Math.min(paths.size(), MAX_PATHS))) {
      kept.add(cut(privacy.called(entry, path), MAX_PATH));
    }
    if (paths.size() > MAX_PATHS) {
      kept.set(MAX_PATHS - 1, "[left out: %d more paths]".formatted(paths.size() - MAX_PATHS + 1));
    }
    return kept;
  }

  private static String cut(String text, int limit) {
    if (text.length() <= limit) {
      return text;
    }
    String mark = "[cut from " + text.length() + " characters]";
    int keep = limit - mark.length();
    if (Character.isHighSurrogate(text.charAt(keep - 1))) {
      keep--;
    }
    return text.substring(0, keep) + mark;
  }

  private static long micros(Duration duration) {
    return TimeUnit.MICROSECONDS.convert(duration);
  }

  static byte[] encode(long seq, JournalEntry entry) {
    return withSeq(seq, encodeRest(entry));
  }

  /// Everything after the sequence number, which only the writer knows.
  static byte[] encodeRest(JournalEntry entry) {
    ObjectNode rest = object(entry);
    return Json.write(rest).substring(1).getBytes(StandardCharsets.UTF_8);
  }

  static byte[] withSeq(long seq, byte[] rest) {
    byte[] begin = (JournalFormat.BEGIN + seq + ',').getBytes(StandardCharsets.US_ASCII);
    byte[] line = new byte[begin.length + rest.length];
    System.arraycopy(begin, 0, line, 0, begin.length);
    System.arraycopy(rest, 0, line, begin.length, rest.length);
    return line;
  }

  /// The entry as the JSON object it is stored as.
  public static ObjectNode toJson(StoredEntry stored) {
    ObjectNode json = Json.object();
    json.put("v", JournalFormat.VERSION);
    json.put("seq", stored.seq());
    json.setAll(object(stored.entry()));
    return json;
  }

  private static ObjectNode object(JournalEntry entry) {
    ObjectNode json = Json.object();
    json.put("ts", TIME.format(entry.time()));
    json.put("id", entry.id());
    json.put("kind", kind(entry.kind()));
    json.put("account", entry.account());
    put(json, "session", entry.session());
    put(json, "tool", entry.tool());
    put(json, "tool_use_id", entry.toolUseId());
    put(json, "skill", entry.skill());
    put(json, "version", entry.version());
    put(json, "decision", entry.decision());
    put(json, "rule", entry.rule());
    put(json, "reason", entry.reason());
    put(json, "command", entry.command());
    put(json, "digest", entry.digest());
    if (!entry.paths().isEmpty()) {
      ArrayNode paths = json.putArray("paths");
      entry.paths().forEach(paths::add);
    }
    put(json, "outcome", entry.outcome());
    put(json, "policy_version", entry.policyVersion());
    put(json, "catalog_commit", entry.catalogCommit());
    if (!entry.duration().isZero()) {
      json.put("duration_us", micros(entry.duration()));
    }
    put(json, "detail", entry.detail());
    if (!entry.facts().isEmpty()) {
      ObjectNode facts = json.putObject("facts");
      entry.facts().forEach(facts::put);
    }
    return json;
  }

  private static void put(ObjectNode json, String key, String text) {
    if (!text.isEmpty()) {
      json.put(key, text);
    }
  }

  /// The name of a kind in the journal.
  public static String kind(JournalEntry.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Reads one stored line.
  ///
  /// @param where shown in the message when it cannot be read
  /// @throws InvalidTextException when it is no entry, or one of a version this reader does not
  ///   know
  static StoredEntry decode(String where, byte[] line) throws InvalidTextException {
    return fromJson(where, Json.parse(where, line));
  }

  /// The entry that [#toJson] wrote.
  ///
  /// @param where shown in the message when it is none
  /// @throws InvalidTextException as [#decode]
  public static StoredEntry fromJson(String where, JsonNode json) throws InvalidTextException {
    if (!json.isObject()) {
      throw refused(where, "is no JSON object");
    }
    long version = number(where, json, "v");
    if (version != JournalFormat.VERSION && version != UNCHAINED) {
      throw refused(
          where,
          "has entry version " + version + "; this reader knows up to " + JournalFormat.VERSION);
    }
    JournalEntry entry =
        JournalEntry.of(
                time(where, required(where, json, "ts")),
                required(where, json, "id"),
                kind(where, required(where, json, "kind")),
                required(where, json, "account"))
            .call(
                text(where, json, "session"),
                text(where, json, "tool"),
                text(where, json, "tool_use_id"))
            .skill(text(where, json, "skill"), text(where, json, "version"))
            .decision(
                text(where, json, "decision"),
                text(where, json, "rule"),
                text(where, json, "reason"))
            .command(text(where, json, "command"), paths(where, json))
            .digest(text(where, json, "digest"))
            .outcome(text(where, json, "outcome"))
            .under(text(where, json, "policy_version"), text(where, json, "catalog_commit"))
            .took(
                json.has("duration_us")
                    ? Duration.of(number(where, json, "duration_us"), ChronoUnit.MICROS)
                    : Duration.ZERO)
            .detail(text(where, json, "detail"))
            .facts(facts(where, json))
            .build();
    return new StoredEntry(number(where, json, "seq"), entry);
  }

  private static String required(String where, JsonNode json, String key)
      throws InvalidTextException {
    if (!json.has(key)) {
      throw refused(where, "has no `" + key + "`");
    }
    return text(where, json, key);
  }

  private static String text(String where, JsonNode json, String key) throws InvalidTextException {
    JsonNode value = json.get(key);
    if (value == null) {
      return "";
    }
    if (!value.isString()) {
      throw refused(where, "`" + key + "` is " + value.getNodeType() + "; a string is wanted");
    }
    return value.stringValue();
  }

  private static long number(String where, JsonNode json, String key) throws InvalidTextException {
    JsonNode value = json.get(key);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw refused(where, "`" + key + "` is " + value + "; a whole number is wanted");
    }
    return value.longValue();
  }

  private static List<String> paths(String where, JsonNode json) throws InvalidTextException {
    JsonNode value = json.get("paths");
    if (value == null) {
      return List.of();
    }
    List<String> paths = new ArrayList<>();
    for (JsonNode path : value) {
      if (!path.isString()) {
        throw refused(where, "`paths` holds " + path.getNodeType() + "; strings are wanted");
      }
      paths.add(path.stringValue());
    }
    if (!value.isArray()) {
      throw refused(where, "`paths` is " + value.getNodeType() + "; a list is wanted");
    }
    return paths;
  }

  private static Map<String, String> facts(String where, JsonNode json)
      throws InvalidTextException {
    JsonNode value = json.get("facts");
    if (value == null) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw refused(where, "`facts` is " + value.getNodeType() + "; an object is wanted");
    }
    Map<String, String> facts = new LinkedHashMap<>();
    for (String key : value.propertyNames()) {
      facts.put(key, text(where, value, key));
    }
    return facts;
  }

  private static Instant time(String where, String text) throws InvalidTextException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw refused(where, "`ts` is " + text + "; a time such as 2026-11-20T09:00:00Z is wanted");
    }
  }

  private static JournalEntry.Kind kind(String where, String text) throws InvalidTextException {
    for (JournalEntry.Kind kind : JournalEntry.Kind.values()) {
      if (kind(kind).equals(text)) {
        return kind;
      }
    }
    throw refused(where, "has kind `" + text + "`, which this version does not know");
  }

  private static InvalidTextException refused(String where, String message) {
    return new InvalidTextException(List.of(new Problem(where, 0, 0, message)));
  }
}
