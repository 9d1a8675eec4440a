package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.scan.ResidentSoFar;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.SeenBytes;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.analyzer.scan.WeightedValues;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * For how long memory has not been accessed, by bytes ({@link IdleTimes}); 0 while it is accessed. Percentiles of a
 * snapshot and the bandwidth estimate follow the rules of the kernel's DAMON_STAT.
 */
public final class IdleReport {
    /** Percentiles of bytes that the report gives. */
    public static final int[] PERCENTS = {0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100};

    /** Idle for at least so long, microseconds; ascending. The first is: not accessed in the last aggregation. */
    private static final long[] STEPS_US = {
        1,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        30_000_000,
        60_000_000,
        120_000_000,
        300_000_000,
        600_000_000,
        1_800_000_000L,
        3_600_000_000L,
        7_200_000_000L,
        21_600_000_000L,
        86_400_000_000L
    };

    /** Points of the time series of all targets together; of longer traces every n-th snapshot is one. */
    private static final int MAX_POINTS = 1 << 16;

    private IdleReport() {}

    /** The report. Targets without ages have no lines. */
    public static TableReport compute(TraceSource source, TraceQuery query) throws IOException {
        long stride = Math.max(1, (source.rowCount(Table.SNAPSHOTS) + MAX_POINTS - 1) / MAX_POINTS);
        Map<TargetKey, Target> found = new TreeMap<>();
        long without = 0;
        boolean partial = false;
        IdleTimes times = IdleTimes.of(source);
        ResidentSoFar resident = ResidentSoFar.of(source);
        for (Part part : Scan.inOrderOfMappings(
                source,
                query,
                Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED,
                () -> new Part(query, stride, times, resident))) {
            part.targets.forEach(
                    (k, t) -> found.computeIfAbsent(k, x -> new Target()).addAll(t));
            without += part.withoutAge;
            partial |= part.seen.values().stream().anyMatch(SeenBytes::isPartial);
        }
        Map<TargetKey, Target> targets = TargetNames.of(source.manifest()).named(found);
        List<Section> sections = new ArrayList<>();
        sections.add(percentiles(targets));
        sections.add(coldness(targets));
        Section before = before(targets);
        sections.add(before);
        if (partial) {
            sections.add(undecided(targets));
        }
        sections.add(bandwidth(targets));
        sections.add(series(targets));
        List<String> notes = new ArrayList<>();
        notes.add(
                "idle time: since the last access that was seen, 0 while accessed, at most since the recording began");
        if (!before.rows().isEmpty()) {
            notes.add("memory that was idle when the recording began has been idle for at least the times above;"
                    + " what the kernel's ages tell of the time before is in their table");
        }
        notes.add("bandwidth is estimated as the kernel's DAMON_STAT does: every sample that finds a region accessed"
                + " counts as one pass over it");
        if (partial) {
            notes.add(
                    "regions of this trace are mappings, of which what was seen touched counts: of a mapping in use, what the"
                            + " mean sample finds is accessed, and since when the rest is idle is not known; what was never seen"
                            + " touched may not be there");
        }
        if (without > 0) {
            notes.add(without + " snapshots have no ages and are left out");
        }
        if (stride > 1) {
            notes.add("the series has every " + stride + "th snapshot");
        }
        return new TableReport(List.copyOf(sections), List.copyOf(notes));
    }

    private static Section percentiles(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            for (int i = 0; i < PERCENTS.length; i++) {
                rows.add(new Object[] {key.label(), (double) PERCENTS[i], t.idle.at(PERCENTS[i]), t.lastIdleNs[i]});
            }
        });
        return new Section(
                "percentiles",
                "idle time below which so much of the memory is",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("percent_of_bytes", "of bytes", Unit.PERCENT),
                        new Column("idle_ns", "whole trace", Unit.NS),
                        new Column("last_idle_ns", "last snapshot", Unit.NS)),
                rows);
    }

    private static Section coldness(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            double seconds = Math.max(1e-9, t.seconds);
            for (int i = 0; i < STEPS_US.length; i++) {
                double mean = t.coldByteSeconds[i] / seconds;
                if (i > 0 && mean == 0) {
                    break;
                }
                rows.add(new Object[] {
                    key.label(),
                    STEPS_US[i] == 1 ? 0L : STEPS_US[i] * 1000,
                    mean,
                    t.byteSeconds == 0 ? 0.0 : 100 * t.coldByteSeconds[i] / t.byteSeconds,
                    t.lastCold[i]
                });
            }
        });
        return new Section(
                "coldness",
                "memory idle for at least (0: not accessed in the last aggregation interval)",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("idle_at_least_ns", "idle for", Unit.NS),
                        new Column("mean_bytes", "mean", Unit.BYTES),
                        new Column("percent_of_bytes", "share", Unit.PERCENT),
                        new Column("last_bytes", "last snapshot", Unit.BYTES)),
                rows);
    }

    private static Section before(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            if (t.lastBefore > 0) {
                rows.add(new Object[] {key.label(), t.lastBefore, t.lastRecordedNs, t.lastToldNs});
            }
        });
        return new Section(
                "before",
                "last snapshot: memory idle since before the recording began",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("bytes", "memory", Unit.BYTES),
                        new Column("at_least_ns", "at least, recorded", Unit.NS),
                        new Column("told_by_ages_ns", "longest by the ages", Unit.NS)),
                rows);
    }

    private static Section undecided(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> rows.add(
                new Object[] {key.label(), t.undecidedByteSeconds / Math.max(1e-9, t.seconds), t.lastUndecided}));
        return new Section(
                "undecided",
                "in mappings in use: seen touched before, idle since when is not known",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("mean_bytes", "mean", Unit.BYTES),
                        new Column("last_bytes", "last snapshot", Unit.BYTES)),
                rows);
    }

    private static Section bandwidth(Map<TargetKey, Target> targets) {
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> rows.add(
                new Object[] {key.label(), t.snapshots, t.bandwidthSum / t.snapshots, t.bandwidthMax, t.lastBandwidth
                }));
        return new Section(
                "bandwidth",
                "memory bandwidth, estimated",
                List.of(
                        new Column("target", "target", Unit.TEXT),
                        new Column("snapshots", "snapshots", Unit.COUNT),
                        new Column("mean_bytes_per_second", "mean", Unit.BYTES_PER_SECOND),
                        new Column("greatest_bytes_per_second", "greatest", Unit.BYTES_PER_SECOND),
                        new Column("last_bytes_per_second", "last snapshot", Unit.BYTES_PER_SECOND)),
                rows);
    }

    private static Section series(Map<TargetKey, Target> targets) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("target", "target", Unit.TEXT));
        columns.add(new Column("end_ns", "time", Unit.NS));
        columns.add(new Column("bytes_per_second", "bandwidth", Unit.BYTES_PER_SECOND));
        for (int p : PERCENTS) {
            columns.add(new Column("idle_p" + p + "_ns", "p" + p, Unit.NS));
        }
        List<Object[]> rows = new ArrayList<>();
        targets.forEach((key, t) -> {
            for (Point point : t.points) {
                Object[] row = new Object[3 + PERCENTS.length];
                row[0] = key.label();
                row[1] = point.endNs;
                row[2] = point.bandwidth;
                for (int i = 0; i < PERCENTS.length; i++) {
                    row[3 + i] = point.idleNs[i];
                }
                rows.add(row);
            }
        });
        return new Section("series", null, columns, rows);
    }

    private record Point(long endNs, double bandwidth, long[] idleNs) {}

    private static final class Target {
        final WeightedValues idle = new WeightedValues();
        final double[] coldByteSeconds = new double[STEPS_US.length];
        final List<Point> points = new ArrayList<>();
        double byteSeconds;
        double undecidedByteSeconds;
        double lastUndecided;
        double seconds;
        long snapshots;
        double bandwidthSum;
        double bandwidthMax;
        long lastEndNs = Long.MIN_VALUE;
        double lastBandwidth;
        long[] lastIdleNs = new long[PERCENTS.length];
        double[] lastCold = new double[STEPS_US.length];
        double lastBefore;
        long lastRecordedNs;
        long lastToldNs;

        void addAll(Target o) {
            idle.addAll(o.idle);
            for (int i = 0; i < coldByteSeconds.length; i++) {
                coldByteSeconds[i] += o.coldByteSeconds[i];
            }
            points.addAll(o.points);
            byteSeconds += o.byteSeconds;
            undecidedByteSeconds += o.undecidedByteSeconds;
            seconds += o.seconds;
            snapshots += o.snapshots;
            bandwidthSum += o.bandwidthSum;
            bandwidthMax = Math.max(bandwidthMax, o.bandwidthMax);
            if (o.lastEndNs >= lastEndNs) {
                lastEndNs = o.lastEndNs;
                lastBandwidth = o.lastBandwidth;
                lastIdleNs = o.lastIdleNs;
                lastCold = o.lastCold;
                lastBefore = o.lastBefore;
                lastUndecided = o.lastUndecided;
                lastRecordedNs = o.lastRecordedNs;
                lastToldNs = o.lastToldNs;
            }
        }
    }

    private static final class Part implements Scan.Accumulator {
        final Map<TargetKey, Target> targets = new TreeMap<>();
        final Map<TargetKey, SeenBytes> seen = new TreeMap<>();
        long withoutAge;
        private final TraceQuery query;
        private final long stride;
        private TargetKey key;
        private Target target;
        private final IdleTimes times;
        private Region[] order = new Region[0];
        private final double[] cold = new double[STEPS_US.length];

        private final ResidentSoFar resident;

        Part(TraceQuery query, long stride, IdleTimes times, ResidentSoFar resident) {
            this.resident = resident;
            this.query = query;
            this.stride = stride;
            this.times = times;
        }

        @Override
        public void add(Snapshot s) {
            if (!s.has(Snapshot.HAS_AGE)) {
                withoutAge++;
                return;
            }
            if (key == null || !key.matches(s)) {
                key = TargetKey.of(s);
                target = targets.computeIfAbsent(key, k -> new Target());
            }
            double seconds = Math.max(0, Scan.toNs(s, query) - Scan.fromNs(s, query)) / 1e9;
            Target t = target;
            SeenBytes bytesOf = seen.computeIfAbsent(key, k -> new SeenBytes(resident));
            bytesOf.add(s);
            reserve(s.regions);
            Arrays.fill(cold, 0);
            double all = 0;
            double touched = 0;
            double before = 0;
            double undecided = 0;
            long recordedNs = 0;
            long toldNs = 0;
            for (int i = 0; i < s.regions; i++) {
                double bytes = bytesOf.touched(i) + bytesOf.idle(i);
                long idleNs = times.idleNs(s, i, key);
                all += bytes;
                undecided += bytesOf.undecided(i);
                // The mean of referenced bytes is over all samples, those without an access too.
                touched += bytesOf.touched(i) * (TouchedBytes.isPartial(s) ? s.maxNrAccesses() : s.nrAccesses[i]);
                t.idle.add(idleNs, bytes * seconds);
                for (int k = 0; k < STEPS_US.length && idleNs >= STEPS_US[k] * 1000; k++) {
                    cold[k] += bytes;
                }
                if (bytes > 0 && times.sinceBefore(s, i, key)) {
                    before += bytes;
                    recordedNs = Math.max(recordedNs, idleNs);
                    toldNs = Math.max(toldNs, IdleTimes.toldNs(s, i));
                }
                order[i].idleNs = idleNs;
                order[i].bytes = bytes;
            }
            double bandwidth = touched * 1e6 / Math.max(1, s.aggrUs);
            t.byteSeconds += all * seconds;
            t.undecidedByteSeconds += undecided * seconds;
            t.lastUndecided = undecided;
            t.seconds += seconds;
            t.snapshots++;
            t.bandwidthSum += bandwidth;
            t.bandwidthMax = Math.max(t.bandwidthMax, bandwidth);
            for (int k = 0; k < cold.length; k++) {
                t.coldByteSeconds[k] += cold[k] * seconds;
            }
            long[] percentiles = percentiles(s.regions, all);
            t.lastEndNs = s.endNs;
            t.lastBandwidth = bandwidth;
            t.lastIdleNs = percentiles;
            t.lastCold = cold.clone();
            t.lastBefore = before;
            t.lastRecordedNs = recordedNs;
            t.lastToldNs = toldNs;
            if (s.id % stride == 0) {
                t.points.add(new Point(s.endNs, bandwidth, percentiles));
            }
        }

        private void reserve(int regions) {
            int had = order.length;
            if (had < regions) {
                order = Arrays.copyOf(order, regions);
                for (int i = had; i < regions; i++) {
                    order[i] = new Region();
                }
            }
        }

        /** As DAMON_STAT: the first region, from the least idle on, with which so many whole percent are reached. */
        private long[] percentiles(int regions, double all) {
            Arrays.sort(order, 0, regions, Comparator.comparingLong(r -> r.idleNs));
            long[] found = new long[PERCENTS.length];
            double accounted = 0;
            int next = 0;
            for (int k = 0; k < regions; k++) {
                accounted += order[k].bytes;
                while (next < PERCENTS.length && PERCENTS[next] <= Math.floor(accounted * 100 / Math.max(1e-9, all))) {
                    found[next++] = order[k].idleNs;
                }
            }
            return found;
        }
    }

    /** What percentiles need of a region. */
    private static final class Region {
        long idleNs;
        double bytes;
    }
}
