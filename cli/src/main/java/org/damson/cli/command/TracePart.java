package org.damson.cli.command;

import java.io.IOException;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** Finds out whether a part of a trace holds anything, and what the whole holds if it does not. */
final class TracePart {
    private static final int TARGETS_SHOWN = 8;

    private TracePart() {}

    /**
     * Whether any region is in that part; for a part of all addresses any snapshot will do, and of a trace without snapshots any
     * sample of its time.
     */
    static boolean isEmpty(TraceSource trace, TraceQuery query) throws IOException {
        if (trace.rowCount(Table.SNAPSHOTS) == 0) {
            return samples(trace, query)[0] == 0;
        }
        boolean anyAddress = query.startAddr() == 0 && query.endAddr() == 0;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.columns(0))) {
            for (Snapshot s = new Snapshot(); cursor.next(s); ) {
                if (anyAddress || s.regions > 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The same part, whose time is that of its snapshots: what is not of a snapshot, such as resident memory, is of that time too. */
    static TraceQuery duringSnapshots(TraceSource trace, TraceQuery query) throws IOException {
        long[] span = {Long.MAX_VALUE, Long.MIN_VALUE};
        try (TraceSource.SnapshotCursor cursor =
                trace.snapshots(query.columns(0).address(0, 0))) {
            for (Snapshot s = new Snapshot(); cursor.next(s); ) {
                span[0] = Math.min(span[0], s.fromNs());
                span[1] = Math.max(span[1], Math.max(s.endNs, s.startNs + 1));
            }
        }
        return span[0] > span[1]
                ? query
                : query.time(Math.max(query.fromNs(), span[0]), Math.min(query.toNs(), span[1]));
    }

    /** Number of samples within the time of a query, and the times of the first and the last. */
    private static long[] samples(TraceSource trace, TraceQuery query) throws IOException {
        int time = Table.SAMPLES.indexOf("time_ns");
        long[] found = {0, Long.MAX_VALUE, Long.MIN_VALUE};
        trace.forEachRow(Table.SAMPLES, (b, i) -> {
            long timeNs = b.get(time, i);
            if (timeNs >= query.fromNs() && timeNs < query.toNs()) {
                found[0]++;
                found[1] = Math.min(found[1], timeNs);
                found[2] = Math.max(found[2], timeNs);
            }
        });
        return found;
    }

    /** Size of that part, for the message to a user who selected nothing in it. */
    static String describe(TraceSource trace, TraceQuery query) throws IOException {
        long snapshots = 0;
        long startNs = Long.MAX_VALUE;
        long endNs = Long.MIN_VALUE;
        long startAddr = -1;
        long endAddr = 0;
        TreeSet<Long> targets = new TreeSet<>(Long::compareUnsigned);
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.columns(0))) {
            for (Snapshot s = new Snapshot(); cursor.next(s); snapshots++) {
                startNs = Math.min(startNs, s.startNs);
                endNs = Math.max(endNs, s.endNs);
                if (targets.size() <= TARGETS_SHOWN) {
                    targets.add(s.target);
                }
                for (int i = 0; i < s.regions; i++) {
                    startAddr = Long.compareUnsigned(s.start[i], startAddr) < 0 ? s.start[i] : startAddr;
                    endAddr = Long.compareUnsigned(s.end[i], endAddr) > 0 ? s.end[i] : endAddr;
                }
            }
        }
        if (snapshots == 0) {
            long[] samples = samples(trace, query);
            return samples[0] == 0
                    ? "nothing"
                    : Units.count(samples[0], "sample") + " of " + Units.duration(samples[2] - samples[1]) + " in all";
        }
        String shown = targets.stream()
                .limit(TARGETS_SHOWN)
                .map(TargetNames.of(trace.manifest())::label)
                .collect(Collectors.joining(", ", "", targets.size() > TARGETS_SHOWN ? ", ..." : ""));
        return String.format(
                Locale.ROOT,
                "%s of %s in all, target %s, regions in %s..%s",
                Units.count(snapshots, "snapshot"),
                Units.duration(endNs - startNs),
                shown,
                Units.address(startAddr),
                Units.address(endAddr));
    }
}
