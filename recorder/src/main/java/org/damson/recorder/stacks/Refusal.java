package org.damson.recorder.stacks;

import java.nio.file.Path;
import org.damson.model.MissingCapabilityException;
import org.damson.recorder.kernel.PerfRefusedException;
import org.damson.recorder.system.Proc;

/** Says in one line why the kernel gives no call stacks, and what would make it give them. */
final class Refusal {
    private static final Path PARANOID = Path.of("/proc/sys/kernel/perf_event_paranoid");

    private Refusal() {}

    static MissingCapabilityException of(PerfRefusedException e, boolean isSystemWide) {
        return new MissingCapabilityException(
                text(e, isSystemWide, Proc.text(PARANOID).trim()), e);
    }

    /** @param paranoid content of {@code kernel.perf_event_paranoid}, empty if it cannot be read */
    static String text(PerfRefusedException e, boolean isSystemWide, String paranoid) {
        String begin = "no call stacks: perf_event_open: " + e.getMessage();
        // What each level allows is the same in all kernels; levels above 2 are Debian's and Android's.
        int most = isSystemWide ? 0 : 2;
        if (e.isUnknown()) {
            return begin + ": this kernel is built without perf events";
        }
        if (e.isForbidden()) {
            return begin
                    + ": the system call is forbidden, as in containers (docker run --cap-add PERFMON, or a seccomp"
                    + " profile that has it, allows it)";
        }
        if (e.isPermission() && level(paranoid) > most) {
            return begin + ": kernel.perf_event_paranoid is " + paranoid + "; sysctl kernel.perf_event_paranoid=" + most
                    + ", or the capability CAP_PERFMON, allows "
                    + (isSystemWide ? "those of all processes" : "those of one's own processes");
        }
        if (e.isPermission()) {
            return begin + ": another user's process; the capabilities CAP_PERFMON and CAP_SYS_PTRACE allow it";
        }
        return begin;
    }

    private static int level(String paranoid) {
        try {
            return Integer.parseInt(paranoid);
        } catch (NumberFormatException e) {
            return Integer.MIN_VALUE;
        }
    }
}
