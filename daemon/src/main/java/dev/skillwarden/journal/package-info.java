/// The append-only record of every decision.
@NullMarked
package dev.skillwarden.journal;

import org.jspecify.annotations.NullMarked;
