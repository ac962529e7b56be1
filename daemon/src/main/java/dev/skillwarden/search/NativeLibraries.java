package dev.skillwarden.search;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;

/// The native code of onnxruntime, unpacked once into the daemon's own state directory. Left to
/// itself the library unpacks into the shared temporary directory at every start and leaves a
/// folder there.
final class NativeLibraries {
  /// Read by onnxruntime before it looks into its jar.
  private static final String PATH_PROPERTY = "onnxruntime.native.path";

  private static final List<String> NAMES = List.of("onnxruntime", "onnxruntime4j_jni");

  private NativeLibraries() {}

  /// Makes the libraries of this platform exist below the state directory, byte for byte as in the
  /// jar, and points onnxruntime at them. Files that already match are kept.
  ///
  /// @throws ModelUnavailableException when the jar has none for this platform
  /// @throws IOException when the directory is not writable
  static Path prepare(Path stateDirectory) throws IOException, ModelUnavailableException {
    String platform = platform();
    Path directory = stateDirectory.resolve("native").resolve(platform).toAbsolutePath();
    Files.createDirectories(directory);
    for (String name : NAMES) {
      String file = System.mapLibraryName(name);
      String resource = "/ai/onnxruntime/native/" + platform + "/" + file;
      Path target = directory.resolve(file);
      if (!matches(resource, platform, target)) {
        unpack(resource, platform, target);
      }
    }
    System.setProperty(PATH_PROPERTY, directory.toString());
    return directory;
  }

  private static boolean matches(String resource, String platform, Path file)
      throws IOException, ModelUnavailableException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream wanted = open(resource, platform);
        InputStream found = Files.newInputStream(file)) {
      byte[] left;
      do {
        left = wanted.readNBytes(1 << 16);
        if (!java.util.Arrays.equals(left, found.readNBytes(1 << 16))) {
          return false;
        }
      } while (left.length > 0);
      return true;
    }
  }

  private static void unpack(String resource, String platform, Path file)
      throws IOException, ModelUnavailableException {
    Path partial = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    try (InputStream in = open(resource, platform)) {
      Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
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
