package org.damson.analyzer.damo.access;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoPager;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.damo.UnfitTraceException;
import org.damson.analyzer.damo.report.DamoColors;
import org.damson.model.InvalidInputException;

/** {@code damo report access}: snapshots, region by region, in the user's own format. */
public final class AccessReport {
    /** Least characters of keywords where the user says nothing. */
    private static final Map<String, Integer> MIN_CHARS = Map.of(
            "<index>", 3,
            "<start address>", 12,
            "<end address>", 11,
            "<size>", 11,
            "<access rate>", 5,
            "<access hz>", 6,
            "<age>", 13,
            "<filters passed type>", 10);

    private static final String PROBE_HITS = "<probe hits>";

    /** One record's place in time, after filtering. */
    private static final class Extent {
        Num start;
        Num end;
        long snapshots;
    }

    private final AccessOptions o;
    private final DamoTrace trace;
    private final List<DamoRecord> records;
    private Map<String, String> formats;
    private final RegionBox box;
    private final AccessHistogram histogram;
    private final Map<DamoRecord, Extent> extents = new LinkedHashMap<>();
    private final DamoPager out;
    private boolean started;

    private AccessReport(DamoTrace trace, List<DamoRecord> records, AccessOptions options, Appendable out) {
        this.trace = trace;
        this.records = records;
        this.o = options;
        this.out = new DamoPager(out, options.compat);
        box = new RegionBox(options);
        histogram = new AccessHistogram(options);
    }

    /**
     * Writes the report.
     *
     * @throws UnfitTraceException if a record does not know its intervals
     * @throws InvalidInputException if an option makes no sense with these records
     */
    public static void write(DamoTrace trace, DamoRecordFilter filter, AccessOptions options, Appendable out)
            throws IOException {
        requireIntervals(trace);
        filter.temperature(options::temperatureToSelect);
        new AccessReport(trace, filter.apply(trace.records), options, out).run();
    }

    /**
     * A bar of a histogram.
     *
     * @param range of idle times or temperatures, with the record's target in front if there are several
     * @param passedBytes of them passed DAMOS filters; NaN if there were none
     */
    public record HistogramBar(String range, double bytes, double passedBytes) {}

    /**
     * The histogram of the last snapshot of each record: bytes by temperature where the style is one of temperatures, else by
     * idle time.
     *
     * @throws UnfitTraceException if a record does not know its intervals
     */
    public static List<HistogramBar> histogram(DamoTrace trace, DamoRecordFilter filter, AccessOptions options)
            throws IOException {
        requireIntervals(trace);
        filter.temperature(options::temperatureToSelect);
        AccessHistogram histogram = new AccessHistogram(options);
        List<DamoRecord> records = filter.apply(trace.records);
        List<HistogramBar> bars = new ArrayList<>();
        for (DamoRecord record : records) {
            DamoSnapshot[] last = {null};
            record.forEach(s -> last[0] = s);
            if (last[0] == null) {
                continue;
            }
            DamoSnapshot s = last[0];
            options.use(trace.probes.of(record));
            fillUnits(s, record, options);
            AccessHistogram.Metric metric = options.style.startsWith("temperature")
                    ? histogram.temperature()
                    : histogram.idleTime(s.aggrUs(record.intervals));
            boolean filtered = !record.opsFilters(false).isEmpty();
            List<AccessHistogram.Bucket> all = histogram.buckets(s, metric, DamoRegion::size);
            List<AccessHistogram.Bucket> passed = histogram.buckets(s, metric, r -> r.filterPassed);
            String target = records.size() > 1 ? "target " + DamoRecord.none(record.target) + ": " : "";
            for (int i = 0; i < all.size(); i++) {
                bars.add(new HistogramBar(
                        target + all.get(i).range(),
                        all.get(i).bytes().toDouble(),
                        filtered ? passed.get(i).bytes().toDouble() : Double.NaN));
            }
        }
        return bars;
    }

    private static void requireIntervals(DamoTrace trace) {
        for (DamoRecord r : trace.records) {
            if (r.intervals == null) {
                throw new UnfitTraceException("some records lack the intervals information");
            }
        }
    }

    private void run() throws IOException {
        for (DamoRecord record : records) {
            Extent e = new Extent();
            record.forEach(s -> {
                e.start = e.snapshots++ == 0 ? s.start : e.start;
                e.end = s.end;
            });
            extents.put(record, e);
        }
        boolean manySnapshots = extents.values().stream().anyMatch(e -> e.snapshots > 1);
        formats = AccessFormats.of(records, o, manySnapshots);
        if (usesBox()) {
            box.learn(records);
        }
        for (DamoRecord record : records) {
            o.use(trace.probes.of(record));
            area("record_head", keyword -> recordKeyword(keyword, record));
            long last = extents.get(record).snapshots - 1;
            long[] index = {0};
            record.forEach(s -> {
                snapshot(s, record);
                if (index[0]++ < last && !isTotalOnly()) {
                    line("");
                }
            });
            area("record_tail", keyword -> recordKeyword(keyword, record));
        }
        out.end();
    }

    private boolean usesBox() {
        return formats.values().stream().anyMatch(f -> f.contains("<box>") || f.contains("<region box description>"));
    }

    private boolean isTotalOnly() {
        return formats.get("snapshot_head").isEmpty()
                && formats.get("region").isEmpty()
                && formats.get("snapshot_tail").equals("<total bytes>");
    }

    private void snapshot(DamoSnapshot s, DamoRecord record) throws IOException {
        fillUnits(s, record, o);
        area("snapshot_head", keyword -> snapshotKeyword(keyword, s, record));
        if (!formats.get("region").isEmpty()) {
            int i = 0;
            for (DamoRegion r : sorted(s.regions)) {
                int index = i++;
                area("region", keyword -> regionKeyword(keyword, index, r, s, record));
            }
        }
        area("snapshot_tail", keyword -> snapshotKeyword(keyword, s, record));
    }

    /**
     * Fills percentages and ages in time: damo counts ages in the record's interval, even where tuning changed it. Then adjusts
     * regions as the options say.
     */
    static void fillUnits(DamoSnapshot s, DamoRecord record, AccessOptions o) {
        Num aggrUs = o.compat ? record.intervals.aggr() : s.aggrUs(record.intervals);
        for (DamoRegion r : s.regions) {
            r.fillUnits(record.intervals, aggrUs, o.compat);
        }
        o.adjust(s, record.intervals);
    }

    private List<DamoRegion> sorted(List<DamoRegion> regions) {
        List<DamoRegion> result = new ArrayList<>(regions);
        for (String key : o.sortBy) {
            Comparator<DamoRegion> by =
                    switch (key) {
                        case "address" -> Comparator.comparing(r -> r.start);
                        case "access_rate" -> Comparator.comparing(r -> r.percent);
                        case "age" -> Comparator.comparing(r -> r.ageUs);
                        case "size" -> Comparator.comparing(DamoRegion::size);
                        case "probe_hits_wsum" -> Comparator.comparing(o::weightedHits);
                        default -> Comparator.comparing(o::temperature);
                    };
            boolean descending = o.sortDescending.contains("all") || o.sortDescending.contains(key);
            result.sort(descending ? by.reversed() : by);
        }
        return result;
    }

    private void line(String text) throws IOException {
        if (started) {
            out.append('\n');
        }
        out.append(text);
        started = true;
    }

    /** What to put in place of a keyword; null if there is no such keyword here. */
    private interface Keywords {
        Supplier<String> of(String keyword);
    }

    private void area(String area, Keywords keywords) throws IOException {
        String template = formats.get(area);
        if (template.isEmpty()) {
            return;
        }
        for (String keyword : AccessKeywords.of(area, o.ofAttributes)) {
            if (template.contains(keyword)
                    && !(keyword.equals(PROBE_HITS) && o.compat && !o.version.knowsProbeHits())) {
                String text = DamoText.left(keywords.of(keyword).get(), minChars(keyword));
                template = template.replace(keyword, text);
            }
        }
        line(template.replace("\\n", "\n"));
    }

    /** damo's own widths cannot be overridden; to it, the first mention wins. */
    private int minChars(String keyword) {
        Integer own = o.ofAttributes && keyword.equals("<filters passed bytes>")
                ? Integer.valueOf(ProbeText.FILTERS_PASSED_CHARS)
                : MIN_CHARS.get(keyword);
        Integer said = o.minChars.get(keyword);
        if (own == null || said != null && !o.compat) {
            return said == null ? 0 : said;
        }
        return own;
    }

    private Supplier<String> recordKeyword(String keyword, DamoRecord r) {
        Extent e = extents.get(r);
        return switch (keyword) {
            case "<kdamond index>" -> () -> DamoRecord.none(r.kdamond);
            case "<context index>" -> () -> DamoRecord.none(r.context);
            case "<scheme index>" -> () -> DamoRecord.none(r.scheme);
            case "<target id>" -> () -> DamoRecord.none(r.target);
            case "<abs start time>" -> () -> e.start == null ? "N/A" : DamoText.timeNs(e.start, o.raw);
            case "<duration>" -> () -> e.start == null ? "N/A" : DamoText.timeNs(e.end.minus(e.start), o.raw);
            case "<intervals>" ->
                () -> "sample " + DamoText.timeUs(r.intervals.sample(), o.raw) + ", aggr "
                        + DamoText.timeUs(r.intervals.aggr(), o.raw);
            case "<intervals goal>" -> () -> r.intervals.goal().text(o.raw);
            case "<data source>" -> () -> r.dataSource;
            default -> this::formatStrings;
        };
    }

    private String formatStrings() {
        List<String> lines = new ArrayList<>();
        for (String area : AccessOptions.AREAS) {
            lines.add(area.replace('_', ' ') + ": \"" + formats.get(area) + "\"");
        }
        return String.join("\n", lines);
    }

    private Supplier<String> snapshotKeyword(String keyword, DamoSnapshot s, DamoRecord record) {
        Num base = extents.get(record).start;
        DamoIntervals i = record.intervals;
        return switch (keyword) {
            case "<probes>" -> () -> ProbeText.probes(s, o);
            case "<total bytes>" -> () -> DamoText.sz(s.totalBytes, o.raw);
            case "<duration>" -> () -> DamoText.timeNs(s.duration(), o.raw);
            case "<start time>" -> () -> DamoText.timeNs(s.start.minus(base), o.raw);
            case "<end time>" -> () -> DamoText.timeNs(s.end.minus(base), o.raw);
            case "<abs start time>" -> () -> DamoText.timeNs(s.start, o.raw);
            case "<abs end time>" -> () -> DamoText.timeNs(s.end, o.raw);
            case "<number of regions>" -> () -> DamoText.nr(s.regions.size(), o.raw);
            case "<region box colors>" -> () -> DamoColors.samples(o.boxColorset);
            case "<region box description>" -> box::description;
            case "<temperature-sz histogram>" ->
                () -> histogram.histogram(s, histogram.temperature(), DamoRegion::size);
            case "<temperature-df-passed-sz histogram>" ->
                () -> histogram.histogram(s, histogram.temperature(), r -> r.filterPassed);
            case "<recency-sz histogram>" ->
                () -> histogram.histogram(s, histogram.idleTime(s.aggrUs(i)), DamoRegion::size);
            case "<recency-df-passed-sz histogram>" ->
                () -> histogram.histogram(s, histogram.idleTime(s.aggrUs(i)), r -> r.filterPassed);
            case "<recency percentiles>" -> () -> idlePercentiles(s, i, false);
            case "<df-passed recency percentiles>" -> () -> idlePercentiles(s, i, true);
            case "<temperature percentiles>" -> () -> temperaturePercentiles(s, false);
            case "<df-passed temperature percentiles>" -> () -> temperaturePercentiles(s, true);
            case "<heatmap>" -> () -> SnapshotHeatmap.of(s.regions, o);
            case "<filters passed heatmap>" ->
                () -> SnapshotHeatmap.of(
                        s.regions.stream()
                                .filter(r -> r.filterPassed.signum() != 0)
                                .toList(),
                        o);
            case "<filters passed type>" ->
                () -> record.opsFilters(false).isEmpty() ? "n/a" : String.join(", ", record.opsFilters(false));
            case "<filters passed bytes>" ->
                () -> {
                    Num sum = Num.ZERO;
                    for (DamoRegion r : s.regions) {
                        sum = sum.plus(r.filterPassed);
                    }
                    return DamoText.sz(sum, o.raw);
                };
            case "<positive access samples ratio>" -> () -> SnapshotText.positiveSamples(s, i, o);
            case "<estimated memory bandwidth>" -> () -> SnapshotText.bandwidth(s, i, false, o);
            case "<filters passed estimated memory bandwidth>" -> () -> SnapshotText.bandwidth(s, i, true, o);
            case "<intervals tuning status>" -> () -> SnapshotText.tuningStatus(s, i, o);
            case "<damos stats>" -> () -> s.stats == null ? "none" : s.stats.text(o.raw);
            default -> () -> SnapshotText.snapshotIntervals(s, i, o);
        };
    }

    private String idlePercentiles(DamoSnapshot s, DamoIntervals i, boolean passedOnly) {
        return histogram.percentiles(
                s,
                histogram.idleTime(s.aggrUs(i)),
                passedOnly,
                head(passedOnly, o.raw ? "<idle time (us)>" : "<idle time>"));
    }

    private String temperaturePercentiles(DamoSnapshot s, boolean passedOnly) {
        String weights =
                "[" + o.temperatureWeights[0] + ", " + o.temperatureWeights[1] + ", " + o.temperatureWeights[2] + "]";
        return histogram.percentiles(
                s, histogram.temperature(), passedOnly, head(passedOnly, "<temperature (weights: " + weights + ")>"));
    }

    private static String head(boolean passedOnly, String legend) {
        return (passedOnly ? "<df-passed percentile> " : "<percentile> ") + legend;
    }

    private Supplier<String> regionKeyword(String keyword, int index, DamoRegion r, DamoSnapshot s, DamoRecord record) {
        return switch (keyword) {
            case "<index>" -> () -> DamoText.nr(index, o.raw);
            case "<start address>" -> () -> DamoText.sz(r.start, o.raw);
            case "<end address>" -> () -> DamoText.sz(r.end, o.raw);
            case "<size>" -> () -> DamoText.sz(r.size(), o.raw);
            case "<access rate>" -> () -> DamoText.percent(r.percent, o.raw);
            case "<access hz>" -> () -> DamoText.hz(r.hz(s.aggrUs(record.intervals)), o.raw, true);
            case "<age>" -> () -> DamoText.timeUs(r.ageUs, o.raw);
            case "<temperature>" -> () -> DamoText.nr(o.temperature(r), o.raw);
            case PROBE_HITS -> () -> ProbeText.hits(r);
            case "<filters passed bytes>" -> () -> DamoText.sz(r.filterPassed, o.raw);
            default -> () -> box.of(r);
        };
    }
}
