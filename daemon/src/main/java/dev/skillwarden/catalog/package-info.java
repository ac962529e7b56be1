/// The skills of one commit, their dependency graph and version resolution, as one immutable
/// snapshot.
@NullMarked
package dev.skillwarden.catalog;

import org.jspecify.annotations.NullMarked;
