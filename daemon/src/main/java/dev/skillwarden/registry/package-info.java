/// Work on a skills repository: channels and their catalogs, the index file, a start for authors,
/// import, owners, the verdict on a change. Reads and commits, never fetches and never pushes.
@NullMarked
package dev.skillwarden.registry;

import org.jspecify.annotations.NullMarked;
