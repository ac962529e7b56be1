/// How good search is: retrieval metrics, eval suites, verdicts on their triggers. Pure: files are
/// read by who calls.
@NullMarked
package dev.skillwarden.eval;

import org.jspecify.annotations.NullMarked;
