package dev.skillwarden.effect;

import java.util.regex.Pattern;

/// Device files whose overwriting loses data.
final class Devices {
  private static final Pattern DISK =
      Pattern.compile(
          "/dev/(?:[shv]d[a-z]|xvd[a-z]|nvme\\d|r?disk\\d|mmcblk\\d|mapper/|md\\d|dm-\\d|loop\\d|nbd\\d"
              + "|zd\\d|sr\\d|disk/|[a-z0-9_-]*vg[a-z0-9_-]*/).*"
              + "|/dev/(?:mem|kmem|port)|\\\\\\\\\\.\\\\.*|/proc/sysrq-trigger|/proc/kcore");

  private Devices() {}

  /// @param path absolute
  static boolean isDisk(String path) {
    boolean device =
        path.startsWith("/dev/") || path.startsWith("/proc/") || path.startsWith("\\\\");
    return device && DISK.matcher(path).matches();
  }
}
