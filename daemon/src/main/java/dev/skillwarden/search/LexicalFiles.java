package dev.skillwarden.search;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.skill.Skill;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.BinaryDocValues;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.MultiReader;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;

/// The files of a word index: one Lucene index of the public skills and one of the others, so that
/// what is counted over public skills cannot depend on any other. Files of an earlier run or an
/// earlier snapshot are brought up to date; only what changed is read.
///
/// The files are a copy of what the git store holds: damaged ones are made again.
final class LexicalFiles {
  /// The indexed text, see [LexicalText].
  static final String TEXT = "text";

  /// What makes a document what it is: release and digest of its file.
  private static final String KEY = "key";

  /// Bump when analysis or [LexicalText] changes; files of another are made again.
  private static final String SCHEMA = "1";

  private static final System.Logger LOG = System.getLogger(LexicalFiles.class.getName());

  private LexicalFiles() {}

  /// Readers of both parts.
  ///
  /// @param all documents of the public part first
  /// @param positions of every document's skill among the skills
  /// @param documents of every skill
  record Opened(DirectoryReader publicOnly, MultiReader all, int[] positions, int[] documents) {}

  /// @param directory where the files are kept, empty to keep them in memory
  /// @param skills at most one per release
  static Opened open(Optional<Path> directory, List<Skill> skills, Analyzer analyzer) {
    if (directory.isPresent()) {
      try {
        return open(directory.get(), skills, analyzer);
      } catch (IOException | RuntimeException e) {
        LOG.log(
            Level.WARNING,
            "the word index in %s cannot be used and is kept in memory".formatted(directory.get()),
            e);
      }
    }
    try {
      return opened(new ByteBuffersDirectory(), new ByteBuffersDirectory(), skills, analyzer);
    } catch (IOException e) {
      throw LexicalIndex.unreadable(e);
    }
  }

  private static Opened open(Path directory, List<Skill> skills, Analyzer analyzer)
      throws IOException {
    try {
      return opened(part(directory, "public"), part(directory, "other"), skills, analyzer);
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "the word index in %s is made again".formatted(directory), e);
    }
    clear(directory.resolve("public"));
    clear(directory.resolve("other"));
    return opened(part(directory, "public"), part(directory, "other"), skills, analyzer);
  }

  private static Directory part(Path directory, String name) throws IOException {
    return new MMapDirectory(Files.createDirectories(directory.resolve(name)));
  }

  private static void clear(Path directory) throws IOException {
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static Opened opened(
      Directory publicPart, Directory otherPart, List<Skill> skills, Analyzer analyzer)
      throws IOException {
    Map<String, Integer> positions = new LinkedHashMap<>();
    SequencedMap<String, Skill> publicSkills = new LinkedHashMap<>();
    SequencedMap<String, Skill> otherSkills = new LinkedHashMap<>();
    for (int i = 0; i < skills.size(); i++) {
      Skill skill = skills.get(i);
      positions.put(key(skill), i);
      (skill.accessLevel() == AccessLevel.PUBLIC ? publicSkills : otherSkills)
          .put(key(skill), skill);
    }
    update(publicPart, publicSkills, analyzer);
    update(otherPart, otherSkills, analyzer);
    DirectoryReader publicOnly = reader(publicPart);
    MultiReader all = new MultiReader(publicOnly, reader(otherPart));
    int[] ofDocuments = positions(all, positions);
    int[] documents = new int[skills.size()];
    for (int document = 0; document < ofDocuments.length; document++) {
      documents[ofDocuments[document]] = document;
    }
    return new Opened(publicOnly, all, ofDocuments, documents);
  }

  private static String key(Skill skill) {
    return skill.release() + " " + skill.sha256();
  }

  private static void update(Directory part, SequencedMap<String, Skill> wanted, Analyzer analyzer)
      throws IOException {
    boolean known = DirectoryReader.indexExists(part) && schema(part).equals(SCHEMA);
    IndexWriterConfig config =
        new IndexWriterConfig(analyzer)
            .setOpenMode(
                known ? IndexWriterConfig.OpenMode.APPEND : IndexWriterConfig.OpenMode.CREATE)
            .setMergePolicy(new LogDocMergePolicy()) // keeps the order of documents
            .setMergeScheduler(new SerialMergeScheduler());
    try (IndexWriter writer = new IndexWriter(part, config)) {
      SequencedMap<String, Skill> missing = new LinkedHashMap<>(wanted);
      List<Term> gone = new ArrayList<>();
      if (known) {
        for (String key : keys(part)) {
          if (missing.remove(key) == null) {
            gone.add(new Term(KEY, key));
          }
        }
      }
      if (known && missing.isEmpty() && gone.isEmpty()) {
        return;
      }
      writer.deleteDocuments(gone.toArray(Term[]::new));
      add(writer, missing.values());
      // What was deleted must not count any more: it may have become another's secret.
      writer.forceMergeDeletes();
      writer.setLiveCommitData(Map.of("schema", SCHEMA).entrySet());
      writer.commit();
    }
  }

  private static String schema(Directory part) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(part)) {
      return reader.getIndexCommit().getUserData().getOrDefault("schema", "");
    }
  }

  private static List<String> keys(Directory part) throws IOException {
    try (DirectoryReader reader = reader(part)) {
      List<String> keys = new ArrayList<>();
      for (LeafReaderContext leaf : reader.leaves()) {
        leaf.reader().checkIntegrity(); // only here: files of an earlier run
        BinaryDocValues values = leaf.reader().getBinaryDocValues(KEY);
        Bits live = leaf.reader().getLiveDocs();
        for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
          if ((live == null || live.get(doc)) && values.advanceExact(doc)) {
            keys.add(values.binaryValue().utf8ToString());
          }
        }
      }
      return keys;
    }
  }

  private static DirectoryReader reader(Directory part) throws IOException {
    return DirectoryReader.open(part);
  }

  private static void add(IndexWriter writer, Collection<Skill> skills) throws IOException {
    for (Skill skill : skills) {
      Document document = new Document();
      document.add(new StringField(KEY, key(skill), Field.Store.NO));
      document.add(new BinaryDocValuesField(KEY, new BytesRef(key(skill))));
      document.add(new TextField(TEXT, LexicalText.of(skill), Field.Store.NO));
      writer.addDocument(document);
    }
  }

  /// Position of each document's skill.
  private static int[] positions(MultiReader all, Map<String, Integer> known) throws IOException {
    int[] positions = new int[all.maxDoc()];
    for (LeafReaderContext leaf : all.leaves()) {
      BinaryDocValues values = leaf.reader().getBinaryDocValues(KEY);
      for (int doc = 0; doc < leaf.reader().maxDoc(); doc++) {
        Integer position =
            values.advanceExact(doc) ? known.get(values.binaryValue().utf8ToString()) : null;
        if (position == null) {
          throw new IOException("a document of the word index belongs to no skill");
        }
        positions[leaf.docBase + doc] = position;
      }
    }
    return positions;
  }
}
