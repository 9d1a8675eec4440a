package org.damson.model;

import java.util.Arrays;

/**
 * Rows of one table as columns. Grows to the largest batch seen and is then reused without allocating.
 *
 * <p>Usage: {@code int row = batch.addRow(); batch.set(column, row, value);}. Integer columns of either width are
 * {@code long} here.
 */
public final class Batch {
    /** Value of every cell of an optional numeric column that a file leaves out. */
    public static final long MISSING = -1;

    private final Table table;
    private final long[][] longs;
    private final String[][] texts;
    private final boolean[] present;
    private int rows;
    private int capacity;

    /** An empty batch with every column present. */
    public Batch(Table table) {
        this.table = table;
        int n = table.columns().size();
        longs = new long[n][];
        texts = new String[n][];
        present = new boolean[n];
        Arrays.fill(present, true);
        reserve(64);
    }

    public Table table() {
        return table;
    }

    public int rows() {
        return rows;
    }

    /** Whether an optional column is in use. Setting it to false makes the file leave the column out. */
    public boolean isPresent(int column) {
        return present[column];
    }

    /** {@link #isPresent} of every column. */
    public boolean[] present() {
        return present.clone();
    }

    public void setPresent(int column, boolean value) {
        if (!value && !table.columns().get(column).optional()) {
            throw new IllegalArgumentException(
                    "column " + table.columns().get(column).name() + " is not optional");
        }
        present[column] = value;
    }

    /** Leaves out the optional columns that another batch of the same table leaves out, and no others. */
    public void setPresentAs(Batch other) {
        System.arraycopy(other.present, 0, present, 0, present.length);
    }

    /** The backing array of a numeric column; cells {@code [0, rows())} are valid. Invalid after {@link #reserve}. */
    public long[] longs(int column) {
        return longs[column];
    }

    /** The backing array of a text column; cells {@code [0, rows())} are valid. */
    public String[] texts(int column) {
        return texts[column];
    }

    public long get(int column, int row) {
        return longs[column][row];
    }

    public String text(int column, int row) {
        return texts[column][row];
    }

    public void set(int column, int row, long value) {
        longs[column][row] = value;
    }

    public void set(int column, int row, String value) {
        texts[column][row] = value;
    }

    /** Appends one row of zeros and empty strings and returns its index. */
    public int addRow() {
        reserve(rows + 1);
        for (int c = 0; c < longs.length; c++) {
            if (texts[c] != null) {
                texts[c][rows] = "";
            } else {
                longs[c][rows] = 0;
            }
        }
        return rows++;
    }

    /** Appends a copy of row {@code row} of another batch of the same table and returns its index. */
    public int addRow(Batch from, int row) {
        reserve(rows + 1);
        for (int c = 0; c < longs.length; c++) {
            if (texts[c] != null) {
                texts[c][rows] = from.texts[c][row];
            } else {
                longs[c][rows] = from.longs[c][row];
            }
        }
        return rows++;
    }

    /** Whether a row has the same values as one of another batch of the same table. */
    public boolean isSame(int row, Batch other, int otherRow) {
        for (int c = 0; c < longs.length; c++) {
            boolean isSame = texts[c] != null
                    ? texts[c][row].equals(other.texts[c][otherRow])
                    : longs[c][row] == other.longs[c][otherRow];
            if (!isSame) {
                return false;
            }
        }
        return true;
    }

    /**
     * Appends one row, values in column order: {@code Number} for numeric columns, {@code String} for text. Optional columns at the end
     * may be left out: then the batch does not have them. Convenient, boxes; not for hot paths.
     */
    public void add(Object... values) {
        if (values.length > longs.length) {
            throw new IllegalArgumentException(
                    table.fileStem() + " has " + longs.length + " columns, given " + values.length);
        }
        for (int c = values.length; c < longs.length; c++) {
            setPresent(c, false);
        }
        int row = addRow();
        for (int c = 0; c < values.length; c++) {
            if (texts[c] != null) {
                texts[c][row] = (String) values[c];
            } else {
                longs[c][row] = ((Number) values[c]).longValue();
            }
        }
    }

    /** Appends the rows of another batch of the same table. */
    public void append(Batch from) {
        int first = rows;
        reserve(first + from.rows);
        for (int c = 0; c < longs.length; c++) {
            if (texts[c] != null) {
                System.arraycopy(from.texts[c], 0, texts[c], first, from.rows);
            } else {
                System.arraycopy(from.longs[c], 0, longs[c], first, from.rows);
            }
        }
        rows = first + from.rows;
    }

    /** Makes room for {@code n} rows in all; keeps the content. */
    public void reserve(int n) {
        if (n <= capacity) {
            return;
        }
        int wanted = Math.max(n, (int) Math.min(Integer.MAX_VALUE - 8L, capacity * 2L));
        for (int c = 0; c < longs.length; c++) {
            if (table.columns().get(c).type() == ColumnType.STRING) {
                texts[c] = texts[c] == null ? new String[wanted] : Arrays.copyOf(texts[c], wanted);
            } else {
                longs[c] = longs[c] == null ? new long[wanted] : Arrays.copyOf(longs[c], wanted);
            }
        }
        capacity = wanted;
    }

    /** Sets the number of rows after the arrays were filled directly; call {@link #reserve} first. */
    public void setRows(int n) {
        if (n < 0 || n > capacity) {
            throw new IllegalArgumentException("rows must be 0.." + capacity + " but was " + n);
        }
        rows = n;
    }

    public void clear() {
        rows = 0;
    }
}
