package org.damson.engine;

import java.util.Objects;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.api.Heatmap;

/** A heatmap of the report. */
record Heat(HeatmapResult result) implements Heatmap {
    @Override
    public int columns() {
        return result.cols();
    }

    @Override
    public int rows() {
        return result.rows();
    }

    @Override
    public double heat(int column, int row) {
        return result.cell(Objects.checkIndex(column, columns()), Objects.checkIndex(row, rows()));
    }

    @Override
    public double maxHeat() {
        return result.maxHeat();
    }

    @Override
    public long timeNs(int column) {
        return result.timeNs(Objects.checkIndex(column, columns() + 1));
    }

    @Override
    public long address(int row) {
        return result.address(Objects.checkIndex(row, rows() + 1));
    }
}
