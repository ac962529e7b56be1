package dev.skillwarden.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
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
  private final SocketOwner owners;
  private final IntFunction<Optional<String>> accountNames;
  private final Optional<String> portAccount;
  private final Map<SocketChannel, Peer> peers = new ConcurrentHashMap<>();
  private final Map<String, Deque<Peer>> byAccount = new HashMap<>();
  private final Map<String, AtomicInteger> served = new ConcurrentHashMap<>();

  /// @param connections of one account at once
  /// @param requests of one account that are served at once
  /// @param accountNames login name of a numeric account id
  /// @param portAccount whom the port serves when nothing can be known about the caller
  Admission(
      int connections,
      int requests,
      SocketOwner owners,
      IntFunction<Optional<String>> accountNames,
      Optional<String> portAccount) {
    this.connections = connections;
    this.requests = requests;
    this.owners = owners;
    this.accountNames = accountNames;
    this.portAccount = portAccount;
  }

  /// Called for each accepted connection.
  ///
  /// @throws UncheckedIOException when it is refused; the server closes it
  void admit(SocketChannel channel) {
    try {
      Peer peer = peer(channel, new OpenConnection(channel));
      peers.put(channel, peer);
      if (!place(peer)) {
        peers.remove(channel);
        throw new IOException("%s has its %d connections".formatted(peer.owner(), connections));
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a connection is refused", e);
      throw new UncheckedIOException(e);
    }
  }

  private synchronized boolean place(Peer peer) {
    Deque<Peer> all = byAccount.computeIfAbsent(peer.owner(), a -> new ArrayDeque<>());
    all.removeIf(p -> !p.open().isOpen());
    if (all.size() >= connections) {
      Optional<Peer> spare =
          all.stream()
              .filter(p -> p.open().spare())
              .min(Comparator.comparingLong(p -> p.open().lastUsed() - Long.MIN_VALUE));
      if (spare.isEmpty()) {
        return false;
      }
      spare.get().open().close();
      all.remove(spare.get());
    }
    all.add(peer);
    return true;
  }

  /// Who is on the other end; empty when the connection was not admitted.
  Optional<Peer> peer(SocketChannel channel) {
    return Optional.ofNullable(peers.get(channel));
  }

  /// The connection has ended.
  void ended(SocketChannel channel) {
    Peer peer = peers.remove(channel);
    if (peer != null) {
      synchronized (this) {
        Deque<Peer> all = byAccount.get(peer.owner());
        if (all != null) {
          all.remove(peer);
          if (all.isEmpty()) {
            byAccount.remove(peer.owner());
          }
        }
      }
    }
  }

  /// Forgets connections that ended before they were served.
  void sweep() {
    peers.keySet().stream().filter(c -> !c.isOpen()).toList().forEach(this::ended);
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

  void done(Peer peer) {
    served.computeIfAbsent(peer.owner(), a -> new AtomicInteger()).decrementAndGet();
  }

  private Peer peer(SocketChannel channel, OpenConnection open) throws IOException {
    if (channel.getLocalAddress() instanceof UnixDomainSocketAddress) {
      UnixDomainPrincipal who = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
      return new Peer(channel.getRemoteAddress(), Optional.of(who.user().getName()), true, open);
    }
    OptionalInt uid =
        owners.owner(
            (InetSocketAddress) channel.getRemoteAddress(),
            (InetSocketAddress) channel.getLocalAddress());
    Optional<String> account = uid.isPresent() ? accountNames.apply(uid.getAsInt()) : portAccount;
    return new Peer(channel.getRemoteAddress(), account, false, open);
  }
}
