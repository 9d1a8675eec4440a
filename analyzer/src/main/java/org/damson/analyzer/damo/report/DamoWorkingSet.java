package org.damson.analyzer.damo.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.damson.analyzer.damo.DamoAdjust;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;

/** {@code damo report wss} and {@code damo report nr_regions}. */
public final class DamoWorkingSet {
    /**
     * Options of {@code damo report wss}, by damo's names.
     *
     * @param excludeSamples snapshots left out at the start of each record
     * @param accThres least nr_accesses
     * @param szThres least size, bytes
     * @param workTimeUs snapshots are aggregated until they span this
     * @param sortByTime keep the order of time instead of size
     * @param collapseTargets sum the targets; damo sums ranks, not times
     */
    public record Options(
            List<Integer> percentiles,
            int excludeSamples,
            int accThres,
            long szThres,
            long workTimeUs,
            boolean sortByTime,
            boolean collapseTargets,
            int barColumns,
            boolean raw,
            boolean all) {}

    /** The line of {@link #regionCounts} for a record of which no snapshot is left. */
    public static final String NO_SNAPSHOT = "# no snapshot\n";

    private DamoWorkingSet() {}

    /** What damo prints, with the last line's end. */
    public static String report(DamoTrace trace, Options o) throws IOException {
        Map<Object, List<Num>> byTarget = new LinkedHashMap<>();
        for (DamoRecord record : trace.records) {
            List<Num> sizes = new ArrayList<>();
            DamoAdjust.aggregate(record, o.workTimeUs(), o.excludeSamples(), true)
                    .forEach(s -> sizes.add(workingSet(s, o.accThres(), o.szThres())));
            if (!o.sortByTime()) {
                sizes.sort(null);
            }
            byTarget.put(DamoRecord.none(record.target), sizes);
        }
        if (o.collapseTargets()) {
            byTarget = Map.of("0", collapsed(byTarget.values()));
        }
        DamoDistribution.Style style = new DamoDistribution.Style(o.percentiles(), o.all(), o.raw(), o.barColumns());
        StringBuilder b = new StringBuilder();
        byTarget.forEach((target, sizes) -> b.append("# target_id\t")
                .append(target)
                .append('\n')
                .append(DamoDistribution.text("wss", sizes, style, v -> DamoText.sz(v, o.raw())))
                .append('\n'));
        return b.toString();
    }

    /** What snapshots have of regions accessed at all, of all targets together in damo's way. */
    static List<Num> collapsedSizes(List<DamoRecord> records, boolean byTime) throws IOException {
        Map<String, List<Num>> byTarget = new LinkedHashMap<>();
        for (DamoRecord record : records) {
            List<Num> sizes = new ArrayList<>();
            record.forEach(s -> sizes.add(workingSet(s, 1, 1)));
            if (!byTime) {
                sizes.sort(null);
            }
            byTarget.put(DamoRecord.none(record.target), sizes);
        }
        return collapsed(byTarget.values());
    }

    private static Num workingSet(DamoSnapshot s, long leastAccesses, long leastBytes) {
        Num sum = Num.ZERO;
        Num accThres = Num.of(leastAccesses);
        Num szThres = Num.of(leastBytes);
        for (DamoRegion r : s.regions) {
            if (!r.samples.less(accThres) && !r.size().less(szThres)) {
                sum = sum.plus(r.size());
            }
        }
        return sum;
    }

    private static List<Num> collapsed(Iterable<List<Num>> targets) {
        List<Num> sums = new ArrayList<>();
        for (List<Num> sizes : targets) {
            for (int i = 0; i < sizes.size(); i++) {
                if (i < sums.size()) {
                    sums.set(i, sums.get(i).plus(sizes.get(i)));
                } else {
                    sums.add(sizes.get(i));
                }
            }
        }
        return sums;
    }

    /**
     * {@code damo report nr_regions}: how many regions snapshots have, the first twenty left out. A record with no more than
     * twenty crashes damo; here it has a line saying so.
     */
    public static String regionCounts(DamoTrace trace, List<Integer> percentiles, boolean sortByTime, long skip)
            throws IOException {
        Function<Num, String> whole = v -> v.toBig().toString();
        StringBuilder b = new StringBuilder("# <percentile> <# regions>\n");
        for (DamoRecord record : trace.records) {
            List<Num> counts = new ArrayList<>();
            record.skipping(skip).forEach(s -> counts.add(Num.of(s.regions.size())));
            if (!sortByTime) {
                counts.sort(null);
            }
            b.append("# target_id\t").append(DamoRecord.none(record.target)).append('\n');
            if (counts.isEmpty()) {
                b.append(NO_SNAPSHOT);
                continue;
            }
            Num sum = Num.ZERO;
            for (Num c : counts) {
                sum = sum.plus(c);
            }
            b.append("# avr:\t").append(whole.apply(sum.over(counts.size()))).append('\n');
            for (int p : percentiles) {
                b.append(p).append('\t').append(DamoDistribution.at(counts, p)).append('\n');
            }
        }
        return b.toString();
    }
}
