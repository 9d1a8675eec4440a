package org.damson.recorder.kernel;

import org.damson.model.MissingCapabilityException;

/** The kernel opens no event of perf's. The message is its reason. */
public final class PerfRefusedException extends MissingCapabilityException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    PerfRefusedException(int errno, String reason) {
        super(reason);
        this.errno = errno;
    }

    /** Whether a permission is missing that the kernel's settings or a capability give. */
    public boolean isPermission() {
        return errno == Libc.EACCES;
    }

    /** Whether the call itself is not allowed, as in a container. */
    public boolean isForbidden() {
        return errno == Libc.EPERM;
    }

    /** Whether this kernel or processor has no such event. */
    public boolean isUnknown() {
        return errno == Libc.ENOSYS || errno == Libc.ENOENT || errno == Libc.ENODEV || errno == Libc.EOPNOTSUPP;
    }
}
