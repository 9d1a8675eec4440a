package org.damson.model.summary;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;

/**
 * How idle memory was in some snapshots of a trace, evenly spread: every n-th, n being the least power of two by which there are no more
 * than {@link #MAX_POINTS}. It doubles as the trace grows. Of snapshots that have no ages there is no point.
 */
public final class IdleSeries {
    /** As many points as a picture has room for. */
    private static final int MAX_POINTS = 1 << 10;

    /** A trace keeps a series of so many times the regions from which on it keeps totals: else it is as quickly read. */
    private static final int TIMES_MIN_REGIONS = 1 << 8;

    private static final int ID = 4;
    private static final int END = 5;
    private static final int BANDWIDTH = 6;
    private static final int FIRST_PERCENTILE = 7;

    private record Point(StreamKey key, IdlePoint point) {}

    private final List<Point> points = new ArrayList<>();
    private final IdlePercentiles percentiles = new IdlePercentiles();
    private long stride = 1;

    /** The regions from which on a trace keeps a series that keeps totals from {@code leastRegions} on. */
    public static long leastRegions(long leastRegions) {
        return leastRegions * TIMES_MIN_REGIONS;
    }

    /** Every so many of {@code snapshots} is a point. */
    public static long stride(long snapshots) {
        long stride = 1;
        while ((snapshots + stride - 1) / stride > MAX_POINTS) {
            stride *= 2;
        }
        return stride;
    }

    /** Adds a snapshot, in the order of the trace, whose regions count whole; its target was recorded from a time on. */
    void add(Snapshot s, StreamKey key, long firstNs) {
        while (s.id / stride >= MAX_POINTS) {
            stride *= 2;
            points.removeIf(p -> p.point.snapshotId() % stride != 0);
        }
        if (s.id % stride != 0 || s.regions == 0 || !s.has(Snapshot.HAS_AGE)) {
            return;
        }
        percentiles.clear();
        double byteSamples = 0;
        for (int i = 0; i < s.regions; i++) {
            double bytes = IdlePercentiles.bytes(s.end[i] - s.start[i]);
            byteSamples += bytes * Math.max(0, s.nrAccesses[i]);
            percentiles.add(IdleSums.idleNs(s, i, firstNs), bytes);
        }
        long bandwidth = Math.round(IdleSums.bandwidth(byteSamples, s));
        points.add(new Point(key, new IdlePoint(s.id, s.endNs, bandwidth, percentiles.found())));
    }

    void clear() {
        points.clear();
    }

    /** Rows of {@link Table#IDLE_SERIES}. */
    Batch rows() {
        Batch rows = new Batch(Table.IDLE_SERIES);
        for (Point p : points) {
            int row = KeptSum.addRow(rows, p.key);
            rows.set(ID, row, p.point.snapshotId());
            rows.set(END, row, p.point.endNs());
            rows.set(BANDWIDTH, row, p.point.bytesPerSecond());
            for (int i = 0; i < p.point.idleNs().length; i++) {
                rows.set(FIRST_PERCENTILE + i, row, p.point.idleNs()[i]);
            }
        }
        return rows;
    }

    /**
     * The points that a trace keeps, which {@link TraceSource#isKept says so}: of each target in the order of time.
     *
     * @throws TraceFormatException if there are more than there may be
     */
    public static Map<StreamKey, List<IdlePoint>> read(TraceSource trace) throws IOException {
        if (trace.rowCount(Table.IDLE_SERIES) > MAX_POINTS) {
            throw new TraceFormatException(trace.name(), "idle_series", "more than " + MAX_POINTS + " points");
        }
        Map<StreamKey, List<IdlePoint>> series = new TreeMap<>();
        trace.forEachRow(Table.IDLE_SERIES, (rows, i) -> {
            long[] idleNs = new long[IdlePercentiles.percents().length];
            for (int k = 0; k < idleNs.length; k++) {
                idleNs[k] = rows.get(FIRST_PERCENTILE + k, i);
            }
            series.computeIfAbsent(KeptSum.key(rows, i), k -> new ArrayList<>())
                    .add(new IdlePoint(rows.get(ID, i), rows.get(END, i), rows.get(BANDWIDTH, i), idleNs));
        });
        return series;
    }
}
