package dev.skillwarden.gate;

import dev.skillwarden.effect.Content;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What running sessions have written, so that a download that is run two calls later is still
/// known as one. Bounded: the oldest files, then the oldest sessions are forgotten, but none by
/// what another account does ([SharedMemory]); of a text that is too long only the origin is kept.
final class SessionFiles {
  private static final int MAX_SESSIONS = 64;
  private static final int MAX_FILES = 200;

  /// Longest text kept of one file, in characters.
  private static final int MAX_TEXT = 16 << 10;

  /// All texts of one session, in characters.
  private static final int MAX_SESSION_TEXT = 128 << 10;

  private final SharedMemory<String, SequencedMap<String, Content>> sessions =
      new SharedMemory<>(MAX_SESSIONS);

  /// What the session wrote, by absolute path; nothing is remembered of calls without a session.
  synchronized Map<String, Content> of(String account, String session) {
    return sessions.get(account, session).<Map<String, Content>>map(Map::copyOf).orElse(Map.of());
  }

  synchronized void add(String account, String session, Map<String, Content> written) {
    if (session.isEmpty() || written.isEmpty()) {
      return;
    }
    SequencedMap<String, Content> files =
        sessions.get(account, session).orElseGet(LinkedHashMap::new);
    sessions.put(account, session, files);
    written.forEach((path, content) -> {
      files.remove(path); // to the end: it is the newest now
      files.put(path, shortened(content));
    });
    int text = files.values().stream().mapToInt(SessionFiles::length).sum();
    while (files.size() > MAX_FILES || text > MAX_SESSION_TEXT) {
      text -= length(files.pollFirstEntry().getValue());
    }
  }

  private static Content shortened(Content content) {
    return length(content) <= MAX_TEXT ? content : new Content(content.taints(), Optional.empty());
  }

  private static int length(Content content) {
    return content.text().map(String::length).orElse(0);
  }
}
