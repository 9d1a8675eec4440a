package org.damson.analyzer.heatmap;

import org.damson.model.InvalidInputException;

/**
 * What a heatmap shows.
 *
 * @param cols time steps, 1..10,000
 * @param rows address steps, 1..10,000; at most 2,097,152 cells in all, at up to 80 bytes of memory each
 * @param mayBeCoarser whether a long trace may be shown in the cells that it keeps, one to a step, where these are at least
 *     {@link #leastCols} by {@link #leastRows}: the result says how many there are
 */
public record HeatmapOptions(int cols, int rows, Scope scope, boolean mayBeCoarser) {
    private static final int MAX_CELLS = 1 << 21;

    /** Fits a terminal. */
    public static final HeatmapOptions TERMINAL = new HeatmapOptions(80, 24, Scope.USED);

    /** Fits a picture. */
    public static final HeatmapOptions PICTURE = new HeatmapOptions(480, 300, Scope.USED, true);

    /** Which part of the address space. */
    public enum Scope {
        /** The area with the most heat; only its used parts ({@link UsedParts}) if they are much smaller than all of it. */
        USED,
        /** The one area with the most heat. */
        HOTTEST,
        /** All areas of all targets, laid out one after another. */
        ALL
    }

    public HeatmapOptions {
        if (cols < 1 || cols > 10_000 || rows < 1 || rows > 10_000) {
            throw new InvalidInputException("a heatmap has 1 to 10,000 columns and rows, not " + cols + " x " + rows);
        }
        if (cols * rows > MAX_CELLS) {
            throw new InvalidInputException(
                    "a heatmap has at most " + MAX_CELLS + " cells, not " + cols + " x " + rows);
        }
    }

    /** Of exactly this size. */
    public HeatmapOptions(int cols, int rows, Scope scope) {
        this(cols, rows, scope, false);
    }

    /** Columns below which a coarser picture is none. */
    int leastCols() {
        return (cols + 1) / 2;
    }

    /** Rows below which it is none; a row more often spans what has one heat than a column does. */
    int leastRows() {
        return (rows + 3) / 4;
    }
}
