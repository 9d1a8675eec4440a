package org.damson.model.summary;

import java.util.Arrays;
import org.damson.model.Snapshot;

/** The rows of {@link HeatCells} that are of one target: a row for each cell of addresses, with sums for each column. */
final class HeatLane {
    /** Sums of one row, each in two halves. */
    private static final class Row {
        final long[] heatHigh = new long[HeatCells.MAX_COLS];
        final long[] heatLow = new long[HeatCells.MAX_COLS];
        final long[] coverHigh = new long[HeatCells.MAX_COLS];
        final long[] coverLow = new long[HeatCells.MAX_COLS];

        private static boolean add(long[] high, long[] low, int i, long otherHigh, long otherLow) {
            long sum = low[i] + otherLow;
            high[i] += otherHigh + (Long.compareUnsigned(sum, otherLow) < 0 ? 1 : 0);
            low[i] = sum;
            return high[i] >>> 60 == 0;
        }

        boolean add(int at, Row o, int i) {
            return add(heatHigh, heatLow, at, o.heatHigh[i], o.heatLow[i])
                    & add(coverHigh, coverLow, at, o.coverHigh[i], o.coverLow[i]);
        }

        private void clear(int from, int to) {
            for (long[] column : new long[][] {heatHigh, heatLow, coverHigh, coverLow}) {
                Arrays.fill(column, from, to, 0);
            }
        }
    }

    /** Numbers of cells, ascending without sign. */
    private long[] cells = new long[0];

    /** By cell; null where nothing was added yet. */
    private Row[] rows = new Row[0];

    // Of the snapshot that is added, by cell.
    private long[] heatHigh = new long[0];
    private long[] heatLow = new long[0];
    private long[] cover = new long[0];
    private int low;
    private int end;
    private final HeatUnits units = new HeatUnits();

    long[] cells() {
        return cells;
    }

    int length() {
        return cells.length;
    }

    /** Number of cells in which the regions of a snapshot lie. */
    static long countCells(Snapshot s, int shift) {
        long count = 0;
        long before = -1;
        boolean any = false;
        for (int i = 0; i < s.regions; i++) {
            if (s.start[i] != s.end[i]) {
                long first = s.start[i] >>> shift;
                long last = s.end[i] - 1 >>> shift;
                count += last - first + (any && first == before ? 0 : 1);
                before = last;
                any = true;
            }
        }
        return count;
    }

    /** Those cells; few enough of them. */
    static long[] cellsOf(Snapshot s, int shift) {
        long[] found = new long[(int) Math.max(0, countCells(s, shift))];
        int n = 0;
        for (int i = 0; i < s.regions; i++) {
            if (s.start[i] != s.end[i]) {
                long last = s.end[i] - 1 >>> shift;
                for (long c = s.start[i] >>> shift; c <= last && n < found.length; c++) {
                    if (n == 0 || found[n - 1] != c) {
                        found[n++] = c;
                    }
                }
            }
        }
        return Arrays.copyOf(found, n);
    }

    /** Makes rows for these cells, which ascend, where there are none. */
    void addCells(long[] more) {
        long[] both = new long[cells.length + more.length];
        Row[] bothRows = new Row[both.length];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < cells.length || j < more.length) {
            boolean isOld = j == more.length || i < cells.length && cells[i] <= more[j];
            if (isOld && j < more.length && cells[i] == more[j]) {
                j++;
            }
            bothRows[n] = isOld ? rows[i] : null;
            both[n++] = isOld ? cells[i++] : more[j++];
        }
        setCells(Arrays.copyOf(both, n), Arrays.copyOf(bothRows, n));
    }

    private void setCells(long[] newCells, Row[] newRows) {
        cells = newCells;
        rows = newRows;
        heatHigh = new long[cells.length];
        heatLow = new long[cells.length];
        cover = new long[cells.length];
    }

    /**
     * Sums the regions of a snapshot up by cell, for {@link #addSums}.
     *
     * @return false if a region lies where there is no cell
     */
    boolean sumRegions(Snapshot s, int shift) {
        Arrays.fill(heatHigh, 0);
        Arrays.fill(heatLow, 0);
        Arrays.fill(cover, 0);
        low = cells.length;
        end = 0;
        units.begin(s);
        int at = 0;
        for (int i = 0; i < s.regions; i++) {
            if (s.start[i] == s.end[i]) {
                continue;
            }
            long lastCell = s.end[i] - 1 >>> shift;
            long cell = s.start[i] >>> shift;
            while (at < cells.length && cells[at] < cell) {
                at++;
            }
            if (lastCell < cell) {
                return false;
            }
            low = Math.min(low, at);
            int heat = units.of(s, i);
            for (long from = s.start[i]; ; from = cell << shift, at++) {
                if (at == cells.length || cells[at] != cell) {
                    return false;
                }
                long bytes = (cell == lastCell ? s.end[i] : cell + 1 << shift) - from;
                cover[at] += bytes;
                if (shift <= HeatAreas.SHORT_SHIFT) {
                    heatLow[at] += bytes * heat;
                } else {
                    addHeat(at, bytes, heat);
                }
                if (cell++ == lastCell) {
                    break;
                }
            }
            end = at + 1;
        }
        return true;
    }

    private void addHeat(int at, long bytes, int heat) {
        long product = bytes * heat;
        heatLow[at] += product;
        heatHigh[at] += LongSum.timesHigh(bytes, heat) + (Long.compareUnsigned(heatLow[at], product) < 0 ? 1 : 0);
    }

    /** Adds what was summed up to a column, for so long; false if that is beyond what sums hold. */
    boolean addSums(int col, long ns) {
        boolean fits = true;
        for (int i = low; i < end; i++) {
            if (cover[i] == 0) {
                continue;
            }
            if (rows[i] == null) {
                rows[i] = new Row();
            }
            Row row = rows[i];
            fits &= HeatAreas.fits(heatHigh[i], ns);
            fits &= Row.add(
                    row.heatHigh,
                    row.heatLow,
                    col,
                    heatHigh[i] * ns + LongSum.timesHigh(heatLow[i], ns),
                    heatLow[i] * ns);
            fits &= Row.add(row.coverHigh, row.coverLow, col, LongSum.timesHigh(cover[i], ns), cover[i] * ns);
        }
        return fits;
    }

    /** Makes room for columns before the first. */
    void moveColumns(int by) {
        for (Row row : rows) {
            if (row != null) {
                for (long[] column : new long[][] {row.heatHigh, row.heatLow, row.coverHigh, row.coverLow}) {
                    System.arraycopy(column, 0, column, by, column.length - by);
                }
                row.clear(0, by);
            }
        }
    }

    /** Makes one column of two, where the first one has this number; false if a sum is beyond what sums hold. */
    boolean doubleColumns(long firstCol) {
        boolean fits = true;
        for (Row row : rows) {
            if (row == null) {
                continue;
            }
            for (int i = 0; i < HeatCells.MAX_COLS; i++) {
                int to = (int) ((firstCol + i >> 1) - (firstCol >> 1));
                if (to != i) {
                    fits &= row.add(to, row, i);
                    row.clear(i, i + 1);
                }
            }
        }
        return fits;
    }

    /** Makes one cell of two; false as above. */
    boolean doubleCells() {
        boolean fits = true;
        long[] fewer = new long[cells.length];
        Row[] fewerRows = new Row[cells.length];
        int n = 0;
        for (int i = 0; i < cells.length; i++) {
            long cell = cells[i] >>> 1;
            if (n == 0 || fewer[n - 1] != cell) {
                fewer[n] = cell;
                fewerRows[n++] = rows[i];
            } else if (fewerRows[n - 1] == null) {
                fewerRows[n - 1] = rows[i];
            } else if (rows[i] != null) {
                fits &= addAll(fewerRows[n - 1], rows[i], 0);
            }
        }
        setCells(Arrays.copyOf(fewer, n), Arrays.copyOf(fewerRows, n));
        return fits;
    }

    private static boolean addAll(Row to, Row from, int offset) {
        boolean fits = true;
        for (int c = 0; c + offset < HeatCells.MAX_COLS; c++) {
            fits &= to.add(c + offset, from, c);
        }
        return fits;
    }

    /** Adds another's sums, whose cells are all here, so many columns later. */
    boolean addAll(HeatLane o, int offset) {
        boolean fits = true;
        for (int i = 0; i < o.cells.length; i++) {
            if (o.rows[i] != null) {
                int at = Arrays.binarySearch(cells, o.cells[i]);
                if (rows[at] == null) {
                    rows[at] = new Row();
                }
                fits &= addAll(rows[at], o.rows[i], offset);
            }
        }
        return fits;
    }

    void sum(int index, int from, int to, LongSum heat, LongSum covered) {
        Row row = rows[index];
        for (int c = from; row != null && c < to; c++) {
            heat.add(row.heatHigh[c], row.heatLow[c]);
            covered.add(row.coverHigh[c], row.coverLow[c]);
        }
    }

    /** Heat and cover, each its upper and lower half; null if nothing of a cell was monitored then. */
    long[] sums(int index, int col) {
        Row row = rows[index];
        if (row == null || (row.coverHigh[col] | row.coverLow[col]) == 0) {
            return null;
        }
        return new long[] {row.heatHigh[col], row.heatLow[col], row.coverHigh[col], row.coverLow[col]};
    }

    /** Takes the sums of a cell that is none before those that there are; false if it is. */
    boolean put(long cell, int col, long[] sums) {
        int n = cells.length;
        if (n == 0 || cells[n - 1] < cell) {
            if (n == HeatCells.MAX_ROWS) {
                return false;
            }
            setCells(Arrays.copyOf(cells, n + 1), Arrays.copyOf(rows, n + 1));
            cells[n] = cell;
            rows[n] = new Row();
        } else if (cells[n - 1] != cell) {
            return false;
        }
        Row row = rows[cells.length - 1];
        row.heatHigh[col] = sums[0];
        row.heatLow[col] = sums[1];
        row.coverHigh[col] = sums[2];
        row.coverLow[col] = sums[3];
        return true;
    }
}
