package dev.skillwarden.daemon;

import dev.skillwarden.identity.Caller;
import dev.skillwarden.journal.Pseudonyms;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Whose an entry of the journal is: entries made before pseudonyms were switched on, or after they
/// were switched off, have the login name.
final class Ownership {
  private static final System.Logger LOG = System.getLogger(Ownership.class.getName());

  private final Optional<Pseudonyms> pseudonyms;

  Ownership(Optional<Pseudonyms> pseudonyms) {
    this.pseudonyms = pseudonyms;
  }

  /// @param inUse what stands for accounts now; empty when they are named, as they may not always
  ///   have been
  static Ownership of(Home home, DaemonConfig.Journal config, Optional<Pseudonyms> inUse) {
    if (inUse.isPresent()) {
      return new Ownership(inUse);
    }
    try {
      return new Ownership(
          Pseudonyms.read(JournalSettings.pseudonymKey(home, config.pseudonymKey())));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "entries under a pseudonym are not found: no key", e);
      return new Ownership(Optional.empty());
    }
  }

  /// What the journal may call an account, empty for one that could not be determined. A login name
  /// in the shape of a pseudonym is nobody's: it could be somebody else's.
  Set<String> names(String account) {
    Set<String> names = new HashSet<>();
    if (account.equals(Caller.UNKNOWN_ACCOUNT)) {
      return names;
    }
    pseudonyms.ifPresent(p -> names.add(p.of(account)));
    if (!Pseudonyms.isOne(account)) {
      names.add(account);
    }
    return names;
  }
}
