package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.damson.cli.command.FileTrees;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** What there is to know about a trace without looking at its regions: one pass over the table of snapshots. */
public final class TraceFacts {
    /** Regions per snapshot are counted up to here, more count as this many: the median stays exact in practice. */
    private static final int HISTOGRAM_TOP = 1 << 17;

    /** Targets and their like are told apart up to here; a control group has fewer processes. */
    private static final int MAX_SERIES = 1 << 16;

    public final Manifest manifest;
    public final long snapshots;
    public final long regions;
    public final long lostRegions;
    public final long startNs;
    public final long endNs;
    public final int medianRegions;
    public final TreeSet<Long> targets = new TreeSet<>(Long::compareUnsigned);

    /** Mean time from one snapshot to the next of the same target, context and scheme, from the first one's start to the last one's end. */
    public final long everyNs;

    /** Sampling and aggregation intervals in force. */
    public final Extent sampleUs = new Extent();

    public final Extent aggrUs = new Extent();
    public final Map<Table, Long> rows = new LinkedHashMap<>();
    public final Map<String, Long> losses = new LinkedHashMap<>();
    public final long sizeBytes;
    /** How the samples were taken; empty if the trace does not say. */
    public final String sampling;

    private TraceFacts(TraceSource trace, Path path) throws IOException {
        manifest = trace.manifest();
        sampling = ReferencedSampling.line(trace);
        long count = 0;
        long regionSum = 0;
        long lostSum = 0;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        Map<List<Long>, long[]> spans = new HashMap<>();
        long[] histogram = new long[1024];
        int cRegions = Table.SNAPSHOTS.indexOf("regions");
        int cLost = Table.SNAPSHOTS.indexOf("lost");
        int cStart = Table.SNAPSHOTS.indexOf("start_ns");
        int cEnd = Table.SNAPSHOTS.indexOf("end_ns");
        int cTarget = Table.SNAPSHOTS.indexOf("target");
        int cKdamond = Table.SNAPSHOTS.indexOf("kdamond");
        int cContext = Table.SNAPSHOTS.indexOf("context");
        int cScheme = Table.SNAPSHOTS.indexOf("scheme");
        int cSample = Table.SNAPSHOTS.indexOf("sample_us");
        int cAggr = Table.SNAPSHOTS.indexOf("aggr_us");
        try (TraceSource.BatchCursor cursor = trace.rows(Table.SNAPSHOTS)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    count++;
                    regionSum += b.get(cRegions, i);
                    lostSum += Math.max(0, b.get(cLost, i));
                    first = Math.min(first, b.get(cStart, i));
                    last = Math.max(last, b.get(cEnd, i));
                    if (targets.size() < MAX_SERIES) {
                        targets.add(b.get(cTarget, i));
                    }
                    List<Long> of =
                            List.of(b.get(cKdamond, i), b.get(cContext, i), b.get(cScheme, i), b.get(cTarget, i));
                    long[] span = spans.get(of);
                    if (span == null && spans.size() < MAX_SERIES) {
                        spans.put(of, new long[] {b.get(cStart, i), b.get(cEnd, i)});
                    } else if (span != null) {
                        span[0] = Math.min(span[0], b.get(cStart, i));
                        span[1] = Math.max(span[1], b.get(cEnd, i));
                    }
                    sampleUs.add(b.get(cSample, i));
                    aggrUs.add(b.get(cAggr, i));
                    int n = (int) Math.min(HISTOGRAM_TOP, Math.max(0, b.get(cRegions, i)));
                    if (n >= histogram.length) {
                        histogram = Arrays.copyOf(histogram, Math.max(n + 1, histogram.length * 2));
                    }
                    histogram[n]++;
                }
            }
        }
        snapshots = count;
        everyNs = count == 0
                ? 0
                : (long) (spans.values().stream()
                                .mapToDouble(s -> (double) s[1] - s[0])
                                .sum()
                        / count);
        regions = regionSum;
        lostRegions = lostSum;
        startNs = count == 0 ? 0 : first;
        endNs = count == 0 ? 0 : last;
        medianRegions = median(histogram, count);
        for (Table table : Table.values()) {
            long n = trace.rowCount(table);
            if (n > 0) {
                rows.put(table, n);
            }
        }
        collectLosses(trace);
        sizeBytes = FileTrees.sizeBytes(path);
    }

    public static TraceFacts of(TraceSource trace, Path path) throws IOException {
        return new TraceFacts(trace, path);
    }

    public long durationNs() {
        return endNs - startNs;
    }

    /** All bytes of the trace on disk for each region row; 0 for a trace without regions. */
    public double bytesPerRegion() {
        long n = rows.getOrDefault(Table.REGIONS, 0L);
        return n == 0 ? 0 : (double) sizeBytes / n;
    }

    public static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    public boolean areIntervalsAssumed() {
        return manifest.attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED;
    }

    private void collectLosses(TraceSource trace) throws IOException {
        int cSource = Table.LOSSES.indexOf("source");
        int cCount = Table.LOSSES.indexOf("count");
        int cCause = Table.LOSSES.indexOf("cause");
        trace.forEachRow(Table.LOSSES, (b, i) -> {
            String key = b.text(cSource, i) + ": " + b.text(cCause, i);
            if (losses.size() < 100 || losses.containsKey(key)) {
                // An unknown count stays unknown in the sum.
                long n = b.get(cCount, i);
                losses.merge(key, n, (x, y) -> x < 0 || y < 0 ? -1 : x + y);
            }
        });
    }

    /** Half way between the two in the middle where their number is even, as {@code report regions} has it. */
    private static int median(long[] histogram, long count) {
        if (count == 0) {
            return 0;
        }
        int lower = ranked(histogram, (count - 1) / 2);
        return lower + (int) Math.round((ranked(histogram, count / 2) - lower) / 2.0);
    }

    private static int ranked(long[] histogram, long rank) {
        long seen = 0;
        int n = 0;
        while ((seen += histogram[n]) <= rank) {
            n++;
        }
        return n;
    }

    /** {@code 5 ms sampling, 100 ms aggregation, 1 s update}. */
    public static String intervals(MonitoringAttrs a) {
        return Units.duration(a.sampleUs() * 1000) + " sampling, " + Units.duration(a.aggrUs() * 1000)
                + " aggregation, " + Units.duration(a.updateUs() * 1000) + " update";
    }
}
