package org.damson.analyzer.curves;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.memory.TouchedShare;
import org.damson.analyzer.scan.Arithmetic;
import org.damson.analyzer.scan.KnownBytes;
import org.damson.analyzer.scan.ReadAhead;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Fills {@link Curves} with snapshots in their order, a slice of time after another. */
final class CurvesPass {
    private record Stream(int kdamond, int context, long target) {}

    private static final class Target {
        final Touched touched = new Touched();
        final KnownBytes known = new KnownBytes();
        /** Where its snapshots overlap the first tells of a moment: sizes are means over time. */
        final CoveredTime covered = new CoveredTime();

        Snapshot before = new Snapshot();
        Snapshot now = new Snapshot();

        void keep(Snapshot s) {
            now.clear();
            now.copyFrom(s);
            Snapshot swap = before;
            before = now;
            now = swap;
        }
    }

    private final String name;
    private final long sliceNs;
    private final List<Curves> slices = new ArrayList<>();
    private final Map<Stream, Target> targets = new LinkedHashMap<>();
    private long fromNs = Long.MIN_VALUE;
    /** When there was a snapshot of any target: they come by their ends, and one may have begun before all others. */
    private final CoveredTime covered = new CoveredTime();

    private final TouchedShare touchedShare = new TouchedShare();

    /**
     * @param name of the trace, for messages
     * @param sliceNs length of a slice; 0: one for all
     */
    CurvesPass(String name, long sliceNs) {
        this.name = name;
        this.sliceNs = sliceNs;
    }

    static List<Curves> over(TraceSource trace, TraceQuery query, long sliceNs) throws IOException {
        CurvesPass pass = new CurvesPass(trace.name(), sliceNs);
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor =
                ReadAhead.of(trace, query.columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                pass.add(s);
            }
        }
        return pass.slices;
    }

    List<Curves> slices() {
        return slices;
    }

    /** @throws InvalidInputException if the snapshot has no ages or no intervals */
    void add(Snapshot s) {
        boolean isOfScheme = s.scheme != Snapshot.NO_SCHEME;
        if (!isOfScheme && (s.regions > 0 && !s.has(Snapshot.HAS_AGE) || s.sampleUs <= 0 || s.aggrUs < s.sampleUs)) {
            throw new InvalidInputException(
                    name + ": snapshot " + s.id + " has no ages or no intervals: no curves for it");
        }
        if (fromNs == Long.MIN_VALUE) {
            fromNs = s.fromNs();
        }
        int slice = sliceNs <= 0 ? 0 : (int) Math.min(1 << 16, Math.max(0, s.fromNs() - fromNs) / sliceNs);
        while (slices.size() <= slice) {
            slices.add(Curves.empty());
        }
        Curves c = slices.get(slice);
        c.sums(Histogram.SNAPSHOT_ROWS).add(0, 1, 1);
        c.sums(Histogram.REGION_ROWS).add(0, s.regions, 1);
        if (!isOfScheme) {
            c.sums(Histogram.COVERED).add(0, covered.add(s.fromNs(), s.endNs), 1);
            Target t = targets.computeIfAbsent(new Stream(s.kdamond, s.context, s.target), k -> new Target());
            if (s.regions == 0) {
                t.known.add(s); // nothing is mapped any more
            }
            if (TouchedBytes.isPartial(s)) {
                addMappings(s, t, c);
            } else {
                add(s, t, c);
            }
        }
    }

    /** Regions are mappings: of one in use the bytes that were touched are known, and the rest is of no known age. */
    private static void addMappings(Snapshot s, Target t, Curves c) {
        c.sawInterval(s.aggrUs);
        long ns = t.covered.add(s.fromNs(), s.endNs);
        c.sums(Histogram.REGIONS).add(0, s.regions, 1);
        c.sums(Histogram.PARTIAL).add(0, 1, 1);
        t.known.add(s);
        Snapshot b = t.before;
        int j = 0;
        for (int i = 0; i < s.regions; i++) {
            if (!s.isAccessed(i)) {
                int bin = AgeBins.bin(s.age[i] & 0xffff_ffffL);
                c.sums(Histogram.COLD).add(bin, Math.max(0, s.end[i] - s.start[i]), ns);
                c.sums(Histogram.COLD_TOUCHED).add(bin, t.known.now(i), ns);
                continue;
            }
            long touched = TouchedBytes.least(s, i);
            // Each sample finds about the mean: that much is taken to be found by all of them.
            c.sums(Histogram.HEAT).add(Histogram.ACCESS_CLASSES - 1, TouchedBytes.perSample(s, i), s.maxNrAccesses());
            c.sums(Histogram.WARM).add(Histogram.ACCESS_CLASSES - 1, touched, ns);
            c.sums(Histogram.UNDECIDED).add(0, Math.max(0, t.known.now(i) - touched), ns);
            c.sums(Histogram.TOUCHED).add(0, touched, 1);
            while (j < b.regions && Long.compareUnsigned(b.end[j], s.start[i]) <= 0) {
                j++;
            }
            for (int m = j; m < b.regions && Long.compareUnsigned(b.start[m], s.end[i]) < 0; m++) {
                if (!b.isAccessed(m)) {
                    long part = common(b.start[m], b.end[m], s.start[i], s.end[i]);
                    int bin = AgeBins.bin(b.age[m] & 0xffff_ffffL);
                    long known = Math.min(part, t.known.before(i));
                    long fresh = Math.max(0, s.end[i] - s.start[i] - known);
                    c.sums(Histogram.BACK_MIN).add(bin, Math.max(0, Math.min(known, touched - fresh)), 1);
                    c.sums(Histogram.BACK_LIKELY).add(bin, Math.min(known, touched), 1);
                    c.sums(Histogram.BACK_MAX).add(bin, part, 1);
                }
            }
        }
        t.keep(s);
    }

    private void add(Snapshot s, Target t, Curves c) {
        c.sawInterval(s.aggrUs);
        long ns = t.covered.add(s.fromNs(), s.endNs);
        c.sums(Histogram.REGIONS).add(0, s.regions, 1);
        ExactSums cold = c.sums(Histogram.COLD);
        ExactSums coldTouched = c.sums(Histogram.COLD_TOUCHED);
        ExactSums backLeast = c.sums(Histogram.BACK_MIN);
        ExactSums backLikely = c.sums(Histogram.BACK_LIKELY);
        ExactSums backMost = c.sums(Histogram.BACK_MAX);
        ExactSums heat = c.sums(Histogram.HEAT);
        ExactSums warm = c.sums(Histogram.WARM);
        ExactSums touched = c.sums(Histogram.TOUCHED);
        touchedShare.samples(s.maxNrAccesses());
        Touched known = t.touched;
        known.keepWithin(s);
        Snapshot b = t.before;
        int k = 0;
        int j = 0;
        for (int i = 0; i < s.regions; i++) {
            long start = s.start[i];
            long end = s.end[i];
            long size = Math.max(0, end - start);
            int nr = s.nrAccesses[i];
            if (nr <= 0) {
                int bin = AgeBins.bin(s.age[i] & 0xffff_ffffL);
                cold.add(bin, size, ns);
                while (k < known.n && Long.compareUnsigned(known.end[k], start) <= 0) {
                    k++;
                }
                for (int m = k; m < known.n && Long.compareUnsigned(known.start[m], end) < 0; m++) {
                    coldTouched.add(bin, common(known.start[m], known.end[m], start, end), ns);
                }
                continue;
            }
            double least = touchedShare.atOnce(nr);
            double likely = touchedShare.likely(nr);
            int level = (int) Math.round(least * (Histogram.ACCESS_CLASSES - 1));
            heat.add(level, size, nr);
            warm.add(level, size, ns);
            touched.add(0, Math.round(size * likely), 1);
            while (j < b.regions && Long.compareUnsigned(b.end[j], start) <= 0) {
                j++;
            }
            for (int m = j; m < b.regions && Long.compareUnsigned(b.start[m], end) < 0; m++) {
                if (!b.isAccessed(m)) {
                    long part = common(b.start[m], b.end[m], start, end);
                    int bin = AgeBins.bin(b.age[m] & 0xffff_ffffL);
                    backLeast.add(bin, Math.round(part * least), 1);
                    backLikely.add(bin, Math.round(part * likely), 1);
                    backMost.add(bin, part, 1);
                }
            }
        }
        known.add(s);
        t.keep(s);
    }

    private static long common(long start, long end, long otherStart, long otherEnd) {
        return Math.max(0, Arithmetic.minUnsigned(end, otherEnd) - Arithmetic.maxUnsigned(start, otherStart));
    }
}
