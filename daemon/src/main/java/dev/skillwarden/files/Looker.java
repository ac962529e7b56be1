package dev.skillwarden.files;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
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
  ///
  /// @param about told which path is being waited for
  Map<Path, Entry> along(List<Path> prefixes, Consumer<Path> about) {
    Map<Path, Entry> found = new LinkedHashMap<>();
    for (int i = 0; i < prefixes.size(); i++) {
      about.accept(prefixes.get(i));
      Entry entry = direct.apply(prefixes.get(i));
      if (entry.kind() == Entry.Kind.CLOSED) {
        List<Path> rest = prefixes.subList(i, prefixes.size());
        List<Entry> answers = closed(rest, about);
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
  Map<Path, Entry> each(List<Path> paths, Consumer<Path> about) {
    Map<Path, Entry> found = new LinkedHashMap<>();
    for (Path path : paths) {
      about.accept(path);
      found.put(path, direct.apply(path));
    }
    List<Path> closed =
        found.entrySet().stream()
            .filter(e -> e.getValue().kind() == Entry.Kind.CLOSED)
            .map(Map.Entry::getKey)
            .toList();
    if (!closed.isEmpty()) {
      List<Entry> answers = closed(closed, about);
      for (int i = 0; i < answers.size(); i++) {
        found.put(closed.get(i), answers.get(i));
      }
    }
    return found;
  }

  private List<Entry> closed(List<Path> paths, Consumer<Path> about) {
    if (own) {
      return paths.stream().map(p -> Entry.NOTHING).toList();
    }
    return account.isPresent()
        ? resolver.ask(account.getAsInt(), paths, about)
        : paths.stream().map(p -> Entry.UNKNOWN).toList();
  }

  @Override
  public void close() {
    resolver.close();
  }
}
