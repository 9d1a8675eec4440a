package org.damson.analyzer.heatmap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;

/** Sums heat and coverage per cell of a layout. Memory: 16 bytes per cell. */
public final class HeatGrid implements Scan.Accumulator {
    public final int cols;
    public final int rows;
    public final double[] heat;
    public final double[] cover;
    private final Layout layout;
    private final double originNs;
    private final double colNs;
    private final double rowsPerUnit;

    // One snapshot's rows, spread over the columns it lasts once all its regions are in.
    private final double[] rowHeat;
    private final double[] rowCover;
    private int lowRow;
    private int highRow;
    private TargetKey key;
    private Layout.Lane[] lanes = new Layout.Lane[0];

    /** Heat of all lanes, integrated over their own bytes and seconds. */
    public double heatByteSeconds;

    private double snapshotHeatBytes;

    /** When each target's last snapshot ended; null where ages are not asked. */
    private Map<TargetKey, Long> toldUntilNs;

    /** Whether ages told of time that no snapshot did. */
    boolean usedAges;

    boolean referenced;
    long sampleUs;
    long aggrUs;
    long lost;

    HeatGrid(Layout layout, long fromNs, long toNs, int cols, int rows) {
        this.layout = layout;
        this.cols = cols;
        this.rows = rows;
        this.originNs = fromNs;
        this.colNs = Math.max(1, (double) toNs - fromNs) / cols;
        this.rowsPerUnit = rows / layout.total();
        heat = new double[cols * rows];
        cover = new double[cols * rows];
        rowHeat = new double[rows];
        rowCover = new double[rows];
    }

    /** Has ages tell of the time between snapshots; these must then all come to this grid. */
    HeatGrid withAges() {
        toldUntilNs = new HashMap<>();
        return this;
    }

    @Override
    public void add(Snapshot s) {
        sampleUs = s.sampleUs;
        aggrUs = s.aggrUs;
        lost += Math.max(0, s.lost);
        if (key == null || !key.matches(s)) {
            key = TargetKey.of(s);
            lanes = layout.of(key);
        }
        double from = s.fromNs() - originNs;
        double to = s.endNs - originNs;
        if (lanes.length == 0 || to <= from) {
            return;
        }
        draw(s, 0, s.regions, from, to);
        heatByteSeconds += snapshotHeatBytes * ((to - from) / 1e9);
        if (toldUntilNs != null) {
            Long until = toldUntilNs.put(key, s.endNs);
            if (until != null && s.has(Snapshot.HAS_AGE) && !s.has(Snapshot.HAS_REFERENCED)) {
                fill(s, until - originNs, from);
            }
        }
    }

    /** Draws each region as far back as its age reaches, within the time that no snapshot tells of. */
    private void fill(Snapshot s, double gapFrom, double gapTo) {
        for (int i = 0; i < s.regions; i++) {
            double from = Math.max(gapFrom, gapTo - Integer.toUnsignedLong(s.age[i]) * (s.aggrUs * 1e3));
            if (from < gapTo) {
                draw(s, i, i + 1, from, gapTo);
                usedAges = true;
            }
        }
    }

    /** Spreads some of a snapshot's regions over a time. */
    private void draw(Snapshot s, int first, int end, double from, double to) {
        lowRow = rows;
        highRow = -1;
        snapshotHeatBytes = 0;
        sumRows(s, first, end);
        if (highRow >= 0) {
            spread(from, to);
            Arrays.fill(rowHeat, lowRow, highRow + 1, 0);
            Arrays.fill(rowCover, lowRow, highRow + 1, 0);
        }
    }

    private void sumRows(Snapshot s, int first, int end) {
        boolean byReference = s.has(Snapshot.HAS_REFERENCED);
        referenced |= byReference;
        double perAccess = 1.0 / s.maxNrAccesses();
        int lane = 0;
        for (int i = first; i < end; i++) {
            if (s.start[i] == s.end[i]) {
                continue;
            }
            while (lane < lanes.length && Long.compareUnsigned(lanes[lane].last(), s.start[i]) < 0) {
                lane++;
            }
            double h = Scan.heat(s, i, perAccess, byReference);
            long last = s.end[i] - 1;
            for (int l = lane; l < lanes.length && Long.compareUnsigned(lanes[l].first(), last) <= 0; l++) {
                addRange(lanes[l], s.start[i], last, h);
            }
        }
    }

    private void addRange(Layout.Lane lane, long first, long last, double h) {
        long lo = Long.compareUnsigned(first, lane.first()) > 0 ? first : lane.first();
        long hi = Long.compareUnsigned(last, lane.last()) < 0 ? last : lane.last();
        snapshotHeatBytes += h * (Scan.bytes(hi - lo) + 1);
        double a = (lane.offset() + Scan.bytes(lo - lane.first()) * lane.scale()) * rowsPerUnit;
        double b = (lane.offset() + (Scan.bytes(hi - lane.first()) + 1) * lane.scale()) * rowsPerUnit;
        int r0 = Math.min(rows - 1, (int) a);
        int r1 = Math.min(rows - 1, (int) b);
        lowRow = Math.min(lowRow, r0);
        highRow = Math.max(highRow, r1);
        if (r0 == r1) {
            rowHeat[r0] += h * (b - a);
            rowCover[r0] += b - a;
            return;
        }
        rowHeat[r0] += h * (r0 + 1 - a);
        rowCover[r0] += r0 + 1 - a;
        for (int r = r0 + 1; r < r1; r++) {
            rowHeat[r] += h;
            rowCover[r] += 1;
        }
        rowHeat[r1] += h * (b - r1);
        rowCover[r1] += b - r1;
    }

    private void spread(double from, double to) {
        double a = Math.max(0, from / colNs);
        double b = Math.min(cols, to / colNs);
        for (int c = (int) a; c < cols && c < b; c++) {
            double share = Math.min(b, c + 1) - Math.max(a, c);
            for (int r = lowRow; r <= highRow; r++) {
                heat[r * cols + c] += rowHeat[r] * share;
                cover[r * cols + c] += rowCover[r] * share;
            }
        }
    }

    void addAll(HeatGrid o) {
        for (int i = 0; i < heat.length; i++) {
            heat[i] += o.heat[i];
            cover[i] += o.cover[i];
        }
        heatByteSeconds += o.heatByteSeconds;
        referenced |= o.referenced;
        sampleUs = o.sampleUs == 0 ? sampleUs : o.sampleUs;
        aggrUs = o.aggrUs == 0 ? aggrUs : o.aggrUs;
        lost += o.lost;
    }

    /** Mean heat per cell, NaN where nothing was covered. */
    double[] means() {
        double[] mean = new double[heat.length];
        for (int i = 0; i < mean.length; i++) {
            // Less than a billionth of a cell is rounding at a neighbour's border, not coverage.
            mean[i] = cover[i] > 1e-9 ? Math.min(1, heat[i] / cover[i]) : Double.NaN;
        }
        return mean;
    }
}
