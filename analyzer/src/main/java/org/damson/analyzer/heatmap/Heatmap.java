package org.damson.analyzer.heatmap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Heat over time and address. Every snapshot counts once, for exactly the time from its start to its end. Where snapshots
 * are far apart, the time between them, of which none tells, is told by the ages of the next.
 */
public final class Heatmap {
    private Heatmap() {}

    public static HeatmapResult compute(TraceSource source, TraceQuery query, HeatmapOptions options)
            throws IOException {
        return compute(source, query, options, TraceGuide.compute(source, query));
    }

    /** As {@link #compute(TraceSource, TraceQuery, HeatmapOptions)} where the guide of the same query is known. */
    public static HeatmapResult compute(TraceSource source, TraceQuery query, HeatmapOptions options, GuideResult guide)
            throws IOException {
        HeatmapResult snapped = SnappedHeat.compute(source, query, options, guide);
        if (snapped != null) {
            return snapped;
        }
        List<Area> areas = areas(guide, options.scope());
        long fromNs = areas.isEmpty() ? 0 : guide.startNs();
        long toNs = areas.isEmpty() ? 0 : guide.endNs();
        double leftOutBytes = 0;
        if (options.scope() == HeatmapOptions.Scope.USED && !areas.isEmpty()) {
            leftOutBytes = Scan.bytes(areas.get(0).sizeBytes());
            areas = UsedParts.of(source, query, areas.get(0), fromNs, toNs);
            for (Area a : areas) {
                leftOutBytes -= Scan.bytes(a.sizeBytes());
            }
        }
        Layout layout = Layout.of(areas);
        HeatGrid grid;
        if (isSparse(source, guide) && layout.total() > 0) {
            grid = new HeatGrid(layout, fromNs, toNs, options.cols(), options.rows()).withAges();
            Scan.scan(source, query.columns(Snapshot.HAS_REFERENCED | Snapshot.HAS_AGE), grid);
        } else {
            grid = grid(source, query, layout, fromNs, toNs, options.cols(), options.rows());
        }
        return new HeatmapResult(
                fromNs,
                toNs,
                options.cols(),
                options.rows(),
                grid.means(),
                List.copyOf(areas),
                leftOutBytes,
                options.scope(),
                grid.referenced,
                grid.sampleUs,
                grid.aggrUs,
                grid.lost,
                grid.usedAges,
                null,
                null);
    }

    /** The shown areas, before used and unused parts are separated. */
    static List<Area> areas(GuideResult guide, HeatmapOptions.Scope scope) {
        List<Area> areas = new ArrayList<>();
        for (GuideResult.Target t : guide.targets()) {
            areas.addAll(neighbourhoods(t.areas()));
        }
        return scope == HeatmapOptions.Scope.ALL || areas.isEmpty() ? areas : List.of(hottest(areas));
    }

    /** Whether snapshots of one aggregation each leave most of a target's time untold. */
    static boolean isSparse(TraceSource source, GuideResult guide) {
        double aggrNs = source.manifest().attrs.aggrUs() * 1e3;
        return guide.targets().stream()
                .anyMatch(t -> t.snapshots() > 1 && t.snapshots() * aggrNs < (t.endNs() - t.startNs()) / 2.0);
    }

    public static HeatGrid grid(
            TraceSource source, TraceQuery query, Layout layout, long fromNs, long toNs, int cols, int rows)
            throws IOException {
        HeatGrid sum = new HeatGrid(layout, fromNs, toNs, cols, rows);
        if (layout.total() > 0) {
            for (HeatGrid part : Scan.run(source, query, () -> new HeatGrid(layout, fromNs, toNs, cols, rows))) {
                sum.addAll(part);
            }
        }
        return sum;
    }

    /**
     * Joins areas of one target whose gap is small next to themselves (a guard page between two mappings): what a person
     * would call one place. The gap stays visible as not monitored.
     */
    public static List<Area> neighbourhoods(List<Area> areas) {
        List<Area> joined = new ArrayList<>();
        for (Area a : areas) {
            Area before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (before != null
                    && Scan.bytes(a.start() - before.end())
                            <= (Scan.bytes(before.sizeBytes()) + Scan.bytes(a.sizeBytes())) / 16) {
                joined.set(
                        joined.size() - 1,
                        new Area(a.key(), before.start(), a.end(), before.heatByteSeconds() + a.heatByteSeconds()));
            } else {
                joined.add(a);
            }
        }
        return joined;
    }

    private static Area hottest(List<Area> areas) {
        Area best = areas.get(0);
        for (Area a : areas) {
            int c = Double.compare(a.heatByteSeconds(), best.heatByteSeconds());
            if (c > 0 || c == 0 && Long.compareUnsigned(a.sizeBytes(), best.sizeBytes()) > 0) {
                best = a;
            }
        }
        return best;
    }
}
