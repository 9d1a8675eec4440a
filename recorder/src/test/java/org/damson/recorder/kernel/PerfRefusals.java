package org.damson.recorder.kernel;

/** What the kernel may answer instead of an event. */
public final class PerfRefusals {
    private PerfRefusals() {}

    public static PerfRefusedException permission() {
        return of(Libc.EACCES);
    }

    public static PerfRefusedException forbidden() {
        return of(Libc.EPERM);
    }

    public static PerfRefusedException unknown() {
        return of(Libc.ENOSYS);
    }

    private static PerfRefusedException of(int errno) {
        return new PerfRefusedException(errno, Libc.reason(errno));
    }
}
