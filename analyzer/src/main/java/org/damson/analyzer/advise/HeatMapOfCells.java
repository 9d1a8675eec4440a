package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.TouchedShare;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** How each part of the memory was used over a whole recording; parts are equal cells of what was ever monitored. */
final class HeatMapOfCells {
    private static final int MAX_CELLS = 1 << 14;
    private static final long HUGE = 2L << 20;
    /** A cell that is seen touched for this share of the time may be hot. */
    private static final double HOT_TIME = 0.8;

    /** Seen by this share of the samples or less after so long a rest, a cell is touched now and then. */
    private static final double FAINT_RATE = 0.2;

    private static final long REST_NS = 2_000_000_000;

    /** Share of a span's cells that are not hot. */
    private static final double FAINT = 0.1;

    /** What a cell was like. */
    enum Use {
        /** Touched nearly always while it was there, until the end, by many samples. */
        HOT,
        /** Touched now and then. */
        WARM,
        /** Touched once, idle ever since for a good part of the recording. */
        DONE,
        /** Never seen touched. */
        NEVER
    }

    /**
     * Neighbouring cells of one use.
     *
     * @param rate mean share of samples that found an access
     * @param seen mean share of time with any access
     * @param idleNs for how long it has been idle at the end, the least of the cells
     * @param known share of its bytes that was seen touched, 0..1
     * @param accesses its share of all accesses, 0..1
     */
    record Group(
            long target,
            long start,
            long end,
            Use use,
            double rate,
            double seen,
            long idleNs,
            double known,
            double accesses) {
        long bytes() {
            return end - start;
        }

        /** The same of a part of it. */
        Group within(long from, long to) {
            double part = (to - from) / (double) bytes();
            return new Group(target, from, to, use, rate, seen, idleNs, known, accesses * part);
        }
    }

    private static final class Span {
        long target;
        long start;
        long end;
        double[] heat;
        double[] seen;
        double[] covered;
        /** Share of the cell that was seen touched. */
        double[] known;
        /** The same, of the snapshot with the number beside it alone. */
        double[] knownNow;

        int[] snapshot;
        /** Seen by few samples after a rest. */
        boolean[] faint;

        long[] last;

        /** Takes what one region adds: other pages of DAMON's regions, the same ones again of mappings. */
        void know(int c, double touched, int now, boolean partial) {
            if (!partial) {
                known[c] = 1 - (1 - known[c]) * (1 - touched);
                return;
            }
            knownNow[c] = Math.min(1, (snapshot[c] == now ? knownNow[c] : 0) + touched);
            snapshot[c] = now;
            known[c] = Math.max(known[c], knownNow[c]);
        }
    }

    private final List<Span> spans = new ArrayList<>();
    private long cellBytes;
    private long fromNs = Long.MAX_VALUE;
    private long toNs = Long.MIN_VALUE;
    private double events;
    private double possible;
    private double saturated;
    private int snapshots;
    /** Regions are mappings, of which every page is looked at in every sample. */
    private boolean partial;

    private final TouchedShare share = new TouchedShare();

    private HeatMapOfCells() {}

    static HeatMapOfCells of(TraceSource trace, TraceQuery query) throws IOException {
        HeatMapOfCells map = new HeatMapOfCells();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.columns(Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                if (s.scheme == Snapshot.NO_SCHEME) {
                    map.widen(s);
                }
            }
        }
        map.cut();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.columns(Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                if (s.scheme == Snapshot.NO_SCHEME) {
                    map.add(s);
                }
            }
        }
        return map;
    }

    private void widen(Snapshot s) {
        fromNs = Math.min(fromNs, s.fromNs());
        toNs = Math.max(toNs, s.endNs);
        int at = 0;
        for (int i = 0; i < s.regions; ) {
            long start = s.start[i];
            int j = i;
            while (j + 1 < s.regions && s.start[j + 1] == s.end[j]) {
                j++;
            }
            at = cover(s.target, start, s.end[j], at);
            i = j + 1;
        }
    }

    /** Joins a range with the spans it meets. */
    private int cover(long target, long start, long end, int from) {
        for (int k = 0; k < spans.size(); k++) {
            Span p = spans.get((from + k) % spans.size());
            if (p.target == target
                    && Long.compareUnsigned(p.start, end) <= 0
                    && Long.compareUnsigned(start, p.end) <= 0) {
                p.start = Arithmetic.minUnsigned(p.start, start);
                p.end = Arithmetic.maxUnsigned(p.end, end);
                return (from + k) % spans.size();
            }
        }
        Span p = new Span();
        p.target = target;
        p.start = start;
        p.end = end;
        spans.add(p);
        return spans.size() - 1;
    }

    private void cut() {
        spans.sort((a, b) -> a.target != b.target
                ? Long.compareUnsigned(a.target, b.target)
                : Long.compareUnsigned(a.start, b.start));
        for (int i = 1; i < spans.size(); i++) {
            Span a = spans.get(i - 1);
            Span b = spans.get(i);
            if (a.target == b.target && Long.compareUnsigned(b.start, a.end) <= 0) {
                a.end = Arithmetic.maxUnsigned(a.end, b.end);
                spans.remove(i--);
            }
        }
        double all = 0;
        for (Span p : spans) {
            all += p.end - p.start;
        }
        cellBytes = HUGE;
        while (all / cellBytes > MAX_CELLS) {
            cellBytes *= 2;
        }
        for (Span p : spans) {
            int n = (int) ((p.end - p.start + cellBytes - 1) / cellBytes);
            p.heat = new double[n];
            p.seen = new double[n];
            p.covered = new double[n];
            p.known = new double[n];
            p.knownNow = new double[n];
            p.snapshot = new int[n];
            p.faint = new boolean[n];
            p.last = new long[n];
            java.util.Arrays.fill(p.last, Long.MIN_VALUE);
        }
    }

    private void add(Snapshot s) {
        double duration = Math.max(1, s.endNs - s.fromNs());
        int max = s.maxNrAccesses();
        share.samples(max);
        snapshots++;
        partial = TouchedBytes.isPartial(s);
        int k = 0;
        for (int i = 0; i < s.regions; i++) {
            double size = s.end[i] - s.start[i];
            int nr = Math.max(0, Math.min(max, s.nrAccesses[i]));
            double rate = partial ? TouchedBytes.meanShare(s, i) : nr / (double) max;
            double touched = partial ? TouchedBytes.leastShare(s, i) : share.likely(nr);
            events += size * rate;
            possible += size;
            saturated += rate >= 1 ? size * rate : 0;
            while (k < spans.size()
                    && (Long.compareUnsigned(spans.get(k).target, s.target) < 0
                            || spans.get(k).target == s.target
                                    && Long.compareUnsigned(spans.get(k).end, s.start[i]) <= 0)) {
                k++;
            }
            if (k == spans.size()) {
                break;
            }
            Span p = spans.get(k);
            int from = (int) ((s.start[i] - p.start) / cellBytes);
            int to = (int) ((s.end[i] - 1 - p.start) / cellBytes);
            for (int c = from; c <= to; c++) {
                long cellFrom = p.start + c * cellBytes;
                double part = (double) Math.min(s.end[i] - p.start, (c + 1) * cellBytes)
                        - Math.max(s.start[i] - p.start, cellFrom - p.start);
                p.covered[c] += part * duration;
                if (nr > 0) {
                    p.know(c, part / cellBytes * touched, snapshots, partial);
                    p.heat[c] += part * duration * rate;
                    p.seen[c] += part * duration;
                    p.faint[c] |= !partial
                            && rate <= FAINT_RATE
                            && p.last[c] != Long.MIN_VALUE
                            && s.endNs - p.last[c] >= REST_NS;
                    p.last[c] = s.endNs;
                }
            }
        }
    }

    long durationNs() {
        return Math.max(0, toNs - fromNs);
    }

    /** Share of all possible accesses that were seen, 0..1. */
    double eventShare() {
        return possible > 0 ? events / possible : 0;
    }

    /** Share of the accesses seen that were in regions seen accessed by every sample, 0..1. */
    double saturatedShare() {
        return events > 0 ? saturated / events : 0;
    }

    /** Neighbours of one use, in order of addresses. */
    List<Group> groups(long doneNs) {
        List<Group> groups = new ArrayList<>();
        double allHeat = 0;
        for (Span p : spans) {
            for (double h : p.heat) {
                allHeat += h;
            }
        }
        for (Span p : spans) {
            int n = p.heat.length;
            for (int c = 0; c < n; ) {
                Use use = use(p, c, doneNs);
                int first = c;
                double heat = 0;
                double seen = 0;
                double covered = 0;
                double known = 0;
                long last = Long.MIN_VALUE;
                while (c < n && use(p, c, doneNs) == use) {
                    heat += p.heat[c];
                    seen += p.seen[c];
                    covered += p.covered[c];
                    known += p.known[c];
                    last = Math.max(last, p.last[c]);
                    c++;
                }
                long end = c == n ? p.end : p.start + c * cellBytes;
                groups.add(new Group(
                        p.target,
                        p.start + first * cellBytes,
                        end,
                        use,
                        heat / Math.max(1, covered),
                        seen / Math.max(1, covered),
                        last == Long.MIN_VALUE ? durationNs() : toNs - last,
                        known / (c - first),
                        allHeat > 0 ? heat / allHeat : 0));
            }
        }
        return groups;
    }

    private Use use(Span p, int c, long doneNs) {
        if (p.seen[c] == 0) {
            return Use.NEVER;
        }
        boolean isLeft = toNs - p.last[c] >= doneNs;
        // What was hot and is there no more cannot be made huge.
        if (!isLeft && p.seen[c] >= HOT_TIME * p.covered[c] && p.heat[c] >= 0.5 * p.covered[c]) {
            return Use.HOT;
        }
        return isLeft && !isFaint(p) ? Use.DONE : Use.WARM;
    }

    /**
     * Whether much of a span is seen now and then by few samples, after times of rest. DAMON averages such sightings away as
     * it merges regions, so that others of the kind look idle: what is done with is not known there.
     */
    private static boolean isFaint(Span p) {
        int faint = 0;
        int idle = 0;
        for (int c = 0; c < p.heat.length; c++) {
            faint += p.faint[c] ? 1 : 0;
            idle += p.seen[c] > 0 && p.seen[c] < HOT_TIME * p.covered[c] ? 1 : 0;
        }
        return faint > FAINT * idle;
    }
}
