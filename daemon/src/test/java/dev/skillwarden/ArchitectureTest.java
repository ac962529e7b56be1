package dev.skillwarden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Holds the package table of docs/architecture.md: what each package may import, and where each
/// third-party library lives.
class ArchitectureTest {
  private static final String BASE = "dev.skillwarden.";

  private static final Map<String, Set<String>> MAY_IMPORT = new LinkedHashMap<>();

  static {
    allow("text");
    allow("redact");
    allow("skill", "text");
    allow("identity", "text", "skill");
    allow("elevation", "text", "keys", "skill", "identity", "journal");
    allow("shell");
    allow("effect", "shell");
    allow("files", "effect");
    allow("journal.format");
    allow("journal", "text", "redact", "keys", "journal.format");
    allow("journal.verify", "text", "keys", "journal.format");
    allow("otlp", "text", "journal.format");
    allow("upload", "text", "keys", "journal", "journal.format", "otlp");
    allow("repo", "text", "keys");
    allow("keys");
    allow("policy", "text", "redact", "skill", "identity", "effect", "catalog");
    allow("catalog", "text", "skill", "identity");
    allow("search", "text", "skill", "catalog");
    allow("gate", "text", "skill", "identity", "effect", "policy", "catalog", "search", "journal");
    allow("sync", "text", "keys", "skill", "repo", "catalog", "journal");
    allow("claude", "text", "skill", "identity", "policy", "catalog", "gate");
    allow(
        "http",
        "text",
        "keys",
        "skill",
        "identity",
        "policy",
        "catalog",
        "search",
        "journal",
        "gate",
        "claude");
    allow("registry", "text", "skill", "catalog", "repo", "lint");
    allow("eval", "text", "skill", "identity", "policy", "catalog", "search");
    allow("lint", "text", "redact", "skill", "identity", "policy", "catalog", "repo", "eval");
    allow(
        "daemon",
        "text",
        "keys",
        "redact",
        "skill",
        "identity",
        "effect",
        "files",
        "journal",
        "otlp",
        "upload",
        "elevation",
        "repo",
        "policy",
        "catalog",
        "search",
        "gate",
        "sync",
        "claude",
        "http");
    allow(
        "cli",
        "text",
        "keys",
        "redact",
        "skill",
        "identity",
        "shell",
        "effect",
        "files",
        "journal",
        "journal.verify",
        "otlp",
        "upload",
        "elevation",
        "repo",
        "policy",
        "catalog",
        "search",
        "gate",
        "sync",
        "claude",
        "http",
        "lint",
        "eval",
        "registry",
        "daemon");
  }

  /// Package prefix of a library → the packages that may use it.
  private static final Map<String, Set<String>> LIBRARIES = new LinkedHashMap<>();

  static {
    LIBRARIES.put("org.yaml.snakeyaml", Set.of("text"));
    LIBRARIES.put("com.google.re2j", Set.of("redact", "skill", "lint"));
    LIBRARIES.put("com.networknt", Set.of("skill"));
    LIBRARIES.put("org.semver4j", Set.of("skill"));
    LIBRARIES.put("net.openhft", Set.of("journal"));
    LIBRARIES.put("io.airlift", Set.of("journal", "journal.verify"));
    LIBRARIES.put("org.eclipse.jgit", Set.of("repo"));
    LIBRARIES.put("org.apache.sshd", Set.of("repo"));
    LIBRARIES.put("org.apache.lucene", Set.of("search"));
    LIBRARIES.put("io.github.jbellis", Set.of("search"));
    LIBRARIES.put("ai.onnxruntime", Set.of("search"));
    LIBRARIES.put("io.helidon.config", Set.of("daemon"));
    LIBRARIES.put("io.helidon", Set.of("http"));
    LIBRARIES.put("io.modelcontextprotocol", Set.of("http"));
    LIBRARIES.put("reactor", Set.of("http"));
    LIBRARIES.put("picocli", Set.of("cli"));
    LIBRARIES.put("io.opentelemetry", Set.of("otlp"));
    LIBRARIES.put("com.google.protobuf", Set.of("otlp"));
    LIBRARIES.put("io.airlift", Set.of("cli", "journal.verify"));
    LIBRARIES.put("org.bouncycastle", Set.of("keys", "repo", "upload"));
  }

  private static void allow(String name, String... others) {
    MAY_IMPORT.put(name, Set.of(others));
  }

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.skillwarden");

  @Test
  void everyPackageIsInTheTable() {
    Set<String> unlisted = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (!MAY_IMPORT.containsKey(feature(type))) {
        unlisted.add(type.getPackageName());
      }
    }
    assertEquals(Set.of(), unlisted);
  }

  @Test
  void everyPackageOfTheTableExists() {
    Set<String> missing = new TreeSet<>(MAY_IMPORT.keySet());
    CLASSES.forEach(type -> missing.remove(feature(type)));
    assertEquals(Set.of(), missing);
  }

  @Test
  void packagesImportOnlyWhatTheTableAllows() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      Set<String> allowed = MAY_IMPORT.getOrDefault(feature(type), Set.of());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(BASE)
            && !feature(target).equals(feature(type))
            && !allowed.contains(feature(target))) {
          violations.add(type.getName() + " -> " + target.getName());
        }
      }
    }
    assertEquals(Set.of(), violations);
  }

  /// Said apart from the table: a verifier that shares code with the writer shares its mistakes.
  @Test
  void theVerifierSharesNoCodeWithTheWriter() {
    Set<String> shared = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      if (feature(type).equals("journal.verify")) {
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
          String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
          if (target.equals(BASE + "journal") || target.startsWith("net.openhft")) {
            shared.add(type.getName() + " -> " + dependency.getTargetClass().getName());
          }
        }
      }
    }
    assertEquals(Set.of(), shared);
  }

  @Test
  void librariesLiveInTheirPackage() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
        owners(target)
            .filter(owners -> !owners.contains(feature(type)))
            .ifPresent(owners -> violations.add(type.getName() + " -> " + target));
      }
    }
    assertEquals(Set.of(), violations);
  }

  @Test
  void nothingReadsTheClockOrTheFileSystemInThePurePackages() {
    Set<String> violations = new TreeSet<>();
    List<String> effects =
        List.of(
            "java.nio.file.Files",
            "java.io.File",
            "java.time.Clock",
            "java.lang.ProcessBuilder",
            "java.lang.Runtime",
            "java.net.Socket");
    for (JavaClass type : CLASSES) {
      if (Set.of("policy", "shell", "effect", "skill", "identity", "catalog", "eval")
          .contains(feature(type))) {
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
          String target = dependency.getTargetClass().getName();
          if (effects.contains(target)) {
            violations.add(type.getName() + " -> " + target);
          }
        }
      }
    }
    assertEquals(Set.of(), violations);
  }

  private static java.util.Optional<Set<String>> owners(String packageName) {
    return LIBRARIES.entrySet().stream()
        .filter(e -> packageName.equals(e.getKey()) || packageName.startsWith(e.getKey() + "."))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static String feature(JavaClass type) {
    return type.getPackageName().substring(Math.min(BASE.length(), type.getPackageName().length()));
  }
}
