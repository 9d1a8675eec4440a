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
     * Opens one group, and ends the reading of the one opened before.
     *
     * @param wanted columns to decode
     */
    Rows open(int group, boolean[] wanted) throws IOException;

    /** Decodes the wanted columns of one group at once; other cells are as {@link RowWindows} leaves them. */
    default void read(int group, boolean[] wanted, Batch into) throws IOException {
        into.clear();
        new RowWindows(into, ParquetTableReader.MAX_ROW_GROUP_ROWS).all(open(group, wanted));
    }

    /** The rows of one group, from the first on. */
    interface Rows {
        /** Whether the column is wanted and there. */
        boolean has(int column);

        /** Rows that were not read yet. */
        int left();

        /**
         * How many of the next rows may be read at once: fewer where their texts are long.
         *
         * @param n at least 1, at most {@link #left}
         * @return 1 to {@code n}
         */
        default int together(int n) throws IOException {
            return n;
        }

        /**
         * Decodes the next {@code n} rows.
         *
         * @param into by column that {@link #has} says is there, an array to fill from {@code at} on: {@code long[]} or {@code int[]},
         *     which takes the low 32 bits, for numbers, {@code String[]} for text
         * @param n at most {@link #left}
         */
        void read(Object[] into, int at, int n) throws IOException;

        /** Steps over at most {@code n} rows; returns how many. */
        int skip(long n) throws IOException;
    }

    default long rows() throws IOException {
        long sum = 0;
        for (int g = 0; g < rowGroups(); g++) {
            sum += rows(g);
        }
        return sum;
    }
}
