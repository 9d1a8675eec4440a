package org.damson.recorder.stacks;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.recorder.kernel.HeldFile;

/**
 * The first files with code that recorded processes have mapped, held open so that their functions can be named when the recording ends,
 * though they, and the processes, are gone by then.
 */
public final class KeptFiles implements Closeable {
    /** Events need descriptors too, a thousand and more. */
    private static final int MAX_FILES = 64;

    private static final String DELETED = " (deleted)";

    private record Code(String file, String buildId) {}

    private final Set<Code> seen = new HashSet<>();
    private final Map<String, HeldFile> held = new HashMap<>();

    /**
     * Holds a file, of which there may be room, as long as it is the one that is mapped. To be used by one thread.
     *
     * @param end exclusive
     * @param file as the process has it; deleted or not
     * @param buildId hexadecimal; without one nothing would tell whether a file is the right one
     */
    void mapped(int pid, long start, long end, String file, String buildId) {
        String name = file.endsWith(DELETED) ? file.substring(0, file.length() - DELETED.length()) : file;
        boolean isWanted = file.startsWith("/") && !buildId.isEmpty() && held.size() < MAX_FILES;
        if (!isWanted || held.containsKey(name) || !seen.add(new Code(name, buildId))) {
            return;
        }
        String process = "/proc/" + pid + "/";
        String range = Long.toHexString(start) + "-" + Long.toHexString(end);
        for (String place : List.of("exe", "root" + name, "map_files/" + range)) {
            HeldFile found = HeldFile.open(process + place);
            if (found != null && isOf(found, buildId)) {
                held.put(name, found);
                return;
            }
            if (found != null) {
                found.close();
            }
        }
    }

    private static boolean isOf(HeldFile file, String buildId) {
        try {
            return BuildIds.read(file.path()).equals(buildId);
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Where files can be read, by their names, until this is closed. To be asked when recording is over. */
    public Map<String, List<Path>> paths() {
        Map<String, List<Path>> paths = new HashMap<>();
        held.forEach((name, file) -> paths.put(name, List.of(file.path())));
        return paths;
    }

    @Override
    public void close() {
        held.values().forEach(HeldFile::close);
        held.clear();
    }
}
