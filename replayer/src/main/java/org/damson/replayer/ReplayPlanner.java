package org.damson.replayer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Writes the plan of a replay in {@code accessgen plan}'s format, streaming.
 *
 * <p>A snapshot lasts as long as it was recorded and has as many slices as its aggregation interval has samples. A region
 * seen in k of n samples is touched whole in k of n slices, evenly spread; where the recording says how many bytes were
 * referenced, only that many. Every contiguous area that was ever accessed is one mapping; gaps are not mapped.
 */
public final class ReplayPlanner {
    private static final long PAGE = 4096;

    private ReplayPlanner() {}

    /**
     * Plans the replay of the snapshots of {@code query}, which must be of one target.
     *
     * @return bytes of address space that the replay touches
     * @throws IOException if nothing was accessed, there are several targets, or more than the limit is needed
     */
    public static long plan(TraceSource trace, TraceQuery query, ReplayOptions options, Writer out) throws IOException {
        List<long[]> areas = areas(trace, query);
        long bytes = areas.stream().mapToLong(a -> a[1] - a[0]).sum();
        if (areas.isEmpty()) {
            throw new TraceFormatException(trace.name(), "", "no access in it: nothing to replay");
        }
        if (bytes > options.maxBytes() || bytes < 0) {
            throw new IOException(trace.name() + ": a replay needs " + Units.bytes(bytes) + " of memory, the limit is "
                    + Units.bytes(options.maxBytes()) + "; choose a part with slice");
        }
        BufferedWriter plan = new BufferedWriter(out, 1 << 16);
        for (int i = 0; i < areas.size(); i++) {
            plan.write("region " + i + " " + (areas.get(i)[1] - areas.get(i)[0]) + "\n");
        }
        Snapshot s = new Snapshot();
        long originNs = Long.MIN_VALUE;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                originNs = originNs == Long.MIN_VALUE ? s.startNs : originNs;
                write(s, originNs, options.speed(), areas, plan);
            }
        }
        plan.flush();
        return bytes;
    }

    private static List<long[]> areas(TraceSource trace, TraceQuery query) throws IOException {
        AddressSet accessed = new AddressSet();
        Snapshot s = new Snapshot();
        long target = 0;
        boolean first = true;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                if (!first && s.target != target) {
                    throw new TraceFormatException(
                            trace.name(), "snapshot " + s.id, "of another target than before: replay one, by --target");
                }
                first = false;
                target = s.target;
                for (int i = 0; i < s.regions; i++) {
                    if (s.nrAccesses[i] > 0) {
                        accessed.add(s.start[i] & -PAGE, (s.end[i] + PAGE - 1) & -PAGE);
                    }
                }
            }
        }
        return accessed.ranges();
    }

    private static void write(Snapshot s, long originNs, double speed, List<long[]> areas, Writer plan)
            throws IOException {
        int slices = s.maxNrAccesses();
        double sliceNs = (s.endNs - s.startNs) / speed / slices;
        double beginNs = (s.startNs - originNs) / speed;
        for (int slice = 0; slice < slices; slice++) {
            plan.write("slice " + Math.max(0, (long) (beginNs + slice * sliceNs)) + " " + (long) sliceNs + "\n");
            int area = 0;
            for (int i = 0; i < s.regions; i++) {
                if (!isTouched(slice, Math.min(s.nrAccesses[i], slices), slices)) {
                    continue;
                }
                long start = s.start[i] & -PAGE;
                while (Long.compareUnsigned(areas.get(area)[1], start) <= 0) {
                    area++;
                }
                long size = ((s.end[i] + PAGE - 1) & -PAGE) - start;
                if (s.has(Snapshot.HAS_REFERENCED)) {
                    // the mean is over all samples, and only k of n of them count here
                    long seen = s.referencedMean[i] / s.nrAccesses[i] * slices;
                    size = Math.min(size, Math.max(PAGE, (seen + PAGE - 1) & -PAGE));
                }
                plan.write("touch " + area + " " + (start - areas.get(area)[0]) + " " + size + "\n");
            }
        }
    }

    /** Whether a region seen in k of n samples is touched in slice i: exactly k slices are, as evenly as can be. */
    static boolean isTouched(int i, int k, int n) {
        return (long) (i + 1) * k / n > (long) i * k / n;
    }
}
