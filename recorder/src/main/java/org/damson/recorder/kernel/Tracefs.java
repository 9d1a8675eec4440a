package org.damson.recorder.kernel;

import java.nio.file.Path;
import java.util.List;

/** Where the kernel's tracing files are. */
public final class Tracefs {
    /** The conventional location. */
    public static final Path USUAL = Path.of("/sys/kernel/tracing");

    private Tracefs() {}

    /**
     * The mounted tracefs.
     *
     * @return null if there is none
     */
    public static Path find() {
        return find(Path.of("/proc/self/mountinfo"));
    }

    /** The same, by the mounts listed in a file like {@code /proc/self/mountinfo}. */
    public static Path find(Path mountinfo) {
        List<Path> mounts = Mounts.of(mountinfo).stream()
                .filter(m -> m.type().equals("tracefs"))
                .map(Mounts.Mount::at)
                .toList();
        return mounts.contains(USUAL) ? USUAL : mounts.isEmpty() ? null : mounts.get(0);
    }
}
