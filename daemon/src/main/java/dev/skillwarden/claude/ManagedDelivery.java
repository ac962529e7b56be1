package dev.skillwarden.claude;

import dev.skillwarden.claude.ManagedSettings.Documents;
import dev.skillwarden.text.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The ways by which managed settings reach a client.
public enum ManagedDelivery {
  /// `managed-settings.json` in the client's directory of the machine, and the same as a drop-in: a
  /// client leaves out a file it cannot read, and says so to nobody who looks.
  FILE,
  /// Preferences domain of macOS, and the same as a profile for device management.
  PLIST,
  /// Policy key of Windows.
  REGISTRY,
  /// JSON for the administrator's console of the vendor.
  SERVER;

  private static final String DOMAIN = "com.anthropic.claudecode";
  private static final String PLIST_HEAD =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      """;

  /// Name of a file → its content, the settings first.
  public Map<String, String> files(Documents documents) {
    Map<String, String> files = new LinkedHashMap<>();
    ObjectNode settings = documents.settings();
    switch (this) {
      case FILE -> {
        String text = Json.pretty(settings) + "\n";
        files.put("managed-settings.json", text);
        files.put("managed-settings.d/50-skillwarden.json", text);
      }
      case PLIST -> {
        files.put(DOMAIN + ".plist", plist(settings));
        files.put("skillwarden.mobileconfig", plist(profile(settings)));
      }
      case REGISTRY -> files.put("skillwarden-claude.reg", registry(settings));
      case SERVER -> files.put("server-managed-settings.json", Json.pretty(settings) + "\n");
    }
    // The client reads this one from its directory only.
    documents.mcp().ifPresent(mcp -> files.put("managed-mcp.json", Json.pretty(mcp) + "\n"));
    return files;
  }

  /// The same settings give the same identifiers, so that an update replaces the profile.
  private static ObjectNode profile(ObjectNode settings) {
    ObjectNode root = Json.object();
    ObjectNode payload = root.putArray("PayloadContent").addObject();
    payload.setAll(settings.deepCopy());
    payload(payload, DOMAIN, DOMAIN + ".skillwarden");
    payload(root, "Configuration", "skillwarden.claude-code");
    return root.put("PayloadDisplayName", "Skillwarden for Claude Code")
        .put("PayloadScope", "System");
  }

  private static void payload(ObjectNode node, String type, String identifier) {
    node.put("PayloadType", type)
        .put("PayloadIdentifier", identifier)
        .put(
            "PayloadUUID",
            UUID.nameUUIDFromBytes(identifier.getBytes(StandardCharsets.UTF_8)).toString())
        .put("PayloadVersion", 1);
  }

  private static String plist(ObjectNode root) {
    StringBuilder out = new StringBuilder(PLIST_HEAD);
    value(out, root, "");
    return out.append("</plist>\n").toString();
  }

  private static void value(StringBuilder out, JsonNode node, String indent) {
    String deeper = indent + "  ";
    out.append(indent);
    if (node.isObject()) {
      out.append("<dict>\n");
      node.properties()
          .forEach(e -> {
            out.append(deeper).append("<key>").append(escaped(e.getKey())).append("</key>\n");
            value(out, e.getValue(), deeper);
          });
      out.append(indent).append("</dict>\n");
    } else if (node.isArray()) {
      out.append("<array>\n");
      node.forEach(element -> value(out, element, deeper));
      out.append(indent).append("</array>\n");
    } else if (node.isBoolean()) {
      out.append(node.booleanValue() ? "<true/>\n" : "<false/>\n");
    } else if (node.isIntegralNumber()) {
      out.append("<integer>").append(node.asString()).append("</integer>\n");
    } else if (node.isNumber()) {
      out.append("<real>").append(node.asString()).append("</real>\n");
    } else {
      out.append("<string>").append(escaped(node.asString(""))).append("</string>\n");
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String registry(ObjectNode settings) {
    String json = ascii(Json.write(settings)).replace("\\", "\\\\").replace("\"", "\\\"");
    return String.join(
        "\r\n",
        "Windows Registry Editor Version 5.00",
        "",
        "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode]",
        "\"Settings\"=\"" + json + "\"",
        "");
  }

  /// JSON as ASCII, since the code page that imports it is not known.
  private static String ascii(String json) {
    StringBuilder out = new StringBuilder();
    json.chars()
        .forEach(c -> {
          if (c < 0x80) {
            out.append((char) c);
          } else {
            out.append("\\u%04x".formatted(c));
          }
        });
    return out.toString();
  }
}
