package org.damson.trace;

import org.damson.model.Batch;
import org.damson.trace.parquet.RowGroups;

/** Rows in memory as one group. */
final class InMemory implements RowGroups {
    private final Batch batch;

    InMemory(Batch batch) {
        this.batch = batch;
    }

    @Override
    public int rowGroups() {
        return 1;
    }

    @Override
    public int rows(int group) {
        return batch.rows();
    }

    @Override
    public boolean has(int column) {
        return batch.isPresent(column);
    }

    @Override
    public Rows open(int group, boolean[] wanted) {
        return new Rows() {
            private int next;

            @Override
            public boolean has(int column) {
                return wanted[column] && batch.isPresent(column);
            }

            @Override
            public int left() {
                return batch.rows() - next;
            }

            @Override
            public void read(Object[] into, int at, int n) {
                for (int c = 0; c < into.length; c++) {
                    if (has(c)) {
                        copy(c, next, into[c], at, n);
                    }
                }
                next += n;
            }

            @Override
            public int skip(long n) {
                int over = (int) Math.min(n, left());
                next += over;
                return over;
            }
        };
    }

    private void copy(int column, int from, Object into, int at, int n) {
        if (into instanceof int[] ints) {
            long[] longs = batch.longs(column);
            for (int i = 0; i < n; i++) {
                ints[at + i] = (int) longs[from + i];
            }
        } else {
            Object values = batch.texts(column) != null ? batch.texts(column) : batch.longs(column);
            System.arraycopy(values, from, into, at, n);
        }
    }

    @Override
    public void close() {
        // nothing is held
    }
}
