package org.damson.analyzer.heatmap;

import org.damson.analyzer.scan.Scan;
import org.damson.model.Snapshot;

/**
 * A grid as stripes of time, of which only those exist that a snapshot reached: the parts of a scan, each of which sees
 * a part of the time, together take the memory of one grid.
 */
final class TileSums implements Scan.Accumulator {
    final HeatGrid[] stripes;
    private final Layout layout;
    private final long fromNs;
    private final long stripeNs;
    private final int stripeCols;
    private final int rows;
    private final boolean withAges;

    /**
     * @param stripeNs a multiple of {@code stripeCols}
     * @param withAges whether ages tell of the time between snapshots; then there must be one stripe
     */
    TileSums(TileLayout lanes, long fromNs, long stripeNs, int stripes, int stripeCols, boolean withAges) {
        this.layout = lanes.layout();
        this.fromNs = fromNs;
        this.stripeNs = stripeNs;
        this.stripeCols = stripeCols;
        this.rows = lanes.rows();
        this.withAges = withAges;
        this.stripes = new HeatGrid[stripes];
    }

    @Override
    public void add(Snapshot s) {
        double from = (double) s.fromNs() - fromNs;
        double to = (double) s.endNs - fromNs;
        int first = withAges ? 0 : (int) Math.max(0, from / stripeNs);
        for (int i = first; i < stripes.length && (double) i * stripeNs < to; i++) {
            if (stripes[i] == null) {
                long startNs = fromNs + i * stripeNs;
                stripes[i] = new HeatGrid(layout, startNs, startNs + stripeNs, stripeCols, rows);
                if (withAges) {
                    stripes[i].withAges();
                }
            }
            stripes[i].add(s);
        }
    }

    void addAll(TileSums o) {
        for (int i = 0; i < stripes.length; i++) {
            if (stripes[i] == null) {
                stripes[i] = o.stripes[i];
            } else if (o.stripes[i] != null) {
                stripes[i].addAll(o.stripes[i]);
            }
        }
    }
}
