package org.damson.model.summary;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;

/** Heat of all of a trace: which addresses were covered, and cells of time and address. Made from its rows, kept as rows of two tables. */
public final class HeatSums {
    /** A trace keeps a cell for so many regions at most. */
    public static final int REGIONS_PER_CELL = 256;

    /** More would be read for longer than they are worth. */
    private static final int MOST_CELLS = 1 << 16;

    /** Regions from which on a trace keeps heat: to read fewer takes no time. */
    public static final long LEAST_REGIONS = 1 << 16;

    /** With more areas no cells are kept: they are then of no recording. */
    private static final int MAX_AREAS = 1 << 12;

    /** With so many areas of a target, perhaps to be joined later on, nothing is kept. */
    private static final int GIVEN_UP_AREAS = 1 << 14;

    /** A sum is kept as {@code high * 2^62 + low}: both are 0 or more, and SQL can put them together. */
    private static final int LOW_BITS = 62;

    private static final long LOW = (1L << LOW_BITS) - 1;

    private final Map<StreamKey, HeatAreas> areas = new TreeMap<>();
    private HeatCells cells = new HeatCells();
    private long regions;
    private boolean areTooMany;
    private StreamKey lastKey;
    private HeatAreas lastAreas;

    public void add(Snapshot s) {
        if (areTooMany) {
            return;
        }
        if (lastKey == null || !lastKey.matches(s)) {
            lastKey = StreamKey.of(s);
            lastAreas = areas.computeIfAbsent(lastKey, k -> new HeatAreas());
        }
        long fromNs = Snapshot.fromNs(s.startNs, s.endNs, s.aggrUs);
        lastAreas.add(s, fromNs, s.endNs);
        cells.add(s, fromNs, s.endNs);
        regions += s.regions;
        if (lastAreas.size() > GIVEN_UP_AREAS || areas.size() > GIVEN_UP_AREAS) {
            areTooMany = true; // who writes a trace has no time for them
            areas.clear();
            cells = new HeatCells();
        }
    }

    /** How many cells there may be for so many regions. */
    public static long mostCells(long regions) {
        return Math.min(MOST_CELLS, regions / REGIONS_PER_CELL);
    }

    /** Ends the adding: cells are as large now as the number of regions makes them. Returns whether the trace should keep it. */
    public boolean finish() {
        cells.shrinkTo(mostCells(regions));
        return !areTooMany && regions >= LEAST_REGIONS && areExact(areas) && cells.isExact() && cells.rows() > 0;
    }

    /** Whether areas, and thereby cells, are few enough and what they say. */
    public static boolean areExact(Map<?, HeatAreas> areas) {
        int count = 0;
        for (HeatAreas a : areas.values()) {
            if (!a.isExact()) {
                return false;
            }
            count += a.size();
        }
        return count <= MAX_AREAS;
    }

    public Map<StreamKey, HeatAreas> areas() {
        return areas;
    }

    public HeatCells cells() {
        return cells;
    }

    /** Rows of {@link Table#HEAT_AREAS}. */
    public Batch areaRows() {
        Batch rows = new Batch(Table.HEAT_AREAS);
        areas.forEach((key, a) -> {
            for (int i = 0; i < a.size(); i++) {
                long[] values = {a.start(i), a.end(i), high(a.heatHigh(i), a.heatLow(i)), a.heatLow(i) & LOW};
                put(rows, key, values);
            }
        });
        return rows;
    }

    /** Rows of {@link Table#HEAT_CELLS}. */
    public Batch cellRows() {
        Batch rows = new Batch(Table.HEAT_CELLS);
        int cellShift = cells.cellShift();
        int colShift = cells.colShift();
        cells.lanes().forEach((key, lane) -> {
            for (int i = 0; i < lane.length(); i++) {
                for (int c = 0; c < cells.cols(); c++) {
                    long[] sums = lane.sums(i, c);
                    if (sums != null) {
                        long cell = lane.cells()[i];
                        long col = cells.firstCol() + c;
                        long[] values = {
                            cell << cellShift,
                            cell + 1 << cellShift,
                            col << colShift,
                            col + 1 << colShift,
                            high(sums[0], sums[1]),
                            sums[1] & LOW,
                            high(sums[2], sums[3]),
                            sums[3] & LOW
                        };
                        put(rows, key, values);
                    }
                }
            }
        });
        return rows;
    }

    private static void put(Batch rows, StreamKey key, long[] values) {
        int row = rows.addRow();
        rows.set(0, row, key.kdamond());
        rows.set(1, row, key.context());
        rows.set(2, row, key.scheme());
        rows.set(3, row, key.target());
        for (int c = 0; c < values.length; c++) {
            rows.set(4 + c, row, values[c]);
        }
    }

    private static long high(long high, long low) {
        return high << 64 - LOW_BITS | low >>> LOW_BITS;
    }

    private static StreamKey key(Batch rows, int row) {
        return new StreamKey((int) rows.get(0, row), (int) rows.get(1, row), (int) rows.get(2, row), rows.get(3, row));
    }

    /** The two halves of 64 bits of a kept sum. */
    private static long[] sum(Batch rows, int column, int row, String name) throws TraceFormatException {
        long high = rows.get(column, row);
        long low = rows.get(column + 1, row);
        if (high < 0 || low < 0 || low > LOW) {
            throw new TraceFormatException(
                    name, rows.table().fileStem() + ": row " + row, "a sum is not negative, its low part below 2^62");
        }
        return new long[] {high >>> 64 - LOW_BITS, high << LOW_BITS | low};
    }

    /**
     * The areas that a trace keeps, which {@link TraceSource#isKept says so}.
     *
     * @throws TraceFormatException if they are none
     */
    public static Map<StreamKey, HeatAreas> readAreas(TraceSource trace) throws IOException {
        Map<StreamKey, HeatAreas> areas = new TreeMap<>();
        trace.forEachRow(Table.HEAT_AREAS, (rows, i) -> {
            if (rows.get(4, i) == rows.get(5, i)) {
                throw new TraceFormatException(trace.name(), "heat_areas: row " + i, "an area is not empty");
            }
            long[] heat = sum(rows, 6, i, trace.name());
            areas.computeIfAbsent(key(rows, i), k -> new HeatAreas())
                    .add(rows.get(4, i), rows.get(5, i), heat[0], heat[1]);
        });
        return areas;
    }

    /**
     * The cells that a trace keeps, which {@link TraceSource#isKept says so}.
     *
     * @throws TraceFormatException if they are none
     */
    public static HeatCells readCells(TraceSource trace) throws IOException {
        if (trace.rowCount(Table.HEAT_CELLS) > HeatCells.MAX_COLS * HeatCells.MAX_ROWS) {
            throw new TraceFormatException(trace.name(), "heat_cells", "more cells than there may be");
        }
        Batch rows = new Batch(Table.HEAT_CELLS);
        try (TraceSource.BatchCursor cursor = trace.rows(Table.HEAT_CELLS)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                rows.append(b);
            }
        }
        HeatCells cells = emptyCells(rows, trace.name());
        for (int i = 0; i < rows.rows(); i++) {
            long[] heat = sum(rows, 8, i, trace.name());
            long[] cover = sum(rows, 10, i, trace.name());
            int col = (int) ((rows.get(6, i) >> cells.colShift()) - cells.firstCol());
            boolean isInOrder = cells.put(key(rows, i), rows.get(4, i) >>> cells.cellShift(), col, new long[] {
                heat[0], heat[1], cover[0], cover[1]
            });
            if (!isInOrder) {
                throw new TraceFormatException(
                        trace.name(),
                        "heat_cells: row " + i,
                        "cells come in order of address, " + HeatCells.MAX_ROWS + " rows at most");
            }
        }
        return cells;
    }

    /** Cells of the size that these rows have, in the columns that they are in. */
    private static HeatCells emptyCells(Batch rows, String name) throws TraceFormatException {
        long first = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        int cellShift = rows.rows() == 0 ? -1 : side(rows.get(4, 0), rows.get(5, 0));
        int colShift = rows.rows() == 0 ? -1 : side(rows.get(6, 0), rows.get(7, 0));
        for (int i = 0; i < rows.rows(); i++) {
            if (side(rows.get(4, i), rows.get(5, i)) != cellShift || side(rows.get(6, i), rows.get(7, i)) != colShift) {
                cellShift = -1;
            }
            first = Math.min(first, rows.get(6, i));
            end = Math.max(end, rows.get(7, i));
        }
        if (!HeatCells.areSides(cellShift, colShift)) {
            throw new TraceFormatException(
                    name,
                    "heat_cells",
                    "cells are all of one size, which is a power of two, and begin at multiples of it");
        }
        long firstCol = first >> colShift;
        long endCol = (end - 1 >> colShift) + 1;
        if (endCol - firstCol > HeatCells.MAX_COLS || endCol <= firstCol) {
            throw new TraceFormatException(name, "heat_cells", "more than " + HeatCells.MAX_COLS + " columns");
        }
        return HeatCells.ofSides(cellShift, colShift, firstCol, endCol);
    }

    /** The power of two that a side is, if it begins at a multiple of it; else -1. */
    private static int side(long from, long to) {
        long length = to - from;
        return Long.bitCount(length) == 1 && (from & length - 1) == 0 ? Long.numberOfTrailingZeros(length) : -1;
    }
}
