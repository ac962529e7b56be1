package dev.skillwarden.cli;

import dev.skillwarden.claude.PreferredSource;
import dev.skillwarden.text.FileOwner;
import dev.skillwarden.text.OtherProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The account that runs the client: the one of this process, `nobody` where that is root's.
///
/// @param root whether this process is root's
record ClientAccount(boolean root) {
  /// What root needs to become `nobody`.
  static final Path SETPRIV = Path.of("/usr/bin/setpriv");

  private static final int NOBODY = 65_534;

  /// By the number of the account, whatever its name: a new file belongs to it.
  static ClientAccount ofThisProcess() throws IOException {
    if (PreferredSource.WINDOWS) {
      return new ClientAccount(false);
    }
    Path fresh = Files.createTempFile("skillwarden-owner", ".txt");
    try {
      return new ClientAccount(FileOwner.of(fresh).uid() == 0);
    } finally {
      OtherProgram.discard(fresh);
    }
  }

  /// What runs a program under this account.
  List<String> command(List<String> program) {
    if (!root) {
      return List.copyOf(program);
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                SETPRIV.toString(),
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--inh-caps=-all",
                "--no-new-privs"));
    command.addAll(program);
    return command;
  }

  /// Makes a directory its own. Whoever calls this touches nothing in it from then on.
  void give(Path directory) throws IOException {
    if (root) {
      Files.setAttribute(directory, "unix:uid", NOBODY);
    }
  }

  /// Its home where a program asks for one.
  String home() {
    return root ? "/nonexistent" : System.getProperty("user.home");
  }
}
