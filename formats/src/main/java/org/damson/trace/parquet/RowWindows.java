package org.damson.trace.parquet;

import java.io.IOException;
import java.util.Arrays;
import org.damson.model.Batch;

/**
 * Fills a batch with the rows of groups, a window at a time. Numeric cells of columns that were not wanted, or are not there, are
 * {@link Batch#MISSING}, texts empty.
 */
public final class RowWindows {
    private final Batch batch;
    private final int windowRows;
    private final Object[] columns;
    private RowGroups.Rows group;

    /** @param windowRows at most this many rows at a time */
    public RowWindows(Batch batch, int windowRows) {
        this.batch = batch;
        this.windowRows = windowRows;
        columns = new Object[batch.table().columns().size()];
    }

    /** Fills the batch with the next rows and returns true, or returns false where none are left. */
    public boolean next(RowGroups.Rows rows) throws IOException {
        int most = Math.min(windowRows, rows.left());
        if (most == 0) {
            return false;
        }
        if (rows != group) {
            group = rows;
            begin(most);
        }
        fill(rows, rows.together(most));
        return true;
    }

    /** Fills the batch with all rows that are left, whatever they take. */
    void all(RowGroups.Rows rows) throws IOException {
        group = rows;
        begin(rows.left());
        fill(rows, rows.left());
    }

    private void fill(RowGroups.Rows rows, int n) throws IOException {
        rows.read(columns, 0, n);
        batch.setRows(n);
    }

    private void begin(int most) {
        batch.clear();
        batch.reserve(most);
        for (int c = 0; c < columns.length; c++) {
            boolean given = group.has(c);
            String[] texts = batch.texts(c);
            columns[c] = texts != null ? texts : batch.longs(c);
            if (!given && texts != null) {
                Arrays.fill(texts, 0, most, "");
            } else if (!given) {
                Arrays.fill(batch.longs(c), 0, most, Batch.MISSING);
            }
            if (batch.table().columns().get(c).optional()) {
                batch.setPresent(c, given);
            }
        }
    }
}
