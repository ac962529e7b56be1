package dev.skillwarden.shell;

import java.util.ArrayList;
import java.util.List;

/// What the parser made of a text, for people: one line a command, indented by structure.
public final class Outline {
  private static final int MAX_LINES = 60;
  private static final int LONGEST = 120;

  private final List<String> lines = new ArrayList<>();

  private Outline() {}

  public static List<String> of(Syntax syntax) {
    Outline outline = new Outline();
    outline.add(syntax, 0);
    return List.copyOf(outline.lines);
  }

  private void line(int depth, String text) {
    String flat = text.strip().replaceAll("\\s+", " ");
    String cut = flat.length() <= LONGEST ? flat : flat.substring(0, LONGEST - 1) + "…";
    if (lines.size() < MAX_LINES) {
      lines.add("  ".repeat(depth) + cut);
    } else if (lines.size() == MAX_LINES) {
      lines.add("…");
    }
  }

  private void add(Syntax syntax, int depth) {
    switch (syntax) {
      case Syntax.Sequence s -> s.items().forEach(i -> add(i, depth));
      case Syntax.Pipeline p -> {
        line(depth, "pipeline of " + p.stages().size());
        p.stages().forEach(s -> add(s, depth + 1));
      }
      case Syntax.Simple s -> {
        line(depth, (s.words().isEmpty() ? "assignment: " : "command: ") + s.span());
        s.assignments().forEach(a -> inside(a.value(), depth + 1));
        s.words().forEach(w -> inside(w, depth + 1));
        s.redirects().forEach(r -> inside(r.hereDocument().orElse(r.target()), depth + 1));
      }
      case Syntax.Background b -> {
        line(depth, "in the background");
        add(b.body(), depth + 1);
      }
      case Syntax.For f -> {
        line(depth, "for each " + f.variable());
        add(f.body(), depth + 1);
      }
      case Syntax.Compound c -> {
        line(depth, c.subshell() ? "subshell" : c.repeats() ? "loop" : "group");
        c.words().forEach(w -> inside(w, depth + 1));
        c.parts().forEach(p -> add(p, depth + 1));
      }
      case Syntax.Function f -> {
        line(depth, "function " + f.name());
        add(f.body(), depth + 1);
      }
    }
  }

  private void inside(Syntax.Word word, int depth) {
    for (Syntax.Piece piece : word.pieces()) {
      switch (piece) {
        case Syntax.Piece.Text t -> {}
        case Syntax.Piece.Parameter p -> p.arguments().forEach(a -> inside(a, depth));
        case Syntax.Piece.Substitution s -> {
          line(depth, "substitution");
          add(s.body(), depth + 1);
        }
        case Syntax.Piece.Arithmetic a -> a.inside().forEach(i -> add(i, depth));
      }
    }
  }
}
