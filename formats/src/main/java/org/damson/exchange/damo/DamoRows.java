package org.damson.exchange.damo;

import java.io.Closeable;
import java.io.IOException;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** What a trace keeps of the damo file it was imported from, {@link Table#DAMO}, in the order of that file. */
public final class DamoRows {
    /** {@code region} of the row that ends a record and tells its own facts. */
    static final int RECORD_ROW = -1;

    /** {@code region} of the row that begins a snapshot and tells its own facts. */
    static final int SNAPSHOT_ROW = -2;

    private static final int SNAPSHOT = Table.DAMO.indexOf("snapshot_id");
    private static final int REGION = Table.DAMO.indexOf("region");
    private static final int TEXT = Table.DAMO.indexOf("json");

    private DamoRows() {}

    /** Receives each row; the texts are JSON objects, or empty. */
    public interface Visitor {
        /** A snapshot begins; it belongs to the record that ends next. */
        void snapshot(long id, String facts) throws IOException;

        /** A region of the snapshot, by its place in the file. */
        void region(int place, String facts) throws IOException;

        /** The record of all snapshots since the one before ends. */
        void recordEnd(String facts) throws IOException;
    }

    /**
     * Visits all rows.
     *
     * @throws TraceFormatException if they are not in the order in which an import writes them
     */
    public static void visit(TraceSource trace, Visitor visitor) throws IOException {
        boolean inRecord = false;
        try (TraceSource.BatchCursor rows = trace.rows(Table.DAMO)) {
            for (Batch b = rows.next(); b != null; b = rows.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    int region = (int) b.get(REGION, r);
                    String text = b.text(TEXT, r);
                    if (region == RECORD_ROW) {
                        visitor.recordEnd(text);
                        inRecord = false;
                    } else if (region == SNAPSHOT_ROW) {
                        visitor.snapshot(b.get(SNAPSHOT, r), text);
                        inRecord = true;
                    } else if (!inRecord) {
                        throw bad(trace, "a region before its snapshot");
                    } else {
                        visitor.region(region, text);
                    }
                }
            }
        }
        if (inRecord) {
            throw bad(trace, "a record without its end");
        }
    }

    static TraceFormatException bad(TraceSource trace, String rule) {
        return new TraceFormatException(trace.name(), "table damo", rule);
    }

    /** Finds a trace's snapshots by the ids in the rows: one pass as long as these grow, a new one where they go back. */
    public static final class Snapshots implements Closeable {
        private final TraceSource trace;
        private final Snapshot snapshot = new Snapshot();
        private TraceSource.SnapshotCursor cursor;
        private long nextId;

        public Snapshots(TraceSource trace) {
            this.trace = trace;
        }

        /**
         * The snapshot of this id, valid until the next call.
         *
         * @throws TraceFormatException if there is none
         */
        public Snapshot find(long id) throws IOException {
            if (cursor == null || id < nextId) {
                close();
                cursor = trace.snapshots(TraceQuery.ALL.snapshots(id, Long.MAX_VALUE));
            }
            do {
                if (!cursor.next(snapshot)) {
                    throw bad(trace, "snapshot " + id + " is not there");
                }
            } while (snapshot.id < id);
            nextId = id + 1;
            return snapshot;
        }

        @Override
        public void close() throws IOException {
            if (cursor != null) {
                cursor.close();
                cursor = null;
            }
        }
    }
}
