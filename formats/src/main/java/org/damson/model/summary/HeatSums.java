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
    private static final int AREA_START = Table.HEAT_AREAS.indexOf("start");
    private static final int AREA_END = Table.HEAT_AREAS.indexOf("end");
    private static final int AREA_HEAT = Table.HEAT_AREAS.indexOf("heat_high");
    private static final int CELL_START = Table.HEAT_CELLS.indexOf("start");
    private static final int CELL_END = Table.HEAT_CELLS.indexOf("end");
    private static final int CELL_FROM = Table.HEAT_CELLS.indexOf("start_ns");
    private static final int CELL_TO = Table.HEAT_CELLS.indexOf("end_ns");
    private static final int CELL_HEAT = Table.HEAT_CELLS.indexOf("heat_high");
    private static final int CELL_COVER = Table.HEAT_CELLS.indexOf("cover_high");

    /** Minimum number of regions for each cell that a trace keeps. */
    public static final int REGIONS_PER_CELL = 256;

    /** More would be read for longer than they are worth. */
    private static final int MAX_CELLS = 1 << 16;

    /** Minimum number of regions of a trace that keeps heat; fewer are quickly read. */
    public static final long MIN_REGIONS = 1 << 16;

    /** With more areas no cells are kept: they are then of no recording. */
    private static final int MAX_AREAS = 1 << 12;

    /** With so many areas of a target, perhaps to be joined later on, nothing is kept. */
    private static final int GIVEN_UP_AREAS = 1 << 14;

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
        long fromNs = s.fromNs();
        lastAreas.add(s, fromNs, s.endNs);
        cells.add(s, fromNs, s.endNs);
        regions += s.regions;
        if (lastAreas.size() > GIVEN_UP_AREAS || areas.size() > GIVEN_UP_AREAS) {
            areTooMany = true; // who writes a trace has no time for them
            areas.clear();
            cells = new HeatCells();
        }
    }

    /** Maximum number of cells for a number of regions. */
    public static long mostCells(long regions) {
        return Math.min(MAX_CELLS, regions / REGIONS_PER_CELL);
    }

    /** Ends the adding: cells are as large now as the number of regions makes them. Returns whether a trace of at least so many regions should keep it. */
    public boolean finish(long leastRegions) {
        cells.shrinkTo(mostCells(regions));
        return !areTooMany && regions >= leastRegions && areExact(areas) && cells.isExact() && cells.rows() > 0;
    }

    /** Whether areas, and thereby cells, are few enough to be exact. */
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
                int row = KeptSum.addRow(rows, key);
                rows.set(AREA_START, row, a.start(i));
                rows.set(AREA_END, row, a.end(i));
                KeptSum.put(rows, row, AREA_HEAT, a.heatHigh(i), a.heatLow(i));
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
                        int row = KeptSum.addRow(rows, key);
                        rows.set(CELL_START, row, cell << cellShift);
                        rows.set(CELL_END, row, cell + 1 << cellShift);
                        rows.set(CELL_FROM, row, col << colShift);
                        rows.set(CELL_TO, row, col + 1 << colShift);
                        KeptSum.put(rows, row, CELL_HEAT, sums[0], sums[1]);
                        KeptSum.put(rows, row, CELL_COVER, sums[2], sums[3]);
                    }
                }
            }
        });
        return rows;
    }

    /**
     * The areas that a trace keeps, if {@link TraceSource#isKept} is true.
     *
     * @throws TraceFormatException if they are none
     */
    public static Map<StreamKey, HeatAreas> readAreas(TraceSource trace) throws IOException {
        Map<StreamKey, HeatAreas> areas = new TreeMap<>();
        trace.forEachRow(Table.HEAT_AREAS, (rows, i) -> {
            if (rows.get(AREA_START, i) == rows.get(AREA_END, i)) {
                throw new TraceFormatException(trace.name(), "heat_areas: row " + i, "an area must not be empty");
            }
            long[] heat = KeptSum.take(rows, i, AREA_HEAT, trace.name());
            areas.computeIfAbsent(KeptSum.key(rows, i), k -> new HeatAreas())
                    .add(rows.get(AREA_START, i), rows.get(AREA_END, i), heat[0], heat[1]);
            DistinctTargets.check(trace.name(), areas.size());
        });
        return areas;
    }

    /**
     * The cells that a trace keeps, if {@link TraceSource#isKept} is true.
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
            long[] heat = KeptSum.take(rows, i, CELL_HEAT, trace.name());
            long[] cover = KeptSum.take(rows, i, CELL_COVER, trace.name());
            int col = (int) ((rows.get(CELL_FROM, i) >> cells.colShift()) - cells.firstCol());
            boolean isInOrder =
                    cells.put(KeptSum.key(rows, i), rows.get(CELL_START, i) >>> cells.cellShift(), col, new long[] {
                        heat[0], heat[1], cover[0], cover[1]
                    });
            if (!isInOrder) {
                throw new TraceFormatException(
                        trace.name(),
                        "heat_cells: row " + i,
                        "cells must be in order of address, " + HeatCells.MAX_ROWS + " rows at most");
            }
        }
        return cells;
    }

    /** Cells of the size that these rows have, in the columns that they are in. */
    private static HeatCells emptyCells(Batch rows, String name) throws TraceFormatException {
        long first = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        int cellShift = rows.rows() == 0 ? -1 : side(rows.get(CELL_START, 0), rows.get(CELL_END, 0));
        int colShift = rows.rows() == 0 ? -1 : side(rows.get(CELL_FROM, 0), rows.get(CELL_TO, 0));
        for (int i = 0; i < rows.rows(); i++) {
            if (side(rows.get(CELL_START, i), rows.get(CELL_END, i)) != cellShift
                    || side(rows.get(CELL_FROM, i), rows.get(CELL_TO, i)) != colShift) {
                cellShift = -1;
            }
            first = Math.min(first, rows.get(CELL_FROM, i));
            end = Math.max(end, rows.get(CELL_TO, i));
        }
        if (!HeatCells.areSides(cellShift, colShift)) {
            throw new TraceFormatException(
                    name,
                    "heat_cells",
                    "all cells must have one size, which is a power of two, and begin at multiples of it");
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
