package org.damson.analyzer.workingset;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;

/**
 * Which process's memory was read beside a target: its own, where referenced bits call it by its process; DAMON numbers targets in
 * the order of the processes recorded; where memory of one process was read, it is that one's.
 */
final class TargetPids {
    private final Set<Long> read;
    private final List<?> recorded;

    private TargetPids(Set<Long> read, List<?> recorded) {
        this.read = read;
        this.recorded = recorded;
    }

    static TargetPids of(TraceSource source) throws IOException {
        Set<Long> read = new HashSet<>();
        MemoryReadings.forEach(source, (timeNs, pid, counter, value) -> {
            if (pid != 0) {
                read.add(pid);
            }
        });
        return new TargetPids(read, ManifestKey.PIDS_RECORDED.list(source.manifest()));
    }

    /** Null if unknown. */
    Long get(long target) {
        if (read.contains(target)) {
            return target;
        }
        boolean isListed = target >= 0 && target < recorded.size();
        if (isListed && recorded.get((int) target) instanceof Number pid) {
            return pid.longValue();
        }
        return read.size() == 1 ? read.iterator().next() : null;
    }
}
