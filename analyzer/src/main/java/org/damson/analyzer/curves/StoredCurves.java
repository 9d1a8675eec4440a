package org.damson.analyzer.curves;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.damson.model.Batch;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** {@link Curves} as rows of {@link Table#CURVES}, and back. */
final class StoredCurves {
    private static final int AGGR = Table.CURVES.indexOf("aggr_us");
    private static final int HISTOGRAM = Table.CURVES.indexOf("histogram");
    private static final int BIN = Table.CURVES.indexOf("bin");
    private static final int BILLIONS = Table.CURVES.indexOf("billions");
    private static final int REST = Table.CURVES.indexOf("rest");

    private StoredCurves() {}

    /** @throws ArithmeticException if a sum has no room in its columns; none of one trace is so great */
    static Batch rows(Curves c) {
        Batch rows = new Batch(Table.CURVES);
        for (Histogram h : Histogram.values()) {
            ExactSums sums = c.sums(h);
            for (int b = 0; b < h.bins; b++) {
                if (sums.isBeyondBillions(b)) {
                    throw new ArithmeticException(h + " is too large to be stored");
                }
                if (!sums.isZero(b)) {
                    int row = rows.addRow();
                    rows.set(AGGR, row, c.aggrUs());
                    rows.set(HISTOGRAM, row, h.name().toLowerCase(Locale.ROOT));
                    rows.set(BIN, row, h.isByAge() ? AgeBins.age(b) : b);
                    rows.set(BILLIONS, row, sums.billions[b]);
                    rows.set(REST, row, sums.rest[b]);
                }
            }
        }
        return rows;
    }

    /**
     * The curves stored with a trace; null if there are none, or if they do not go over all of its rows.
     *
     * @throws TraceFormatException if a row belongs to no histogram
     */
    static Curves read(TraceSource trace) throws IOException {
        Curves c = readAny(trace);
        return c != null && isWhole(c, trace) ? c : null;
    }

    /** Also those that do not go over all rows. */
    private static Curves readAny(TraceSource trace) throws IOException {
        if (trace.rowCount(Table.CURVES) == 0 || !isBelieved(trace)) {
            return null;
        }
        Curves c = Curves.empty();
        try (TraceSource.BatchCursor cursor = trace.rows(Table.CURVES)) {
            for (Batch rows; (rows = cursor.next()) != null; ) {
                for (int i = 0; i < rows.rows(); i++) {
                    take(rows, i, c, trace.name());
                }
            }
        }
        // Earlier versions counted a mapping touched in part as touched as a whole, and the time of each target
        // separately.
        boolean isOfOldRule =
                Source.REFERENCED.is(trace.manifest()) && !c.isPartial() || c.count(Histogram.COVERED) == 0;
        return isOfOldRule ? null : c;
    }

    private static boolean isWhole(Curves c, TraceSource trace) throws IOException {
        return c.count(Histogram.SNAPSHOT_ROWS) == trace.rowCount(Table.SNAPSHOTS)
                && c.count(Histogram.REGION_ROWS) == trace.rowCount(Table.REGIONS);
    }

    /** Earlier versions did not write down which rows they are of. */
    private static boolean isBelieved(TraceSource trace) throws IOException {
        return ManifestKey.SUMMED_ROWS.get(trace.manifest()) == null || trace.isKept(Table.CURVES);
    }

    /** Problems of the curves that a trace stores; empty if there are none, or no curves. */
    static String finding(TraceSource trace) throws IOException {
        Curves stored = readAny(trace);
        if (stored == null) {
            return "";
        }
        if (!isWhole(stored, trace)) {
            return trace.name() + ": curves: those stored go over "
                    + Units.count(stored.count(Histogram.SNAPSHOT_ROWS), "snapshot") + " and "
                    + Units.count(stored.count(Histogram.REGION_ROWS), "region") + ", the trace has "
                    + trace.rowCount(Table.SNAPSHOTS) + " and " + trace.rowCount(Table.REGIONS);
        }
        List<Curves> counted = CurvesPass.over(trace, TraceQuery.ALL, 0);
        for (Histogram h : Histogram.values()) {
            boolean isRight = counted.size() == 1
                    && Arrays.equals(stored.sums(h).billions, counted.get(0).sums(h).billions)
                    && Arrays.equals(stored.sums(h).rest, counted.get(0).sums(h).rest);
            if (!isRight) {
                return trace.name() + ": curves: " + h.name().toLowerCase(Locale.ROOT)
                        + " as stored differs from that of its regions";
            }
        }
        return "";
    }

    private static void take(Batch rows, int i, Curves c, String name) throws TraceFormatException {
        Histogram h = named(rows.text(HISTOGRAM, i));
        if (h == null) {
            return; // of a later version
        }
        long bin = rows.get(BIN, i);
        long billions = rows.get(BILLIONS, i);
        long rest = rows.get(REST, i);
        long most = h.isByAge() ? 0xffff_ffffL : h.bins - 1;
        if (bin < 0 || bin > most || billions < 0 || rest < 0 || rest >= ExactSums.BILLION || rows.get(AGGR, i) < 0) {
            throw new TraceFormatException(
                    name, "curves: row " + i, "a bin is 0.." + most + " and a sum not negative, its rest below 10^9");
        }
        c.storedInterval(rows.get(AGGR, i));
        c.sums(h).put(h.isByAge() ? AgeBins.bin(bin) : (int) bin, billions, rest);
    }

    private static Histogram named(String text) {
        for (Histogram h : Histogram.values()) {
            if (h.name().equalsIgnoreCase(text)) {
                return h;
            }
        }
        return null;
    }
}
