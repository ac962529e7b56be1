/// Configuration, wiring and lifecycle of the daemon.
@NullMarked
package dev.skillwarden.daemon;

import org.jspecify.annotations.NullMarked;
