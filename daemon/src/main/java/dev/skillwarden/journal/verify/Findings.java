package dev.skillwarden.journal.verify;

import dev.skillwarden.journal.verify.Finding.Kind;
import dev.skillwarden.journal.verify.Finding.Place;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Collects findings in bounded memory. The same fault of one record after the other is one
/// finding.
final class Findings {
  private static final int MOST_KEPT = 1000;

  private static final Set<Kind> RUNS =
      EnumSet.of(
          Kind.HASH, Kind.MAC, Kind.MAC_MISSING, Kind.UNCHAINED, Kind.UNREADABLE, Kind.DUPLICATE);

  private final List<Finding> kept = new ArrayList<>();
  private long total;
  private String file = "";

  void in(String name) {
    file = name;
  }

  String file() {
    return file;
  }

  /// @return to change it by later, negative when it was not kept
  int add(Kind kind, Place place, long seq, long records, String message) {
    return add(new Finding(kind, file, place, seq, records, message));
  }

  int add(Finding next) {
    if (!kept.isEmpty() && total == kept.size() && continues(kept.getLast(), next)) {
      Finding last = kept.removeLast();
      kept.add(
          new Finding(
              last.kind(),
              last.file(),
              last.place(),
              last.seq(),
              last.records() + next.records(),
              last.message()));
      return kept.size() - 1;
    }
    total++;
    if (kept.size() == MOST_KEPT) {
      return -1;
    }
    kept.add(next);
    return kept.size() - 1;
  }

  private static boolean continues(Finding last, Finding next) {
    return RUNS.contains(next.kind())
        && last.kind() == next.kind()
        && last.file().equals(next.file())
        && (last.seq() + last.records() == next.seq() || next.kind() == Kind.UNCHAINED);
  }

  /// Says the same place's fault better, now that more is known.
  void replace(int index, Kind kind, long seq, String message) {
    if (index >= 0) {
      Finding old = kept.get(index);
      kept.set(index, new Finding(kind, old.file(), old.place(), seq, old.records(), message));
    }
  }

  /// Numbers that were found missing are those of a deleted file without its stub.
  ///
  /// @return whether they were found missing
  boolean missingIsRetention(long from, long to, String message) {
    for (int i = 0; i < kept.size(); i++) {
      Finding old = kept.get(i);
      if (old.kind() == Kind.MISSING && old.seq() <= from && old.seq() + old.records() - 1 == to) {
        replace(i, Kind.RETENTION, old.seq(), message);
        return true;
      }
    }
    return false;
  }

  /// Puts one before all others: it concerns the journal as a whole.
  void first(Finding finding) {
    total++;
    kept.addFirst(finding);
    if (kept.size() > MOST_KEPT) {
      kept.removeLast();
    }
  }

  long total() {
    return total;
  }

  List<Finding> list() {
    return List.copyOf(kept);
  }
}
