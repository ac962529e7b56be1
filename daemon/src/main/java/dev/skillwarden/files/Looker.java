package dev.skillwarden.files;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/// Answers questions about paths on the thread of its caller, however long the file system takes.
///
/// @param direct asks as this process
/// @param own whether the caller is the account of this process: what is closed to it is closed to
///   him, so that he cannot get there either
/// @param account numeric id of the caller, empty when the machine does not say
record Looker(
    Function<Path, Entry> direct, Resolver.Connection resolver, boolean own, OptionalInt account)
    implements AutoCloseable {
  /// Each component of one path, outermost first, as far as no link turns away and something lies
  /// there.
  Map<Path, Entry> along(List<Path> prefixes, Turn turn) {
    Map<Path, Entry> found = new LinkedHashMap<>();
    for (int i = 0; i < prefixes.size(); i++) {
      Entry entry = direct(prefixes.get(i), turn);
      if (entry.kind() == Entry.Kind.CLOSED) {
        List<Path> rest = prefixes.subList(i, prefixes.size());
        List<Entry> answers = closed(rest, turn);
        for (int k = 0; k < rest.size(); k++) {
          found.put(rest.get(k), answers.get(k));
          if (!answers.get(k).leadsOn()) {
            break; // what lies behind a link was not asked about
          }
        }
        return found;
      }
      found.put(prefixes.get(i), entry);
      if (!entry.leadsOn()) {
        return found;
      }
    }
    return found;
  }

  /// Paths that have nothing to do with each other.
  Map<Path, Entry> each(List<Path> paths, Turn turn) {
    Map<Path, Entry> found = new LinkedHashMap<>();
    for (Path path : paths) {
      found.put(path, direct(path, turn));
    }
    List<Path> closed =
        found.entrySet().stream()
            .filter(e -> e.getValue().kind() == Entry.Kind.CLOSED)
            .map(Map.Entry::getKey)
            .toList();
    if (!closed.isEmpty()) {
      List<Entry> answers = closed(closed, turn);
      for (int i = 0; i < answers.size(); i++) {
        found.put(closed.get(i), answers.get(i));
      }
    }
    return found;
  }

  private Entry direct(Path path, Turn turn) {
    return turn.take(List.of(path)).isEmpty() ? Entry.UNKNOWN : direct.apply(path);
  }

  private List<Entry> closed(List<Path> paths, Turn turn) {
    if (own) {
      return paths.stream().map(p -> Entry.NOTHING).toList();
    }
    return account.isPresent()
        ? resolver.ask(account.getAsInt(), paths, turn)
        : paths.stream().map(p -> Entry.UNKNOWN).toList();
  }

  @Override
  public void close() {
    resolver.close();
  }
}
