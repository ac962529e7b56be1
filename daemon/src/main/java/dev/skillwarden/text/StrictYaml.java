package dev.skillwarden.text;

import dev.skillwarden.text.Problem.Kind;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/// The one YAML reader for files a person writes. Refuses duplicate keys, aliases and anchors,
/// tags, several documents, non-UTF-8, control characters, nesting over [#MAX_DEPTH] and oversize.
public final class StrictYaml {
  /// Deepest nesting accepted.
  public static final int MAX_DEPTH = 16;

  private StrictYaml() {}

  /// Reads one document.
  ///
  /// @param file name for messages
  /// @param maxBytes largest accepted size, in bytes
  /// @return the root, empty when the document holds nothing
  /// @throws InvalidTextException when the text is refused, with every problem that could be found
  public static Optional<YamlNode> parse(String file, byte[] utf8, int maxBytes)
      throws InvalidTextException {
    if (utf8.length > maxBytes) {
      throw one(
          file,
          0,
          0,
          Kind.SIZE,
          "is %,d bytes; at most %,d are read".formatted(utf8.length, maxBytes));
    }
    return parse(file, decode(file, utf8), 0);
  }

  /// Reads one document that begins on a later line of its file.
  ///
  /// @param lineOffset lines of the file before `text`, added to every position
  public static Optional<YamlNode> parse(String file, String text, int lineOffset)
      throws InvalidTextException {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(true); // reported below, all of them, with both positions
    options.setNestingDepthLimit(MAX_DEPTH + 2); // structure() refuses first, with the position
    options.setCodePointLimit(Integer.MAX_VALUE);
    options.setMaxAliasesForCollections(0);
    options.setAllowRecursiveKeys(false);
    options.setProcessComments(false);
    DumperOptions dumper = new DumperOptions();
    Yaml yaml =
        new Yaml(
            new SafeConstructor(options), new Representer(dumper), dumper, options, new Texts());
    @org.jspecify.annotations.Nullable Node root;
    try {
      List<Problem> structure = structure(file, yaml, text, lineOffset);
      if (!structure.isEmpty()) {
        throw new InvalidTextException(structure);
      }
      root = yaml.compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      String found = e.getProblem() == null ? "not valid YAML" : e.getProblem();
      throw one(
          file,
          mark == null ? 0 : mark.getLine() + 1 + lineOffset,
          mark == null ? 0 : mark.getColumn() + 1,
          isReference(text, mark, found) ? Kind.REFERENCE : Kind.SYNTAX,
          found + hint(text, mark));
    } catch (ReaderException e) {
      int at = Math.min(e.getPosition(), text.length());
      int line = 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
      throw one(
          file,
          line + lineOffset,
          at - text.lastIndexOf('\n', Math.max(0, at - 1)),
          Kind.SYNTAX,
          "the character U+%04X is not allowed; remove it".formatted(e.getCodePoint()));
    } catch (YAMLException e) {
      throw one(
          file,
          0,
          0,
          Kind.SYNTAX,
          String.valueOf(e.getMessage()).lines().findFirst().orElse("not YAML"));
    }
    if (root == null) {
      return Optional.empty();
    }
    List<Problem> problems = new ArrayList<>();
    YamlNode converted = convert(file, root, lineOffset, problems);
    if (!problems.isEmpty()) {
      throw new InvalidTextException(problems);
    }
    return Optional.of(converted);
  }

  /// Decodes UTF-8 strictly and drops a byte-order mark.
  ///
  /// @throws InvalidTextException when a byte is not UTF-8, with its line
  public static String decode(String file, byte[] utf8) throws InvalidTextException {
    ByteBuffer in = ByteBuffer.wrap(utf8);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(in)
              .toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        if (utf8[i] == '\n') {
          line++;
        }
      }
      throw one(file, line, 0, Kind.ENCODING, "is not UTF-8 here; save the file as UTF-8");
    }
  }

  /// What is refused whatever it means: aliases, too deep nesting, more than one document. The
  /// library would report these late, without a position, or not at all.
  private static List<Problem> structure(String file, Yaml yaml, String text, int lineOffset) {
    List<Problem> problems = new ArrayList<>();
    int depth = 0;
    int documents = 0;
    for (Event event : yaml.parse(new StringReader(text))) {
      int line = event.getStartMark().getLine() + 1 + lineOffset;
      int column = event.getStartMark().getColumn() + 1;
      if (event instanceof NodeEvent node && node.getAnchor() != null) {
        problems.add(
            new Problem(
                file,
                line,
                column,
                Kind.REFERENCE,
                "anchors and aliases are not allowed; write the value out"));
      }
      if (event instanceof DocumentStartEvent && ++documents == 2) {
        problems.add(
            new Problem(
                file,
                line,
                0,
                Kind.SYNTAX,
                "a second document starts here; one file holds one document, remove the line ---"));
      }
      if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
        problems.add(
            new Problem(
                file,
                line,
                column,
                Kind.SYNTAX,
                "is nested more than %d levels deep; flatten it".formatted(MAX_DEPTH)));
        return problems; // the rest would repeat it
      }
      if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
    return problems;
  }

  /// The library reads `* text` and `& text` as a malformed alias or anchor, and refuses most tags
  /// itself.
  private static boolean isReference(
      String text, @org.jspecify.annotations.Nullable Mark mark, String found) {
    int before = mark == null ? -1 : mark.getIndex() - 1;
    return found.contains("tag")
        || (before >= 0
            && before < text.length()
            && (text.charAt(before) == '*' || text.charAt(before) == '&'));
  }

  private static String hint(String text, @org.jspecify.annotations.Nullable Mark mark) {
    if (mark == null) {
      return "";
    }
    String line = text.lines().skip(mark.getLine()).findFirst().orElse("");
    if (line.indexOf(": ") != line.lastIndexOf(": ")) {
      return "; a value that contains ': ' must be in quotes";
    }
    return line.indexOf('\t') >= 0 ? "; indent with spaces, not tabs" : "";
  }

  private static YamlNode convert(String file, Node node, int offset, List<Problem> problems) {
    int line = node.getStartMark().getLine() + 1 + offset;
    int column = node.getStartMark().getColumn() + 1;
    return switch (node) {
      case ScalarNode s -> {
        if (!s.getTag().equals(Tag.STR)) {
          problems.add(
              new Problem(
                  file,
                  line,
                  column,
                  Kind.REFERENCE,
                  "the tag " + s.getTag() + " is not allowed; remove it"));
        }
        yield new YamlNode.Scalar(
            s.getValue(), s.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN, line, column);
      }
      case SequenceNode s -> {
        if (!s.getTag().equals(Tag.SEQ)) {
          problems.add(
              new Problem(
                  file,
                  line,
                  column,
                  Kind.REFERENCE,
                  "the tag " + s.getTag() + " is not allowed; remove it"));
        }
        List<YamlNode> items = new ArrayList<>();
        for (Node item : s.getValue()) {
          items.add(convert(file, item, offset, problems));
        }
        yield new YamlNode.Sequence(items, line, column);
      }
      case MappingNode m -> {
        if (!m.getTag().equals(Tag.MAP)) {
          problems.add(
              new Problem(
                  file,
                  line,
                  column,
                  Kind.REFERENCE,
                  "the tag " + m.getTag() + " is not allowed; remove it"));
        }
        yield mapping(file, m, offset, problems, line, column);
      }
      default ->
          throw new IllegalStateException("aliases are refused by structure(): " + node.getClass());
    };
  }

  private static YamlNode mapping(
      String file, MappingNode m, int offset, List<Problem> problems, int line, int column) {
    Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : m.getValue()) {
      int keyLine = tuple.getKeyNode().getStartMark().getLine() + 1 + offset;
      int keyColumn = tuple.getKeyNode().getStartMark().getColumn() + 1;
      YamlNode key = convert(file, tuple.getKeyNode(), offset, problems);
      YamlNode value = convert(file, tuple.getValueNode(), offset, problems);
      if (!(key instanceof YamlNode.Scalar name)) {
        problems.add(
            new Problem(
                file,
                keyLine,
                keyColumn,
                Kind.SYNTAX,
                "a key must be text, found "
                    + key.kind()
                    + "; quote a value that starts with { or ["));
        continue;
      }
      YamlNode.Entry earlier = entries.putIfAbsent(name.value(), new YamlNode.Entry(name, value));
      if (earlier != null) {
        problems.add(
            new Problem(
                file,
                keyLine,
                keyColumn,
                Kind.DUPLICATE_KEY,
                "duplicate key '%s', first on line %d; keep one"
                    .formatted(name.value(), earlier.key().line())));
      }
    }
    return new YamlNode.Mapping(entries, line, column);
  }

  private static InvalidTextException one(
      String file, int line, int column, Problem.Kind kind, String message) {
    return new InvalidTextException(List.of(new Problem(file, line, column, kind, message)));
  }

  /// Resolves every plain scalar to text: no numbers, booleans, dates or merge keys.
  private static final class Texts extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      // none: scalars are typed by whoever reads them
    }
  }
}
