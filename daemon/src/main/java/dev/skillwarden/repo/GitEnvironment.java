package dev.skillwarden.repo;

import java.util.Map;
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

  /// Applies to the whole process, as git's settings do. Measuring the file system's timestamp
  /// resolution goes to the background: in the foreground it costs the first fetch three seconds.
  static void install() {
    SystemReader.setInstance(INSTANCE);
    FS.FileStoreAttributes.setBackground(true);
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
    return new EmptyConfig(fs);
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
  private static final class EmptyConfig extends FileBasedConfig {
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
}
