package org.damson.analyzer.curves;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.view.ForwardingSink;

/**
 * Stores the curves of a trace with it: counts the snapshots on their way into another sink and adds the histograms when
 * that is closed. Where a snapshot has no ages or no intervals the trace gets none.
 */
public final class CurvesSink extends ForwardingSink {
    /** From so many regions on it is told how many come in a second. */
    private static final long SETTLED_REGIONS = 20_000;

    private final Consumer<String> leftOut;
    private final long leastRegions;
    private long mostPerSecond = Long.MAX_VALUE;
    private CurvesPass pass;
    private long regions;
    private long fromNs;

    /** A sink that stores curves for traces of any length. */
    public CurvesSink(TraceSink to, String name, Consumer<String> leftOut) {
        this(to, name, 0, leftOut);
    }

    /**
     * @param name of the trace, for messages
     * @param leastRegions a trace of fewer gets none
     * @param leftOut receives one line if there will be no curves
     */
    public CurvesSink(TraceSink to, String name, long leastRegions, Consumer<String> leftOut) {
        super(to);
        this.leastRegions = leastRegions;
        this.leftOut = leftOut;
        pass = new CurvesPass(name, 0);
    }

    /** Gives up once the mean rate of regions exceeds {@code regionsPerSecond}, to leave the CPU to the recorder. */
    public CurvesSink upTo(long regionsPerSecond) {
        mostPerSecond = regionsPerSecond;
        return this;
    }

    /**
     * The rows that it would have stored with a trace.
     *
     * @return null if the trace has too few regions, no ages or no intervals
     */
    public static Batch rows(TraceSource trace, long leastRegions, Consumer<String> leftOut) throws IOException {
        if (trace.rowCount(Table.REGIONS) < leastRegions) {
            return null;
        }
        try {
            List<Curves> counted = CurvesPass.over(trace, TraceQuery.ALL, 0);
            return counted.isEmpty() ? null : StoredCurves.rows(counted.get(0));
        } catch (InvalidInputException | ArithmeticException e) {
            leftOut.accept(e.getMessage());
            return null;
        }
    }

    @Override
    public void append(Snapshot snapshot) throws IOException {
        super.append(snapshot);
        if (pass != null) {
            try {
                pass.add(snapshot);
                if (isTooFast(snapshot)) {
                    pass = null;
                }
            } catch (InvalidInputException e) {
                pass = null;
                leftOut.accept(e.getMessage());
            }
        }
    }

    private boolean isTooFast(Snapshot s) {
        fromNs = regions == 0 ? s.startNs : fromNs;
        regions += s.regions;
        return regions >= SETTLED_REGIONS && regions / Math.max(1e-9, (s.endNs - fromNs) / 1e9) > mostPerSecond;
    }

    @Override
    public void abort() throws IOException {
        pass = null;
        super.abort();
    }

    @Override
    public void close() throws IOException {
        List<Curves> counted = pass == null ? List.of() : pass.slices();
        pass = null;
        try {
            if (!counted.isEmpty() && counted.get(0).count(Histogram.REGION_ROWS) >= leastRegions) {
                append(counted.get(0));
            }
        } finally {
            super.close();
        }
    }

    private void append(Curves counted) throws IOException {
        Batch rows;
        try {
            rows = StoredCurves.rows(counted);
        } catch (ArithmeticException e) {
            leftOut.accept(e.getMessage());
            return;
        }
        super.append(rows);
    }
}
