/// Verifies a journal or an export of one: chain, ratchet, checkpoints, stubs. Shares with the
/// writer what [dev.skillwarden.journal.format] says, and no code.
@NullMarked
package dev.skillwarden.journal.verify;

import org.jspecify.annotations.NullMarked;
