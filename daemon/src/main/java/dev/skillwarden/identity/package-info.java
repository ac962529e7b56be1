/// Who asks: the calling account, its teams and role, and elevations granted to it.
@NullMarked
package dev.skillwarden.identity;

import org.jspecify.annotations.NullMarked;
