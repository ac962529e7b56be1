package dev.skillwarden.gate;

import dev.skillwarden.policy.Verdict;

/// The answer to one hook event.
///
/// @param id short id of the journal entry, shown with every denial
/// @param rule id of the deciding rule, empty with [Verdict#NONE]
/// @param text what the agent is told: reason, safe alternative and id; empty with [Verdict#NONE]
public record GateAnswer(Verdict verdict, String id, String rule, String text) {
  public static GateAnswer none(String id) {
    return new GateAnswer(Verdict.NONE, id, "", "");
  }
}
