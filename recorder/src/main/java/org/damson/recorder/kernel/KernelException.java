package org.damson.recorder.kernel;

import java.nio.file.Path;
import org.damson.model.MissingCapabilityException;

/** The kernel refused an operation; {@link #errno} has the error. */
public final class KernelException extends MissingCapabilityException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * A refusal.
     *
     * @param what what was tried, as in {@code write 'on' to}
     */
    KernelException(String what, Path path, int errno, String reason) {
        super((what.isEmpty() ? "" : "cannot " + what + " ") + path + ": " + reason);
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    public boolean isAbsent() {
        return errno == Libc.ENOENT || errno == Libc.ENODEV || errno == Libc.ESRCH;
    }

    /** Whether the same may succeed a moment later. */
    boolean isPassing() {
        return errno == Libc.EBUSY || errno == Libc.EAGAIN || errno == Libc.EINTR;
    }

    public boolean isForbidden() {
        return errno == Libc.EACCES || errno == Libc.EPERM;
    }
}
