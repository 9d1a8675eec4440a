package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * What share of page visits finds its translation in the TLB, with small pages and with huge ones in some ranges, simulated
 * over a recording. The model: pages of a region are visited independently and alike, as often as its samples tell; the TLB
 * replaces what was used least recently, and holds {@link #ENTRIES} translations of pages of either size. A page is found if
 * it is visited again within the time in which as many other pages are visited as the TLB holds (Che's approximation).
 */
final class Translations {
    /** Of the second level on common processors, shared by small and huge pages. */
    static final int ENTRIES = 1536;

    /** Rates are distinguished in so many steps. */
    private static final int STEPS = 64;

    /** Snapshots are averaged over so many parts of the time. */
    private static final int SLICES = 256;

    /** Addresses of a target. */
    record Part(long target, long start, long end) {
        /** Where huge pages of that size fit in; empty if none does. */
        Part aligned(long hugeBytes) {
            long from = (start + hugeBytes - 1) & -hugeBytes;
            long to = end & -hugeBytes;
            // Beyond the last boundary of the address space nothing begins.
            boolean isAny = Long.compareUnsigned(start, from) <= 0 && Long.compareUnsigned(from, to) < 0;
            return isAny ? new Part(target, from, to) : new Part(target, start, start);
        }
    }

    /**
     * Shares of page visits that find their translation, 0..1.
     *
     * @param small with small pages alone
     * @param huge with huge pages in all ranges
     * @param alone with huge pages in one range, for each
     */
    record Found(double small, double huge, double[] alone) {}

    private final double smallBytes;
    private final long hugeBytes;
    private final List<Part> parts = new ArrayList<>();
    /** Pages by rate: small ones everywhere, and of each range. */
    private final double[] pages = new double[STEPS + 1];

    private final double[][] pagesIn;
    private final double[][] hugeIn;
    private double weight;
    private double visits;
    private double small;
    private double huge;
    private final double[] alone;

    private Translations(Manifest machine, List<Part> ranges) {
        smallBytes = machine.pageBytes();
        hugeBytes = machine.hugePageBytes();
        ranges.forEach(r -> parts.add(r.aligned(hugeBytes)));
        pagesIn = new double[parts.size()][STEPS + 1];
        hugeIn = new double[parts.size()][STEPS + 1];
        alone = new double[parts.size()];
    }

    /** Of one target: each process has translations of its own. */
    static Found of(TraceSource trace, TraceQuery query, long spanNs, List<Part> ranges) throws IOException {
        Translations t = new Translations(trace.manifest(), ranges);
        long target = ranges.get(0).target();
        long sliceNs = Math.max(1, spanNs / SLICES);
        long sliceEndNs = Long.MIN_VALUE;
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.columns(Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                if (s.scheme != Snapshot.NO_SCHEME || s.target != target) {
                    continue;
                }
                if (s.startNs >= sliceEndNs) {
                    t.slice();
                    sliceEndNs = s.startNs + sliceNs;
                }
                t.add(s);
            }
        }
        t.slice();
        double all = Math.max(1e-9, t.visits);
        for (int r = 0; r < t.alone.length; r++) {
            t.alone[r] /= all;
        }
        return new Found(t.small / all, t.huge / all, t.alone);
    }

    private void add(Snapshot s) {
        double duration = Math.max(1, s.endNs - s.fromNs());
        weight += duration;
        int max = s.maxNrAccesses();
        boolean partial = TouchedBytes.isPartial(s);
        for (int i = 0; i < s.regions; i++) {
            if (!s.isAccessed(i)) {
                continue;
            }
            double bytes = s.end[i] - s.start[i];
            double touched = partial ? TouchedBytes.perSample(s, i) : bytes;
            double rate = partial ? 1 : Math.min(1, s.nrAccesses[i] / (double) max);
            int step = Math.max(1, (int) Math.round(rate * STEPS));
            pages[step] += duration * touched / smallBytes;
            for (int r = 0; r < parts.size(); r++) {
                Part p = parts.get(r);
                long from = Arithmetic.maxUnsigned(p.start(), s.start[i]);
                long to = Arithmetic.minUnsigned(p.end(), s.end[i]);
                if (Long.compareUnsigned(from, to) < 0) {
                    double inside = touched * ((to - from) / bytes);
                    pagesIn[r][step] += duration * inside / smallBytes;
                    // What of a mapping was touched may lie scattered.
                    hugeIn[r][step] += duration * Math.min(inside / smallBytes, (to - from) / (double) hugeBytes);
                }
            }
        }
    }

    /** Visits to one page in a sampling interval, of pages that so many steps of the samples found accessed. */
    private static double rate(int step) {
        // What every sample finds accessed is visited at least so often.
        return -Math.log(1 - Math.min(step, STEPS - 0.5) / STEPS);
    }

    private void slice() {
        if (weight <= 0) {
            return;
        }
        boolean[] none = new boolean[parts.size()];
        boolean[] every = new boolean[parts.size()];
        java.util.Arrays.fill(every, true);
        for (int step = 1; step <= STEPS; step++) {
            visits += pages[step] * rate(step);
        }
        small += found(none);
        huge += found(every);
        for (int r = 0; r < alone.length; r++) {
            boolean[] one = new boolean[parts.size()];
            one[r] = true;
            alone[r] += found(one);
        }
        java.util.Arrays.fill(pages, 0);
        for (int r = 0; r < alone.length; r++) {
            java.util.Arrays.fill(pagesIn[r], 0);
            java.util.Arrays.fill(hugeIn[r], 0);
        }
        weight = 0;
    }

    /** Visits in this slice that find their translation, with huge pages in some ranges. */
    private double found(boolean[] isHuge) {
        List<double[]> classes = new ArrayList<>(); // pages, visits to one of them
        for (int step = 1; step <= STEPS; step++) {
            double rest = pages[step];
            for (int r = 0; r < isHuge.length; r++) {
                if (isHuge[r] && hugeIn[r][step] > 0) {
                    rest -= pagesIn[r][step];
                    double n = hugeIn[r][step] / weight;
                    classes.add(new double[] {n, rate(step) * pagesIn[r][step] / hugeIn[r][step]});
                }
            }
            if (rest > 1e-6 * pages[step]) {
                classes.add(new double[] {rest / weight, rate(step)});
            }
        }
        double all = 0;
        double count = 0;
        for (double[] c : classes) {
            all += c[0] * c[1];
            count += c[0];
        }
        if (count <= ENTRIES) {
            return all * weight;
        }
        double time = timeToFill(classes);
        double found = 0;
        for (double[] c : classes) {
            found += c[0] * c[1] * (1 - Math.exp(-c[1] * time));
        }
        return found * weight;
    }

    /** The time in which as many pages are visited as the TLB holds. */
    private static double timeToFill(List<double[]> classes) {
        double low = 0;
        double high = 1;
        while (held(classes, high) < ENTRIES && high < 1e12) {
            high *= 2;
        }
        for (int i = 0; i < 50; i++) {
            double mid = (low + high) / 2;
            if (held(classes, mid) < ENTRIES) {
                low = mid;
            } else {
                high = mid;
            }
        }
        return high;
    }

    private static double held(List<double[]> classes, double time) {
        double held = 0;
        for (double[] c : classes) {
            held += c[0] * (1 - Math.exp(-c[1] * time));
        }
        return held;
    }
}
