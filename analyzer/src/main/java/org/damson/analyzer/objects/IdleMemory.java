package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.ResidentSoFar;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.SeenBytes;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.model.Manifest.Source;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.HeatSums;
import org.damson.model.summary.IdlePoint;
import org.damson.model.summary.IdleSeries;
import org.damson.model.summary.IdleSums;
import org.damson.model.summary.StreamKey;
import org.damson.model.summary.SummarizedSnapshots;
import org.damson.model.summary.TargetSums;

/**
 * For how long memory has not been accessed, by bytes ({@link IdleTimes}). Percentiles of a snapshot and the bandwidth estimate
 * follow the rules of the kernel's DAMON_STAT.
 */
public final class IdleMemory {
    /** Points of the time series of all targets together; of longer traces every n-th snapshot is one. */
    private static final int MAX_POINTS = 1 << 16;

    /** Traces of so many regions, whole or of one target, have the fewer points of {@link IdleSeries}. */
    private static final long LONG_TRACE = IdleSeries.leastRegions(HeatSums.MIN_REGIONS);

    /** Above so many targets, reading all rows is faster than finding the last snapshot of each. */
    private static final int MAX_LAST = 64;

    /** Sums of one target. */
    private static final class Target {
        final IdleSums sums = new IdleSums();
        final List<IdlePoint> points = new ArrayList<>();
        double undecidedByteSeconds;
        IdleMoment last;
        /** Whether a snapshot has told ages. */
        boolean hasAges;

        void addAll(Target later) {
            sums.addAll(later.sums);
            points.addAll(later.points);
            undecidedByteSeconds += later.undecidedByteSeconds;
            last = later.last;
            hasAges |= later.hasAges;
        }

        /** Adds a snapshot in which nothing is mapped: its time counts, as in other reports. */
        void addEmpty(Snapshot s, IdleMoment now) {
            sums.begin(s.endNs - s.fromNs());
            sums.end(0);
            last = now;
        }

        IdleResult.Target result(TargetKey key) {
            double seconds = Math.max(1e-9, sums.seconds());
            long[] idleNs = IdleResult.PERCENTS.stream().mapToLong(sums::at).toArray();
            return new IdleResult.Target(
                    key,
                    sums.snapshots(),
                    idleNs,
                    coldness(seconds),
                    undecidedByteSeconds / seconds,
                    sums.meanBandwidth(),
                    sums.mostBandwidth(),
                    last,
                    points);
        }

        private List<IdleResult.Coldness> coldness(double seconds) {
            double memory = sums.byteSeconds();
            List<IdleResult.Coldness> steps = new ArrayList<>();
            for (int i = 0; i < IdleSums.STEPS; i++) {
                double cold = sums.coldByteSeconds(i);
                if (i > 0 && cold == 0) {
                    break;
                }
                steps.add(new IdleResult.Coldness(
                        i == 0 ? 0L : IdleSums.stepNs(i),
                        cold / seconds,
                        memory == 0 ? 0.0 : 100 * cold / memory,
                        last.coldBytes()[i]));
            }
            return steps;
        }
    }

    /** What the snapshots of one target tell without their regions. */
    private static final class Heads {
        /** Snapshots with regions, and the last of them. */
        long filled;

        long lastFilled;

        /** Those without; its last is null unless it is the target's last. */
        final Target empty = new Target();
    }

    /** Those that no snapshot tells ages of are left out at the end. */
    private final Map<TargetKey, Target> targets = new TreeMap<>();

    private long withoutAges;
    private boolean isOfMappings;
    private final long stride;

    private IdleMemory(TraceSource source, TraceQuery query) throws IOException {
        long snapshots = source.rowCount(Table.SNAPSHOTS);
        stride = query.isOfWholeTargets() && source.rowCount(Table.REGIONS) >= LONG_TRACE
                ? IdleSeries.stride(snapshots)
                : Math.max(1, (snapshots + MAX_POINTS - 1) / MAX_POINTS);
    }

    /**
     * Reads every snapshot; of a trace, whole or of one target, that keeps sums, and a series of as many points as are told of it, only
     * the last snapshots.
     */
    public static IdleResult compute(TraceSource source, TraceQuery query) throws IOException {
        return of(source, query, true).result(source);
    }

    /** The same, but for the series, of which then no trace needs one. */
    public static IdleResult withoutSeries(TraceSource source, TraceQuery query) throws IOException {
        return of(source, query, false).result(source);
    }

    private static IdleMemory of(TraceSource source, TraceQuery query, boolean withSeries) throws IOException {
        IdleMemory kept = new IdleMemory(source, query);
        return kept.takeKept(source, query, withSeries) ? kept : scanned(source, query);
    }

    private IdleResult result(TraceSource source) {
        List<IdleResult.Target> all = new ArrayList<>();
        targets.values().removeIf(t -> !t.hasAges);
        TargetNames.of(source.manifest()).named(targets).forEach((key, t) -> all.add(t.result(key)));
        return new IdleResult(List.copyOf(all), isOfMappings, withoutAges, stride);
    }

    private static IdleMemory scanned(TraceSource source, TraceQuery query) throws IOException {
        IdleMemory f = new IdleMemory(source, query);
        IdleTimes times = IdleTimes.of(source);
        ResidentSoFar resident = ResidentSoFar.of(source);
        int columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        for (Part part : Scan.inOrderOfMappings(source, query, columns, () -> new Part(f.stride, times, resident))) {
            part.targets.forEach(
                    (k, t) -> f.targets.computeIfAbsent(k, x -> new Target()).addAll(t));
            f.withoutAges += part.withoutAge;
            f.isOfMappings |= part.seen.values().stream().anyMatch(SeenBytes::isPartial);
        }
        return f;
    }

    /** Takes the sums that a trace keeps; false if it keeps none that answer the query. */
    private boolean takeKept(TraceSource source, TraceQuery query, boolean withSeries) throws IOException {
        boolean isPossible = query.isOfWholeTargets()
                && !Source.REFERENCED.is(source.manifest())
                && source.isKept(Table.TARGET_SUMS)
                && SummarizedSnapshots.answer(source, query)
                && (!withSeries || hasSeries(source));
        if (!isPossible) {
            return false;
        }
        TargetSums.read(source).forEach((k, totals) -> {
            if (query.takes(k.target()) && totals.idle().snapshots() > 0) {
                withoutAges -= totals.idle().snapshots();
                target(k).sums.addAll(totals.idle());
                target(k).hasAges = true;
            }
        });
        if (withSeries) {
            IdleSeries.read(source).forEach((k, points) -> {
                if (query.takes(k.target())) {
                    target(k).points.addAll(points);
                }
            });
        }
        return targets.size() <= MAX_LAST && readLast(source, query);
    }

    /** Whether the trace keeps the points that are wanted. */
    private boolean hasSeries(TraceSource source) throws IOException {
        return stride == IdleSeries.stride(source.rowCount(Table.SNAPSHOTS)) && source.isKept(Table.IDLE_SERIES);
    }

    private Target target(StreamKey k) {
        return targets.computeIfAbsent(new TargetKey(k, ""), x -> new Target());
    }

    /** Reads the last snapshot of each target; false if it is not known without its rows which that is. */
    private boolean readLast(TraceSource source, TraceQuery query) throws IOException {
        IdleMomentReader reader = new IdleMomentReader(IdleTimes.of(source));
        Map<TargetKey, Heads> all = new TreeMap<>();
        try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(source, query)) {
            while (snapshots.next()) {
                Snapshot head = snapshots.head();
                TargetKey key = TargetKey.of(head);
                Heads heads = all.computeIfAbsent(key, k -> new Heads());
                if (snapshots.regions() > 0) {
                    withoutAges++;
                    heads.filled++;
                    heads.lastFilled = head.id;
                    heads.empty.last = null;
                } else {
                    heads.empty.addEmpty(head, reader.read(head, key, null, null));
                }
            }
        }
        for (Map.Entry<TargetKey, Target> e : targets.entrySet()) {
            Heads heads = all.get(e.getKey());
            Target t = e.getValue();
            if (heads == null || heads.filled != t.sums.snapshots()) {
                return false; // some have no ages
            }
            t.sums.addAll(heads.empty.sums);
            t.last = heads.empty.last != null ? heads.empty.last : read(source, heads.lastFilled, e.getKey(), reader);
            if (t.last == null) {
                return false;
            }
        }
        return true;
    }

    private static IdleMoment read(TraceSource source, long id, TargetKey key, IdleMomentReader reader)
            throws IOException {
        Snapshot s = new Snapshot();
        TraceQuery one = TraceQuery.ALL.snapshots(id, id + 1).columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED);
        try (TraceSource.SnapshotCursor cursor = source.snapshots(one)) {
            if (!cursor.next(s) || !s.has(Snapshot.HAS_AGE) || s.has(Snapshot.HAS_REFERENCED)) {
                return null; // not what sums are of
            }
        }
        SeenBytes bytes = new SeenBytes(null); // whole regions: nothing resident is asked for
        bytes.add(s);
        return reader.read(s, key, bytes, null);
    }

    private static final class Part implements Scan.Accumulator {
        final Map<TargetKey, Target> targets = new TreeMap<>();
        final Map<TargetKey, SeenBytes> seen = new TreeMap<>();
        long withoutAge;
        private final long stride;
        private final IdleMomentReader reader;
        private final ResidentSoFar resident;
        private TargetKey key;
        private Target target;

        Part(long stride, IdleTimes times, ResidentSoFar resident) {
            this.stride = stride;
            this.resident = resident;
            reader = new IdleMomentReader(times);
        }

        @Override
        public void add(Snapshot s) {
            if (s.regions > 0 && !s.has(Snapshot.HAS_AGE)) {
                withoutAge++;
                return;
            }
            if (key == null || !key.matches(s)) {
                key = TargetKey.of(s);
                target = targets.computeIfAbsent(key, k -> new Target());
            }
            target.hasAges |= s.has(Snapshot.HAS_AGE);
            if (s.regions == 0) {
                SeenBytes gone = seen.get(key);
                if (gone != null) {
                    gone.add(s);
                }
                target.addEmpty(s, reader.read(s, key, null, null));
                return;
            }
            SeenBytes bytesOf = seen.computeIfAbsent(key, k -> new SeenBytes(resident));
            bytesOf.add(s);
            long ns = Math.max(0, s.endNs - s.fromNs());
            target.sums.begin(ns);
            target.last = reader.read(s, key, bytesOf, target.sums);
            target.sums.end(target.last.bytesPerSecond());
            target.undecidedByteSeconds += target.last.undecidedBytes() * (ns / 1e9);
            if (s.id % stride == 0) {
                IdleMoment now = target.last;
                target.points.add(new IdlePoint(s.id, now.endNs(), Math.round(now.bytesPerSecond()), now.idleNs()));
            }
        }
    }
}
