/// Keys of organisations and devices: reading, signing, verifying.
@NullMarked
package dev.skillwarden.keys;

import org.jspecify.annotations.NullMarked;
