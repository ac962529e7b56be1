/// Git: fetches exactly the pinned commit and reads blobs from the object store.
@NullMarked
package dev.skillwarden.repo;

import org.jspecify.annotations.NullMarked;
