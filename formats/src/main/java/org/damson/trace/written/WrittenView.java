package org.damson.trace.written;

import java.io.IOException;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.view.ForwardingTrace;

/**
 * A trace as if only its writes had been recorded: a snapshot's regions are the ranges of pages of the table of writes, and
 * bytes count as referenced where they were written. Memory of which it is not known what was written is not monitored.
 */
public final class WrittenView extends ForwardingTrace {
    private static final int START_NS = Table.WRITES.indexOf("start_ns");
    private static final int END_NS = Table.WRITES.indexOf("end_ns");
    private static final int TARGET = Table.WRITES.indexOf("target");
    private static final int SAMPLES = Table.WRITES.indexOf("samples");
    private static final int WRITES = Table.WRITES.indexOf("writes");
    private static final int MEAN = Table.WRITES.indexOf("written_mean");
    private static final int ANY = Table.WRITES.indexOf("written_any");

    private WrittenView(TraceSource trace) {
        super(trace);
    }

    /**
     * The writes of a trace, which is closed with them.
     *
     * @throws TraceFormatException if none were recorded
     */
    public static TraceSource of(TraceSource trace) throws IOException {
        if (trace.rowCount(Table.WRITES) == 0) {
            throw new TraceFormatException(
                    trace.name(), "", "it does not say which pages were written (damson record --written)");
        }
        return new WrittenView(trace);
    }

    @Override
    public SnapshotCursor snapshots(TraceQuery query) throws IOException {
        return new Cursor(rows(Table.WRITES), query, name());
    }

    @Override
    public boolean isKept(Table table) {
        return false;
    }

    @Override
    public List<TraceQuery> split(TraceQuery query, int n) {
        return List.of(query);
    }

    /** Puts rows of the same interval and target together. */
    private static final class Cursor implements SnapshotCursor {
        private final BatchCursor cursor;
        private final TraceQuery query;
        private final String name;
        private Batch rows;
        private int row;
        private long nextId;

        Cursor(BatchCursor cursor, TraceQuery query, String name) {
            this.cursor = cursor;
            this.query = query;
            this.name = name;
        }

        @Override
        public boolean next(Snapshot into) throws IOException {
            while (hasRow()) {
                into.clear();
                into.id = nextId++;
                into.startNs = rows.get(START_NS, row);
                into.endNs = rows.get(END_NS, row);
                into.target = rows.get(TARGET, row);
                into.columns = Snapshot.HAS_REFERENCED;
                long samples = 1;
                while (hasRow() && isOf(into)) {
                    samples = Math.max(samples, rows.get(SAMPLES, row));
                    if (WrittenPart.isWanted(rows, row, query)) {
                        add(into);
                    }
                    row++;
                }
                into.aggrUs = Math.max(1, (into.endNs - into.startNs) / 1000);
                into.sampleUs = Math.max(1, into.aggrUs / samples);
                if (isWanted(into)) {
                    return true;
                }
            }
            return false;
        }

        private boolean hasRow() throws IOException {
            while (rows == null || row >= rows.rows()) {
                rows = cursor.next();
                row = 0;
                if (rows == null) {
                    return false;
                }
            }
            return true;
        }

        private boolean isOf(Snapshot s) {
            return rows.get(START_NS, row) == s.startNs
                    && rows.get(END_NS, row) == s.endNs
                    && rows.get(TARGET, row) == s.target;
        }

        private boolean isWanted(Snapshot s) {
            return s.id >= query.fromSnapshot()
                    && s.id < query.toSnapshot()
                    && (query.target() == null || query.target() == s.target)
                    && s.endNs > query.fromNs()
                    && s.startNs < query.toNs();
        }

        private void add(Snapshot into) throws TraceFormatException {
            long size = rows.get(WrittenPart.END, row) - rows.get(WrittenPart.START, row);
            boolean isWhole = size > 0 && rows.get(MEAN, row) >= size;
            WrittenPart.cut(rows, row, query);
            long start = rows.get(WrittenPart.START, row);
            long end = rows.get(WrittenPart.END, row);
            if (Long.compareUnsigned(start, end - 1) > 0
                    || into.regions > 0 && Long.compareUnsigned(start, into.end[into.regions - 1]) < 0) {
                throw new TraceFormatException(
                        name, "writes of " + into.startNs + " ns", "ranges that are empty or not in order");
            }
            int writes = (int) rows.get(WRITES, row);
            long samples = rows.get(SAMPLES, row);
            long any = rows.get(ANY, row);
            long mean = rows.get(MEAN, row);
            if (samples < 1 || writes < 0 || writes > samples || mean < 0 || mean > any || any > end - start) {
                throw new TraceFormatException(
                        name,
                        "writes of " + into.startNs + " ns",
                        "a range of which more was written than there is, or in more samples than there were");
            }
            into.reserve(into.regions + 1);
            int i = into.add(start, end, writes, 0);
            into.referencedMean[i] = mean;
            into.referencedMin[i] = isWhole ? end - start : 0;
            into.referencedMax[i] = any;
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }
}
