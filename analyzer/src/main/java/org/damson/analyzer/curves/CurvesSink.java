package org.damson.analyzer.curves;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;

/**
 * Stores the curves of a trace with it: counts the snapshots on their way into another sink and adds the histograms when
 * that is closed. Where a snapshot has no ages or no intervals the trace gets none.
 */
public final class CurvesSink implements TraceSink {
    private final TraceSink to;
    private final Consumer<String> leftOut;
    private final long leastRegions;
    private CurvesPass pass;

    /** One that stores them whatever the trace's length. */
    public CurvesSink(TraceSink to, String name, Consumer<String> leftOut) {
        this(to, name, 0, leftOut);
    }

    /**
     * @param name of the trace, for messages
     * @param leastRegions a trace of fewer gets none
     * @param leftOut is told once, in one line, why there will be no curves
     */
    public CurvesSink(TraceSink to, String name, long leastRegions, Consumer<String> leftOut) {
        this.to = to;
        this.leastRegions = leastRegions;
        this.leftOut = leftOut;
        pass = new CurvesPass(name, 0);
    }

    @Override
    public Manifest manifest() {
        return to.manifest();
    }

    @Override
    public void append(Snapshot snapshot) throws IOException {
        to.append(snapshot);
        if (pass != null) {
            try {
                pass.add(snapshot);
            } catch (InvalidInputException e) {
                pass = null;
                leftOut.accept(e.getMessage());
            }
        }
    }

    @Override
    public void append(Batch rows) throws IOException {
        to.append(rows);
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void abort() throws IOException {
        pass = null;
        to.abort();
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
            to.close();
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
        to.append(rows);
    }
}
