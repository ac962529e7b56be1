package dev.skillwarden.daemon;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.repo.GitStore;
import dev.skillwarden.sync.Source;
import dev.skillwarden.sync.SyncResult;
import dev.skillwarden.sync.SyncService;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// The skills of a home in which no daemon runs: what an image is built with. It touches the git
/// store and the accepted states only. A journal and its keys would be those of every container
/// made of the image, so nothing is journaled here: a daemon journals what it serves when it
/// starts.
public final class HomeStore {
  private final Home home;
  private final Map<String, String> environment;

  public HomeStore(Home home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  /// What the store holds.
  ///
  /// @param result of looking at it; [SyncResult#ok] means that everything the configuration names
  ///   is there
  /// @param snapshot what a daemon would serve
  /// @param organization the home's own, empty when it has none
  public record Held(SyncResult result, CatalogSnapshot snapshot, Organization organization) {}

  /// Fetches what the configuration names, as a daemon does.
  ///
  /// @throws AlreadyRunningException when a daemon runs in this home
  /// @throws InvalidTextException when the configuration or the organization is refused
  /// @throws IOException also when the organization is not signed as it must be
  public Held fetch() throws IOException, InvalidTextException, AlreadyRunningException {
    return look(true);
  }

  /// What is there already; asks no remote.
  ///
  /// @throws AlreadyRunningException when a daemon runs in this home
  /// @throws InvalidTextException when the configuration or the organization is refused
  /// @throws IOException also when the organization is not signed as it must be
  public Held held() throws IOException, InvalidTextException, AlreadyRunningException {
    return look(false);
  }

  private Held look(boolean network)
      throws IOException, InvalidTextException, AlreadyRunningException {
    DaemonConfig config = DaemonConfig.from(ConfigLayers.read(home, environment, Map.of()));
    List<Source> sources = config.sync().sources();
    Organization organization = organization(config.policy());
    home.create();
    AtomicReference<CatalogSnapshot> snapshot = new AtomicReference<>(CatalogSnapshot.EMPTY);
    try (FileChannel _ = Daemon.lock(home)) {
      SyncService sync =
          new SyncService(
              GitStore.open(home.repository()),
              home.sync(),
              entry -> 0,
              InstantSource.system(),
              () -> "",
              snapshot::set,
              Daemon.serviceAccount());
      SyncResult result = network ? sync.sync(sources, "") : sync.restore(sources);
      return new Held(result, snapshot.get(), organization);
    }
  }

  /// As a daemon would read it; one that has ended says all the same what is closed.
  private Organization organization(Signing signing) throws IOException, InvalidTextException {
    Path file = home.organizationFile();
    if (!Files.isRegularFile(file) && !signing.required()) {
      return Organization.empty();
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      signing.check(String.valueOf(file.getFileName()), bytes, file);
    } catch (IOException e) {
      throw new IOException("%s is refused: %s".formatted(file, e.getMessage()), e);
    }
    return Organization.parse(file.toString(), bytes);
  }
}
