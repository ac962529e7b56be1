package dev.skillwarden.lint;

import dev.skillwarden.catalog.CatalogFile;
import dev.skillwarden.eval.SuiteReader;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.SkillFile;
import dev.skillwarden.skill.SkillId;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.skill.Version;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads a checkout from the disk, and from git what git knows about it. Follows no symbolic link.
public final class CheckoutReader {
  /// Where a repository keeps its own organization.
  public static final String ORGANIZATION = "policy/organization.yaml";

  private static final String EVALS = "evals";

  private final Path top;

  public CheckoutReader(Path top) {
    this.top = top;
  }

  /// @param base ref to compare with, empty for none
  /// @param organization file to read instead of the repository's own
  /// @throws IOException when the directory or the base cannot be read
  /// @throws InvalidTextException when organization or catalog are refused
  public Checkout read(Optional<String> base, Optional<Path> organization)
      throws IOException, InvalidTextException {
    List<SkillFile> files = files(top, ".claude/skills", SkillParser.MAX_FILE);
    List<SkillFile> suites =
        files(top, EVALS, SuiteReader.MAX_FILE).stream()
            .filter(f -> f.path().matches("evals/[^/]+/[^/]+/evals\\.json"))
            .toList();
    Map<SkillId, Map<Version, String>> released = new HashMap<>();
    Map<String, Checkout.Retired> retired = new HashMap<>();
    Optional<Checkout.Base> before = Optional.empty();
    Optional<LocalGit> git = LocalGit.find(top);
    if (git.isPresent()) {
      try (LocalGit opened = git.get()) {
        tags(opened, released);
        if (base.isPresent()) {
          before = Optional.of(base(opened, base.get()));
        }
      }
    } else if (base.isPresent()) {
      throw new IOException(
          "%s is in no git repository, so there is no %s to compare with"
              .formatted(top.toAbsolutePath().normalize(), base.get()));
    }
    catalog(released, retired);
    return new Checkout(files, suites, organization(organization), released, retired, before);
  }

  private Optional<Organization> organization(Optional<Path> given)
      throws IOException, InvalidTextException {
    Path file = given.orElse(top.resolve(ORGANIZATION));
    if (given.isEmpty() && !Files.isRegularFile(file)) {
      return Optional.empty();
    }
    return Optional.of(Organization.parse(file.toString(), Files.readAllBytes(file)));
  }

  private void catalog(
      Map<SkillId, Map<Version, String>> released, Map<String, Checkout.Retired> retired)
      throws IOException, InvalidTextException {
    Path file = top.resolve(CatalogFile.PATH);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    CatalogFile catalog = CatalogFile.parse(CatalogFile.PATH, Files.readAllBytes(file)).catalog();
    catalog
        .entries()
        .forEach(e -> {
          released.computeIfAbsent(e.skill(), id -> new TreeMap<>()).put(e.version(), e.sha256());
          if (catalog.archived().containsKey(e.skill())) {
            retired.put(e.tag(), Checkout.Retired.ARCHIVED);
          } else if (e.yanked().isPresent()) {
            retired.put(e.tag(), Checkout.Retired.YANKED);
          } else if (e.deprecated().isPresent()) {
            retired.put(e.tag(), Checkout.Retired.DEPRECATED);
          }
        });
  }

  /// Tags `team/name@1.2.3`; other tags mean nothing here.
  private void tags(LocalGit git, Map<SkillId, Map<Version, String>> released) throws IOException {
    for (LocalGit.Tag tag : git.tags().values()) {
      int at = tag.name().indexOf('@');
      if (at < 0) {
        continue;
      }
      SkillId id;
      Version version;
      try {
        id = SkillId.parse(tag.name().substring(0, at));
        version = Version.parse(tag.name().substring(at + 1));
      } catch (IllegalArgumentException e) {
        continue; // not one of ours
      }
      Optional<GitStore.Blob> blob =
          git.file(tag.commit(), SkillParser.ROOT + id + ".md", SkillParser.MAX_FILE);
      released
          .computeIfAbsent(id, i -> new TreeMap<>())
          .put(version, blob.map(b -> Sha256.of(b.content())).orElse(""));
    }
  }

  private static Checkout.Base base(LocalGit git, String ref) throws IOException {
    String commit =
        git.resolve(ref)
            .orElseThrow(() ->
                new IOException(
                    "there is no %s in this clone; fetch it first (CI: fetch-depth: 0)"
                        .formatted(ref)));
    return new Checkout.Base(
        ref,
        git.files(commit, SkillParser.ROOT, SkillParser.MAX_FILE).stream()
            .map(b -> new SkillFile(b.path(), b.regular(), b.content()))
            .toList());
  }

  /// Every file below a directory, with the path from the top, in order of paths.
  public static List<SkillFile> files(Path top, String directory, int maxBytes) throws IOException {
    Path from = top.resolve(directory);
    List<SkillFile> files = new ArrayList<>();
    if (!Files.isDirectory(from)) {
      return files;
    }
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
            return at.getFileName().toString().equals(".git")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            files.add(read(top, file, attributes, maxBytes));
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(Comparator.comparing(SkillFile::path));
    return files;
  }

  private static SkillFile read(Path top, Path file, BasicFileAttributes attributes, int maxBytes)
      throws IOException {
    String path = top.relativize(file).toString().replace('\\', '/');
    if (!attributes.isRegularFile()) {
      return new SkillFile(path, false, new byte[0]);
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return new SkillFile(path, !isExecutable(file), in.readNBytes(maxBytes + 1));
    }
  }

  private static boolean isExecutable(Path file) throws IOException {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        && Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)
            .contains(PosixFilePermission.OWNER_EXECUTE);
  }
}
