package org.damson.recorder.kernel;

import java.io.Closeable;
import java.nio.file.Path;

/** A file that can be read as long as this is open, whatever becomes of its name. */
public final class HeldFile implements Closeable {
    private final int descriptor;

    private HeldFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Null if it cannot be opened. Waits for no pipe. */
    public static HeldFile open(String path) {
        int descriptor = Libc.openFile(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        return descriptor < 0 ? null : new HeldFile(descriptor);
    }

    /** Where it is, for other processes of this user too. */
    public Path path() {
        return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor);
    }

    @Override
    public void close() {
        Libc.closeDescriptor(descriptor);
    }
}
