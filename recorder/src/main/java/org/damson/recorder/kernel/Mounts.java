package org.damson.recorder.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounts listed in a file such as {@code /proc/self/mountinfo}. */
public final class Mounts {
    /**
     * One mount.
     *
     * @param at where it lies
     * @param type of file system
     * @param isReadOnly whether nothing can be written through it, or at all
     */
    public record Mount(Path at, String type, boolean isReadOnly) {}

    private static final int POINT = 4;
    private static final int OPTIONS = 5;

    private Mounts() {}

    /** All mounts, later ones over earlier ones; none if the file cannot be read. */
    static List<Mount> of(Path mountinfo) {
        List<Mount> mounts = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(mountinfo)) {
                int dash = line.indexOf(" - ");
                String[] words = line.split(" ");
                if (dash > 0 && words.length > OPTIONS) {
                    String[] system = line.substring(dash + 3).split(" ");
                    boolean isReadOnly = isReadOnly(words[OPTIONS]) || system.length > 2 && isReadOnly(system[2]);
                    mounts.add(new Mount(Path.of(unescape(words[POINT])), system[0], isReadOnly));
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return mounts;
    }

    private static boolean isReadOnly(String options) {
        return List.of(options.split(",")).contains("ro");
    }

    /** The mount that a path lies on; null if none is known. */
    public static Mount over(Path mountinfo, Path path) {
        Mount found = null;
        for (Mount m : of(mountinfo)) {
            boolean isOver = path.startsWith(m.at());
            if (isOver && (found == null || m.at().getNameCount() >= found.at().getNameCount())) {
                found = m;
            }
        }
        return found;
    }

    /** Mount points have blanks written as octal numbers. */
    private static String unescape(String mountPoint) {
        return mountPoint.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }
}
