package org.damson.analyzer.compare;

import java.util.Arrays;
import org.damson.analyzer.heatmap.HeatGrid;

/**
 * Heat by place and time, cell {@code row * cols + col}.
 *
 * @param cols slices of time
 * @param rows parts of the places, in their order
 * @param heat share of samples that found an access, integrated over the part of the cell that is covered
 * @param cover that part, 0..1; of targets that overlap more
 */
public record Grid(int cols, int rows, double[] heat, double[] cover) {
    public Grid {
        if (cols < 1 || rows < 1 || heat.length != cols * rows || cover.length != heat.length) {
            throw new IllegalArgumentException(cols + " x " + rows + ", " + heat.length + " and " + cover.length);
        }
    }

    static Grid of(HeatGrid g) {
        return new Grid(g.cols, g.rows, g.heat, g.cover);
    }

    boolean isCovered(int row, int col) {
        return cover[row * cols + col] > 1e-9;
    }

    /** Mean heat of a cell, 0 where nothing is covered. */
    double mean(int row, int col) {
        int i = row * cols + col;
        return isCovered(row, col) ? heat[i] / cover[i] : 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grid g
                && cols == g.cols
                && rows == g.rows
                && Arrays.equals(heat, g.heat)
                && Arrays.equals(cover, g.cover);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(heat) + Arrays.hashCode(cover);
    }

    @Override
    public String toString() {
        return cols + " x " + rows + " cells";
    }
}
