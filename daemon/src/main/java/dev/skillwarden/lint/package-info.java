/// Checks of a skills repository before a change is merged: every finding at once, for people and
/// for CI. Also what authors need beside it: a start, import, owners, the verdict on a change.
@NullMarked
package dev.skillwarden.lint;

import org.jspecify.annotations.NullMarked;
