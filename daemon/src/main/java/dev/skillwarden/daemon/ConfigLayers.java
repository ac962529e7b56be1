package dev.skillwarden.daemon;

import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Problem;
import dev.skillwarden.text.StrictYaml;
import dev.skillwarden.text.Suggest;
import dev.skillwarden.text.YamlNode;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The values of every [ConfigKey] from defaults, files, environment and flags, each with where it
/// comes from. Later layers win key by key; a list is replaced whole.
public final class ConfigLayers {
  private static final int MAX_FILE = 64 << 10;

  /// @param source what to show, a file with line, a variable or a flag
  record Value(String text, String source) {}

  /// Top-level key of further repositories.
  private static final String SOURCES = "sources";

  private final SequencedMap<ConfigKey, Value> values;
  private final Config config;
  private final List<NamedSource> sources;

  private ConfigLayers(
      SequencedMap<ConfigKey, Value> values, Config config, List<NamedSource> sources) {
    this.values = values;
    this.config = config;
    this.sources = List.copyOf(sources);
  }

  /// One entry of `sources`: the keys of `sync` under a name.
  ///
  /// @param layers as if the entry stood under `sync`, on top of the defaults
  record NamedSource(String name, ConfigLayers layers) {}

  /// Further repositories, in the order of the file.
  List<NamedSource> sources() {
    return sources;
  }

  /// Reads `skillwarden.yaml` and `conf.d/*.yaml` of a home in name order, then the environment,
  /// then flags.
  ///
  /// @param flags values given on the command line
  /// @throws InvalidTextException with every problem of every file
  /// @throws IOException when a file cannot be read
  public static ConfigLayers read(
      Home home, Map<String, String> environment, Map<ConfigKey, String> flags)
      throws InvalidTextException, IOException {
    List<Path> files = new ArrayList<>();
    if (Files.exists(home.configFile())) {
      files.add(home.configFile());
    }
    if (Files.isDirectory(home.configDropIns())) {
      List<Path> dropIns = new ArrayList<>();
      try (DirectoryStream<Path> stream =
          Files.newDirectoryStream(home.configDropIns(), "[!.]*.yaml")) {
        stream.forEach(dropIns::add);
      }
      dropIns.sort(null);
      files.addAll(dropIns);
    }
    return read(files, environment, flags);
  }

  /// As [#read(Home, Map, Map)], from the files given.
  public static ConfigLayers read(
      List<Path> files, Map<String, String> environment, Map<ConfigKey, String> flags)
      throws InvalidTextException, IOException {
    List<Map<ConfigKey, Value>> layers = new ArrayList<>();
    Map<ConfigKey, Value> defaults = new LinkedHashMap<>();
    for (ConfigKey key : ConfigKey.values()) {
      defaults.put(key, new Value(key.defaultValue(), "default"));
    }
    layers.add(defaults);
    List<Problem> problems = new ArrayList<>();
    List<Map.Entry<String, Map<ConfigKey, Value>>> sources = new ArrayList<>();
    for (Path file : files) {
      try {
        layers.add(readFile(file, problems, sources));
      } catch (InvalidTextException e) {
        problems.addAll(e.problems());
      }
    }
    Map<ConfigKey, Value> fromEnvironment = new LinkedHashMap<>();
    Map<ConfigKey, Value> fromFlags = new LinkedHashMap<>();
    for (ConfigKey key : ConfigKey.values()) {
      Optional.ofNullable(environment.get(key.environmentName()))
          .ifPresent(
              v -> fromEnvironment.put(key, new Value(v, "environment " + key.environmentName())));
      Optional.ofNullable(flags.get(key))
          .ifPresent(v -> fromFlags.put(key, new Value(v, "command line")));
    }
    layers.add(fromEnvironment);
    layers.add(fromFlags);
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    List<NamedSource> named = new ArrayList<>();
    for (Map.Entry<String, Map<ConfigKey, Value>> source : sources) {
      named.add(
          new NamedSource(source.getKey(), merge(List.of(defaults, source.getValue()), List.of())));
    }
    return merge(layers, named);
  }

  private static ConfigLayers merge(List<Map<ConfigKey, Value>> layers, List<NamedSource> sources) {
    SequencedMap<ConfigKey, Value> values = new LinkedHashMap<>();
    Config.Builder builder =
        Config.builder()
            .disableEnvironmentVariablesSource()
            .disableSystemPropertiesSource()
            .disableKeyResolving()
            .disableValueResolving();
    for (Map<ConfigKey, Value> layer : layers) {
      values.putAll(layer);
    }
    for (Map<ConfigKey, Value> layer : layers.reversed()) { // the first source wins
      Map<String, String> flat = new LinkedHashMap<>();
      layer.forEach((key, value) -> flat.put(key.key(), value.text()));
      builder.addSource(ConfigSources.create(flat).build());
    }
    return new ConfigLayers(values, builder.build(), sources);
  }

  private static Map<ConfigKey, Value> readFile(
      Path file, List<Problem> problems, List<Map.Entry<String, Map<ConfigKey, Value>>> sources)
      throws InvalidTextException, IOException {
    Map<ConfigKey, Value> layer = new LinkedHashMap<>();
    Optional<YamlNode> root = StrictYaml.parse(file.toString(), Files.readAllBytes(file), MAX_FILE);
    if (root.isEmpty()) {
      return layer;
    }
    if (root.get() instanceof YamlNode.Mapping mapping) {
      Map<String, YamlNode.Entry> plain = new LinkedHashMap<>(mapping.entries());
      YamlNode.Entry list = plain.remove(SOURCES);
      if (list != null) {
        sources.clear(); // a list is replaced whole
        sources(file.toString(), list, sources, problems);
      }
      flatten(
          file.toString(),
          "",
          new YamlNode.Mapping(plain, mapping.line(), mapping.column()),
          layer,
          problems);
    } else {
      problems.add(
          new Problem(
              file.toString(), 1, 1, "wants 'key: value' lines, found " + root.get().kind()));
    }
    return layer;
  }

  private static void sources(
      String file,
      YamlNode.Entry list,
      List<Map.Entry<String, Map<ConfigKey, Value>>> sources,
      List<Problem> problems) {
    List<YamlNode> items =
        list.value() instanceof YamlNode.Sequence s ? s.items() : List.of(list.value());
    for (YamlNode item : items) {
      boolean named =
          item instanceof YamlNode.Mapping m
              && m.get("name")
                  .filter(n -> n instanceof YamlNode.Scalar s && !s.isNull())
                  .isPresent();
      if (!named || !(item instanceof YamlNode.Mapping mapping)) {
        problems.add(
            new Problem(
                file,
                item.line(),
                item.column(),
                "sources wants a list of mappings, each with a name, found " + item.kind()));
        continue;
      }
      Map<String, YamlNode.Entry> keys = new LinkedHashMap<>(mapping.entries());
      YamlNode.Entry name = keys.remove("name");
      Map<ConfigKey, Value> layer = new LinkedHashMap<>();
      flatten(
          file,
          "sync.",
          new YamlNode.Mapping(keys, mapping.line(), mapping.column()),
          layer,
          problems);
      String text = name != null && name.value() instanceof YamlNode.Scalar s ? s.value() : "";
      sources.add(Map.entry(text, layer));
    }
  }

  private static void flatten(
      String file,
      String prefix,
      YamlNode.Mapping mapping,
      Map<ConfigKey, Value> layer,
      List<Problem> problems) {
    for (YamlNode.Entry entry : mapping.entries().values()) {
      String path = prefix + entry.key().value();
      Optional<ConfigKey> key =
          Arrays.stream(ConfigKey.values()).filter(k -> k.key().equals(path)).findFirst();
      boolean section =
          Arrays.stream(ConfigKey.values()).anyMatch(k -> k.key().startsWith(path + "."));
      String source = file + ":" + entry.key().line();
      switch (entry.value()) {
        case YamlNode.Scalar s when key.isPresent() && (s.isNull() || !takesList(key.get())) ->
            layer.put(key.get(), new Value(s.isNull() ? "" : s.value(), source));
        case YamlNode.Sequence list when key.isPresent() && takesList(key.get()) ->
            layer.put(key.get(), new Value(joined(file, path, list, problems), source));
        case YamlNode.Mapping m when section -> flatten(file, path + ".", m, layer, problems);
        case YamlNode.Scalar s when section && s.isNull() -> {} // an empty section sets nothing
        case YamlNode other ->
            problems.add(refused(file, path, entry, other, key.isPresent() || section));
      }
    }
  }

  private static boolean takesList(ConfigKey key) {
    return key == ConfigKey.SYNC_COMMAND || key == ConfigKey.SYNC_PGP_FINGERPRINTS;
  }

  private static Problem refused(
      String file, String path, YamlNode.Entry entry, YamlNode found, boolean known) {
    List<String> names = Arrays.stream(ConfigKey.values()).map(ConfigKey::key).toList();
    String message =
        known
            ? path + " does not take " + found.kind()
            : "unknown key '%s'%s; `skillwarden doctor` lists all keys"
                .formatted(path, Suggest.nearest(path, names));
    return new Problem(file, entry.key().line(), entry.key().column(), message);
  }

  /// Lists are kept as one text, items separated by a unit separator that YAML text cannot hold.
  private static String joined(
      String file, String path, YamlNode.Sequence list, List<Problem> problems) {
    List<String> items = new ArrayList<>();
    for (YamlNode item : list.items()) {
      if (item instanceof YamlNode.Scalar s) {
        items.add(s.value());
      } else {
        problems.add(
            new Problem(
                file,
                item.line(),
                item.column(),
                path + " wants a list of text, found " + item.kind()));
      }
    }
    return String.join(LIST_SEPARATOR, items);
  }

  static final String LIST_SEPARATOR = "\u001f";

  String text(ConfigKey key) {
    return config.get(key.key()).asString().orElse("");
  }

  /// Where the value in force comes from.
  public String source(ConfigKey key) {
    Value value = values.get(key);
    return value == null ? "default" : value.source();
  }

  /// The value in force as written, lists joined by spaces.
  public String shown(ConfigKey key) {
    return text(key).replace(LIST_SEPARATOR, " ");
  }
}
