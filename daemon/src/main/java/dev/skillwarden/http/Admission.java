package dev.skillwarden.http;

import dev.skillwarden.identity.Caller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/// Says at accept who connects, and holds every account to its share: a new connection over the
/// share takes the place of the account's least used one that serves nothing, so that an account
/// can only crowd out itself.
final class Admission {
  private static final System.Logger LOG = System.getLogger(Admission.class.getName());

  private final int connections;
  private final int requests;
  private final BodyBudget bodies;
  private final Duration deadline;
  private final SocketOwner owners;
  private final IntFunction<Optional<String>> accountNames;
  private final Optional<String> portAccount;
  private final Map<SocketChannel, Place> places = new ConcurrentHashMap<>();
  private final Map<String, Deque<Place>> byOwner = new HashMap<>();
  private final Map<String, AtomicInteger> served = new ConcurrentHashMap<>();

  /// @param share what one account may have at once
  /// @param deadline served so long, a request may have been given up
  /// @param accountNames login name of a numeric account id
  /// @param portAccount whom the port serves when nothing can be known about the caller
  Admission(
      DaemonServer.Share share,
      Duration deadline,
      SocketOwner owners,
      IntFunction<Optional<String>> accountNames,
      Optional<String> portAccount) {
    this.connections = share.connections();
    this.requests = share.requests();
    this.bodies = new BodyBudget(share.bodies());
    this.deadline = deadline;
    this.owners = owners;
    this.accountNames = accountNames;
    this.portAccount = portAccount;
  }

  /// One admitted connection.
  ///
  /// @param owner whose share it takes, as far as that is known without asking anybody: the thread
  ///   that accepts must not wait for a directory service
  /// @param uid numeric id of the other end of a TCP connection
  /// @param name login name of the other end of the control socket
  private record Place(String owner, OptionalInt uid, Optional<String> name, OpenConnection open) {}

  /// Called for each accepted connection.
  ///
  /// @throws UncheckedIOException when it is refused; the server closes it
  void admit(SocketChannel channel) {
    try {
      Place place = place(channel);
      if (!take(place)) {
        throw new IOException("%s has its %d connections".formatted(place.owner(), connections));
      }
      places.put(channel, place);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a connection is refused", e);
      throw new UncheckedIOException(e);
    }
  }

  private Place place(SocketChannel channel) throws IOException {
    OpenConnection open = new OpenConnection(channel);
    if (channel.getLocalAddress() instanceof UnixDomainSocketAddress) {
      UnixDomainPrincipal who = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
      String name = who.user().getName();
      return new Place(name, OptionalInt.empty(), Optional.of(name), open);
    }
    OptionalInt uid =
        owners.owner(
            (InetSocketAddress) channel.getRemoteAddress(),
            (InetSocketAddress) channel.getLocalAddress());
    return new Place(
        uid.isPresent() ? "#" + uid.getAsInt() : Caller.UNKNOWN_ACCOUNT,
        uid,
        Optional.empty(),
        open);
  }

  private synchronized boolean take(Place place) {
    Deque<Place> all = byOwner.computeIfAbsent(place.owner(), o -> new ArrayDeque<>());
    all.removeIf(p -> !p.open().isOpen());
    if (all.size() >= connections) {
      long now = System.nanoTime();
      Optional<Place> spare =
          all.stream()
              .filter(p -> p.open().spare())
              .max(Comparator.comparingLong(p -> now - p.open().lastUsed()));
      if (spare.isEmpty()) {
        return false;
      }
      spare.get().open().close();
      all.remove(spare.get());
    }
    all.add(place);
    return true;
  }

  /// Who is on the other end; empty when the connection was not admitted. May ask the system's
  /// databases: called by the connection's own thread.
  Optional<Peer> peer(SocketChannel channel) throws IOException {
    Place place = places.get(channel);
    if (place == null) {
      return Optional.empty();
    }
    boolean control = place.name().isPresent();
    Optional<String> account =
        control
            ? place.name()
            : place.uid().isPresent() ? accountNames.apply(place.uid().getAsInt()) : portAccount;
    return Optional.of(new Peer(channel.getRemoteAddress(), account, control, place.open()));
  }

  /// The connection has ended.
  void ended(SocketChannel channel) {
    Place place = places.remove(channel);
    if (place != null) {
      synchronized (this) {
        Deque<Place> all = byOwner.get(place.owner());
        if (all != null) {
          all.remove(place);
          if (all.isEmpty()) {
            byOwner.remove(place.owner());
          }
        }
      }
    }
  }

  /// Forgets connections that ended before they were served, and gives back what is due.
  void sweep() {
    bodies.sweep(System.nanoTime());
    places.keySet().stream().filter(c -> !c.isOpen()).toList().forEach(this::ended);
  }

  /// Takes one of the account's places for requests.
  ///
  /// @return whether there was one; then [#done] gives it back
  boolean begin(Peer peer) {
    AtomicInteger count = served.computeIfAbsent(peer.owner(), a -> new AtomicInteger());
    if (count.incrementAndGet() > requests) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  /// The request is answered: gives its place and its memory back.
  void done(Peer peer) {
    bodyDone(peer);
    served.computeIfAbsent(peer.owner(), a -> new AtomicInteger()).decrementAndGet();
  }

  /// The body is not held any more.
  void bodyDone(Peer peer) {
    long bytes = peer.open().release();
    if (bytes > 0 && peer.open().servedFor() >= deadline.toNanos()) {
      bodies.giveBackLater(peer.owner(), bytes, System.nanoTime());
    } else {
      bodies.giveBack(peer.owner(), bytes);
    }
  }

  /// What bodies of requests may take.
  BodyBudget bodies() {
    return bodies;
  }
}
