package org.damson.trace.parquet;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Goes through the row groups of several parts of a table; can step over rows without decoding them. */
public final class RowWalk implements Closeable {
    /** A part of a table that can be opened on its own. */
    public interface Part {
        long rows();

        RowGroups open() throws IOException;
    }

    private final List<Part> parts;
    private final boolean[] wanted;
    private RowGroups open;
    private RowGroups.Rows rows;
    private int nextPart;
    private int nextGroup;

    /** @param wanted columns to decode */
    public RowWalk(List<Part> parts, boolean[] wanted) {
        this.parts = parts;
        this.wanted = wanted;
    }

    /** The group at hand, in which rows are left; null at the end. */
    public RowGroups.Rows rows() throws IOException {
        while (rows == null || rows.left() == 0) {
            if (!advance()) {
                return null;
            }
            rows = open.open(nextGroup++, wanted);
        }
        return rows;
    }

    /** Steps over {@code n} rows, or as many as there are; returns how many. */
    public long skip(long n) throws IOException {
        long skipped = rows == null ? 0 : rows.skip(n);
        while (skipped < n && advance()) {
            long whole = open.rows(nextGroup);
            if (whole <= n - skipped) {
                rows = null;
                nextGroup++;
                skipped += whole;
            } else {
                rows = open.open(nextGroup++, wanted);
                skipped += rows.skip(n - skipped);
            }
        }
        return skipped;
    }

    private boolean advance() throws IOException {
        while (open == null || nextGroup >= open.rowGroups()) {
            close();
            if (nextPart >= parts.size()) {
                return false;
            }
            open = parts.get(nextPart++).open();
            nextGroup = 0;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        rows = null;
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
