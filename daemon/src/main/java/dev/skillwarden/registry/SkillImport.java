package dev.skillwarden.registry;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.ParsedSkill;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.YamlNode;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;

/// Turns a native skill, `NAME/SKILL.md` with the six keys of agentskills.io, into one of ours, and
/// says everything that was changed on the way. Pure.
public final class SkillImport {
  private static final Pattern TWO_PARTS = Pattern.compile("v?(\\d{1,9})\\.(\\d{1,9})");
  private static final Pattern SIBLING =
      Pattern.compile("(?:\\]\\(|`|\\s)((?:scripts|references|assets|resources)/[\\w./-]+)");
  private static final int MAX_TAGS = SkillParser.MAX_TAGS;

  private final String team;
  private final AccessLevel level;
  private final List<String> owners;

  /// @param level access level of imported skills that name none
  /// @param owners who answers for them, may be empty
  public SkillImport(String team, AccessLevel level, List<String> owners) {
    if (!SkillId.isPart(team)) {
      throw new IllegalArgumentException(
          "the team wants lower-case letters, digits and single hyphens, found '" + team + "'");
    }
    this.team = team;
    this.level = level;
    this.owners = List.copyOf(owners);
  }

  /// What became of one file.
  ///
  /// @param id under which it was imported, empty when it was not
  /// @param content the new file's text, empty when it was not imported
  /// @param notes every change, or why it was not imported
  public record Imported(Optional<SkillId> id, String content, List<String> notes) {
    public Imported {
      notes = List.copyOf(notes);
    }
  }

  /// @param directory name of the directory the file lies in
  public Imported convert(String directory, byte[] file) {
    List<String> notes = new ArrayList<>();
    try {
      String text = StrictYaml.decode("SKILL.md", file).replace("\r\n", "\n").replace('\r', '\n');
      return convert(directory, text, notes);
    } catch (InvalidTextException e) {
      return refused(notes, e.problems().getFirst().toString());
    }
  }

  private static Imported refused(List<String> notes, String why) {
    List<String> all = new ArrayList<>(notes);
    all.add("not imported: " + why);
    return new Imported(Optional.empty(), "", all);
  }

  private Imported convert(String directory, String text, List<String> notes)
      throws InvalidTextException {
    List<String> lines = text.lines().toList();
    int end = lines.size() > 1 && lines.getFirst().stripTrailing().equals("---") ? 1 : 0;
    while (end > 0 && end < lines.size() && !lines.get(end).stripTrailing().equals("---")) {
      end++;
    }
    if (end == 0 || end == lines.size()) {
      return refused(notes, "there is no frontmatter between two lines ---");
    }
    String yaml = "\n" + String.join("\n", lines.subList(1, end)) + "\n";
    if (!(StrictYaml.parse("SKILL.md", yaml, 0).orElse(null) instanceof YamlNode.Mapping keys)) {
      return refused(notes, "the frontmatter holds no keys");
    }
    Optional<String> description = scalar(keys, "description");
    if (description.isEmpty() || description.get().isBlank()) {
      return refused(notes, "there is no description");
    }
    String name = name(directory, scalar(keys, "name"), notes);
    if (name.isEmpty()) {
      return refused(notes, "no name can be made of '%s'".formatted(directory));
    }
    SkillId id = new SkillId(team, name);
    String body = String.join("\n", lines.subList(end + 1, lines.size())).strip();
    if (body.isEmpty()) {
      return refused(notes, "there are no instructions");
    }
    String content = write(id, keys, shortened(description.get(), notes), body, notes);
    return checked(id, content, notes);
  }

  /// What lint would refuse is not imported.
  private static Imported checked(SkillId id, String content, List<String> notes) {
    ParsedSkill parsed =
        SkillParser.parse(
            new SkillFile(
                SkillParser.ROOT + id + ".md", true, content.getBytes(StandardCharsets.UTF_8)));
    Optional<Finding> error = parsed.findings().stream().filter(Finding::isError).findFirst();
    return error.isPresent()
        ? refused(notes, error.get().rule().id() + ": " + error.get().at().message())
        : new Imported(Optional.of(id), content, notes);
  }

  private static String name(String directory, Optional<String> written, List<String> notes) {
    String from = written.filter(n -> !n.isBlank()).orElse(directory);
    String slug =
        Normalizer.normalize(from, Normalizer.Form.NFKD)
            .replaceAll("\\p{M}", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-+|-+$", "");
    String cut = slug.length() <= 64 ? slug : slug.substring(0, 64).replaceAll("-+$", "");
    if (!cut.equals(from)) {
      notes.add("name: '%s' became '%s'".formatted(from, cut));
    }
    return cut;
  }

  private String write(
      SkillId id, YamlNode.Mapping keys, String description, String body, List<String> notes) {
    StringBuilder out = new StringBuilder("---\n");
    out.append("name: ").append(id).append('\n');
    out.append("version: ").append(version(keys, notes)).append('\n');
    out.append("description: ").append(quoted(description)).append('\n');
    out.append("tags: [").append(String.join(", ", tags(id, keys, notes))).append("]\n");
    notes.add("access_level: " + level.text());
    out.append("access_level: ").append(level.text()).append('\n');
    if (!owners.isEmpty()) {
      List<String> shown = owners.stream().map(SkillImport::quoted).toList();
      out.append("owners: [").append(String.join(", ", shown)).append("]\n");
    }
    dropped(keys, notes);
    siblings(body, notes);
    return out.append("---\n").append(body).append('\n').toString();
  }

  /// JSON's quoting is YAML's.
  private static String quoted(String text) {
    return Json.write(JsonNodeFactory.instance.stringNode(text));
  }

  private static String shortened(String description, List<String> notes) {
    String one = description.strip().replaceAll("\\s+", " ");
    if (one.length() <= SkillParser.MAX_DESCRIPTION) {
      return one;
    }
    String cut = one.substring(0, SkillParser.MAX_DESCRIPTION);
    int sentence = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "));
    int word = cut.lastIndexOf(' ');
    String kept =
        sentence > SkillParser.MAX_DESCRIPTION / 2
            ? cut.substring(0, sentence + 1)
            : cut.substring(0, word > 0 ? word : cut.length());
    notes.add("description: cut from %,d to %,d characters".formatted(one.length(), kept.length()));
    return kept;
  }

  private static String version(YamlNode.Mapping keys, List<String> notes) {
    Optional<String> written = scalar(keys, "version").or(() -> metadata(keys, "version"));
    if (written.isPresent()) {
      try {
        Version version = Version.parse(written.get());
        if (!written.get().contains("+")) {
          return version.toString();
        }
      } catch (IllegalArgumentException e) {
        Matcher two = TWO_PARTS.matcher(written.get());
        if (two.matches()) {
          String whole = two.group(1) + "." + two.group(2) + ".0";
          notes.add("version: '%s' became %s".formatted(written.get(), whole));
          return whole;
        }
      }
      notes.add("version: '%s' is not semantic, became 0.1.0".formatted(written.get()));
      return "0.1.0";
    }
    notes.add("version: none, became 0.1.0");
    return "0.1.0";
  }

  private static List<String> tags(SkillId id, YamlNode.Mapping keys, List<String> notes) {
    Set<String> tags = new LinkedHashSet<>();
    for (String key : List.of("tags", "keywords")) {
      keys.get(key).ifPresent(n -> words(n, tags));
      if (keys.get("metadata").orElse(null) instanceof YamlNode.Mapping metadata) {
        metadata.get(key).ifPresent(n -> words(n, tags));
      }
    }
    scalar(keys, "category").or(() -> metadata(keys, "category")).ifPresent(c -> addTag(c, tags));
    if (tags.isEmpty()) {
      for (String word : id.name().split("-", -1)) {
        if (word.length() > 2) {
          addTag(word, tags);
        }
      }
      if (tags.isEmpty()) {
        addTag(id.name(), tags);
      }
      notes.add("tags: none, taken from the name: " + tags);
    }
    List<String> kept = tags.stream().limit(MAX_TAGS).toList();
    if (kept.size() < tags.size()) {
      notes.add("tags: %d dropped, %d are kept".formatted(tags.size() - kept.size(), kept.size()));
    }
    return kept;
  }

  private static void words(YamlNode node, Set<String> tags) {
    switch (node) {
      case YamlNode.Scalar s -> {
        for (String part : s.value().replaceAll("[\\[\\]\"']", "").split(",", -1)) {
          addTag(part, tags);
        }
      }
      case YamlNode.Sequence s ->
          s.items()
              .forEach(i -> {
                if (i instanceof YamlNode.Scalar t) {
                  addTag(t.value(), tags);
                }
              });
      case YamlNode.Mapping m -> {} // no tags in there
    }
  }

  private static void addTag(String text, Set<String> tags) {
    String tag =
        text.strip()
            .toLowerCase(Locale.ROOT)
            .replaceAll("[\\s_/]+", "-")
            .replaceAll("[^a-z0-9+#.-]", "")
            .replaceAll("^[^a-z0-9]+", "");
    if (!tag.isEmpty()) {
      tags.add(tag.length() <= 40 ? tag : tag.substring(0, 40));
    }
  }

  private static Optional<String> scalar(YamlNode.Mapping keys, String key) {
    return keys.get(key)
        .filter(n -> n instanceof YamlNode.Scalar s && !s.isNull())
        .map(n -> ((YamlNode.Scalar) n).value());
  }

  private static Optional<String> metadata(YamlNode.Mapping keys, String key) {
    return keys.get("metadata")
        .filter(n -> n instanceof YamlNode.Mapping)
        .flatMap(n -> scalar((YamlNode.Mapping) n, key));
  }

  private static void dropped(YamlNode.Mapping keys, List<String> notes) {
    Set<String> dropped = new TreeSet<>(keys.entries().keySet());
    dropped.removeAll(
        Set.of("name", "version", "description", "tags", "keywords", "category", "metadata"));
    if (!dropped.isEmpty()) {
      notes.add("dropped keys: " + String.join(", ", dropped));
    }
  }

  private static void siblings(String body, List<String> notes) {
    Matcher matcher = SIBLING.matcher(body);
    Set<String> named = new TreeSet<>();
    while (matcher.find()) {
      named.add(matcher.group(1));
    }
    if (!named.isEmpty()) {
      notes.add(
          "the instructions name files that are not imported: "
              + String.join(", ", named.stream().limit(5).toList()));
    }
  }
}
