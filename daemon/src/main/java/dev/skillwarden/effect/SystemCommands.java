package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Commands that change the machine: disks, power, services, schedules, accounts, settings, and the
/// guard itself.
final class SystemCommands {
  private SystemCommands() {}

  static void register(Map<String, Commands.Handler> handlers) {
    for (String name :
        List.of(
            "mkfs",
            "wipefs",
            "blkdiscard",
            "fdisk",
            "sfdisk",
            "cfdisk",
            "gdisk",
            "parted",
            "sgdisk",
            "diskutil",
            "badblocks",
            "format",
            "hdparm",
            "nvme",
            "mke2fs",
            "mkswap",
            "cryptsetup",
            "zpool",
            "zfs",
            "mdadm",
            "newfs",
            "diskpart",
            "btrfs",
            "dmsetup",
            "losetup")) {
      handlers.put(name, SystemCommands::disk);
    }
    for (String name : List.of("lvremove", "vgremove", "pvremove", "lvreduce", "vgreduce")) {
      handlers.put(
          name,
          call -> {
            call.shell().emit(new Effect.DiskWrite(call.joined(), call.span()));
            return Content.PLAIN;
          });
    }
    for (String name :
        List.of("shutdown", "reboot", "halt", "poweroff", "init", "telinit", "pm-suspend")) {
      handlers.put(name, SystemCommands::power);
    }
    for (String name : List.of("kill", "pkill", "killall", "skill")) {
      handlers.put(name, SystemCommands::kill);
    }
    for (String name :
        List.of("systemctl", "launchctl", "service", "rc-service", "update-rc.d", "chkconfig")) {
      handlers.put(name, SystemCommands::service);
    }
    handlers.put("crontab", SystemCommands::crontab);
    for (String name : List.of("at", "batch")) {
      handlers.put(name, SystemCommands::at);
    }
    for (String name :
        List.of(
            "useradd",
            "usermod",
            "userdel",
            "adduser",
            "deluser",
            "passwd",
            "chpasswd",
            "visudo",
            "groupadd",
            "gpasswd",
            "chsh",
            "dscl",
            "dseditgroup",
            "vipw",
            "newusers")) {
      handlers.put(name, SystemCommands::accounts);
    }
    for (String name :
        List.of(
            "iptables",
            "ip6tables",
            "nft",
            "ufw",
            "firewall-cmd",
            "pfctl",
            "setenforce",
            "spctl",
            "csrutil",
            "aa-teardown",
            "auditctl")) {
      handlers.put(name, SystemCommands::firewall);
    }
    for (String name :
        List.of(
            "sysctl",
            "modprobe",
            "insmod",
            "rmmod",
            "kextload",
            "defaults",
            "gsettings",
            "update-alternatives",
            "ldconfig")) {
      handlers.put(name, SystemCommands::settings);
    }
    for (String name :
        List.of(
            "npm", "pnpm", "yarn", "pip", "pip3", "pipx", "uv", "cargo", "gem", "brew", "apt",
            "apt-get", "dpkg", "dnf", "yum", "zypper", "rpm", "pacman", "apk", "snap", "flatpak",
            "port", "nix-env", "choco", "winget", "scoop")) {
      handlers.put(name, SystemCommands::packages);
    }
    for (String name :
        List.of(
            "gdb", "lldb", "ed", "ex", "expect", "screen", "make", "gmake", "ansible", "puppet",
            "salt", "jshell")) {
      handlers.put(name, SystemCommands::programs);
    }
  }

  private static final Set<String> LOOKS =
      Set.of(
          "-l",
          "--list",
          "list",
          "info",
          "print",
          "--help",
          "-h",
          "status",
          "get",
          "isLuks",
          "luksDump",
          "show",
          "--version",
          "-V",
          "history",
          "iostat",
          "id-ctrl",
          "smart-log",
          "-I",
          "-n",
          "--no-act",
          "verifyVolume",
          "activity",
          "apfs",
          "mount",
          "unmount",
          "snapshot",
          "subvolume",
          "filesystem",
          "ls",
          "table",
          "open",
          "luksOpen",
          "close",
          "luksClose",
          "create",
          "import",
          "send",
          "receive",
          "set",
          "balance",
          "-a",
          "-f",
          "-d",
          "--show",
          "--detail",
          "--examine",
          "-t",
          "-T",
          "--scan");
  private static final Set<String> DESTROYS =
      Set.of(
          "luksFormat",
          "luksErase",
          "erase",
          "destroy",
          "labelclear",
          "--zero-superblock",
          "clean",
          "mklabel",
          "mkpart",
          "rm",
          "-Z",
          "--zap-all",
          "--stop",
          "--security-erase",
          "--delete",
          "remove",
          "remove_all",
          "wipe_table",
          "sanitize",
          "eraseDisk",
          "eraseVolume",
          "zeroDisk",
          "randomDisk",
          "secureErase",
          "partitionDisk",
          "reformat",
          "resetFusion",
          "deleteVolume",
          "deleteContainer",
          "format",
          "delete-ns",
          "-w",
          "-g",
          "-o",
          "-e",
          "--wipe");

  static Content disk(Call call) {
    boolean always =
        call.name().startsWith("mkfs")
            || Set.of("wipefs", "blkdiscard", "mke2fs", "mkswap", "newfs", "badblocks")
                .contains(call.name());
    boolean looks =
        call.hasAny(LOOKS)
            || (call.name().equals("wipefs")
                && call.arguments().size() == 1
                && !call.name().equals("-a"));
    if (call.name().equals("wipefs")
        && call.hasAny(Set.of("-a", "--all", "-af", "-fa"))
        && !call.hasAny(Set.of("-n", "--no-act"))) {
      looks = false;
    }
    boolean destroys = call.hasAny(DESTROYS);
    boolean device =
        call.arguments().stream()
            .anyMatch(a ->
                Devices.isDisk(call.shell().resolve(a))
                    || a.text().matches("(?i)[a-z]:|disk\\d.*|/dev/\\S+"));
    boolean interactive =
        Set.of("fdisk", "sfdisk", "cfdisk", "gdisk", "parted", "sgdisk").contains(call.name())
            && device
            && !looks;
    boolean formats = call.name().equals("format") && device;
    if ((always && device && !looks)
        || (destroys
            && (device
                || Set.of("zpool", "zfs", "diskutil", "dmsetup", "diskpart").contains(call.name())))
        || interactive
        || formats) {
      call.shell().emit(new Effect.DiskWrite(call.joined(), call.span()));
    }
    return Content.PLAIN;
  }

  private static Content power(Call call) {
    boolean harmless = call.hasAny(Set.of("-c", "--help", "--show", "-w", "--wtmp-only"));
    boolean level =
        !Set.of("init", "telinit").contains(call.name())
            || call.hasAny(Set.of("0", "6", "1", "s", "S"));
    if (!harmless && level) {
      call.emit(What.POWER);
    }
    return Content.PLAIN;
  }

  private static boolean namesGuard(Call call) {
    return call.joined().toLowerCase(Locale.ROOT).contains("skillwarden");
  }

  private static Content kill(Call call) {
    if (namesGuard(call)) {
      call.emit(What.GUARD_CONTROL);
    }
    // -1 as a target is every process of the account; as a first word it is a signal.
    List<Value> targets = call.arguments().stream().filter(a -> a.text().equals("-1")).toList();
    boolean everything =
        call.name().equals("kill")
            && (targets.size() > 1
                || (targets.size() == 1 && !call.word(0).equals("-1"))
                || (call.arguments().size() > 1
                    && call.word(call.arguments().size() - 1).equals("1")));
    if (everything) {
      call.emit(What.POWER);
    }
    return Content.EMPTY;
  }

  private static Content service(Call call) {
    Set<String> stops =
        Set.of(
            "stop",
            "disable",
            "mask",
            "kill",
            "restart",
            "unload",
            "bootout",
            "remove",
            "edit",
            "revert",
            "reload",
            "disabled");
    boolean byPath =
        call.hasAny(Set.of("enable", "link"))
            && call.arguments().stream().anyMatch(a -> a.text().indexOf('/') >= 0);
    if (byPath) {
      call.emit(What.SCHEDULED); // a unit of one's own
    }
    if (namesGuard(call) && call.hasAny(stops)) {
      call.emit(What.GUARD_CONTROL);
    }
    if (call.hasAny(
        Set.of(
            "poweroff",
            "reboot",
            "halt",
            "kexec",
            "emergency",
            "rescue",
            "suspend",
            "hibernate",
            "soft-reboot"))) {
      call.emit(What.POWER);
    }
    if (call.name().equals("launchctl") && call.hasAny(Set.of("load", "bootstrap", "submit"))) {
      call.emit(What.SCHEDULED);
    }
    if (call.name().equals("systemctl") && call.hasAny(Set.of("link", "edit", "set-property"))) {
      call.emit(What.SCHEDULED);
    }
    return Content.PLAIN;
  }

  private static Content crontab(Call call) {
    CommandLine line = call.line("u");
    if (line.has("l") && !line.has("r", "e")) {
      return Content.PLAIN;
    }
    call.emit(What.SCHEDULED);
    return Content.EMPTY;
  }

  private static Content at(Call call) {
    CommandLine line = call.line("f", "q", "t");
    if (line.has("l", "V", "c", "d", "r")) {
      return Content.PLAIN;
    }
    call.emit(What.SCHEDULED);
    line.value("f")
        .ifPresent(f -> call.shell().script(f, List.of(), "sh", Content.PLAIN, call.span()));
    return Interpreters.fed(call, "sh");
  }

  private static Content accounts(Call call) {
    if (!call.hasAny(Set.of("--help", "-h", "-S", "--status", "-read", "-list", "read", "list"))) {
      call.emit(What.ACCOUNTS);
    }
    return Content.PLAIN;
  }

  private static Content firewall(Call call) {
    boolean off =
        switch (call.name()) {
          case "iptables", "ip6tables" -> call.hasAny(Set.of("-F", "--flush", "-X", "-P"));
          case "nft" -> call.has("flush") || call.has("delete");
          case "ufw" -> call.hasAny(Set.of("disable", "reset"));
          case "firewall-cmd" -> call.has("--panic-off");
          case "pfctl" -> call.hasAny(Set.of("-d", "-F"));
          case "setenforce" -> call.hasAny(Set.of("0", "Permissive", "permissive"));
          case "spctl" -> call.hasAny(Set.of("--master-disable", "--global-disable"));
          case "csrutil" -> call.has("disable");
          case "auditctl" -> call.hasAny(Set.of("-D", "-e0"));
          default -> true;
        };
    if (off) {
      call.emit(What.FIREWALL);
    }
    return Content.PLAIN;
  }

  private static Content settings(Call call) {
    boolean changes =
        switch (call.name()) {
          case "sysctl" -> call.has("-w") || call.joined().matches("[a-z0-9_./]+=.*");
          case "insmod", "rmmod", "kextload" -> true;
          default -> false;
        };
    if (changes) {
      call.emit(What.SYSTEM_SETTING);
    }
    return Content.PLAIN;
  }

  /// Package managers: where they fetch from decides what runs.
  private static Content packages(Call call) {
    boolean sets = (call.word(0).equals("config") && call.has("set")) || call.word(0).equals("set");
    if (sets
        && call.joined()
            .matches(
                ".*\\b(registry|index-url|extra-index-url|script-shell|node-options|git|npmRegistryServer)\\b.*")) {
      boolean shell = call.joined().matches(".*\\b(script-shell|node-options)\\b.*");
      call.emit(shell ? What.CONFIG_EXEC : What.GIT_REMOTE);
    }
    for (Value shell : call.line("script-shell").values("script-shell")) {
      Archives.carried(call, shell);
    }
    Agents.packaged(call);
    return Content.PLAIN;
  }

  /// Programs that run shell text given as an option or on standard input.
  private static Content programs(Call call) {
    List<Value> code = new ArrayList<>();
    switch (call.name()) {
      case "gdb", "lldb" -> call.line("ex", "batch", "o", "O").values("o", "O").forEach(code::add);
      case "make", "gmake" -> {
        call.line("f", "C", "j", "eval", "file").values("eval").forEach(code::add);
        call.arguments().stream()
            .filter(a -> a.text().startsWith("SHELL="))
            .forEach(a -> Archives.carried(call, a.from(6)));
      }
      default -> {}
    }
    for (int i = 0; i + 1 < call.arguments().size(); i++) {
      if (call.word(i).equals("-ex") || call.word(i).equals("--eval-command")) {
        code.add(call.arguments().get(i + 1));
      }
    }
    for (Value text : code) {
      String command = text.text().strip();
      int bang =
          command.startsWith("!")
              ? 1
              : command.startsWith("shell ") ? 6 : command.startsWith("platform shell ") ? 15 : -1;
      if (bang > 0) {
        call.shell().code(text.text(command.substring(bang)), Content.PLAIN, call.span());
        call.emit(What.ARGUMENT_EXEC);
      }
    }
    if (Set.of("ed", "ex").contains(call.name())) {
      call.in()
          .text()
          .ifPresent(t ->
              t.lines()
                  .limit(200)
                  .filter(l -> l.strip().startsWith("!"))
                  .forEach(l ->
                      call.shell()
                          .code(Value.of(l.strip().substring(1)), Content.PLAIN, call.span())));
      call.line("s").operands().forEach(o -> call.shell().writes(o, call.span()));
    }
    return Content.of(call.in().taints());
  }
}
