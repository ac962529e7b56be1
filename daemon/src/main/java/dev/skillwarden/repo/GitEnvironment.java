package dev.skillwarden.repo;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.storage.file.WindowCacheConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/// What git sees of this machine: no user or system configuration, no environment variables, no
/// host name (asking for it is a DNS query).
final class GitEnvironment extends SystemReader.Delegate {
  private static final GitEnvironment INSTANCE = new GitEnvironment(SystemReader.getInstance());

  /// Bytes of packs, and as many of delta bases, that stay in memory. A store is read in one go and
  /// then hardly at all, and the operating system has its files cached.
  private static final int CACHED_BYTES = 1 << 20;

  private GitEnvironment(SystemReader machine) {
    super(machine);
  }

  /// Applies to the whole process, as git's settings do.
  static void install() {
    SystemReader.setInstance(INSTANCE);
    WindowCacheConfig caches = new WindowCacheConfig();
    caches.setPackedGitLimit(CACHED_BYTES);
    caches.setDeltaBaseCacheLimit(CACHED_BYTES);
    caches.install();
  }

  @Override
  public @Nullable String getenv(String variable) {
    return Map.<String, String>of().get(variable);
  }

  @Override
  public String getHostname() {
    return "localhost";
  }

  @Override
  public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
    return new TimestampConfig(fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
    return new EmptyConfig(fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
    return new EmptyConfig(fs);
  }

  /// Reads nothing and keeps what is saved in memory only.
  private static class EmptyConfig extends FileBasedConfig {
    EmptyConfig(FS fs) {
      super(null, fs);
    }

    @Override
    public void load() {}

    @Override
    public void save() {}

    @Override
    public boolean isOutdated() {
      return false;
    }
  }

  /// Says how exact the times of files are, which JGit else finds out with every start: it writes
  /// and deletes a thousand files, for three seconds. A file that changed within this time is read
  /// again rather than trusted, so the coarsest file system there is serves for all.
  private static final class TimestampConfig extends EmptyConfig {
    private static final Duration COARSEST = FS.FileStoreAttributes.FALLBACK_TIMESTAMP_RESOLUTION;

    TimestampConfig(FS fs) {
      super(fs);
    }

    @Override
    public long getTimeUnit(
        String section, @Nullable String subsection, String name, long otherwise, TimeUnit unit) {
      if (!section.equals("filesystem")) {
        return super.getTimeUnit(section, subsection, name, otherwise, unit);
      }
      return switch (name) {
        case "timestampResolution" -> unit.convert(COARSEST);
        case "minRacyThreshold" -> 0;
        default -> otherwise;
      };
    }
  }
}
