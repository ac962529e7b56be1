package dev.skillwarden.daemon;

import dev.skillwarden.journal.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Copies of the configuration files with which the daemon last ran well.
final class LastGood {
  private final Home home;

  LastGood(Home home) {
    this.home = home;
  }

  /// Where the copy of a file of the configuration directory is kept.
  Path copyOf(Path file) {
    return home.lastGood().resolve("config").resolve(home.config().relativize(file).toString());
  }

  /// The kept `skillwarden.yaml` and drop-ins, in merge order; empty when nothing was kept.
  List<Path> configFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.exists(copyOf(home.configFile()))) {
      files.add(copyOf(home.configFile()));
    }
    files.addAll(dropIns(copyOf(home.configDropIns())));
    return files;
  }

  /// Keeps the daemon's configuration as it is now.
  void keepConfig() throws IOException {
    Path kept = copyOf(home.configDropIns());
    for (Path stale : dropIns(kept)) {
      Files.delete(stale);
    }
    keep(home.configFile());
    for (Path dropIn : dropIns(home.configDropIns())) {
      keep(dropIn);
    }
  }

  /// Keeps one file of the configuration directory; one that is not there is forgotten.
  void keep(Path file) throws IOException {
    Path copy = copyOf(file);
    if (!Files.exists(file)) {
      Files.deleteIfExists(copy);
      return;
    }
    Files.createDirectories(copy.getParent());
    Path fresh = copy.resolveSibling(copy.getFileName() + ".new");
    Files.copy(file, fresh, StandardCopyOption.REPLACE_EXISTING);
    Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE);
  }

  /// Keeps what was read of one file, and what signs it.
  void keep(Path file, byte[] content, Optional<byte[]> signature) throws IOException {
    Path copy = copyOf(file);
    Path signatureCopy = FileSignature.of(copy);
    if (signature.isPresent()) {
      keep(signatureCopy, signature.get());
    } else {
      Files.deleteIfExists(signatureCopy);
    }
    keep(copy, content);
  }

  private static void keep(Path copy, byte[] content) throws IOException {
    if (!Files.exists(copy) || !Arrays.equals(Files.readAllBytes(copy), content)) {
      PrivateFiles.write(copy, content);
    }
  }

  private static List<Path> dropIns(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "[!.]*.yaml")) {
        stream.forEach(files::add);
      }
    }
    files.sort(null);
    return files;
  }
}
