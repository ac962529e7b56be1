package dev.skillwarden.daemon;

import java.lang.System.Logger.Level;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

/// Gives way to everybody else: for work that nobody waits for. Java's own thread priorities do
/// nothing on Linux, so the operating system is asked, `setpriority(2)`.
final class LowPriority {
  private static final System.Logger LOG = System.getLogger(LowPriority.class.getName());

  /// Linux: with `who` 0 it is the calling thread only, whatever POSIX says of processes.
  private static final int PRIO_PROCESS = 0;

  private static final int NICE = 10;

  /// macOS, `sys/resource.h`: the calling thread, in the background.
  private static final int PRIO_DARWIN_THREAD = 3;

  private static final int PRIO_DARWIN_BG = 0x1000;

  private LowPriority() {}

  /// Lowers the calling thread for good. Where that is not possible it stays as it is.
  @SuppressWarnings("restricted") // one call of the C library
  static void ofThisThread() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    boolean mac = system.contains("mac");
    if (!mac && !system.contains("linux")) {
      return;
    }
    try {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> symbol = linker.defaultLookup().find("setpriority");
      if (symbol.isPresent()) {
        MethodHandle call =
            linker.downcallHandle(
                symbol.get(),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT));
        int failed =
            mac
                ? (int) call.invokeExact(PRIO_DARWIN_THREAD, 0, PRIO_DARWIN_BG)
                : (int) call.invokeExact(PRIO_PROCESS, 0, NICE);
        if (failed != 0) {
          LOG.log(Level.DEBUG, "the index thread keeps its priority");
        }
      }
    } catch (Throwable e) { // declared by MethodHandle
      LOG.log(Level.DEBUG, "the index thread keeps its priority", e);
    }
  }
}
