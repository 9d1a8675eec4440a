package org.damson.recorder.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the kernel's tracing files are. */
public final class Tracefs {
    /** Where it is by convention. */
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
        List<Path> mounts = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(mountinfo)) {
                int dash = line.indexOf(" - ");
                if (dash > 0 && line.startsWith("tracefs ", dash + 3)) {
                    mounts.add(Path.of(unescape(line.split(" ")[4])));
                }
            }
        } catch (IOException e) {
            return null;
        }
        return mounts.contains(USUAL) ? USUAL : mounts.isEmpty() ? null : mounts.get(0);
    }

    /** Mount points have blanks written as octal numbers. */
    private static String unescape(String mountPoint) {
        return mountPoint.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }
}
