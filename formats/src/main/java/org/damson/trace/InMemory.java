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
    public Rows open(int group, boolean[] wanted, Batch into, int window) {
        into.reserve(Math.min(window, batch.rows()));
        return new Rows() {
            private int next;

            @Override
            public boolean next() {
                int n = Math.min(window, batch.rows() - next);
                if (n == 0) {
                    return false;
                }
                copy(next, n, wanted, into);
                next += n;
                return true;
            }

            @Override
            public long skip(long n) {
                int over = (int) Math.min(n, batch.rows() - next);
                next += over;
                return over;
            }
        };
    }

    private void copy(int from, int n, boolean[] wanted, Batch into) {
        for (int c = 0; c < wanted.length; c++) {
            if (batch.texts(c) != null) {
                System.arraycopy(batch.texts(c), from, into.texts(c), 0, n);
            } else {
                System.arraycopy(batch.longs(c), from, into.longs(c), 0, n);
            }
            if (batch.table().columns().get(c).optional()) {
                into.setPresent(c, batch.isPresent(c) && wanted[c]);
            }
        }
        into.setRows(n);
    }

    @Override
    public void close() {
        // nothing is held
    }
}
