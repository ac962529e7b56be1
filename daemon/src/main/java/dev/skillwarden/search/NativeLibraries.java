package dev.skillwarden.search;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The native code of onnxruntime, unpacked once into the daemon's own state directory. Left to
/// itself the library unpacks into the shared temporary directory at every start and leaves a
/// folder there.
///
/// A state directory that cannot be written, or that allows no execution (`noexec`), gives way to a
/// private folder in the temporary directory, which is removed when the process ends.
final class NativeLibraries {
  /// Read by onnxruntime before it looks into its jar.
  private static final String PATH_PROPERTY = "onnxruntime.native.path";

  /// In the order in which they need each other.
  private static final List<String> NAMES = List.of("onnxruntime", "onnxruntime4j_jni");

  private static final int BLOCK = 1 << 16;

  private static @Nullable Path loaded;

  private NativeLibraries() {}

  /// Loads a native library file into this process; [System#load].
  interface Loader {
    /// @throws UnsatisfiedLinkError when this place allows no execution
    void load(Path library);
  }

  /// The directory from which the native code runs in this process: unpacked, and proved to load.
  ///
  /// @throws ModelUnavailableException naming each place and what was wrong with it
  @SuppressWarnings("restricted") // native code is what this is about
  static synchronized Path load(Path stateDirectory) throws ModelUnavailableException {
    if (loaded == null) {
      Path directory =
          firstUsable(
              List.of(() -> stateDirectory, NativeLibraries::temporary),
              library -> System.load(library.toString()));
      System.setProperty(PATH_PROPERTY, directory.toString());
      loaded = directory;
    }
    return loaded;
  }

  /// A place that may have to be made.
  interface Place {
    Path directory() throws IOException;
  }

  /// onnxruntime's own loading happens once a process and cannot be tried again, so each place is
  /// tried out before.
  static Path firstUsable(List<Place> places, Loader loader) throws ModelUnavailableException {
    List<String> problems = new ArrayList<>();
    for (Place place : places) {
      String name = "a temporary directory";
      try {
        Path root = place.directory();
        name = root.toString();
        Path directory = prepare(root);
        loader.load(directory.resolve(System.mapLibraryName(NAMES.getFirst())));
        return directory;
      } catch (IOException | UnsatisfiedLinkError e) {
        problems.add(name + ": " + e);
      }
    }
    throw new ModelUnavailableException(
        "the native code of the embedding model runs from no place; one must be writable and allow"
            + " executing files: "
            + String.join("; ", problems));
  }

  private static Path temporary() throws IOException {
    Path directory = Files.createTempDirectory("skillwarden-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(directory)));
    return directory;
  }

  private static void deleteTree(Path directory) {
    try (var files = Files.walk(directory)) {
      for (Path file : files.toList().reversed()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + directory, e);
    }
  }

  /// Makes the libraries of this platform exist below the directory, byte for byte as in the jar.
  /// Files that already match are kept.
  ///
  /// @throws ModelUnavailableException when the jar has none for this platform
  /// @throws IOException when the directory is not writable
  static Path prepare(Path stateDirectory) throws IOException, ModelUnavailableException {
    String platform = platform();
    Path directory = stateDirectory.resolve(platform).toAbsolutePath();
    for (String name : NAMES) {
      String file = System.mapLibraryName(name);
      String resource = "/ai/onnxruntime/native/" + platform + "/" + file;
      Path target = directory.resolve(file);
      if (!matches(resource, platform, target)) {
        Files.createDirectories(directory);
        unpack(resource, platform, target);
      }
    }
    return directory;
  }

  private static boolean matches(String resource, String platform, Path file)
      throws IOException, ModelUnavailableException {
    try (InputStream wanted = open(resource, platform)) {
      if (!Files.isRegularFile(file)) {
        return false;
      }
      try (InputStream found = Files.newInputStream(file)) {
        byte[] block;
        do {
          block = wanted.readNBytes(BLOCK);
          if (!Arrays.equals(block, found.readNBytes(BLOCK))) {
            return false;
          }
        } while (block.length > 0);
        return true;
      }
    }
  }

  private static void unpack(String resource, String platform, Path file)
      throws IOException, ModelUnavailableException {
    try (InputStream in = open(resource, platform)) {
      replace(file, partial -> Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING));
    }
  }

  /// Writes a file somewhere.
  interface Writing {
    void to(Path file) throws IOException, ModelUnavailableException;
  }

  /// Either the whole new file or the old one.
  static void replace(Path file, Writing writing) throws IOException, ModelUnavailableException {
    Path partial = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    try {
      writing.to(partial);
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static InputStream open(String resource, String platform)
      throws ModelUnavailableException {
    InputStream in = NativeLibraries.class.getResourceAsStream(resource);
    if (in == null) {
      throw new ModelUnavailableException("onnxruntime has no native code for " + platform);
    }
    return in;
  }

  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String system = os.contains("win") ? "win" : os.contains("mac") ? "osx" : "linux";
    String machine = System.getProperty("os.arch", "");
    String arch =
        switch (machine) {
          case "amd64", "x86_64" -> "x64";
          case "arm64" -> "aarch64";
          default -> machine;
        };
    return system + "-" + arch;
  }
}
