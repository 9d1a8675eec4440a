package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatCells;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.HeatUnits;
import org.damson.model.summary.LongSum;
import org.damson.model.summary.StreamKey;
import org.damson.model.summary.SummarizedSnapshots;

/**
 * The heatmap of a long trace, its rows and columns whole cells of {@link HeatCells}: borders are moved by at most a quarter of a
 * row or column. Whether they are depends on the trace and what is asked, not on whether the trace keeps its cells: the picture is
 * the same from its rows.
 */
final class SnappedHeat {
    /** Cells in a row or column of the picture, at least. */
    private static final int CELLS = 2;

    /** Cells of addresses {@code [first, end)} that show an area, which begins and ends in them. */
    private record Lane(Area area, StreamKey key, long first, long end) {
        static Lane of(Area a, int shift) {
            return new Lane(a, a.key().stream(), a.start() >>> shift, (a.end() - 1 >>> shift) + 1);
        }

        long length() {
            return end - first;
        }
    }

    private final GuideResult guide;
    private final HeatmapOptions options;
    private final HeatCells cells;
    private final long firstCol;
    private final long cols;

    private SnappedHeat(GuideResult guide, HeatmapOptions options, HeatCells cells) {
        this.guide = guide;
        this.options = options;
        this.cells = cells;
        firstCol = guide.startNs() >> cells.colShift();
        cols = (guide.endNs() - 1 >> cells.colShift()) + 1 - firstCol;
    }

    /** The picture; null if its rows and columns are too fine for cells, or something else speaks against it. */
    static HeatmapResult compute(TraceSource source, TraceQuery query, HeatmapOptions options, GuideResult guide)
            throws IOException {
        if (!isPossible(source, query, options, guide)) {
            return null;
        }
        Facts facts = new Facts();
        HeatCells cells;
        if (source.isKept(Table.HEAT_CELLS) && SummarizedSnapshots.answer(source, query)) {
            cells = HeatSums.readCells(source);
            try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(source, query)) {
                while (snapshots.next()) {
                    facts.add(snapshots.head());
                }
            }
        } else {
            cells = new HeatCells();
            for (Part part : Scan.run(source, query, Part::new)) {
                cells.add(part.cells);
                facts.add(part.facts);
            }
            cells.shrinkTo(HeatSums.mostCells(regions(guide)));
        }
        return cells.isExact() ? new SnappedHeat(guide, options, cells).picture(facts) : null;
    }

    private static boolean isPossible(TraceSource source, TraceQuery query, HeatmapOptions options, GuideResult guide) {
        long wanted = (long) CELLS * options.cols() * CELLS * options.rows();
        return query.isWhole()
                && guide.areExact()
                && CELLS * options.cols() <= HeatCells.MAX_COLS
                && CELLS * options.rows() <= HeatCells.MAX_ROWS
                && wanted <= HeatSums.mostCells(regions(guide))
                && !Heatmap.isSparse(source, guide);
    }

    private static long regions(GuideResult guide) {
        return guide.targets().stream().mapToLong(GuideResult.Target::regions).sum();
    }

    private HeatmapResult picture(Facts facts) {
        List<Area> areas = Heatmap.areas(guide, options.scope());
        List<Lane> lanes = new ArrayList<>();
        for (Area a : areas) {
            Lane lane = Lane.of(a, cells.cellShift());
            if (isShared(lane)) {
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
        if (cols < (long) CELLS * options.cols() || length < (long) CELLS * options.rows()) {
            return null;
        }
        return picture(lanes, length, leftOutBytes, facts);
    }

    /** Whether a cell at its border holds some of another area of the same target too. */
    private boolean isShared(Lane lane) {
        for (GuideResult.Target t : guide.targets()) {
            for (Area a : t.areas()) {
                boolean isOther = Long.compareUnsigned(a.end() - 1, lane.area().start()) < 0
                        || Long.compareUnsigned(a.start(), lane.area().end() - 1) > 0;
                if (isOther && t.key().equals(lane.area().key())) {
                    Lane other = Lane.of(a, cells.cellShift());
                    if (other.first() < lane.end() && lane.first() < other.end()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The parts of a lane that are used, or all of it. */
    private List<Lane> used(Lane lane) {
        if (lane.length() < (long) CELLS * options.rows()) {
            return List.of(lane); // too short anyway
        }
        int n = (int) lane.length();
        double[] heat = new double[n];
        double[] sums = new double[n];
        for (int i = 0; i < n; i++) {
            LongSum sum = new LongSum();
            LongSum cover = new LongSum();
            add(lane, lane.first() + i, firstCol, firstCol + cols, sum, cover);
            sums[i] = sum.value();
            heat[i] = mean(sum, cover);
        }
        double all = Arrays.stream(sums).sum();
        List<Lane> parts = new ArrayList<>();
        double kept = 0;
        for (int[] range : UsedParts.ranges(heat)) {
            Area a = lane.area();
            long first = lane.first() + range[0];
            long end = lane.first() + range[1];
            Area part = new Area(
                    a.key(),
                    range[0] == 0 ? a.start() : first << cells.cellShift(),
                    range[1] == n ? a.end() : end << cells.cellShift(),
                    a.heatByteSeconds()
                            * Arrays.stream(sums, range[0], range[1]).sum()
                            / all);
            kept += Scan.bytes(part.sizeBytes());
            parts.add(new Lane(part, lane.key(), first, end));
        }
        return UsedParts.areWorth(parts.size(), kept, lane.area()) ? parts : List.of(lane);
    }

    private HeatmapResult picture(List<Lane> lanes, long length, double leftOutBytes, Facts facts) {
        int rows = options.rows();
        LongSum[] heat = sums(rows * options.cols());
        LongSum[] cover = sums(rows * options.cols());
        long[] addresses = new long[rows + 1];
        long at = 0;
        for (Lane lane : lanes) {
            for (long cell = lane.first(); cell < lane.end(); cell++, at++) {
                // The row r of cells [length * r / rows, length * (r + 1) / rows).
                int row = (int) (((at + 1) * rows - 1) / length);
                if (length * row / rows == at) {
                    addresses[row] = cell == lane.first() ? lane.area().start() : cell << cells.cellShift();
                }
                for (int c = 0; c < options.cols(); c++) {
                    int i = row * options.cols() + c;
                    add(lane, cell, border(c), border(c + 1), heat[i], cover[i]);
                }
            }
        }
        addresses[rows] = lanes.get(lanes.size() - 1).area().end();
        double[] means = new double[heat.length];
        Arrays.setAll(means, i -> mean(heat[i], cover[i]));
        long[] times = new long[options.cols() + 1];
        Arrays.setAll(times, c -> border(c) << cells.colShift());
        times[0] = guide.startNs();
        times[options.cols()] = guide.endNs();
        return new HeatmapResult(
                guide.startNs(),
                guide.endNs(),
                options.cols(),
                rows,
                means,
                lanes.stream().map(Lane::area).toList(),
                leftOutBytes,
                options.scope(),
                isReferenced(lanes),
                facts.sampleUs,
                facts.aggrUs,
                facts.lost,
                false,
                addresses,
                times);
    }

    /** Number of the first column of cells of a column of the picture. */
    private long border(int col) {
        return firstCol + cols * col / options.cols();
    }

    private void add(Lane lane, long cell, long from, long to, LongSum heat, LongSum cover) {
        int index = Arrays.binarySearch(cells.cells(lane.key()), cell);
        if (index >= 0) {
            cells.sum(lane.key(), index, from - cells.firstCol(), to - cells.firstCol(), heat, cover);
        }
    }

    private static LongSum[] sums(int n) {
        LongSum[] sums = new LongSum[n];
        Arrays.setAll(sums, i -> new LongSum());
        return sums;
    }

    private static double mean(LongSum heat, LongSum cover) {
        double covered = cover.value();
        return covered == 0 ? Double.NaN : Math.min(1, heat.value() / covered / HeatUnits.ONE);
    }

    private boolean isReferenced(List<Lane> lanes) {
        return guide.targets().stream()
                .anyMatch(t -> t.referenced()
                        && lanes.stream().anyMatch(l -> l.area().key().equals(t.key())));
    }

    /** What snapshots tell beside their heat. */
    private static final class Facts {
        long sampleUs;
        long aggrUs;
        long lost;

        void add(Snapshot s) {
            sampleUs = s.sampleUs == 0 ? sampleUs : s.sampleUs;
            aggrUs = s.aggrUs == 0 ? aggrUs : s.aggrUs;
            lost += Math.max(0, s.lost);
        }

        void add(Facts o) {
            sampleUs = o.sampleUs == 0 ? sampleUs : o.sampleUs;
            aggrUs = o.aggrUs == 0 ? aggrUs : o.aggrUs;
            lost += o.lost;
        }
    }

    private static final class Part implements Scan.Accumulator {
        final HeatCells cells = new HeatCells();
        final Facts facts = new Facts();

        @Override
        public void add(Snapshot s) {
            facts.add(s);
            cells.add(s, Scan.fromNs(s, TraceQuery.ALL), s.endNs);
        }
    }
}
