package dev.skillwarden.files;

import dev.skillwarden.effect.FileView;
import dev.skillwarden.effect.Paths;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Looks paths up as the daemon does, from a process of an account of its own. Arguments: socket of
/// the resolver (`-` for none), numeric id of the caller, home of the caller, then what to look up:
/// `resolve PATH` or `same PATH CANDIDATE`. Prints a line for each: what was found and whether
/// something stayed open.
final class LookupProgram {
  private LookupProgram() {}

  public static void main(String[] arguments) {
    Optional<Path> socket =
        arguments[0].equals("-") ? Optional.empty() : Optional.of(Path.of(arguments[0]));
    int caller = Integer.parseInt(arguments[1]);
    Path home = Path.of(arguments[2]);
    PathLookups lookups = new PathLookups(socket, "daemon", account -> OptionalInt.of(caller));
    lookups.warmUp("daemon");
    for (int i = 3; i < arguments.length; ) {
      FileView view = lookups.view("ana");
      String found;
      if (arguments[i].equals("resolve")) {
        found = Paths.resolve(arguments[i + 1], Path.of("/"), home, view);
        i += 2;
      } else {
        Path candidate = Path.of(arguments[i + 2]);
        found =
            view.sameFile(Path.of(arguments[i + 1]), () -> List.of(candidate))
                .map(Path::toString)
                .orElse("none");
        i += 3;
      }
      System.out.println(found + (view.overrun() ? " open" : ""));
    }
    System.out.println(lookups.alarms().size() + " alarms");
  }
}
