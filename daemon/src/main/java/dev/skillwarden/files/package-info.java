/// What the file system says about the paths of a call, bounded for each account: a mount that
/// hangs delays the calls of the account that names it, and nobody else's.
///
/// [PathLookups] owns the threads; [Resolver] asks a process of its own where the daemon may not
/// look.
@NullMarked
package dev.skillwarden.files;

import org.jspecify.annotations.NullMarked;
