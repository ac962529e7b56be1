package dev.skillwarden.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccountsTest {
  private static final Path FALLBACK = Path.of("/nonexistent");

  private final Map<List<String>, String> database = new HashMap<>();
  private final long[] now = new long[1];
  private int asked;
  private final Accounts accounts =
      new Accounts(
          command -> {
            asked++;
            return Optional.ofNullable(database.get(command));
          },
          FALLBACK,
          () -> now[0]);

  private void account(String name, int uid, String groups) {
    String line = name + ":x:" + uid + ":100:A Person:/home/" + name + ":/bin/sh\n";
    database.put(List.of("/usr/bin/getent", "passwd", name), line);
    database.put(List.of("/usr/bin/getent", "passwd", Integer.toString(uid)), line);
    database.put(List.of("/usr/bin/id", "-Gnz", "--", name), groups);
  }

  @Test
  void supplementaryGroupsAndThoseOfADirectoryCount() {
    account("ana", 1500, "users\0domain users\0sre\0");
    assertEquals(Optional.of("ana"), accounts.name(1500));
    assertEquals(Set.of("users", "domain users", "sre"), accounts.groups("ana"));
    assertEquals(Path.of("/home/ana"), accounts.home("ana"));
    assertEquals(Set.of(), accounts.rootGroups("ana"));
  }

  @Test
  void whoCanBecomeRootIsKnown() {
    account("bo", 1501, "users\0docker\0sudo\0");
    assertEquals(List.of("docker", "sudo"), List.copyOf(accounts.rootGroups("bo")));
  }

  @Test
  void anUnknownAccountHasNothing() {
    assertEquals(Optional.empty(), accounts.name(4711));
    assertEquals(Set.of(), accounts.groups("nobody-here"));
    assertEquals(FALLBACK, accounts.home("nobody-here"));
  }

  @Test
  void answersAreKeptForAMinuteAndNoLonger() {
    account("ana", 1500, "users\0");
    accounts.name(1500);
    accounts.groups("ana");
    int first = asked;
    accounts.name(1500);
    accounts.groups("ana");
    assertEquals(first, asked, "kept");
    account("ana", 1500, "users\0sre\0");
    now[0] += Duration.ofSeconds(61).toNanos();
    assertEquals(Set.of("users", "sre"), accounts.groups("ana"));
  }

  @Test
  void anAccountThatIsGoneLosesItsNameAndGroups() {
    account("ana", 1500, "users\0sre\0");
    accounts.name(1500);
    database.clear();
    now[0] += Duration.ofSeconds(61).toNanos();
    assertEquals(Optional.empty(), accounts.name(1500));
    assertEquals(Set.of(), accounts.groups("ana"));
  }

  @Test
  void aDamagedAnswerIsNone() {
    database.put(List.of("/usr/bin/getent", "passwd", "1500"), "half:a:line\n");
    assertEquals(Optional.empty(), accounts.name(1500));
  }
}
