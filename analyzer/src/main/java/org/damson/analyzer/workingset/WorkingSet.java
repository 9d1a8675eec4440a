package org.damson.analyzer.workingset;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.ReferencedSampling;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.summary.SummarizedSnapshots;

/** How much memory was in use, snapshot by snapshot. */
public final class WorkingSet {
    private WorkingSet() {}

    public static WorkingSetResult compute(TraceSource source, TraceQuery query, WorkingSetOptions options)
            throws IOException {
        int columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
        List<Part> parts = options.equals(WorkingSetOptions.DEFAULTS) && SummarizedSnapshots.answer(source, query)
                ? List.of(summed(source, query))
                : Scan.run(source, query, columns, () -> new Part(s -> bytes(s, options), options));
        boolean referenced = false;
        long windowNs = 0;
        long lost = 0;
        long incomplete = 0;
        for (Part part : parts) {
            referenced |= part.referenced;
            windowNs = part.windowNs == 0 ? windowNs : part.windowNs;
            lost += part.lost;
            incomplete += part.incomplete;
        }
        TargetNames names = TargetNames.of(source.manifest());
        List<WorkingSetResult.Series> series = series(parts, names);
        WorkingSetResult.Series total =
                series.size() == 1 ? series.get(0) : total(series).series("all targets");
        long sampledNs = ReferencedSampling.windowNs(source.manifest());
        if (referenced && sampledNs > 0) {
            windowNs = sampledNs; // the interval in force is the time between samples, which may be longer
        }
        return new WorkingSetResult(
                List.copyOf(series), total, written(parts, names), options, referenced, windowNs, lost, incomplete);
    }

    /** The size of all regions with an access is stored with the snapshots. */
    private static Part summed(TraceSource source, TraceQuery query) throws IOException {
        Part part = new Part(null, WorkingSetOptions.DEFAULTS);
        try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(source, query)) {
            while (snapshots.next()) {
                part.add(snapshots.head(), snapshots.sums());
            }
        }
        return part;
    }

    private static Map<String, WrittenShare> written(List<Part> parts, TargetNames names) {
        Map<String, WrittenShare> all = new HashMap<>();
        for (Part part : parts) {
            part.written.forEach(
                    (key, share) -> all.computeIfAbsent(names.named(key).label(), k -> new WrittenShare())
                            .addAll(share));
        }
        all.values().removeIf(share -> !share.isRecorded());
        return all;
    }

    /** Numbers of regions in the snapshots of each target, in place of sizes. */
    public static List<WorkingSetResult.Series> regionCounts(TraceSource source, TraceQuery query) throws IOException {
        if (!SummarizedSnapshots.answer(source, query)) {
            return perSnapshot(source, query, () -> s -> s.regions);
        }
        Part part = new Part(null, null);
        try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(source, query)) {
            while (snapshots.next()) {
                part.take(snapshots.head());
                part.add(snapshots.head(), snapshots.regions());
            }
        }
        return series(List.of(part), TargetNames.of(source.manifest()));
    }

    /** A number of each snapshot, by target; {@code value} makes what computes it, for one thread each. */
    static List<WorkingSetResult.Series> perSnapshot(
            TraceSource source, TraceQuery query, Supplier<ToLongFunction<Snapshot>> value) throws IOException {
        return series(Scan.run(source, query, () -> new Part(value.get(), null)), TargetNames.of(source.manifest()));
    }

    private static List<WorkingSetResult.Series> series(List<Part> parts, TargetNames names) {
        Map<TargetKey, Points> all = new TreeMap<>();
        for (Part part : parts) {
            part.points.forEach(
                    (key, points) -> all.computeIfAbsent(key, k -> new Points()).addAll(points));
        }
        List<WorkingSetResult.Series> series = new ArrayList<>();
        all.forEach((key, points) -> series.add(points.series(names.named(key).label())));
        return series;
    }

    private static long bytes(Snapshot s, WorkingSetOptions options) {
        return TouchedBytes.isPartial(s) ? bytesOfParts(s, options) : bytesOfRegions(s, options);
    }

    private static long bytesOfParts(Snapshot s, WorkingSetOptions options) {
        long bytes = 0;
        for (int i = 0; i < s.regions; i++) {
            if (options.counts(s, i)) {
                bytes = TouchedBytes.sum(bytes, TouchedBytes.perSample(s, i));
            }
        }
        return bytes;
    }

    /** The same of regions that count as a whole: a loop over arrays at hand, which is fast as soon as it is compiled at all. */
    private static long bytesOfRegions(Snapshot s, WorkingSetOptions options) {
        long[] start = s.start;
        long[] end = s.end;
        int[] accesses = s.nrAccesses;
        long leastAccesses = Math.max(1, options.minAccesses());
        // Unsigned numbers compare as these do.
        long leastSize = options.minSizeBytes() + Long.MIN_VALUE;
        long bytes = 0;
        long signs = 0;
        for (int i = 0, n = s.regions; i < n; i++) {
            long size = end[i] - start[i];
            if (size + Long.MIN_VALUE >= leastSize) {
                // Without a branch, which could not be foreseen: all ones where the accesses are too few.
                long tooFew = (accesses[i] - leastAccesses) >> 63;
                long counted = size & ~tooFew;
                bytes += counted;
                signs |= counted | bytes;
            }
        }
        return signs < 0 ? Long.MAX_VALUE : bytes; // as TouchedBytes.sum does
    }

    /**
     * Adds targets up by time, in rounds: a round ends when a target comes again, so that targets whose snapshots of
     * one interval are stamped microseconds apart give one sum, not two; and when the next snapshot begins only after the round's
     * first has ended, so that processes that ran one after the other are not added up. A target without a snapshot in the round counts
     * with the one that covers the round's time, if any.
     */
    private static Points total(List<WorkingSetResult.Series> series) {
        Points sum = new Points();
        int n = series.size();
        int[] next = new int[n];
        boolean[] inRound = new boolean[n];
        while (true) {
            Arrays.fill(inRound, false);
            long startNs = Long.MAX_VALUE;
            long firstNs = 0;
            long lastNs = 0;
            long bytes = 0;
            for (int t = earliest(series, next); t >= 0 && !inRound[t]; t = earliest(series, next)) {
                WorkingSetResult.Series s = series.get(t);
                if (startNs < firstNs && s.startNs(next[t]) >= firstNs) {
                    break;
                }
                firstNs = startNs == Long.MAX_VALUE ? s.endNs(next[t]) : firstNs;
                startNs = Math.min(startNs, s.startNs(next[t]));
                lastNs = s.endNs(next[t]);
                bytes = TouchedBytes.sum(bytes, s.size(next[t]++));
                inRound[t] = true;
            }
            if (startNs == Long.MAX_VALUE) {
                return sum;
            }
            for (int t = 0; t < n; t++) {
                if (!inRound[t]
                        && next[t] < series.get(t).length()
                        && series.get(t).startNs(next[t]) < firstNs) {
                    bytes = TouchedBytes.sum(bytes, series.get(t).size(next[t]));
                }
            }
            sum.add(startNs, lastNs, bytes);
        }
    }

    private static int earliest(List<WorkingSetResult.Series> series, int[] next) {
        int best = -1;
        long bestNs = 0;
        for (int t = 0; t < next.length; t++) {
            WorkingSetResult.Series s = series.get(t);
            if (next[t] < s.length() && (best < 0 || s.endNs(next[t]) < bestNs)) {
                best = t;
                bestNs = s.endNs(next[t]);
            }
        }
        return best;
    }

    private static final class Part implements Scan.Accumulator {
        final Map<TargetKey, Points> points = new TreeMap<>();
        private final ToLongFunction<Snapshot> value;
        /** Selects what counts, for the share that was written. */
        private final WorkingSetOptions options;

        final Map<TargetKey, WrittenShare> written = new HashMap<>();
        private WrittenShare lastWritten;
        private TargetKey lastKey;
        private Points lastPoints;
        boolean referenced;
        long windowNs;
        long lost;
        long incomplete;

        Part(ToLongFunction<Snapshot> value, WorkingSetOptions options) {
            this.options = options;
            this.value = value;
        }

        @Override
        public void add(Snapshot s) {
            take(s);
            if (options != null) {
                lastWritten.add(s, options);
            }
            add(s, value.applyAsLong(s));
        }

        private void add(Snapshot s, long point) {
            lastPoints.add(s.fromNs(), s.endNs, point);
        }

        /** Adds a snapshot by what is kept of its regions. */
        void add(Snapshot head, SnapshotSums sums) {
            take(head);
            lastWritten.add(sums);
            add(head, sums.touchedBytes());
        }

        private void take(Snapshot s) {
            boolean byReference = s.has(Snapshot.HAS_REFERENCED);
            referenced |= byReference;
            long ns = (byReference ? s.sampleUs : s.aggrUs) * 1000;
            windowNs = ns == 0 ? windowNs : ns;
            if (s.lost != 0) {
                lost += Math.max(0, s.lost);
                incomplete++;
            }
            if (lastKey == null || !lastKey.matches(s)) {
                lastKey = TargetKey.of(s);
                lastPoints = points.computeIfAbsent(lastKey, k -> new Points());
                lastWritten = written.computeIfAbsent(lastKey, k -> new WrittenShare());
            }
        }
    }

    /** Growing columns of (start, end, size). */
    private static final class Points {
        private long[] startNs = new long[8];
        private long[] endNs = new long[8];
        private long[] sizes = new long[8];
        private int length;

        void add(long start, long end, long size) {
            reserve(length + 1);
            startNs[length] = start;
            endNs[length] = end;
            sizes[length++] = size;
        }

        void addAll(Points o) {
            reserve(length + o.length);
            System.arraycopy(o.startNs, 0, startNs, length, o.length);
            System.arraycopy(o.endNs, 0, endNs, length, o.length);
            System.arraycopy(o.sizes, 0, sizes, length, o.length);
            length += o.length;
        }

        private void reserve(int n) {
            if (n > sizes.length) {
                int wanted = Math.max(n, sizes.length * 2);
                startNs = Arrays.copyOf(startNs, wanted);
                endNs = Arrays.copyOf(endNs, wanted);
                sizes = Arrays.copyOf(sizes, wanted);
            }
        }

        WorkingSetResult.Series series(String label) {
            return new WorkingSetResult.Series(
                    label, Arrays.copyOf(startNs, length), Arrays.copyOf(endNs, length), Arrays.copyOf(sizes, length));
        }
    }
}
