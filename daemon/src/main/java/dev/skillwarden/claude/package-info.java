/// Claude Code's protocol: hook events, their answers, and the settings that wire them.
@NullMarked
package dev.skillwarden.claude;

import org.jspecify.annotations.NullMarked;
