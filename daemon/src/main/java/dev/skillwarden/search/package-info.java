/// Finds skills by intent in one snapshot: lexical and vector arms, fused, permission-filtered
/// inside.
@NullMarked
package dev.skillwarden.search;

import org.jspecify.annotations.NullMarked;
