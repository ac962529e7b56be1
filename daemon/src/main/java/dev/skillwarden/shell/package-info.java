/// Shell text to parsed commands, words and effects. Never runs anything.
@NullMarked
package dev.skillwarden.shell;

import org.jspecify.annotations.NullMarked;
