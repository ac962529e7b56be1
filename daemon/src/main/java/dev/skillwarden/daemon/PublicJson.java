package dev.skillwarden.daemon;

import dev.skillwarden.redact.Redactor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// What the daemon tells of itself: messages quote addresses and what servers answered.
final class PublicJson {
  private PublicJson() {}

  /// Takes secrets out of every text in it.
  static ObjectNode withoutSecrets(ObjectNode node) {
    for (String name : node.propertyNames()) {
      node.set(name, shown(node.get(name)));
    }
    return node;
  }

  private static JsonNode shown(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> withoutSecrets(object);
      case ArrayNode array -> {
        for (int at = 0; at < array.size(); at++) {
          array.set(at, shown(array.get(at)));
        }
        yield array;
      }
      case StringNode text -> StringNode.valueOf(Redactor.withoutSecrets(text.stringValue()));
      default -> node; // numbers and such
    };
  }
}
