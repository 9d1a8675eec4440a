package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
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
 * The cells of a whole trace: those that it keeps, or the same made from its rows. Whether there are any depends on the trace, not on
 * whether it keeps them. One target of several has those that its trace has.
 */
final class TraceCells {
    /** Cells of addresses {@code [first, end)} that show an area, which begins and ends in them. */
    record Lane(Area area, StreamKey key, long first, long end, int shift) {
        private static Lane of(Area a, int shift) {
            return new Lane(a, a.key().stream(), a.start() >>> shift, (a.end() - 1 >>> shift) + 1, shift);
        }

        long length() {
            return end - first;
        }

        /** Where a cell begins, or, behind the last one, the area ends: within the area. */
        long address(long cell) {
            return cell == first ? area.start() : cell == end ? area.end() : cell << shift;
        }

        /** Bytes of the area that lie below a cell. */
        double bytesBefore(long cell) {
            return Scan.bytes(address(cell) - area.start());
        }
    }

    /** Facts of snapshots other than heat. */
    static final class Facts {
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
        private final TraceQuery query;

        Part(TraceQuery query) {
            this.query = query;
        }

        @Override
        public void add(Snapshot s) {
            if (query.takes(s.target)) {
                facts.add(s);
            }
            cells.add(s, s.fromNs(), s.endNs);
        }
    }

    private final GuideResult guide;
    private final HeatCells cells;
    final Facts facts;

    /** Columns of cells that the trace lasts. */
    private final long firstCol;

    private final long cols;

    private TraceCells(GuideResult guide, HeatCells cells, Facts facts) {
        this.guide = guide;
        this.cells = cells;
        this.facts = facts;
        firstCol = guide.startNs() >> cells.colShift();
        cols = (guide.endNs() - 1 >> cells.colShift()) + 1 - firstCol;
    }

    /**
     * The cells of a query, whose guide this is; null if there may not be so many, or something else speaks against them. There may turn
     * out to be fewer.
     */
    static TraceCells of(TraceSource source, TraceQuery query, GuideResult guide, int leastCols, int leastRows)
            throws IOException {
        long regions = query.isWhole()
                ? guide.targets().stream()
                        .mapToLong(GuideResult.Target::regions)
                        .sum()
                : source.rowCount(Table.REGIONS);
        boolean isPossible = query.isOfWholeTargets()
                && !guide.targets().isEmpty()
                && guide.areExact()
                && leastCols <= HeatCells.MAX_COLS
                && leastRows <= HeatCells.MAX_ROWS
                && (long) leastCols * leastRows <= HeatSums.mostCells(regions)
                && !Heatmap.isSparse(source, guide);
        if (!isPossible) {
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
            for (Part part : Scan.run(source, query.target(null), () -> new Part(query))) {
                cells.add(part.cells);
                facts.add(part.facts);
            }
            cells.shrinkTo(HeatSums.mostCells(regions));
        }
        return cells.isExact() ? new TraceCells(guide, cells, facts) : null;
    }

    /** The cells of an area; null if one at its border holds some of another area of the same target too. */
    Lane lane(Area area) {
        Lane lane = Lane.of(area, cells.cellShift());
        for (GuideResult.Target t : guide.targets()) {
            for (Area a : t.areas()) {
                boolean isOther = Long.compareUnsigned(a.end() - 1, area.start()) < 0
                        || Long.compareUnsigned(a.start(), area.end() - 1) > 0;
                if (isOther && t.key().equals(area.key())) {
                    Lane other = Lane.of(a, cells.cellShift());
                    if (other.first() < lane.end() && lane.first() < other.end()) {
                        return null;
                    }
                }
            }
        }
        return lane;
    }

    /** Columns of cells that the trace lasts. */
    long cols() {
        return cols;
    }

    /** When a column of them begins. */
    long timeNs(long col) {
        return firstCol + col << cells.colShift();
    }

    /** Adds up the heat and the monitored part of a cell of a lane over columns {@code [from, to)}. */
    void add(Lane lane, long cell, long from, long to, LongSum heat, LongSum cover) {
        int index = Arrays.binarySearch(cells.cells(lane.key()), cell);
        if (index >= 0) {
            long before = firstCol - cells.firstCol();
            cells.sum(lane.key(), index, before + from, before + to, heat, cover);
        }
    }

    /** Mean heat, NaN where nothing was monitored. */
    static double mean(LongSum heat, LongSum cover) {
        double covered = cover.value();
        return covered == 0 ? Double.NaN : Math.min(1, heat.value() / covered / HeatUnits.ONE);
    }

    /** Whether heat of these lanes is scaled by referenced bytes. */
    boolean isReferenced(Collection<Lane> lanes) {
        return guide.targets().stream()
                .anyMatch(t -> t.referenced()
                        && lanes.stream().anyMatch(l -> l.area().key().equals(t.key())));
    }
}
