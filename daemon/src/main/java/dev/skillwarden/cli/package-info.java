/// The command line, one class per verb.
@NullMarked
package dev.skillwarden.cli;

import org.jspecify.annotations.NullMarked;
