package dev.skillwarden.effect;

import java.util.List;

/// Takes what the scanners of inline code find, in the order the code says it. Paths are as written
/// in the code; unknown parts of a value are [Value#HOLE].
interface CodeSink {
  void delete(Value path, boolean recursive, String span);

  void read(Value path, String span);

  /// @param content what is written, unknown when the code does not say
  void write(Value path, Value content, String span);

  /// Copies or renames a file.
  void copy(Value from, Value to, boolean move, String span);

  void permissions(Value path, Value mode, String span);

  /// Runs text as a shell command, as `os.system` does.
  void shell(Value code, String span);

  /// Runs an argument vector, as `subprocess.run([…])` does.
  void execute(List<Value> words, String span);

  /// Runs further code of the same language whose text is known, as `exec("…")` does.
  void code(Value code, String span);

  /// Text from the network or from decoding is evaluated or run.
  void foreign(Source source, String span);

  /// Asks a URL; with `file` known, what comes is stored there.
  void download(Value url, Value file, String span);

  /// Sends something: the path of a file read before, or unknown content.
  void upload(Value url, Value path, String span);

  /// A process is connected to a socket.
  void reverseShell(String span);

  /// The process starts itself without end.
  void forkBomb(String span);

  /// A tool that edits text runs a program (`sed s/x/y/e`).
  void executes(String span);

  /// Where evaluated text comes from.
  enum Source {
    NETWORK,
    DECODED
  }
}
