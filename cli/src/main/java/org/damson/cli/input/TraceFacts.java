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
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.ReferencedSampling;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.summary.StreamKey;
import org.damson.trace.files.FileTrees;

/** Facts about a trace that need no regions: one pass over the table of snapshots. */
public final class TraceFacts {
    /** Regions per snapshot are counted up to here, more count as this many: the median stays exact in practice. */
    private static final int HISTOGRAM_TOP = 1 << 17;

    /** Targets and their like are distinguished up to here; a control group has fewer processes. */
    private static final int MAX_SERIES = 1 << 16;

    public final Manifest manifest;
    public final long snapshots;
    public final long regions;
    public final long lostRegions;
    public final long startNs;
    public final long endNs;
    public final int medianRegions;

    /** Address spaces, whatever schemes they were seen by: target ids alone repeat between kdamonds. */
    public final TreeSet<StreamKey> targets = new TreeSet<>();

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
        Totals t = new Totals();
        try (TraceSource.BatchCursor cursor = trace.rows(Table.SNAPSHOTS)) {
            for (Batch b; (b = cursor.next()) != null; ) {
                for (int i = 0; i < b.rows(); i++) {
                    t.add(b, i);
                }
            }
        }
        snapshots = t.snapshots;
        everyNs = t.everyNs();
        regions = t.regions;
        lostRegions = t.lost;
        startNs = t.snapshots == 0 ? 0 : t.startNs;
        endNs = t.snapshots == 0 ? 0 : t.endNs;
        medianRegions = median(t.byRegions, t.snapshots);
        for (Table table : Table.values()) {
            long n = trace.rowCount(table);
            if (n > 0) {
                rows.put(table, n);
            }
        }
        collectLosses(trace);
        sizeBytes = FileTrees.sizeBytes(path);
    }

    /** Sums over the rows of the table of snapshots. */
    private final class Totals {
        private static final int REGIONS = Table.SNAPSHOTS.indexOf("regions");
        private static final int LOST = Table.SNAPSHOTS.indexOf("lost");
        private static final int START = Table.SNAPSHOTS.indexOf("start_ns");
        private static final int END = Table.SNAPSHOTS.indexOf("end_ns");
        private static final int TARGET = Table.SNAPSHOTS.indexOf("target");
        private static final int KDAMOND = Table.SNAPSHOTS.indexOf("kdamond");
        private static final int CONTEXT = Table.SNAPSHOTS.indexOf("context");
        private static final int SCHEME = Table.SNAPSHOTS.indexOf("scheme");
        private static final int SAMPLE = Table.SNAPSHOTS.indexOf("sample_us");
        private static final int AGGR = Table.SNAPSHOTS.indexOf("aggr_us");

        private final Map<List<Long>, long[]> spans = new HashMap<>();
        /** Number of snapshots by number of regions. */
        private long[] byRegions = new long[1024];

        private long snapshots;
        private long regions;
        private long lost;
        private long startNs = Long.MAX_VALUE;
        private long endNs = Long.MIN_VALUE;

        void add(Batch b, int i) {
            long end = b.get(END, i);
            long start = Snapshot.fromNs(b.get(START, i), end, b.get(AGGR, i));
            snapshots++;
            regions += b.get(REGIONS, i);
            lost += Math.max(0, b.get(LOST, i));
            startNs = Math.min(startNs, start);
            endNs = Math.max(endNs, end);
            if (targets.size() < MAX_SERIES) {
                targets.add(new StreamKey(
                        (int) b.get(KDAMOND, i), (int) b.get(CONTEXT, i), Snapshot.NO_SCHEME, b.get(TARGET, i)));
            }
            List<Long> of = List.of(b.get(KDAMOND, i), b.get(CONTEXT, i), b.get(SCHEME, i), b.get(TARGET, i));
            long[] span = spans.get(of);
            if (span == null && spans.size() < MAX_SERIES) {
                spans.put(of, new long[] {start, end});
            } else if (span != null) {
                span[0] = Math.min(span[0], start);
                span[1] = Math.max(span[1], end);
            }
            sampleUs.add(b.get(SAMPLE, i));
            aggrUs.add(b.get(AGGR, i));
            int n = (int) Math.min(HISTOGRAM_TOP, Math.max(0, b.get(REGIONS, i)));
            if (n >= byRegions.length) {
                byRegions = Arrays.copyOf(byRegions, Math.max(n + 1, byRegions.length * 2));
            }
            byRegions[n]++;
        }

        long everyNs() {
            return snapshots == 0
                    ? 0
                    : (long) (spans.values().stream()
                                    .mapToDouble(s -> (double) s[1] - s[0])
                                    .sum()
                            / snapshots);
        }
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
        String[] last = {"", "", ": "}; // source, cause and both: most rows say the same as the one before
        trace.forEachRow(Table.LOSSES, (b, i) -> {
            if (!last[0].equals(b.text(cSource, i)) || !last[1].equals(b.text(cCause, i))) {
                last[0] = b.text(cSource, i);
                last[1] = b.text(cCause, i);
                last[2] = last[0] + ": " + last[1];
            }
            String key = last[2];
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

    /** {@code 5 ms sampling, 100 ms aggregation, 1 s update}; referenced bits have no update interval. */
    public static String intervals(MonitoringAttrs a) {
        return Units.duration(a.sampleUs() * 1000) + " sampling, " + Units.duration(a.aggrUs() * 1000) + " aggregation"
                + (a.updateUs() > 0 ? ", " + Units.duration(a.updateUs() * 1000) + " update" : "");
    }
}
