package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {
  private final SharedMemory<Integer, String> memory = new SharedMemory<>(4);

  private String held(String account) {
    StringBuilder held = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      held.append(memory.get(account, i).orElse(""));
    }
    return held.toString();
  }

  @Test
  void oneAccountMayHaveAllOfIt() {
    for (int i = 0; i < 4; i++) {
      memory.put("ana", i, "" + i);
    }
    memory.put("ana", 3, "x");
    assertEquals("012x", held("ana"));
  }

  @Test
  void whatWasUsedLongestAgoGoesFirst() {
    for (int i = 0; i < 4; i++) {
      memory.put("ana", i, "" + i);
    }
    assertEquals(Optional.of("0"), memory.get("ana", 0));
    memory.put("ana", 4, "4");
    assertEquals("0234", held("ana"));
  }

  @Test
  void whoHasNoMoreThanAnEvenPartLosesNothingToOthers() {
    memory.put("bob", 0, "0");
    memory.put("bob", 1, "1");
    for (int i = 0; i < 50; i++) {
      memory.put("ana", i, "a");
    }
    assertEquals("01", held("bob"));
    assertEquals("aa", held("ana"));
    memory.put("cat", 0, "c");
    for (int i = 50; i < 99; i++) {
      memory.put("ana", i, "a");
    }
    assertEquals("c", held("cat"));
    assertEquals(1, held("bob").length());
    assertEquals(2, held("ana").length());
  }
}
