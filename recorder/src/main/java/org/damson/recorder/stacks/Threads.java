package org.damson.recorder.stacks;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.damson.model.text.NativeText;
import org.damson.recorder.system.Proc;

/** Which processes and threads there are. */
final class Threads {
    private Threads() {}

    /** The processes and, if wanted, all that they started. */
    static Set<Long> tree(Collection<Long> pids, boolean withChildren) {
        Set<Long> found = new LinkedHashSet<>(pids);
        List<Long> open = new ArrayList<>(withChildren ? pids : List.of());
        while (!open.isEmpty()) {
            for (long child : Proc.children(open.remove(open.size() - 1))) {
                if (found.add(child)) {
                    open.add(child);
                }
            }
        }
        return found;
    }

    /** All processes of this machine. */
    static Set<Long> all() {
        return numbers(Path.of("/proc"));
    }

    /** The threads of a process; none if it has ended. */
    static Set<Long> of(long pid) {
        return numbers(Path.of("/proc/" + pid + "/task"));
    }

    /** What a thread is called; empty if it has ended. */
    static String name(long pid, long tid) {
        return NativeText.readable(
                Proc.text(Path.of("/proc/" + pid + "/task/" + tid + "/comm")).strip());
    }

    private static Set<Long> numbers(Path directory) {
        Set<Long> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "[0-9]*")) {
            for (Path entry : entries) {
                found.add(Long.parseLong(entry.getFileName().toString()));
            }
        } catch (IOException | DirectoryIteratorException gone) {
            return found;
        }
        return found;
    }

    /** Processors that are on. */
    static int[] cpus() throws IOException {
        List<Integer> cpus = new ArrayList<>();
        String online = Proc.text(Path.of("/sys/devices/system/cpu/online")).trim();
        for (String range : online.isEmpty() ? new String[0] : online.split(",")) {
            String[] ends = range.split("-");
            for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); cpu++) {
                cpus.add(cpu);
            }
        }
        if (cpus.isEmpty()) {
            throw new IOException("/sys/devices/system/cpu/online does not say which processors there are");
        }
        return cpus.stream().mapToInt(Integer::intValue).toArray();
    }
}
