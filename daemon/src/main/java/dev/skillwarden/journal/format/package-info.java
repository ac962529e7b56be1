/// What a journal looks like on disk, as constants and the few functions that define it: all that
/// the writer and [dev.skillwarden.journal.verify] have in common. docs/journal.md is the same in
/// words.
@NullMarked
package dev.skillwarden.journal.format;

import org.jspecify.annotations.NullMarked;
