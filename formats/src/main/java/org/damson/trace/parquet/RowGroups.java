package org.damson.trace.parquet;

import java.io.Closeable;
import java.io.IOException;
import org.damson.model.Batch;

/** A sequence of groups of rows of one table, each read on its own: a Parquet file or a journal. */
public interface RowGroups extends Closeable {
    int rowGroups() throws IOException;

    /** Number of rows of one group. */
    int rows(int group) throws IOException;

    /** Whether the column is there. */
    boolean has(int column);

    /**
     * Opens one group for reading a window of rows at a time, and ends the reading of the one opened before.
     *
     * @param wanted columns to decode; other numeric cells become {@link Batch#MISSING}, other texts empty
     * @param into what {@link Rows#next} fills
     * @param window at most this many rows at a time
     */
    Rows open(int group, boolean[] wanted, Batch into, int window) throws IOException;

    /** Decodes the wanted columns of one group at once. */
    default void read(int group, boolean[] wanted, Batch into) throws IOException {
        int rows = rows(group);
        into.clear();
        if (rows > 0) {
            open(group, wanted, into, rows).next();
        }
    }

    /** The rows of one group, from the first on. */
    interface Rows {
        /** Fills the batch with the next rows and returns true, or returns false at the end. */
        boolean next() throws IOException;

        /** Steps over at most {@code n} rows; returns how many. */
        long skip(long n) throws IOException;
    }

    default long rows() throws IOException {
        long sum = 0;
        for (int g = 0; g < rowGroups(); g++) {
            sum += rows(g);
        }
        return sum;
    }
}
