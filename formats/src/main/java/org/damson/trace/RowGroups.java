package org.damson.trace;

import java.io.Closeable;
import java.io.IOException;
import org.damson.model.Batch;

/** A sequence of groups of rows of one table, each read on its own: a Parquet file or a journal. */
interface RowGroups extends Closeable {
    int rowGroups() throws IOException;

    /** Number of rows of one group. */
    int rows(int group) throws IOException;

    /** Whether the column is there. */
    boolean has(int column);

    /** Decodes the wanted columns of one group; other numeric cells become {@link Batch#MISSING}, other texts empty. */
    void read(int group, boolean[] wanted, Batch into) throws IOException;

    default long rows() throws IOException {
        long sum = 0;
        for (int g = 0; g < rowGroups(); g++) {
            sum += rows(g);
        }
        return sum;
    }
}
