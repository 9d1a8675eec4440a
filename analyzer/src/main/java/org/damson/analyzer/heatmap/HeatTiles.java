package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.Scan;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Heat over time and address in several resolutions, each half the one before, for a reader who zooms.
 *
 * <p>Every level is the mean over what was monitored of its cells, worked out from the same sums; none is made of
 * another's rounded cells. A cell is one byte: {@link #NOT_MONITORED}, {@link #NO_HEAT}, or the logarithm of its heat, by
 * which it is within {@link #ERROR} of the mean.
 *
 * @param fromNs start of column 0
 * @param colNs duration of a column of level 0
 * @param cols columns of level 0, a power of two; the last ones may lie behind the end of the trace
 * @param rows rows of level 0, a power of two; row 0 is the lowest address of the first lane
 * @param levels cells of each level, {@code cells[col * rowsOfLevel + row]}
 * @param usedAges whether ages fill the time between snapshots
 */
public record HeatTiles(long fromNs, long colNs, int cols, int rows, List<byte[]> levels, boolean usedAges) {
    public static final int NOT_MONITORED = 255;
    public static final int NO_HEAT = 0;

    /** Codes of heat are 1 to this. */
    public static final int CODES = 254;

    /** Powers of ten from the least heat that has a code of its own to 1. */
    public static final int DECADES = 5;

    /** Greatest relative error of a cell's heat, from the least code on. */
    public static final double ERROR = Math.pow(10, DECADES / (CODES - 1.0) / 2) - 1;

    private static final int STRIPE = 64;
    private static final int MAX_COLS = 4096;
    private static final int MIN_COLS = STRIPE;
    private static final int MAX_LEVELS = 6;

    /** Where ages tell of the time between snapshots, snapshots are few, and sums are not in stripes. */
    private static final int MAX_COLS_OF_AGES = 1024;

    /** Heat of the whole trace; the guide is that of the same query. */
    public static HeatTiles compute(TraceSource source, TraceQuery query, GuideResult guide, TileLayout layout)
            throws IOException {
        long fromNs = guide.startNs();
        long toNs = guide.endNs();
        double ns = (double) toNs - fromNs;
        if (ns > Long.MAX_VALUE / 2) {
            throw new InvalidInputException(
                    "snapshots are further apart than a page can show; select a part with --time A..B");
        }
        boolean sparse = Heatmap.isSparse(source, guide);
        int cols = cols(guide, sparse);
        long colNs = Math.max(1, (long) Math.ceil(ns / cols));
        int stripeCols = sparse ? cols : STRIPE;
        int stripes = cols / stripeCols;
        TileSums sums = new TileSums(layout, fromNs, colNs * stripeCols, stripes, stripeCols, sparse);
        if (layout.lanes().isEmpty()) {
            return new HeatTiles(
                    fromNs, colNs, cols, layout.rows(), levels(sums, cols, stripeCols, layout.rows()), false);
        }
        if (sparse) {
            Scan.scan(source, query.columns(Snapshot.HAS_REFERENCED | Snapshot.HAS_AGE), sums);
        } else {
            for (TileSums part : Scan.run(
                    source, query, () -> new TileSums(layout, fromNs, colNs * STRIPE, stripes, STRIPE, false))) {
                sums.addAll(part);
            }
        }
        boolean usedAges = sparse && sums.stripes[0] != null && sums.stripes[0].usedAges;
        return new HeatTiles(
                fromNs, colNs, cols, layout.rows(), levels(sums, cols, stripeCols, layout.rows()), usedAges);
    }

    /** About two columns a snapshot. */
    private static int cols(GuideResult guide, boolean sparse) {
        long snapshots = guide.targets().stream()
                .mapToLong(GuideResult.Target::snapshots)
                .max()
                .orElse(0);
        int most = sparse ? MAX_COLS_OF_AGES : MAX_COLS;
        int cols = MIN_COLS;
        while (cols < most && cols < snapshots) {
            cols *= 2;
        }
        return cols;
    }

    private static List<byte[]> levels(TileSums sums, int cols, int stripeCols, int rows) {
        int count = 1;
        while (count < MAX_LEVELS && stripeCols >> count > 0 && rows >> count >= TileLayout.UNIT) {
            count++;
        }
        List<byte[]> levels = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            byte[] cells = new byte[(cols >> k) * (rows >> k)];
            Arrays.fill(cells, (byte) NOT_MONITORED);
            levels.add(cells);
        }
        for (int i = 0; i < sums.stripes.length; i++) {
            HeatGrid grid = sums.stripes[i];
            if (grid != null) {
                stripe(grid, i, levels);
                sums.stripes[i] = null;
            }
        }
        return List.copyOf(levels);
    }

    /** The cells of one stripe in all levels. */
    private static void stripe(HeatGrid grid, int index, List<byte[]> levels) {
        double[] heat = grid.heat;
        double[] cover = grid.cover;
        int cols = grid.cols;
        int rows = grid.rows;
        for (int k = 0; k < levels.size(); k++) {
            byte[] cells = levels.get(k);
            int at = index * cols * rows;
            for (int c = 0; c < cols; c++) {
                for (int r = 0; r < rows; r++) {
                    cells[at++] = (byte) code(heat[r * cols + c], cover[r * cols + c]);
                }
            }
            if (k + 1 < levels.size()) {
                heat = halved(heat, cols, rows);
                cover = halved(cover, cols, rows);
                cols /= 2;
                rows /= 2;
            }
        }
    }

    private static double[] halved(double[] cells, int cols, int rows) {
        int half = cols / 2;
        double[] sums = new double[half * (rows / 2)];
        for (int r = 0; r < rows / 2; r++) {
            for (int c = 0; c < half; c++) {
                int at = 2 * r * cols + 2 * c;
                sums[r * half + c] = cells[at] + cells[at + 1] + cells[at + cols] + cells[at + cols + 1];
            }
        }
        return sums;
    }

    private static int code(double heat, double cover) {
        // As in HeatGrid.means: less than a billionth of a cell is rounding, not coverage.
        return cover > 1e-9 ? code(heat / cover) : NOT_MONITORED;
    }

    /** The byte that stands for a heat of 0 to 1. */
    static int code(double heat) {
        if (!(heat > 0)) {
            return NO_HEAT;
        }
        double level = 1 + Math.log10(Math.min(1, heat)) / DECADES;
        return 1 + (int) Math.max(0, Math.round(level * (CODES - 1)));
    }

    /** The heat that a code from 1 to {@link #CODES} stands for. */
    static double heat(int code) {
        return Math.pow(10, ((code - 1) / (CODES - 1.0) - 1) * DECADES);
    }

    public int rowsOf(int level) {
        return rows >> level;
    }

    public int colsOf(int level) {
        return cols >> level;
    }
}
