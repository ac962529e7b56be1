/// Grants that open sensitive skills, or soften the guard, for a while: signed by the organisation,
/// for one account on one machine, counted and kept on the disk.
@NullMarked
package dev.skillwarden.elevation;

import org.jspecify.annotations.NullMarked;
