package org.damson.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** Where and when a trace's samples were taken, as far as known. */
final class Origin {
    private static final int TIME = Table.SAMPLES.indexOf("time_ns");
    private static final int PID = Table.SAMPLES.indexOf("pid");

    /** Of a machine full of containers: each file is looked for in all of them. */
    private static final int MAX_ROOTS = 16;

    private final Manifest manifest;
    private final Map<Integer, long[]> spans = new HashMap<>();
    private long firstNs = Long.MAX_VALUE;

    private Origin(Manifest manifest) {
        this.manifest = manifest;
    }

    static Origin of(TraceSource trace) throws IOException {
        Origin origin = new Origin(trace.manifest());
        trace.forEachRow(Table.SAMPLES, (b, row) -> {
            long timeNs = b.get(TIME, row);
            origin.firstNs = Math.min(origin.firstNs, timeNs);
            long[] span = origin.spans.computeIfAbsent((int) b.get(PID, row), p -> new long[] {timeNs, timeNs});
            span[0] = Math.min(span[0], timeNs);
            span[1] = Math.max(span[1], timeNs);
        });
        // They are recorded at its begin.
        try (TraceSource.BatchCursor mappings = trace.rows(Table.MAPPINGS)) {
            Batch first = mappings.next();
            if (first != null && first.rows() > 0) {
                origin.firstNs = Math.min(origin.firstNs, first.get(Table.MAPPINGS.indexOf("time_ns"), 0));
            }
        }
        return origin;
    }

    /** Whether another machine, or this one with another kernel, was recorded; false also if unknown. */
    boolean isElsewhere() {
        return differs(ManifestKey.HOST_NAME, "/proc/sys/kernel/hostname")
                || differs(ManifestKey.KERNEL, "/proc/sys/kernel/osrelease");
    }

    /** Whether the trace says that it is of this machine and this kernel. */
    boolean isHere() {
        return ManifestKey.HOST_NAME.get(manifest) != null
                && ManifestKey.KERNEL.get(manifest) != null
                && !isElsewhere();
    }

    /** Whether a process is still there: one of its number, which began before the last sample of it. */
    boolean isAlive(int pid) {
        long[] boot = bootSpan(pid);
        long startNs = ThisMachine.processStartNs(pid);
        return boot != null && startNs >= 0 && startNs <= boot[1];
    }

    /** Directories with the files of recorded processes that are still there and see others than this one does, as in containers. */
    List<Path> otherRoots() {
        Set<Path> namespaces = new HashSet<>();
        return !isHere()
                ? List.of()
                : spans.keySet().stream()
                        .sorted()
                        .filter(this::isAlive)
                        .map(pid -> ThisMachine.otherRoot(pid, namespaces))
                        .filter(Objects::nonNull)
                        .limit(MAX_ROOTS)
                        .toList();
    }

    /** By their names, files of recorded processes that are still there which were deleted since, and where they can still be read. */
    Map<String, List<Path>> deletedFiles() {
        Map<String, List<Path>> files = new HashMap<>();
        if (isHere()) {
            spans.keySet().stream()
                    .sorted()
                    .filter(this::isAlive)
                    .limit(MAX_ROOTS)
                    .forEach(pid -> ThisMachine.deletedFiles(pid)
                            .forEach((name, places) -> files.computeIfAbsent(name, n -> new ArrayList<>())
                                    .addAll(places)));
        }
        return files;
    }

    private boolean differs(ManifestKey key, String file) {
        Object recorded = key.get(manifest);
        try {
            return recorded != null
                    && !recorded.equals(Files.readString(Path.of(file)).strip());
        } catch (IOException e) {
            return true;
        }
    }

    /** When the recording began, as far as it tells, ns since 1970; null if unknown. */
    Long beginEpochNs() {
        return firstNs == Long.MAX_VALUE || manifest.toEpochNs == null ? null : firstNs + manifest.toEpochNs;
    }

    /** The first and the last sample of a process, ns since 1970; null if unknown. */
    long[] epochSpan(int pid) {
        return moved(pid, manifest.toEpochNs);
    }

    /** The same since boot of the recorded machine. */
    long[] bootSpan(int pid) {
        return moved(pid, manifest.toBootNs);
    }

    private long[] moved(int pid, Long by) {
        long[] span = spans.get(pid);
        return span == null || by == null ? null : new long[] {span[0] + by, span[1] + by};
    }
}
