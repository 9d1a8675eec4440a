package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.heatmap.TraceCells.Lane;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.LongSum;

/**
 * The heatmap of a long trace, its rows and columns whole cells of {@link TraceCells}: of one that has to be of a size at least two
 * each, so that borders are moved by at most a quarter of a row or column; of one that may be coarser each a cell. The picture is the same
 * from the rows of the trace.
 */
final class SnappedHeat {
    /** Cells in a row or column of the picture, at least. */
    private static final int CELLS = 2;

    private final GuideResult guide;
    private final HeatmapOptions options;
    private final TraceCells cells;

    private SnappedHeat(GuideResult guide, HeatmapOptions options, TraceCells cells) {
        this.guide = guide;
        this.options = options;
        this.cells = cells;
    }

    /** The picture; null if its rows and columns are too fine for cells, or something else speaks against it. */
    static HeatmapResult compute(TraceSource source, TraceQuery query, HeatmapOptions options, GuideResult guide)
            throws IOException {
        TraceCells cells = TraceCells.of(source, query, guide, leastCols(options), leastRows(options));
        return cells == null ? null : new SnappedHeat(guide, options, cells).picture();
    }

    /** Columns of cells without which there is no picture. */
    private static int leastCols(HeatmapOptions options) {
        return options.mayBeCoarser() ? options.leastCols() : CELLS * options.cols();
    }

    private static int leastRows(HeatmapOptions options) {
        return options.mayBeCoarser() ? options.leastRows() : CELLS * options.rows();
    }

    private HeatmapResult picture() {
        List<Area> areas = Heatmap.areas(guide, options.scope());
        List<Lane> lanes = new ArrayList<>();
        for (Area a : areas) {
            Lane lane = cells.lane(a);
            if (lane == null) {
                return null;
            }
            lanes.add(lane);
        }
        double leftOutBytes = 0;
        if (options.scope() == HeatmapOptions.Scope.USED && lanes.size() == 1) {
            Area all = areas.get(0);
            lanes = used(lanes.get(0));
            leftOutBytes = Scan.bytes(all.sizeBytes());
            for (Lane lane : lanes) {
                leftOutBytes -= Scan.bytes(lane.area().sizeBytes());
            }
        }
        long length = lanes.stream().mapToLong(Lane::length).sum();
        if (cells.cols() < leastCols(options) || length < leastRows(options)) {
            return null;
        }
        return options.mayBeCoarser()
                ? picture(lanes, length, (int) cells.cols(), (int) length, leftOutBytes)
                : picture(lanes, length, options.cols(), options.rows(), leftOutBytes);
    }

    /** The parts of a lane that are used, or all of it. */
    private List<Lane> used(Lane lane) {
        if (lane.length() < leastRows(options)) {
            return List.of(lane); // too short anyway
        }
        int n = (int) lane.length();
        double[] heat = new double[n];
        double[] sums = new double[n];
        for (int i = 0; i < n; i++) {
            LongSum sum = new LongSum();
            LongSum cover = new LongSum();
            cells.add(lane, lane.first() + i, 0, cells.cols(), sum, cover);
            sums[i] = sum.value();
            heat[i] = TraceCells.mean(sum, cover);
        }
        double all = Arrays.stream(sums).sum();
        List<Lane> parts = new ArrayList<>();
        double kept = 0;
        for (int[] range : UsedParts.ranges(heat)) {
            long first = lane.first() + range[0];
            long end = lane.first() + range[1];
            Area part = new Area(
                    lane.area().key(),
                    lane.address(first),
                    lane.address(end),
                    lane.area().heatByteSeconds()
                            * Arrays.stream(sums, range[0], range[1]).sum()
                            / all);
            kept += Scan.bytes(part.sizeBytes());
            parts.add(new Lane(part, lane.key(), first, end, lane.shift()));
        }
        return UsedParts.areWorth(parts.size(), kept, lane.area()) ? parts : List.of(lane);
    }

    /** Draws lanes of {@code length} cells in all, of which each row and column has one at least. */
    private HeatmapResult picture(List<Lane> lanes, long length, int width, int rows, double leftOutBytes) {
        LongSum[] heat = sums(rows * width);
        LongSum[] cover = sums(rows * width);
        double[] offsets = new double[rows + 1];
        long at = 0;
        double before = 0;
        for (Lane lane : lanes) {
            for (long cell = lane.first(); cell < lane.end(); cell++, at++) {
                // The row r of cells [length * r / rows, length * (r + 1) / rows).
                int row = (int) (((at + 1) * rows - 1) / length);
                if (length * row / rows == at) {
                    offsets[row] = before + lane.bytesBefore(cell);
                }
                for (int c = 0; c < width; c++) {
                    int i = row * width + c;
                    cells.add(lane, cell, border(c, width), border(c + 1, width), heat[i], cover[i]);
                }
            }
            before += Scan.bytes(lane.area().sizeBytes());
        }
        offsets[rows] = before;
        double[] means = new double[heat.length];
        Arrays.setAll(means, i -> TraceCells.mean(heat[i], cover[i]));
        long[] times = new long[width + 1];
        Arrays.setAll(times, c -> cells.timeNs(border(c, width)));
        times[0] = guide.startNs();
        times[width] = guide.endNs();
        return new HeatmapResult(
                guide.startNs(),
                guide.endNs(),
                width,
                rows,
                means,
                lanes.stream().map(Lane::area).toList(),
                leftOutBytes,
                options.scope(),
                cells.isReferenced(lanes),
                cells.facts.sampleUs,
                cells.facts.aggrUs,
                cells.facts.lost,
                false,
                offsets,
                times);
    }

    /** Number of the first column of cells of a column of the picture. */
    private long border(int col, int width) {
        return cells.cols() * col / width;
    }

    private static LongSum[] sums(int n) {
        LongSum[] sums = new LongSum[n];
        Arrays.setAll(sums, i -> new LongSum());
        return sums;
    }
}
