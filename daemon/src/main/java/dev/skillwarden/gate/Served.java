package dev.skillwarden.gate;

import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.search.SearchIndex;
import java.util.Optional;

/// One snapshot and the index made from it: a request sees both or neither.
///
/// @param index empty before the first sync
public record Served(CatalogSnapshot snapshot, Optional<SearchIndex> index) {
  public static final Served NOTHING = new Served(CatalogSnapshot.EMPTY, Optional.empty());
}
