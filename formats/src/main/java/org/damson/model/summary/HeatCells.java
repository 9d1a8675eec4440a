package org.damson.model.summary;

import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Snapshot;

/**
 * Heat over time and address in cells whose sides are powers of two and which begin at multiples of them, so that cells of any two
 * traces, or of parts of one, add up. A cell holds the sums of {@link HeatUnits} and of what was monitored, each times bytes and
 * nanoseconds, without rounding. Sides double whenever there would be more than {@link #MAX_COLS} columns or {@link #MAX_ROWS} rows:
 * what they come to depends on what was added, not on its order.
 */
public final class HeatCells {
    public static final int MAX_COLS = 512;
    public static final int MAX_ROWS = 256;

    /** About as many columns as pictures have for each row. */
    private static final int COLS_PER_ROW = 3;

    private static final int MIN_CELL_SHIFT = 12;
    private static final int MAX_CELL_SHIFT = 51;
    private static final int MIN_COL_SHIFT = 20;
    private static final int MAX_COL_SHIFT = 61;

    private final Map<StreamKey, HeatLane> lanes = new TreeMap<>();
    private StreamKey lastKey;
    private HeatLane lastLane;
    private int cellShift = MIN_CELL_SHIFT;
    private int colShift = MIN_COL_SHIFT;
    /** Columns {@code [firstCol, endCol)}, of {@code 1 << colShift} nanoseconds since 0 of the trace's clock. */
    private long firstCol;

    private long endCol;
    private boolean isExact = true;

    /** Adds a snapshot that covers a time. */
    public void add(Snapshot s, long fromNs, long toNs) {
        if (!isExact || s.regions == 0 || toNs <= fromNs) {
            return;
        }
        HeatLane lane = laneOf(s);
        makeColumns(fromNs >> colShift, toNs - 1 >> colShift, null);
        if (!lane.sumRegions(s, cellShift)) {
            grow(lane, s);
            if (!isExact || !lane.sumRegions(s, cellShift)) {
                isExact = false; // its regions are in no order
                return;
            }
        }
        long from = fromNs >> colShift;
        long to = toNs - 1 >> colShift;
        for (long c = from; c <= to; c++) {
            long beginNs = c == from ? fromNs : c << colShift;
            long endNs = c == to ? toNs : c + 1 << colShift;
            isExact &= lane.addSums((int) (c - firstCol), endNs - beginNs);
        }
    }

    private HeatLane laneOf(Snapshot s) {
        if (lastKey == null || !lastKey.matches(s)) {
            lastKey = StreamKey.of(s);
            lastLane = lanes.computeIfAbsent(lastKey, k -> new HeatLane());
        }
        return lastLane;
    }

    /** Has the columns hold these; those of another, if there is one, double with them. */
    private void makeColumns(long from, long to, HeatCells other) {
        if (firstCol == endCol) {
            firstCol = from;
            endCol = from;
        }
        long first = Math.min(from, firstCol);
        long end = Math.max(to + 1, endCol);
        int doublings = 0;
        // Shifted first, as a difference may not fit.
        while ((end - 1 >> doublings) - (first >> doublings) >= MAX_COLS
                || (end - 1 >> doublings) - (first >> doublings) < 0) {
            doublings++;
        }
        for (int i = 0; i < doublings; i++) {
            doubleColumns();
            if (other != null) {
                other.doubleColumns();
            }
        }
        first >>= doublings;
        end = (end - 1 >> doublings) + 1;
        if (first < firstCol) {
            for (HeatLane lane : lanes.values()) {
                lane.moveColumns((int) (firstCol - first));
            }
        }
        firstCol = first;
        endCol = end;
    }

    /** Whether cells may have these sides. */
    static boolean areSides(int cellShift, int colShift) {
        return cellShift >= MIN_CELL_SHIFT
                && cellShift <= MAX_CELL_SHIFT
                && colShift >= MIN_COL_SHIFT
                && colShift <= MAX_COL_SHIFT;
    }

    private void doubleColumns() {
        for (HeatLane lane : lanes.values()) {
            isExact &= lane.doubleColumns(firstCol);
        }
        colShift++;
        boolean isEmpty = firstCol == endCol;
        firstCol >>= 1;
        endCol = isEmpty ? firstCol : (endCol - 1 >> 1) + 1;
    }

    private void doubleCells() {
        for (HeatLane lane : lanes.values()) {
            isExact &= lane.doubleCells();
        }
        cellShift++;
    }

    /** Makes rows for the regions of a snapshot. */
    private void grow(HeatLane lane, Snapshot s) {
        while (HeatLane.countCells(s, cellShift) > MAX_ROWS) {
            if (cellShift == MAX_CELL_SHIFT) {
                isExact = false;
                return;
            }
            doubleCells();
        }
        lane.addCells(HeatLane.cellsOf(s, cellShift));
        shrinkRows(null);
    }

    private void shrinkRows(HeatCells other) {
        while (rows() > MAX_ROWS) {
            if (cellShift == MAX_CELL_SHIFT) {
                isExact = false;
                return;
            }
            doubleCells();
            if (other != null) {
                other.doubleCells();
            }
        }
    }

    /** Adds the sums of {@code o}, which must not be used afterwards. */
    public void add(HeatCells o) {
        isExact &= o.isExact;
        if (!isExact || o.firstCol == o.endCol) {
            return;
        }
        while (cellShift < o.cellShift) {
            doubleCells();
        }
        while (o.cellShift < cellShift) {
            o.doubleCells();
        }
        while (colShift < o.colShift) {
            doubleColumns();
        }
        while (o.colShift < colShift) {
            o.doubleColumns();
        }
        makeColumns(o.firstCol, o.endCol - 1, o);
        o.lanes.forEach(
                (key, lane) -> lanes.computeIfAbsent(key, k -> new HeatLane()).addCells(lane.cells()));
        shrinkRows(o);
        if (isExact) {
            int offset = (int) (o.firstCol - firstCol);
            o.lanes.forEach((key, lane) -> isExact &= lanes.get(key).addAll(lane, offset));
        }
    }

    /** Doubles the sides of cells until there are at most {@code mostCells}, or one for each target. */
    public void shrinkTo(long mostCells) {
        while (isExact && rows() * cols() > Math.max(1, mostCells)) {
            boolean hasCols = cols() > 1 && colShift < MAX_COL_SHIFT;
            boolean hasRows = rows() > lanes.size() && cellShift < MAX_CELL_SHIFT;
            if (hasCols && (!hasRows || cols() >= COLS_PER_ROW * rows())) {
                doubleColumns();
            } else if (hasRows) {
                doubleCells();
            } else {
                return;
            }
        }
    }

    /** Whether the sums are exact; they are not if heat is beyond 2^124 or regions are not in order. */
    public boolean isExact() {
        return isExact;
    }

    /** Columns of time. */
    public long cols() {
        return endCol - firstCol;
    }

    /** Rows of all targets: cells of addresses of which anything was monitored. */
    public long rows() {
        return lanes.values().stream().mapToLong(HeatLane::length).sum();
    }

    /** Duration of a column is {@code 1 << colShift()} nanoseconds. */
    public int colShift() {
        return colShift;
    }

    /** Size of a cell is {@code 1 << cellShift()} bytes. */
    public int cellShift() {
        return cellShift;
    }

    /** Number of the first column: of its begin, in durations of a column. */
    public long firstCol() {
        return firstCol;
    }

    /** The cells of a target, in order of address: numbers of their begins, in sizes of a cell, unsigned. None if it has none. */
    public long[] cells(StreamKey key) {
        HeatLane lane = lanes.get(key);
        return lane == null ? new long[0] : lane.cells();
    }

    /**
     * Adds up the heat and the monitored part of a cell over columns.
     *
     * @param index place of the cell in {@link #cells}
     * @param from first column, counted from {@link #firstCol}; columns beyond those that there are hold nothing
     */
    public void sum(StreamKey key, int index, long from, long to, LongSum heat, LongSum cover) {
        lanes.get(key).sum(index, (int) Math.max(0, from), (int) Math.min(cols(), to), heat, cover);
    }

    Map<StreamKey, HeatLane> lanes() {
        return lanes;
    }

    /** For who reads cells that were kept: sides and columns before the first of them. */
    static HeatCells ofSides(int cellShift, int colShift, long firstCol, long endCol) {
        HeatCells cells = new HeatCells();
        cells.cellShift = cellShift;
        cells.colShift = colShift;
        cells.firstCol = firstCol;
        cells.endCol = endCol;
        return cells;
    }

    /** The same for a cell of them. */
    boolean put(StreamKey key, long cell, int col, long[] sums) {
        HeatLane lane = lanes.computeIfAbsent(key, k -> new HeatLane());
        int before = lane.length();
        return lane.put(cell, col, sums) && (lane.length() == before || rows() <= MAX_ROWS);
    }
}
