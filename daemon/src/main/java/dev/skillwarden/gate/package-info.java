/// One request from identity over policy to the journal and the answer. The place where failure
/// becomes denial.
@NullMarked
package dev.skillwarden.gate;

import org.jspecify.annotations.NullMarked;
