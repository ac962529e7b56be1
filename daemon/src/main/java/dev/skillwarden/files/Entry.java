package dev.skillwarden.files;

import java.nio.file.Path;
import java.util.Optional;

/// What lies at a path; a link itself, not where it leads.
///
/// @param target of a link, as written in it
/// @param links names of the file
record Entry(Kind kind, Optional<Path> target, long device, long inode, long links) {
  /// What an entry can be.
  enum Kind {
    /// Nothing, or nothing the caller could reach either.
    NOTHING,
    LINK,
    REGULAR,
    DIRECTORY,
    OTHER,
    /// A directory on the way is closed to this process.
    CLOSED,
    /// A link lies on the way, so the question was for another path.
    LINK_ON_THE_WAY,
    /// Not answered.
    UNKNOWN
  }

  static final Entry NOTHING = of(Kind.NOTHING);
  static final Entry CLOSED = of(Kind.CLOSED);
  static final Entry LINK_ON_THE_WAY = of(Kind.LINK_ON_THE_WAY);
  static final Entry UNKNOWN = of(Kind.UNKNOWN);

  private static Entry of(Kind kind) {
    return new Entry(kind, Optional.empty(), 0, 0, 0);
  }

  static Entry link(Path target) {
    return new Entry(Kind.LINK, Optional.of(target), 0, 0, 0);
  }

  /// Whether something can lie below it without a link being followed.
  boolean leadsOn() {
    return switch (kind) {
      case DIRECTORY, CLOSED -> true;
      case NOTHING, LINK, REGULAR, OTHER, LINK_ON_THE_WAY, UNKNOWN -> false;
    };
  }

  /// Whether it is known that nothing lies below.
  boolean ends() {
    return switch (kind) {
      case NOTHING, REGULAR, OTHER -> true;
      case DIRECTORY, CLOSED, LINK, LINK_ON_THE_WAY, UNKNOWN -> false;
    };
  }

  /// Whether both are names of one file.
  boolean isSameFile(Entry other) {
    return kind == Kind.REGULAR
        && other.kind == Kind.REGULAR
        && device == other.device
        && inode == other.inode;
  }
}
