package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Heat of two traces over the memory that they have in common, each over its own time, to be drawn beside one another. */
public final class PairedHeatmaps {
    private PairedHeatmaps() {}

    /**
     * What of the places either of them used, the first one above the second in both.
     *
     * @param a places of the first trace; places of the same index are the same memory
     * @param b places of the second
     */
    public static List<HeatmapResult> compute(
            TraceSource traceA, TraceSource traceB, List<Area> a, List<Area> b, int cols, int rows) throws IOException {
        GuideResult guideA = TraceGuide.compute(traceA, TraceQuery.ALL);
        GuideResult guideB = TraceGuide.compute(traceB, TraceQuery.ALL);
        List<Area> partsA = new ArrayList<>();
        List<Area> partsB = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            for (Area part : used(traceA, traceB, a.get(i), b.get(i), guideA, guideB)) {
                partsA.add(part);
                partsB.add(mapped(part, a.get(i), b.get(i)));
            }
        }
        return List.of(of(traceA, guideA, partsA, partsA, cols, rows), of(traceB, guideB, partsB, partsA, cols, rows));
    }

    /** Parts of a place of the first trace that either has used: where both left most of it alone, that is left out. */
    private static List<Area> used(
            TraceSource traceA, TraceSource traceB, Area a, Area b, GuideResult guideA, GuideResult guideB)
            throws IOException {
        List<Area> parts = new ArrayList<>(UsedParts.of(traceA, TraceQuery.ALL, a, guideA.startNs(), guideA.endNs()));
        for (Area part : UsedParts.of(traceB, TraceQuery.ALL, b, guideB.startNs(), guideB.endNs())) {
            parts.add(mapped(part, b, a));
        }
        parts.sort((x, y) -> Long.compareUnsigned(x.start(), y.start()));
        List<Area> joined = new ArrayList<>();
        for (Area p : parts) {
            Area last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && Long.compareUnsigned(p.start(), last.end()) <= 0) {
                long end = Long.compareUnsigned(last.end(), p.end()) > 0 ? last.end() : p.end();
                joined.set(joined.size() - 1, new Area(a.key(), last.start(), end, 0));
            } else {
                joined.add(p);
            }
        }
        return joined;
    }

    /** The same part of another place, which may have another size. */
    private static Area mapped(Area part, Area of, Area to) {
        double scale = Scan.bytes(to.sizeBytes()) / Math.max(1, Scan.bytes(of.sizeBytes()));
        long start = to.start() + (long) (Scan.bytes(part.start() - of.start()) * scale);
        long end =
                part.end() == of.end() ? to.end() : to.start() + (long) (Scan.bytes(part.end() - of.start()) * scale);
        return new Area(to.key(), start, end, 0);
    }

    /** @param units areas that say how much of the rows each takes */
    private static HeatmapResult of(
            TraceSource trace, GuideResult guide, List<Area> areas, List<Area> units, int cols, int rows)
            throws IOException {
        Layout layout = new Layout();
        for (int i = 0; i < areas.size(); i++) {
            layout.add(areas.get(i), Scan.bytes(units.get(i).sizeBytes()));
        }
        HeatGrid grid = Heatmap.grid(trace, TraceQuery.ALL, layout, guide.startNs(), guide.endNs(), cols, rows);
        return new HeatmapResult(
                guide.startNs(),
                guide.endNs(),
                cols,
                rows,
                grid.means(),
                List.copyOf(areas),
                0,
                HeatmapOptions.Scope.USED,
                grid.referenced,
                grid.sampleUs,
                grid.aggrUs,
                grid.lost,
                false,
                null,
                null);
    }
}
