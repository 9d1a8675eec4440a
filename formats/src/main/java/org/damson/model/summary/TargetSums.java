package org.damson.model.summary;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;

/**
 * Totals of each target of a trace whose regions count whole: for how long its memory was idle, and what windows of time accessed. Made
 * from its rows, kept as rows of one table.
 */
public final class TargetSums {
    /** More targets are of no recording. */
    private static final int MAX_TARGETS = 1 << 12;

    /** With so many pieces of memory to remember, who writes a trace has no time for them. */
    private static final int MAX_PIECES = 1 << 14;

    private static final int TOTAL = 4;
    private static final int BIN = 5;
    private static final int HIGH = 6;

    /** Totals of one target. */
    public static final class Totals {
        private final IdleSums idle = new IdleSums();
        private final WindowSums windows = new WindowSums();
        private long firstNs;

        public IdleSums idle() {
            return idle;
        }

        public WindowSums windows() {
            return windows;
        }

        private void forEach(Visitor to) {
            idle.forEach(to);
            windows.forEach(to);
        }
    }

    /** Takes a total: {@code high * 2^64 + low}. */
    interface Visitor {
        void visit(String name, long bin, long high, long low);
    }

    private final Map<StreamKey, Totals> targets = new TreeMap<>();
    private final IdleSeries series = new IdleSeries();
    private long regions;
    private boolean isGivenUp;
    private StreamKey lastKey;
    private Totals last;

    /** Adds a snapshot, in the order of the trace. */
    public void add(Snapshot s) {
        if (isGivenUp) {
            return;
        }
        long fromNs = s.fromNs();
        if (lastKey == null || !lastKey.matches(s)) {
            lastKey = StreamKey.of(s);
            last = targets.computeIfAbsent(lastKey, k -> new Totals());
        }
        if (last.windows.snapshots() == 0) {
            last.firstNs = fromNs;
        }
        boolean isPartial = s.regions > 0 && s.has(Snapshot.HAS_REFERENCED);
        if (!isPartial) {
            if (s.regions > 0 && s.has(Snapshot.HAS_AGE)) {
                last.idle.add(s, last.firstNs, fromNs, s.endNs);
            }
            last.windows.add(s, s.endNs - fromNs);
            series.add(s, lastKey, last.firstNs);
        }
        regions += s.regions;
        // Mappings touched in part count by what was resident, and by what was seen of each.
        isGivenUp = isPartial || targets.size() > MAX_TARGETS || last.windows.pieces() > MAX_PIECES;
        if (isGivenUp) {
            targets.clear();
            series.clear();
        }
    }

    /** Ends the adding. Returns whether a trace of at least so many regions should keep them. */
    public boolean finish(long leastRegions) {
        targets.values().forEach(t -> t.windows.finish());
        return !isGivenUp && regions >= leastRegions && !targets.isEmpty();
    }

    /** Rows of {@link Table#IDLE_SERIES}; none of a trace of fewer regions than those from which on it should keep them. */
    public Batch seriesRows(long leastRegions) {
        return regions >= IdleSeries.leastRegions(leastRegions) ? series.rows() : new Batch(Table.IDLE_SERIES);
    }

    Map<StreamKey, Totals> targets() {
        return targets;
    }

    /** Rows of {@link Table#TARGET_SUMS}; totals of 0 have none. */
    public Batch rows() {
        Batch rows = new Batch(Table.TARGET_SUMS);
        targets.forEach((key, totals) -> totals.forEach((name, bin, high, low) -> {
            if ((high | low) != 0) {
                int row = KeptSum.addRow(rows, key);
                rows.set(TOTAL, row, name);
                rows.set(BIN, row, bin);
                KeptSum.put(rows, row, HIGH, high, low);
            }
        }));
        return rows;
    }

    /**
     * The totals that a trace keeps, if {@link TraceSource#isKept} is true.
     *
     * @throws TraceFormatException if they are none
     */
    public static Map<StreamKey, Totals> read(TraceSource trace) throws IOException {
        Map<StreamKey, Totals> targets = new TreeMap<>();
        trace.forEachRow(Table.TARGET_SUMS, (rows, i) -> {
            long bin = rows.get(BIN, i);
            if (bin < 0) {
                throw new TraceFormatException(trace.name(), "target_sums: row " + i, "a bin must not be negative");
            }
            long[] sum = KeptSum.take(rows, i, HIGH, trace.name());
            Totals totals = targets.computeIfAbsent(KeptSum.key(rows, i), k -> new Totals());
            DistinctTargets.check(trace.name(), targets.size());
            String name = rows.text(TOTAL, i);
            if (!totals.idle.take(name, bin, sum[0], sum[1])) {
                totals.windows.take(name, bin, sum[0], sum[1]); // what neither knows is of a later version
            }
        });
        return targets;
    }
}
