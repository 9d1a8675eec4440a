package org.damson.trace.files;

import java.io.IOException;
import org.damson.model.Batch;

/** Rows of one table, to be taken a column at a time: only the one that is asked for needs to be in memory. */
public interface Columns {
    int rows();

    /** Which columns of the table there are. */
    boolean[] present();

    /** Values of a numeric column from the first element on, perhaps with more behind them; valid until the next call. */
    long[] numbers(int column) throws IOException;

    /** The same of a text column. */
    String[] texts(int column) throws IOException;

    /** Checks what the rows are read from, where that can be damaged. */
    default void check() throws IOException {
        // what is in memory is whole
    }

    /** The same rows with these columns alone. */
    static Columns only(Columns rows, boolean[] present) {
        return new Columns() {
            @Override
            public int rows() {
                return rows.rows();
            }

            @Override
            public boolean[] present() {
                return present.clone();
            }

            @Override
            public long[] numbers(int column) throws IOException {
                return rows.numbers(column);
            }

            @Override
            public String[] texts(int column) throws IOException {
                return rows.texts(column);
            }

            @Override
            public void check() throws IOException {
                rows.check();
            }
        };
    }

    /** Rows that are in memory. */
    static Columns of(Batch batch) {
        return new Columns() {
            @Override
            public int rows() {
                return batch.rows();
            }

            @Override
            public boolean[] present() {
                return batch.present();
            }

            @Override
            public long[] numbers(int column) {
                return batch.longs(column);
            }

            @Override
            public String[] texts(int column) {
                return batch.texts(column);
            }
        };
    }
}
