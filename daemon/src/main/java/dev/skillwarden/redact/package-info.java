/// Takes secrets out of free text before it is written anywhere. Linear in the length of the text.
@NullMarked
package dev.skillwarden.redact;

import org.jspecify.annotations.NullMarked;
