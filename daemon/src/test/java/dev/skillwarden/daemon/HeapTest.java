package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HeapTest {
  private static final long MB = 1L << 20;

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long used = 10 * MB;
  private long size = 40 * MB;
  private int collections;

  private final Heap heap =
      new Heap(
          new Heap.Memory() {
            @Override
            public long used() {
              return used;
            }

            @Override
            public long size() {
              return size;
            }

            @Override
            public void collect() {
              collections++;
              used = 10 * MB;
              size = 20 * MB;
            }
          },
          () -> now);

  private void looks(int count, long allocated) {
    for (int i = 0; i < count; i++) {
      now = now.plus(Duration.ofSeconds(5));
      used += allocated;
      heap.look();
    }
  }

  @Test
  void isCollectedOnceItIsQuiet() {
    looks(20, 3 * MB);
    assertEquals(0, collections);
    looks(5, MB);
    assertEquals(0, collections);
    looks(1, MB);
    assertEquals(1, collections);
    looks(100, 1_000);
    assertEquals(1, collections); // it has not grown
  }

  @Test
  void restsBetweenCollections() {
    looks(7, 0);
    assertEquals(1, collections);
    size = 30 * MB;
    looks(11, 0);
    assertEquals(1, collections);
    looks(1, 0);
    assertEquals(2, collections);
  }

  @Test
  void isCollectedInTheMiddleOfWorkWhenItGrewMuchAndSeldom() {
    looks(119, 3 * MB);
    assertEquals(0, collections);
    looks(1, 3 * MB);
    assertEquals(1, collections);
    size = 44 * MB;
    looks(200, 3 * MB);
    assertEquals(1, collections); // it has grown by 24 MB, and not more
    size++;
    looks(1, 3 * MB);
    assertEquals(2, collections);
    size = 60 * MB;
    looks(119, 3 * MB);
    assertEquals(2, collections);
    looks(1, 3 * MB);
    assertEquals(3, collections);
  }

  @Test
  void staysAsItIsWhenItGrewLittle() {
    heap.collect();
    size = 28 * MB;
    looks(100, 0);
    assertEquals(1, collections);
    size++;
    looks(1, 0);
    assertEquals(2, collections);
  }
}
