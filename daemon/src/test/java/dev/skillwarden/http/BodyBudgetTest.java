package dev.skillwarden.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
  private final BodyBudget budget = new BodyBudget(new DaemonServer.Bodies(100, 70));

  @Test
  void oneAccountGetsItsShareAndAllGetWhatThereIs() {
    assertTrue(budget.take("ana", 70));
    assertFalse(budget.take("ana", 1));
    assertTrue(budget.take("bob", 30));
    assertFalse(budget.take("bob", 1));
    assertFalse(budget.take("cat", 1));
    budget.giveBack("ana", 1);
    assertTrue(budget.take("cat", 1));
  }

  @Test
  void whatIsGivenBackIsThereAgain() {
    for (int i = 0; i < 1_000; i++) {
      assertTrue(budget.take("ana", 70));
      budget.giveBack("ana", 70);
      budget.giveBack("ana", 0);
    }
    assertTrue(budget.take("bob", 70));
    assertTrue(budget.take("ana", 30));
  }

  @Test
  void whatALateAnswerHeldComesBackInAWhile() {
    assertTrue(budget.take("ana", 70));
    budget.giveBackLater("ana", 70, 1_000);
    budget.sweep(1_000 + BodyBudget.GOES_ON.toNanos() - 1);
    assertFalse(budget.take("ana", 1));
    budget.sweep(1_000 + BodyBudget.GOES_ON.toNanos());
    assertTrue(budget.take("ana", 70));
  }

  @Test
  void theShareFollowsTheHeap() {
    assertEquals(
        new DaemonServer.Bodies(22_369_621, 16_777_216), DaemonServer.Bodies.ofHeap(256L << 20));
  }
}
