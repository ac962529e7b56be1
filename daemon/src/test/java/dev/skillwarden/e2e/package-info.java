/// End-to-end tests: the packaged program, driven as its users drive it.
@NullMarked
package dev.skillwarden.e2e;

import org.jspecify.annotations.NullMarked;
