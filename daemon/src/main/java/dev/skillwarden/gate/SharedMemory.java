package dev.skillwarden.gate;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What is remembered for accounts, so many values for all together. With one more, the account
/// that has the most forgets what it used longest ago: none is made to forget by others while it
/// has no more than an even part.
final class SharedMemory<K, V> {
  private final int most;
  private final Map<String, SequencedMap<K, V>> accounts = new HashMap<>();
  private int size;

  /// @param most values of all accounts, at least 1
  SharedMemory(int most) {
    this.most = most;
  }

  Optional<V> get(String account, K key) {
    SequencedMap<K, V> own = accounts.get(account);
    return own == null ? Optional.empty() : Optional.ofNullable(own.get(key));
  }

  void put(String account, K key, V value) {
    SequencedMap<K, V> own =
        accounts.computeIfAbsent(account, a -> new LinkedHashMap<>(16, 0.75f, true));
    size -= own.size();
    own.put(key, value);
    size += own.size();
    if (size > most) {
      forget(account);
    }
  }

  /// @param last who put the last value, and loses one when others have as many
  private void forget(String last) {
    String loser = last;
    int largest = count(last);
    for (Map.Entry<String, SequencedMap<K, V>> other : accounts.entrySet()) {
      if (other.getValue().size() > largest) {
        loser = other.getKey();
        largest = other.getValue().size();
      }
    }
    SequencedMap<K, V> of = accounts.get(loser);
    if (of != null && of.pollFirstEntry() != null) {
      size--;
      if (of.isEmpty()) {
        accounts.remove(loser);
      }
    }
  }

  private int count(String account) {
    SequencedMap<K, V> own = accounts.get(account);
    return own == null ? 0 : own.size();
  }
}
