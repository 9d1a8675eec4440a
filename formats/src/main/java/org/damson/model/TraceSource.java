package org.damson.model;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** A trace open for reading. Cursors are independent of one another and may be used from different threads. */
public interface TraceSource extends Closeable {
    /** A name for messages: usually the path. */
    String name();

    Manifest manifest();

    /** Opens a stream of snapshots in time order. Memory is bounded independently of the trace's length. */
    SnapshotCursor snapshots(TraceQuery query) throws IOException;

    /** Opens a stream of the rows of any table, in file order. */
    BatchCursor rows(Table table) throws IOException;

    /** Shows every row of a table, in file order. */
    default void forEachRow(Table table, RowVisitor visitor) throws IOException {
        try (BatchCursor cursor = rows(table)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int row = 0; row < b.rows(); row++) {
                    visitor.visit(b, row);
                }
            }
        }
    }

    /** Number of rows of a table. */
    long rowCount(Table table) throws IOException;

    /**
     * Whether sums over the snapshots that this source gives are kept in a table and may be believed: of {@link Table#SNAPSHOTS}
     * the columns from {@code accessed} on, of a derived table its rows. Who shows other snapshots than it keeps sums of says no.
     */
    default boolean isKept(Table table) throws IOException {
        return false;
    }

    /** Why sums that are kept are not used though {@link #isKept} was asked: a line for each reason, none if they are. */
    default List<String> refusals() {
        return List.of();
    }

    /**
     * Cuts the query into at most {@code n} disjoint queries, by snapshot id, in order, of about equal cost, whose
     * concatenated snapshots are those of {@code query}: for parallel work.
     */
    List<TraceQuery> split(TraceQuery query, int n) throws IOException;

    /** Stream of snapshots. */
    interface SnapshotCursor extends Closeable {
        /** Fills {@code into} and returns true, or returns false at the end. */
        boolean next(Snapshot into) throws IOException;
    }

    /** Looks at one row. */
    interface RowVisitor {
        void visit(Batch rows, int row) throws IOException;
    }

    /** Stream of row batches. */
    interface BatchCursor extends Closeable {
        /** The next rows, or null at the end. The batch is valid until the next call. */
        Batch next() throws IOException;
    }
}
