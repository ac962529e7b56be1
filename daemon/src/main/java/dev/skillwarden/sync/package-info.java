/// New commit to catalog to index to one atomic swap.
@NullMarked
package dev.skillwarden.sync;

import org.jspecify.annotations.NullMarked;
