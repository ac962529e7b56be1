package dev.skillwarden.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelHostTest {
  private static final ModelHost.Times TIMES =
      new ModelHost.Times(
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  private static final ModelHost.Times HASTY =
      new ModelHost.Times(
          Duration.ofMillis(20),
          Duration.ofMillis(20),
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicReference<String> unavailable = new AtomicReference<>("");
  private final AtomicReference<String> failing = new AtomicReference<>("");
  private final AtomicReference<CountDownLatch> stuck =
      new AtomicReference<>(new CountDownLatch(0));
  private final AtomicReference<CountDownLatch> slowOpening =
      new AtomicReference<>(new CountDownLatch(0));
  private ModelHost host = host(TIMES);

  private ModelHost host(ModelHost.Times times) {
    return new ModelHost("fake:1", this::open, times, now::get);
  }

  @AfterEach
  void close() {
    stuck.get().countDown();
    slowOpening.get().countDown();
    host.close();
  }

  private EmbeddingModel open() throws ModelUnavailableException {
    await(slowOpening.get());
    if (!unavailable.get().isEmpty()) {
      throw new ModelUnavailableException(unavailable.get());
    }
    opened.incrementAndGet();
    return new EmbeddingModel() {
      @Override
      public String id() {
        return "fake:1";
      }

      @Override
      public float[] embed(String text) throws EmbeddingException {
        await(stuck.get());
        if (!failing.get().isEmpty()) {
          throw new EmbeddingException(failing.get());
        }
        return new float[] {text.length()};
      }

      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pass(Duration time) {
    now.updateAndGet(n -> n.plus(time));
  }

  @Test
  void opensWithTheFirstUseAndClosesWhenIdle() throws Exception {
    assertFalse(host.isOpen());
    assertEquals(5, host.forQueries().embed("hello")[0]);
    assertTrue(host.isOpen());

    pass(Duration.ofMinutes(9));
    assertFalse(host.closeIdle());
    host.forIndexing().embed("again");
    pass(Duration.ofMinutes(9));
    assertFalse(host.closeIdle());
    pass(Duration.ofMinutes(1));
    assertTrue(host.closeIdle());
    assertFalse(host.closeIdle());
    assertEquals(1, closed.get());

    assertEquals(3, host.forQueries().embed("new")[0]);
    assertEquals(2, opened.get());
  }

  @Test
  void aModelInUseIsNotClosed() throws Exception {
    host.forQueries().embed("opens it");
    stuck.set(new CountDownLatch(1));
    Thread indexing = Thread.ofPlatform().start(() -> embedQuietly(host.forIndexing()));
    while (indexing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    pass(Duration.ofHours(1));
    assertFalse(host.closeIdle());
    host.close();
    assertEquals(0, closed.get());
    stuck.get().countDown();
    indexing.join();
    assertEquals(1, closed.get()); // by the last user
  }

  private static void embedQuietly(EmbeddingModel model) {
    try {
      model.embed("x");
    } catch (EmbeddingException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anUnavailableModelIsTriedAgainAfterARestThatGrows() throws Exception {
    unavailable.set("no native code");
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    assertEquals("no native code", host.problem());
    assertEquals(Instant.EPOCH.plusSeconds(10), host.retryAt());

    unavailable.set("still none");
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    assertEquals("no native code", host.problem()); // was not tried

    pass(Duration.ofSeconds(10));
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    assertEquals("still none", host.problem());
    assertEquals(Instant.EPOCH.plusSeconds(30), host.retryAt());
    pass(Duration.ofSeconds(20));
    assertThrows(EmbeddingException.class, () -> host.forIndexing().embed("a"));
    assertEquals(Instant.EPOCH.plusSeconds(60), host.retryAt()); // 40 s would be too long

    unavailable.set("");
    pass(Duration.ofSeconds(30));
    assertEquals(1, host.forQueries().embed("a")[0]);
    assertEquals("", host.problem());
  }

  @Test
  void aModelThatFailsIsOpenedAnew() throws Exception {
    host.forQueries().embed("a");
    failing.set("out of memory");
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    assertEquals("", host.problem());
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    assertEquals("the embedding model failed: out of memory", host.problem());
    assertEquals(2, opened.get());
    assertFalse(host.isOpen());

    failing.set("");
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a")); // rests
    pass(Duration.ofSeconds(30));
    host.forQueries().embed("a");
    assertEquals("", host.problem());
  }

  @Test
  void aStuckModelCostsNobodyMoreThanTheDeadline() throws Exception {
    host = host(HASTY);
    host.forIndexing().embed("opens it");
    stuck.set(new CountDownLatch(1));
    for (int i = 0; i < ModelHost.SLOW; i++) {
      assertEquals("", host.problem());
      assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    }
    assertTrue(host.problem().contains("slow"), host.problem());

    stuck.get().countDown();
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!host.problem().isEmpty() && System.nanoTime() < end) {
      try {
        host.forQueries().embed("a");
      } catch (EmbeddingException e) {
        Thread.sleep(1); // this machine is slow just now
      }
    }
    assertEquals("", host.problem());
  }

  @Test
  void openingHoldsUpNeitherQueriesNorStatus() throws Exception {
    host = host(HASTY);
    slowOpening.set(new CountDownLatch(1));
    Thread indexing = Thread.ofPlatform().start(() -> embedQuietly(host.forIndexing()));
    while (indexing.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertFalse(host.isOpen());
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    slowOpening.get().countDown();
    indexing.join();
    assertTrue(host.isOpen());
  }

  @Test
  void aClosedHostAnswersNothing() throws Exception {
    host.forQueries().embed("a");
    host.close();
    host.close();
    assertEquals(1, closed.get());
    assertThrows(EmbeddingException.class, () -> host.forQueries().embed("a"));
    assertThrows(EmbeddingException.class, () -> host.forIndexing().embed("a"));
  }
}
