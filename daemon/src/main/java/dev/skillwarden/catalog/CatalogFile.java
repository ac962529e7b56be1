package dev.skillwarden.catalog;

import dev.skillwarden.skill.Deprecation;
import dev.skillwarden.skill.Finding;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.SkillRule;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import dev.skillwarden.text.Problem;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `catalog/skills.json`: every release a channel serves. Immutable; written sorted, so that equal
/// content is equal bytes.
///
/// @param channel `latest`, `stable` or another name
/// @param releases by skill, newest first
/// @param archived skills that are not served any more
public record CatalogFile(
    String channel, Map<SkillId, List<Entry>> releases, Map<SkillId, Archive> archived) {
  /// Path in the repository.
  public static final String PATH = "catalog/skills.json";

  /// Largest accepted file, in bytes: about 35,000 releases. Read as a whole it takes several times
  /// that in memory.
  public static final int MAX_BYTES = 16 << 20;

  private static final int SCHEMA = 1;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern CHANNEL = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final Set<String> KEYS = Set.of("schema", "channel", "skills");
  private static final Set<String> SKILL_KEYS = Set.of("name", "releases", "archived");
  private static final Set<String> RELEASE_KEYS =
      Set.of("version", "tag", "commit", "path", "sha256", "released", "deprecated", "yanked");

  /// One release.
  ///
  /// @param commit 40 hex digits, where the file is read
  /// @param sha256 hex digest of the file's bytes
  /// @param released when the tag was made
  /// @param yanked why it was withdrawn
  public record Entry(
      SkillId skill,
      Version version,
      String commit,
      String sha256,
      Instant released,
      Optional<Deprecation> deprecated,
      Optional<String> yanked) {
    /// `team/name@1.2.3`.
    public String tag() {
      return skill + "@" + version;
    }

    public String path() {
      return SkillParser.ROOT + skill + ".md";
    }

    /// The same release, withdrawn or not.
    public Entry yanked(Optional<String> reason) {
      return new Entry(skill, version, commit, sha256, released, deprecated, reason);
    }

    /// The same release with another deprecation.
    public Entry deprecated(Optional<Deprecation> by) {
      return new Entry(skill, version, commit, sha256, released, by, yanked);
    }

    /// Whether both name the same bytes of the same version.
    public boolean isSameRelease(Entry other) {
      return skill.equals(other.skill)
          && version.equals(other.version)
          && commit.equals(other.commit)
          && sha256.equals(other.sha256);
    }
  }

  /// What came of reading a file: the good entries, and why the others were left out.
  public record Parsed(CatalogFile catalog, List<Finding> findings) {
    public Parsed {
      findings = List.copyOf(findings);
    }
  }

  public CatalogFile {
    if (!CHANNEL.matcher(channel).matches()) {
      throw new IllegalArgumentException(
          "a channel wants lower-case letters, digits and hyphens, found '" + channel + "'");
    }
    Map<SkillId, List<Entry>> sorted = new TreeMap<>();
    releases.forEach((id, entries) -> {
      if (!entries.isEmpty()) {
        sorted.put(
            id, entries.stream().sorted(Comparator.comparing(Entry::version).reversed()).toList());
      }
    });
    releases = java.util.Collections.unmodifiableMap(sorted);
    archived = java.util.Collections.unmodifiableMap(new TreeMap<>(archived));
  }

  /// A channel with nothing in it.
  public static CatalogFile empty(String channel) {
    return new CatalogFile(channel, Map.of(), Map.of());
  }

  public Stream<Entry> entries() {
    return releases.values().stream().flatMap(List::stream);
  }

  public List<Entry> of(SkillId id) {
    return releases.getOrDefault(id, List.of());
  }

  public Optional<Entry> find(SkillId id, Version version) {
    return of(id).stream().filter(e -> e.version().equals(version)).findFirst();
  }

  /// With the release added, or put in the place of the one of the same version.
  public CatalogFile with(Entry entry) {
    Map<SkillId, List<Entry>> next = new TreeMap<>(releases);
    List<Entry> entries =
        new ArrayList<>(
            of(entry.skill()).stream().filter(e -> !e.version().equals(entry.version())).toList());
    entries.add(entry);
    next.put(entry.skill(), entries);
    return new CatalogFile(channel, next, archived);
  }

  /// With exactly these releases of the skill.
  public CatalogFile with(SkillId id, List<Entry> entries) {
    Map<SkillId, List<Entry>> next = new TreeMap<>(releases);
    next.put(id, entries);
    return new CatalogFile(channel, next, archived);
  }

  /// Reads a catalog. A bad entry is left out and reported; a file that is no catalog is refused.
  ///
  /// @param file name for messages
  public static Parsed parse(String file, byte[] utf8) throws InvalidTextException {
    if (utf8.length > MAX_BYTES) {
      throw refused(file, "is over %,d bytes, the most a catalog may have".formatted(MAX_BYTES));
    }
    JsonNode root = Json.parse(file, utf8);
    String channel = root.path("channel").asString("");
    if (!root.isObject()
        || root.path("schema").asInt(0) != SCHEMA
        || !root.path("skills").isArray()
        || !CHANNEL.matcher(channel).matches()) {
      throw refused(
          file,
          "is no catalog of schema %d; a key schema, a channel name and a list skills are wanted"
              .formatted(SCHEMA));
    }
    return new Reader(file).read(channel, root);
  }

  private static InvalidTextException refused(String file, String message) {
    return new InvalidTextException(List.of(new Problem(file, 0, 0, message)));
  }

  /// As written to a repository, with a line end at the end.
  public String write() {
    ObjectNode root = Json.object().put("schema", SCHEMA).put("channel", channel);
    ArrayNode skills = root.putArray("skills");
    Set<SkillId> ids = new java.util.TreeSet<>(releases.keySet());
    ids.addAll(archived.keySet());
    for (SkillId id : ids) {
      ObjectNode skill = skills.addObject().put("name", id.toString());
      ArrayNode array = skill.putArray("releases");
      of(id).forEach(e -> array.add(json(e)));
      Archive archive = archived.get(id);
      if (archive != null) {
        ObjectNode node =
            skill
                .putObject("archived")
                .put("on", archive.on().toString())
                .put("reason", archive.reason());
        archive.replacement().ifPresent(r -> node.put("replacement", r.toString()));
      }
    }
    return Json.pretty(root).replace("\r\n", "\n") + "\n";
  }

  /// One release as it stands in the file.
  public static ObjectNode json(Entry entry) {
    ObjectNode node =
        Json.object()
            .put("version", entry.version().toString())
            .put("tag", entry.tag())
            .put("commit", entry.commit())
            .put("path", entry.path())
            .put("sha256", entry.sha256())
            .put("released", entry.released().toString());
    entry.deprecated().ifPresent(d -> node.set("deprecated", d.json()));
    entry.yanked().ifPresent(reason -> node.put("yanked", reason));
    return node;
  }

  private record Reader(String file, List<Finding> findings, Set<String> paths) {
    Reader(String file) {
      this(file, new ArrayList<>(), new HashSet<>());
    }

    Parsed read(String channel, JsonNode root) {
      known("the catalog", root, KEYS);
      Map<SkillId, List<Entry>> releases = new TreeMap<>();
      Map<SkillId, Archive> archived = new TreeMap<>();
      for (JsonNode skill : root.path("skills")) {
        String name = skill.path("name").asString("");
        try {
          SkillId id = SkillId.parse(name);
          if (releases.containsKey(id)) {
            throw new IllegalArgumentException("is listed twice; its second list is not read");
          }
          known(name, skill, SKILL_KEYS);
          releases.put(id, entries(id, skill.path("releases")));
          if (!skill.path("archived").isMissingNode()) {
            archived.put(id, archive(skill.path("archived")));
          }
        } catch (IllegalArgumentException | DateTimeException e) {
          add(name, String.valueOf(e.getMessage()));
        }
      }
      return new Parsed(new CatalogFile(channel, releases, archived), findings);
    }

    private List<Entry> entries(SkillId id, JsonNode list) {
      List<Entry> entries = new ArrayList<>();
      for (JsonNode node : list) {
        String shown = id + "@" + node.path("version").asString("?");
        try {
          Entry entry = entry(id, node);
          if (!paths.add(entry.tag())) {
            throw new IllegalArgumentException("is listed twice; the first is used");
          }
          known(shown, node, RELEASE_KEYS);
          entries.add(entry);
        } catch (IllegalArgumentException | DateTimeException e) {
          add(shown, String.valueOf(e.getMessage()));
        }
      }
      return entries;
    }

    private static Entry entry(SkillId id, JsonNode node) {
      Version version = Version.parse(node.path("version").asString(""));
      Optional<Deprecation> deprecated =
          node.path("deprecated").isMissingNode()
              ? Optional.empty()
              : Optional.of(deprecation(node.path("deprecated")));
      Optional<String> yanked = Optional.empty();
      if (!node.path("yanked").isMissingNode()) {
        yanked = Optional.of(wanted(node, "yanked", Pattern.compile(".+", Pattern.DOTALL)));
      }
      Entry entry =
          new Entry(
              id,
              version,
              wanted(node, "commit", COMMIT),
              wanted(node, "sha256", DIGEST),
              Instant.parse(node.path("released").asString("")),
              deprecated,
              yanked);
      equal("path", node.path("path").asString(""), entry.path());
      equal("tag", node.path("tag").asString(""), entry.tag());
      return entry;
    }

    /// Path and tag follow from name and version; another one could only be meant to mislead.
    private static void equal(String key, String found, String wanted) {
      if (!found.equals(wanted)) {
        throw new IllegalArgumentException(
            "%s wants '%s', found '%s'".formatted(key, wanted, found));
      }
    }

    private static String wanted(JsonNode node, String key, Pattern pattern) {
      String value = node.path(key).asString("");
      if (!pattern.matcher(value).matches()) {
        throw new IllegalArgumentException(
            "%s wants the form %s, found '%s'".formatted(key, pattern, value));
      }
      return value;
    }

    private static Deprecation deprecation(JsonNode node) {
      return new Deprecation(
          LocalDate.parse(node.path("since").asString("")),
          node.path("reason").asString(""),
          skill(node),
          node.path("sunset").isMissingNode()
              ? Optional.empty()
              : Optional.of(LocalDate.parse(node.path("sunset").asString(""))));
    }

    private static Archive archive(JsonNode node) {
      return new Archive(
          LocalDate.parse(node.path("on").asString("")),
          node.path("reason").asString(""),
          skill(node));
    }

    private static Optional<SkillId> skill(JsonNode node) {
      return node.path("replacement").isMissingNode()
          ? Optional.empty()
          : Optional.of(SkillId.parse(node.path("replacement").asString("")));
    }

    private void known(String where, JsonNode node, Set<String> keys) {
      for (String key : node.propertyNames()) {
        if (!keys.contains(key)) {
          add(where, "holds the unknown key '%s'; it is not read".formatted(key));
        }
      }
    }

    private void add(String where, String message) {
      findings.add(
          new Finding(SkillRule.CATALOG_ENTRY, new Problem(file, 0, 0, where + " " + message)));
    }
  }
}
