/// Parsed shell text to effects: what a command would do. Never runs anything.
@NullMarked
package dev.skillwarden.effect;

import org.jspecify.annotations.NullMarked;
