package dev.skillwarden.effect;

import dev.skillwarden.effect.Effect.What;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Containers: whether one gets the whole machine, and what runs in it.
final class Containers {
  private Containers() {}

  static void register(Map<String, Commands.Handler> handlers) {
    for (String name : List.of("docker", "podman", "nerdctl", "docker-compose", "podman-compose")) {
      handlers.put(name, Containers::engine);
    }
    handlers.put("kubectl", Containers::cluster);
    handlers.put("oc", Containers::cluster);
  }

  private static final Set<String> RUN_VALUES =
      Set.of(
          "v",
          "volume",
          "mount",
          "e",
          "env",
          "env-file",
          "w",
          "workdir",
          "u",
          "user",
          "name",
          "network",
          "net",
          "p",
          "publish",
          "entrypoint",
          "l",
          "label",
          "m",
          "memory",
          "cpus",
          "pid",
          "ipc",
          "uts",
          "userns",
          "cap-add",
          "cap-drop",
          "security-opt",
          "device",
          "h",
          "hostname",
          "a",
          "attach",
          "add-host",
          "dns",
          "restart",
          "platform",
          "pull",
          "gpus",
          "tmpfs",
          "ulimit",
          "shm-size",
          "volumes-from",
          "log-driver",
          "log-opt",
          "runtime",
          "cgroupns",
          "group-add",
          "link",
          "expose",
          "health-cmd",
          "stop-signal",
          "stop-timeout",
          "cidfile",
          "ip",
          "mac-address",
          "network-alias",
          "cgroup-parent",
          "storage-opt",
          "sysctl",
          "isolation",
          "annotation",
          "c",
          "cpu-shares",
          "cpuset-cpus");

  private static final Set<String> DANGEROUS_CAPABILITIES =
      Set.of("ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF");

  private static Content engine(Call call) {
    List<Value> arguments = call.arguments();
    int run = -1;
    for (int i = 0; i < Math.min(arguments.size(), 6) && run < 0; i++) {
      run = Set.of("run", "create").contains(call.word(i)) ? i : -1;
    }
    boolean compose = call.name().endsWith("compose") || call.word(0).equals("compose");
    if (run < 0 || compose) {
      copies(call);
      return Content.PLAIN;
    }
    CommandLine line = CommandLine.of(call.after(run + 1), RUN_VALUES, true);
    boolean whole = line.has("privileged");
    for (Value volume : line.values("v", "volume", "mount")) {
      whole |= mounts(call, volume);
    }
    whole |= line.values("pid").stream().anyMatch(v -> v.text().equals("host"));
    for (Value capability : line.values("cap-add")) {
      whole |=
          DANGEROUS_CAPABILITIES.contains(
              capability.text().replaceFirst("^CAP_", "").toUpperCase(java.util.Locale.ROOT));
    }
    for (Value device : line.values("device")) {
      whole |= Devices.isDisk(device.text().replaceFirst(":.*", ""));
    }
    if (whole) {
      call.emit(What.PRIVILEGED_CONTAINER);
    }
    return Content.PLAIN;
  }

  /// Whether a mount hands over the machine: its root, its system, or the engine's socket.
  private static boolean mounts(Call call, Value mount) {
    String text = mount.text();
    String source =
        text.indexOf("=") >= 0 && text.indexOf(',') >= 0
            ? text.replaceFirst("^(?:.*,)?(?:source|src)=([^,]*).*$", "$1")
            : text.replaceFirst(":.*$", "");
    if (source.isEmpty()) {
      return false;
    }
    if (!source.startsWith("/") && !source.startsWith("~")) {
      return false; // a volume by name, or below the working directory
    }
    String path = call.shell().resolve(mount.text(source));
    boolean readOnly = text.matches(".*[:,](ro|readonly)(?:,.*)?$");
    boolean socket =
        path.endsWith("/docker.sock")
            || path.endsWith("/containerd.sock")
            || path.endsWith("/podman.sock")
            || path.endsWith("/crio.sock");
    boolean machine =
        path.equals("/") || path.equals("/proc") || path.equals("/sys") || path.equals("/dev");
    boolean system =
        !readOnly
            && Set.of(
                    "/etc",
                    "/usr",
                    "/bin",
                    "/sbin",
                    "/lib",
                    "/boot",
                    "/root",
                    "/var",
                    "/home",
                    "/var/lib",
                    "/var/run",
                    "/run")
                .contains(path);
    if (SecretPaths.isSecret(path, call.shell().home().toString())) {
      call.shell().read(mount.text(source), call.span());
    }
    return socket || machine || system;
  }

  /// `docker cp` out of and into containers.
  private static void copies(Call call) {
    int at = -1;
    for (int i = 0; i < Math.min(2, call.arguments().size()); i++) {
      at = call.word(i).equals("cp") ? i : at;
    }
    if (at >= 0) {
      List<Value> operands = CommandLine.of(call.after(at + 1), Set.of()).operands();
      if (operands.size() > 1) {
        if (NetworkCommands.isRemote(operands.get(1).text())) {
          call.shell().read(operands.getFirst(), call.span());
        } else {
          inside(call, operands.getFirst());
          if (!operands.get(1).text().equals("-")) {
            call.shell().writes(operands.get(1), call.span());
          }
        }
      }
    }
  }

  /// `CONTAINER:/etc/shadow`: what is a secret here is one there.
  private static void inside(Call call, Value source) {
    int colon = source.text().indexOf(":/");
    if (colon > 0) {
      call.shell().read(source.from(colon + 1), call.span());
    }
  }

  private static Content cluster(Call call) {
    String all = call.joined();
    boolean privileged = call.has("run") && all.contains("privileged") && all.contains("true");
    boolean node = call.has("debug") && all.contains("node/");
    if (privileged || node) {
      call.emit(What.PRIVILEGED_CONTAINER);
    }
    return Content.PLAIN;
  }
}
