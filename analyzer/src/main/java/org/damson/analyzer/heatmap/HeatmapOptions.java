package org.damson.analyzer.heatmap;

import org.damson.model.InvalidInputException;

/**
 * What a heatmap shows.
 *
 * @param cols time steps, 1..10,000
 * @param rows address steps, 1..10,000; at most 2,097,152 cells in all, at up to 80 bytes of memory each
 */
public record HeatmapOptions(int cols, int rows, Scope scope) {
    private static final int MAX_CELLS = 1 << 21;

    /** Fits a terminal. */
    public static final HeatmapOptions TERMINAL = new HeatmapOptions(80, 24, Scope.USED);

    /** Fits a picture. */
    public static final HeatmapOptions PICTURE = new HeatmapOptions(480, 300, Scope.USED);

    /** Which part of the address space. */
    public enum Scope {
        /** Of the one area with the most heat what is used ({@link UsedParts}), if that is much less than all of it. */
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
}
