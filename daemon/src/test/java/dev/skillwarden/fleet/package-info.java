/// What is installed on the receiving side, `installer/collector`: collector configuration, tables,
/// queries and the witness, each run as it is shipped.
@NullMarked
package dev.skillwarden.fleet;

import org.jspecify.annotations.NullMarked;
