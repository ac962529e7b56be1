package dev.skillwarden.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DeadlineTest {
  private static boolean sleep(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static String run(Duration limit, java.util.function.Function<Deadline.Claim, String> w) {
    return new Deadline(limit).run(w, () -> "late", cause -> "failed " + cause.getMessage());
  }

  @Test
  void workInTimeIsTheAnswer() {
    assertEquals("true", run(Duration.ofSeconds(10), c -> String.valueOf(c.take())));
  }

  @Test
  void aFailureIsToldAsOne() {
    assertEquals(
        "failed x",
        run(
            Duration.ofSeconds(10),
            c -> {
              throw new IllegalStateException("x");
            }));
  }

  private static int endless(int n) {
    return n < 0 ? n : 1 + endless(n + 1);
  }

  @Test
  void aStackOverflowIsAFailure() {
    String answer = run(Duration.ofSeconds(10), c -> String.valueOf(endless(0)));
    assertTrue(answer.startsWith("failed"), answer);
  }

  @Test
  void aWokenWorkerDoesNotRecordAfterTheDeadline() throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      AtomicInteger recorded = new AtomicInteger();
      CountDownLatch done = new CountDownLatch(1);
      String answer =
          new Deadline(Duration.ofMillis(5))
              .run(
                  c -> {
                    assertFalse(sleep(10_000), "wants to be interrupted");
                    if (c.take()) {
                      recorded.incrementAndGet();
                    }
                    done.countDown();
                    return "work";
                  },
                  () -> {
                    recorded.incrementAndGet();
                    return "late";
                  },
                  cause -> "failed");
      assertEquals("late", answer);
      assertTrue(done.await(10, TimeUnit.SECONDS));
      assertEquals(1, recorded.get());
    }
  }

  @Test
  void aWorkerThatIsRecordingIsWaitedForAndNotInterrupted() {
    AtomicBoolean undisturbed = new AtomicBoolean();
    String answer =
        run(
            Duration.ofMillis(400),
            c -> {
              assertTrue(c.take());
              undisturbed.set(sleep(600));
              return "recorded";
            });
    assertEquals("recorded", answer);
    assertTrue(undisturbed.get());
  }

  @Test
  void aRecordThatNeverEndsIsAFailure() {
    String answer =
        run(
            Duration.ofMillis(50),
            c -> {
              c.take();
              sleep(2_000);
              return "too late";
            });
    assertTrue(answer.startsWith("failed"), answer);
  }
}
