package org.damson.exchange;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * The accessed memory of one target as a configuration for masim, which accessgen reads too: a region for each piece of memory
 * between two bounds of accessed DAMON regions, a phase for each snapshot, or for several with the same accesses.
 *
 * <p>masim knows shares of accesses, not how often a page is accessed in a sampling interval: weights are {@code nr_accesses} times
 * size. It has no addresses and no mappings that come and go either; a replay plan has all of that.
 */
final class MasimConfig {
    /** Regions that accessgen reads. */
    private static final int MAX_REGIONS = 60_000;

    private static final long PAGE = 4096;

    /** What the weights of a phase add up to, about: masim's sum is an int. */
    private static final double WEIGHTS = 1_000_000;

    private final BufferedWriter out;
    private final long[] bounds;
    private final boolean[] isUsed;
    private String patterns;
    private long firstSnapshot;
    private long lastSnapshot;

    /** Time of the phases written, and of all up to now, milliseconds: what is rounded off goes to the next. */
    private long writtenMs;

    private double untilMs;

    private MasimConfig(BufferedWriter out, long[] bounds, boolean[] isUsed) {
        this.out = out;
        this.bounds = bounds;
        this.isUsed = isUsed;
    }

    static void write(TraceSource trace, OutputStream stream) throws IOException {
        long grain = PAGE;
        TreeMap<Long, Boolean> pieces = pieces(trace, grain);
        while (pieces.size() > MAX_REGIONS) {
            grain *= 2;
            pieces = pieces(trace, grain);
        }
        if (pieces.isEmpty()) {
            throw new InvalidInputException(trace.name() + ": no access in it: there is no region to write");
        }
        long[] bounds = new long[pieces.size()];
        boolean[] isUsed = new boolean[bounds.length];
        int n = 0;
        for (Map.Entry<Long, Boolean> e : pieces.entrySet()) {
            bounds[n] = e.getKey();
            isUsed[n++] = e.getValue();
        }
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.US_ASCII));
        MasimConfig config = new MasimConfig(out, bounds, isUsed);
        for (int i = 0; i < n; i++) {
            if (isUsed[i]) {
                out.write("r" + i + ", " + (bounds[i + 1] - bounds[i]) + "\n");
            }
        }
        config.phases(trace, grain);
        out.flush();
    }

    /** Bounds of accessed regions, and whether the piece that begins there is accessed at some time. */
    private static TreeMap<Long, Boolean> pieces(TraceSource trace, long grain) throws IOException {
        TreeMap<Long, Boolean> pieces = new TreeMap<>(Long::compareUnsigned);
        Snapshot s = new Snapshot();
        Long target = null;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                for (int i = 0; i < s.regions; i++) {
                    if (end(s, i) == s.start[i]) {
                        continue;
                    }
                    if (target != null && target != s.target) {
                        throw new InvalidInputException(
                                trace.name() + ": masim is one process: choose a target with slice --target");
                    }
                    target = s.target;
                    cut(pieces, down(s.start[i], grain), up(end(s, i), grain));
                }
                if (pieces.size() > MAX_REGIONS) {
                    break; // too many already: a coarser grain has fewer
                }
            }
        }
        return pieces;
    }

    private static void cut(TreeMap<Long, Boolean> pieces, long start, long end) {
        for (long bound : new long[] {start, end}) {
            Map.Entry<Long, Boolean> before = pieces.floorEntry(bound);
            pieces.putIfAbsent(bound, before != null && before.getValue());
        }
        pieces.subMap(start, end).replaceAll((k, v) -> true);
    }

    private void phases(TraceSource trace, long grain) throws IOException {
        Snapshot s = new Snapshot();
        double originMs = Double.NaN;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                double fromMs = s.fromNs() / 1e6;
                originMs = Double.isNaN(originMs) ? fromMs : originMs;
                String now = patterns(s, grain);
                if (patterns == null || !now.equals(patterns)) {
                    phase();
                    patterns = now;
                    firstSnapshot = s.id;
                }
                lastSnapshot = s.id;
                untilMs = s.endNs / 1e6 - originMs;
            }
        }
        phase();
    }

    /** Writes the phase of the patterns held, up to the time that has been reached. */
    private void phase() throws IOException {
        if (patterns == null) {
            return;
        }
        long ms = Math.round(untilMs) - writtenMs;
        if (ms <= 0) {
            return;
        }
        writtenMs += ms;
        out.write("\nsnapshot " + firstSnapshot + (lastSnapshot == firstSnapshot ? "" : " to " + lastSnapshot) + "\n"
                + ms + "\n" + patterns);
    }

    private String patterns(Snapshot s, long grain) {
        double sum = 0;
        for (int i = 0; i < s.regions; i++) {
            long end = end(s, i);
            sum += end == s.start[i] ? 0 : (double) s.nrAccesses[i] * (up(end, grain) - down(s.start[i], grain));
        }
        StringBuilder b = new StringBuilder();
        int before = -1;
        for (int i = 0; i < s.regions; i++) {
            if (end(s, i) != s.start[i]) {
                long end = up(end(s, i), grain);
                // Grains of neighbours may overlap: the first has it.
                int k = Math.max(before + 1, indexOf(down(s.start[i], grain)));
                for (; k < bounds.length && Long.compareUnsigned(bounds[k], end) < 0; k++) {
                    double share = s.nrAccesses[i] * (double) (bounds[k + 1] - bounds[k]) / sum;
                    pattern(b, k, Math.max(1, Math.round(share * WEIGHTS)));
                    before = k;
                }
            }
        }
        if (b.isEmpty()) { // a phase has a pattern; of no weight it rests
            int k = 0;
            while (!isUsed[k]) {
                k++;
            }
            pattern(b, k, 0);
        }
        return b.toString();
    }

    private static void pattern(StringBuilder b, int piece, long weight) {
        b.append('r').append(piece).append(", 0, 4096, ").append(weight).append(", wo\n");
    }

    private int indexOf(long bound) {
        int low = 0;
        int high = bounds.length - 1;
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(bounds[mid], bound) < 0) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /**
     * Where what was accessed of a region ends, where it begins if nothing was. Of a mapping, which part was touched is not recorded:
     * its first bytes stand for it, as in a replay.
     */
    private static long end(Snapshot s, int i) {
        return !s.isAccessed(i)
                ? s.start[i]
                : s.has(Snapshot.HAS_REFERENCED) ? s.start[i] + s.touchedBytes(i) : s.end[i];
    }

    private static long down(long address, long grain) {
        return address & -grain;
    }

    /** Of the end of a region, which is 0 at the end of the address space: nothing lies beyond its last grain but one. */
    private static long up(long end, long grain) {
        return Long.compareUnsigned(end - 1, -grain) >= 0 ? -grain : (end + grain - 1) & -grain;
    }
}
