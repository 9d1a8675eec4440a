package org.damson.analyzer.heatmap;

import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;

/** Which share of the memory and time of a cell a simulation takes out: cells like those of one level of {@link HeatTiles}. */
public final class OutTiles {
    private static final int MAX_CELLS = 1 << 19;

    /** Steps of a share. */
    private static final int STEPS = 10_000;

    private final int level;
    private final HeatGrid grid;
    private final Snapshot out = new Snapshot();
    private TargetKey key;
    private long fromNs;
    private long toNs;

    public OutTiles(HeatTiles tiles, TileLayout layout) {
        int k = 0;
        while (k + 1 < tiles.levels().size() && tiles.colsOf(k) * tiles.rowsOf(k) > MAX_CELLS) {
            k++;
        }
        level = k;
        long endNs = tiles.fromNs() + tiles.colNs() * tiles.cols();
        grid = new HeatGrid(layout.layout(), tiles.fromNs(), endNs, tiles.colsOf(k), tiles.rowsOf(k));
    }

    /** Begins a new time: later additions belong to it. */
    public void turn(long from, long to) {
        flush();
        fromNs = from;
        toNs = to;
    }

    /** Memory of which a share is out, ascending by address within a target. */
    public void add(TargetKey of, long start, long end, double share) {
        if (!of.equals(key)) {
            flush();
            key = of;
        }
        out.add(start, end, (int) Math.round(share * STEPS), 0);
    }

    private void flush() {
        if (key != null && out.regions > 0) {
            out.kdamond = key.kdamond();
            out.context = key.context();
            out.scheme = key.scheme();
            out.target = key.target();
            out.startNs = fromNs;
            out.endNs = toNs;
            out.sampleUs = 1;
            out.aggrUs = STEPS;
            grid.add(out);
        }
        out.clear();
        key = null;
    }

    public int level() {
        return level;
    }

    /** The cells, coded as heat is; what no turn told of is not out. */
    public byte[] cells() {
        flush();
        byte[] cells = new byte[grid.cols * grid.rows];
        for (int c = 0; c < grid.cols; c++) {
            for (int r = 0; r < grid.rows; r++) {
                cells[c * grid.rows + r] = (byte) HeatTiles.code(grid.heat[r * grid.cols + c]);
            }
        }
        return cells;
    }
}
