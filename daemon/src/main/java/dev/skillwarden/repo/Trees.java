package dev.skillwarden.repo;

import dev.skillwarden.repo.GitStore.Blob;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.PathFilter;

/// Files of a commit, read from the objects.
final class Trees {
  private Trees() {}

  /// As [#each], all at once.
  static List<Blob> files(Repository repository, AnyObjectId commit, String directory, int maxBytes)
      throws IOException {
    List<Blob> blobs = new ArrayList<>();
    each(repository, commit, directory, maxBytes, blobs::add);
    return blobs;
  }

  /// Reads every file below a directory, in git's order.
  ///
  /// @param directory with a `/` at the end, or empty for all
  /// @param maxBytes longer files are cut to one byte more, so that the reader sees it
  static void each(
      Repository repository,
      AnyObjectId commit,
      String directory,
      int maxBytes,
      Consumer<Blob> reader)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository);
        ObjectReader objects = repository.newObjectReader();
        TreeWalk tree = new TreeWalk(objects)) {
      tree.addTree(walk.parseCommit(commit).getTree());
      tree.setRecursive(true);
      if (!directory.isEmpty()) {
        tree.setFilter(PathFilter.create(directory));
      }
      while (tree.next()) {
        String path = tree.getPathString();
        if (path.startsWith(directory)) {
          reader.accept(blob(tree, objects, path, maxBytes));
        }
      }
    }
  }

  /// One file; empty when the commit has none of that path.
  static Optional<Blob> file(ObjectReader reader, AnyObjectId commit, String path, int maxBytes)
      throws IOException {
    ObjectId root;
    try (RevWalk walk = new RevWalk(reader)) {
      root = walk.parseCommit(commit).getTree();
    }
    try (TreeWalk tree = TreeWalk.forPath(reader, path, root)) {
      return tree == null || tree.isSubtree()
          ? Optional.empty()
          : Optional.of(blob(tree, reader, path, maxBytes));
    }
  }

  private static Blob blob(TreeWalk tree, ObjectReader reader, String path, int maxBytes)
      throws IOException {
    boolean regular = FileMode.REGULAR_FILE.equals(tree.getRawMode(0));
    return new Blob(path, regular, content(tree, reader, maxBytes));
  }

  private static byte[] content(TreeWalk tree, ObjectReader reader, int max) throws IOException {
    if (FileMode.GITLINK.equals(tree.getRawMode(0))) {
      return new byte[0];
    }
    try (InputStream in = reader.open(tree.getObjectId(0), Constants.OBJ_BLOB).openStream()) {
      return in.readNBytes(max + 1);
    }
  }
}
