/// Decides whether a caller may use a skill or a tool call may run. Pure: no I/O, the instant and
/// the file view are parameters.
@NullMarked
package dev.skillwarden.policy;

import org.jspecify.annotations.NullMarked;
