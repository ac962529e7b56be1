package dev.skillwarden.effect;

import java.util.List;

/// What inline code of another language does, as effects of the command it stands in.
final class ShellSink implements CodeSink {
  private static final int MAX_DEPTH = 4;

  private final Call call;
  private final String language;
  private int depth;
  private Content printed = Content.PLAIN;

  ShellSink(Call call, String language) {
    this.call = call;
    this.language = language;
  }

  /// What the code prints, as far as it matters: secrets it read, text it fetched.
  Content printed() {
    return printed;
  }

  @Override
  public void delete(Value path, boolean recursive, String span) {
    call.shell().delete(path, recursive, language, ShellAnalyzer.cut(span));
  }

  @Override
  public void read(Value path, String span) {
    printed = printed.with(call.shell().read(path, ShellAnalyzer.cut(span)).taints());
  }

  @Override
  public void write(Value path, Value content, String span) {
    call.shell().deliver(path, Content.of(content), false, ShellAnalyzer.cut(span));
  }

  @Override
  public void copy(Value from, Value to, boolean move, String span) {
    call.shell()
        .command(
            List.of(Value.of(move ? "mv" : "cp"), Value.of("-r"), from, to),
            Content.PLAIN,
            ShellAnalyzer.cut(span));
  }

  @Override
  public void permissions(Value path, Value mode, String span) {
    call.shell()
        .command(List.of(Value.of("chmod"), mode, path), Content.PLAIN, ShellAnalyzer.cut(span));
  }

  @Override
  public void shell(Value code, String span) {
    printed =
        printed.with(call.shell().code(code, Content.PLAIN, ShellAnalyzer.cut(span)).taints());
  }

  @Override
  public void execute(List<Value> words, String span) {
    printed =
        printed.with(call.shell().command(words, Content.PLAIN, ShellAnalyzer.cut(span)).taints());
  }

  @Override
  public void code(Value code, String span) {
    if (depth >= MAX_DEPTH) {
      call.shell()
          .emit(
              new Effect.Unreadable(
                  true, "code in code over " + MAX_DEPTH + " deep", ShellAnalyzer.cut(span)));
      return;
    }
    depth++;
    InlineCode.scan(language, code.text(), this);
    depth--;
  }

  @Override
  public void foreign(Source source, String span) {
    call.shell()
        .foreign(
            source == Source.NETWORK ? Taints.NETWORK : Taints.DECODED, "", language, call.span());
  }

  @Override
  public void download(Value url, Value file, String span) {
    call.shell()
        .command(
            file.blank() || file.text().isEmpty()
                ? List.of(Value.of("curl"), url)
                : List.of(Value.of("curl"), Value.of("-o"), file, url),
            Content.PLAIN,
            ShellAnalyzer.cut(span));
    if (file.blank() || file.text().isEmpty()) {
      printed = printed.with(Taints.NETWORK);
    }
  }

  @Override
  public void upload(Value url, Value path, String span) {
    boolean environment = path.text().equals("env");
    Content content =
        environment
            ? Content.of(Taints.SECRET)
            : path.blank() ? printed : call.shell().content(path);
    call.shell()
        .upload(
            content, path.known() && !environment ? call.shell().resolve(path) : "", call.span());
  }

  @Override
  public void reverseShell(String span) {
    call.shell().emit(new Effect.ReverseShell(call.span()));
  }

  @Override
  public void forkBomb(String span) {
    call.shell().emit(new Effect.ForkBomb(call.span()));
  }

  @Override
  public void executes(String span) {
    call.emit(Effect.What.ARGUMENT_EXEC);
  }
}
