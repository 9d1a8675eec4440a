package org.damson.analyzer.damo;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** damo's aggregation of consecutive snapshots: the borders of the first win, accesses add up by the greatest overlap. */
public final class DamoAdjust {
    private DamoAdjust() {}

    /**
     * Groups consecutive snapshots until they span {@code intervalUs}.
     *
     * @param skip snapshots left out at the start
     * @param compat whether to drop a last group that spans less, and to leave ages in the old intervals
     */
    public static DamoRecord aggregate(DamoRecord record, long intervalUs, long skip, boolean compat) {
        DamoIntervals i = record.intervals;
        DamoIntervals adjusted =
                i == null ? null : new DamoIntervals(i.sample(), Num.of(intervalUs), i.update(), i.goal());
        DamoRecord rest = record.skipping(skip);
        Num spanNs = Num.of(intervalUs).times(1000);
        return record.with(adjusted, visitor -> {
            List<DamoSnapshot> group = new ArrayList<>();
            rest.forEach(s -> {
                group.add(s);
                if (!s.end.minus(group.get(0).start).less(spanNs)) {
                    visitor.visit(aggregate(group, record, adjusted, compat));
                    group.clear();
                }
            });
            if (!compat && !group.isEmpty()) {
                visitor.visit(aggregate(group, record, adjusted, compat));
            }
        });
    }

    private static DamoSnapshot aggregate(
            List<DamoSnapshot> group, DamoRecord record, DamoIntervals adjusted, boolean compat) {
        DamoIntervals i = record.intervals;
        if (!compat && i != null) {
            for (DamoSnapshot s : group) {
                Num aggrUs = s.aggrUs(i);
                s.regions.forEach(r -> r.age = r.age == null
                        ? null
                        : r.age.times(aggrUs).over(adjusted.aggr()).truncated());
            }
        }
        DamoSnapshot sum = new DamoSnapshot(group.get(0).start, group.get(group.size() - 1).end);
        for (DamoSnapshot s : group) {
            Map<DamoRegion, Num> toAdd = new IdentityHashMap<>();
            if (sum.regions.isEmpty() && isDisjoint(s.regions)) {
                sum.regions.addAll(s.regions);
                continue;
            }
            for (DamoRegion r : s.regions) {
                add(sum.regions, r, toAdd);
            }
            toAdd.forEach((r, accesses) -> {
                r.samples = r.samples.plus(accesses);
            });
        }
        sum.updateTotalBytes();
        return sum;
    }

    private static boolean isDisjoint(List<DamoRegion> regions) {
        for (int i = 1; i < regions.size(); i++) {
            if (regions.get(i).start.less(regions.get(i - 1).end)) {
                return false;
            }
        }
        return true;
    }

    private static void add(List<DamoRegion> regions, DamoRegion region, Map<DamoRegion, Num> toAdd) {
        for (DamoRegion r : regions) {
            if (r.end.compareTo(region.start) <= 0 || region.end.compareTo(r.start) <= 0) {
                continue;
            }
            toAdd.merge(r, Num.max(Num.ZERO, region.samples), Num::max);
            List<DamoRegion> rests = new ArrayList<>();
            if (region.start.less(r.start)) {
                rests.add(part(region, region.start, r.start));
            }
            if (r.end.less(region.end)) {
                rests.add(part(region, r.end, region.end));
            }
            for (DamoRegion rest : rests) {
                add(regions, rest, toAdd);
            }
            return;
        }
        regions.add(region);
    }

    private static DamoRegion part(DamoRegion region, Num start, Num end) {
        DamoRegion part = new DamoRegion(start, end);
        part.samples = region.samples;
        part.age = region.age;
        part.filterPassed =
                region.filterPassed.over(region.size()).times(part.size()).truncated();
        return part;
    }
}
