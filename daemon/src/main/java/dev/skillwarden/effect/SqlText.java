package dev.skillwarden.effect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Reads SQL as far as it takes to see what it deletes: statements, with texts and comments out.
final class SqlText {
  private static final int MAX_LENGTH = 64 << 10;
  private static final Set<String> OBJECTS =
      Set.of(
          "DATABASE",
          "SCHEMA",
          "TABLE",
          "VIEW",
          "INDEX",
          "USER",
          "ROLE",
          "FUNCTION",
          "PROCEDURE",
          "TRIGGER",
          "SEQUENCE",
          "TYPE",
          "KEYSPACE",
          "OWNED",
          "MATERIALIZED",
          "EXTENSION",
          "PARTITION",
          "TABLESPACE",
          "COLUMN",
          "CONSTRAINT",
          "POLICY",
          "PUBLICATION",
          "SUBSCRIPTION",
          "EVENT",
          "COLLECTION",
          "BUCKET",
          "MEASUREMENT",
          "SERIES",
          "NODE",
          "GRAPH",
          "FOREIGN",
          "SERVER");

  private SqlText() {}

  /// What the worst of the statements does, half a sentence; empty when none deletes.
  static Optional<String> destroys(String sql) {
    for (List<String> statement : statements(sql)) {
      Optional<String> what = destroys(statement);
      if (what.isPresent()) {
        return what;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> destroys(List<String> words) {
    int first = 0;
    while (first < words.size()
        && Set.of("EXPLAIN", "BEGIN", "START", "TRANSACTION", "(").contains(words.get(first))) {
      if (words.get(first).equals("EXPLAIN")) {
        return Optional.empty();
      }
      first++;
    }
    if (first >= words.size()) {
      return Optional.empty();
    }
    String verb = words.get(first);
    if (verb.equals("WITH")) {
      verb = words.contains("DELETE") ? "DELETE" : words.contains("UPDATE") ? "UPDATE" : "SELECT";
    }
    String next = first + 1 < words.size() ? words.get(first + 1) : "";
    boolean some = narrows(words);
    return switch (verb) {
      case "DROP" ->
          OBJECTS.contains(next) ? Optional.of("drops part of a database") : Optional.empty();
      case "TRUNCATE" -> next.isEmpty() ? Optional.empty() : Optional.of("empties a table");
      case "DELETE" ->
          some || !words.contains("FROM")
              ? Optional.empty()
              : Optional.of("deletes every row of a table");
      case "UPDATE" ->
          some || !words.contains("SET")
              ? Optional.empty()
              : Optional.of("changes every row of a table");
      case "ALTER" ->
          words.contains("DROP") ? Optional.of("drops part of a table") : Optional.empty();
      case "GRANT" ->
          words.contains("ALL") || words.contains("SUPERUSER")
              ? Optional.of("gives all rights")
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /// Whether a condition takes some rows only; one that is always true does not.
  private static boolean narrows(List<String> words) {
    int where = words.indexOf("WHERE");
    if (where < 0) {
      return words.contains("LIMIT");
    }
    List<String> condition = words.subList(where + 1, words.size());
    boolean always =
        condition.equals(List.of("1", "=", "1"))
            || condition.equals(List.of("TRUE"))
            || condition.equals(List.of("1"));
    return !always && !condition.isEmpty();
  }

  /// The words of each statement in upper case; a text in quotes is `?`.
  static List<List<String>> statements(String sql) {
    List<List<String>> statements = new ArrayList<>();
    List<String> words = new ArrayList<>();
    int length = Math.min(sql.length(), MAX_LENGTH);
    int i = 0;
    while (i < length) {
      char c = sql.charAt(i);
      if (c == ';') {
        statements.add(words);
        words = new ArrayList<>();
        i++;
      } else if (sql.startsWith("--", i) || (c == '#' && words.isEmpty())) {
        int end = sql.indexOf('\n', i);
        i = end < 0 ? length : end;
      } else if (sql.startsWith("/*", i)) {
        int end = sql.indexOf("*/", i + 2);
        i = end < 0 ? length : end + 2;
      } else if (c == '\'' || c == '"' || c == '`') {
        i = quoted(sql, i, length, c);
        words.add("?");
      } else if (c == '$' && dollar(sql, i) > 0) {
        i = dollar(sql, i);
        words.add("?");
      } else if (Character.isLetterOrDigit(c) || c == '_') {
        int start = i;
        while (i < length
            && (Character.isLetterOrDigit(sql.charAt(i)) || "_.$".indexOf(sql.charAt(i)) >= 0)) {
          i++;
        }
        words.add(sql.substring(start, i).toUpperCase(Locale.ROOT));
      } else {
        if (!Character.isWhitespace(c) && c != '\\') {
          words.add(String.valueOf(c));
        }
        i++;
      }
    }
    statements.add(words);
    return statements;
  }

  private static int quoted(String sql, int from, int length, char quote) {
    int i = from + 1;
    while (i < length) {
      if (sql.charAt(i) == '\\' && quote == '\'') {
        i += 2;
      } else if (sql.charAt(i) != quote) {
        i++;
      } else if (i + 1 < length && sql.charAt(i + 1) == quote) {
        i += 2;
      } else {
        return i + 1;
      }
    }
    return length;
  }

  /// Index after `$tag$ … $tag$`, -1 when none begins here.
  private static int dollar(String sql, int from) {
    int close = sql.indexOf('$', from + 1);
    if (close < 0
        || close - from > 40
        || !sql.substring(from + 1, close).matches("[A-Za-z0-9_]*")) {
      return -1;
    }
    String tag = sql.substring(from, close + 1);
    int end = sql.indexOf(tag, close + 1);
    return end < 0 ? sql.length() : end + tag.length();
  }
}
