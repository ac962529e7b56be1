/// Shell text to parsed commands and words. Never runs anything.
@NullMarked
package dev.skillwarden.shell;

import org.jspecify.annotations.NullMarked;
