/// Sends the journal to a collector, and knows what was received.
@NullMarked
package dev.skillwarden.upload;

import org.jspecify.annotations.NullMarked;
