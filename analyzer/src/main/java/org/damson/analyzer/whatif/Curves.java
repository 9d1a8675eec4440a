package org.damson.analyzer.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * Cold-age and promotion histograms of a recording: every age threshold of a scheme that reclaims idle memory, at once.
 * Histograms of parts of a recording, or of several, add up.
 *
 * <p>A region without accesses whose age is {@code a} aggregations is cold at every threshold up to {@code a}. Memory
 * that is touched after being idle up to age {@code a} would have come back at every such threshold.
 */
public final class Curves {
    /** Ages below this have a bin each; above, 128 bins an octave. */
    private static final int EXACT = 1024;

    private static final int PER_OCTAVE = 128;
    static final int BINS = EXACT + 22 * PER_OCTAVE;

    /** Access classes: percent of samples, 0..100. */
    private static final int CLASSES = 101;

    private final double[] cold = new double[BINS];
    private final double[] coldTouched = new double[BINS];
    private final double[] backLeast = new double[BINS];
    private final double[] backLikely = new double[BINS];
    private final double[] backMost = new double[BINS];
    private final double[] heat = new double[CLASSES];
    private final double[] warmBytes = new double[CLASSES];
    private double hotTime;
    private double touches;
    private double seconds;
    private long aggrUs;
    private boolean mixed;
    private long regions;
    private long snapshots;

    private Curves() {}

    /** One for nothing: adding to it changes nothing. */
    public static Curves empty() {
        return new Curves();
    }

    static int bin(long age) {
        if (age < EXACT) {
            return (int) age;
        }
        int octave = 63 - Long.numberOfLeadingZeros(age);
        int within = (int) ((age >>> (octave - 7)) & (PER_OCTAVE - 1));
        return EXACT + (octave - 10) * PER_OCTAVE + within;
    }

    /** Least age of a bin. */
    static long age(int bin) {
        if (bin < EXACT) {
            return bin;
        }
        int octave = 10 + (bin - EXACT) / PER_OCTAVE;
        long within = (bin - EXACT) % PER_OCTAVE;
        return (1L << octave) | within << (octave - 7);
    }

    private record Stream(int kdamond, int context, long target) {}

    private static final class Target {
        final Touched touched = new Touched();
        Snapshot before = new Snapshot();
        Snapshot now = new Snapshot();
    }

    /**
     * Histograms per slice of time, in one pass.
     *
     * @param sliceNs length of a slice; 0: one for all
     * @throws IllegalArgumentException if the trace has no ages or no intervals
     */
    public static List<Curves> of(TraceSource trace, TraceQuery query, long sliceNs) throws IOException {
        List<Curves> slices = new ArrayList<>();
        Map<Stream, Target> targets = new LinkedHashMap<>();
        Snapshot s = new Snapshot();
        long fromNs = Long.MIN_VALUE;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.columns(Snapshot.HAS_AGE))) {
            while (cursor.next(s)) {
                if (s.scheme != Snapshot.NO_SCHEME) {
                    continue;
                }
                if (s.regions > 0 && !s.has(Snapshot.HAS_AGE) || s.sampleUs <= 0 || s.aggrUs < s.sampleUs) {
                    throw new IllegalArgumentException(
                            trace.name() + ": snapshot " + s.id + " has no ages or no intervals: no curves of it");
                }
                if (fromNs == Long.MIN_VALUE) {
                    fromNs = s.startNs;
                }
                int slice = sliceNs <= 0 ? 0 : (int) Math.min(1 << 16, Math.max(0, s.startNs - fromNs) / sliceNs);
                while (slices.size() <= slice) {
                    slices.add(new Curves());
                }
                Target t = targets.computeIfAbsent(new Stream(s.kdamond, s.context, s.target), k -> new Target());
                slices.get(slice).add(s, t);
            }
        }
        return slices;
    }

    private void add(Snapshot s, Target t) {
        if (aggrUs != 0 && aggrUs != s.aggrUs) {
            mixed = true;
        }
        aggrUs = aggrUs == 0 ? s.aggrUs : aggrUs;
        double duration = Math.max(0, s.endNs - s.startNs) / 1e9;
        // The least of several targets' would do too: they are aggregated together.
        seconds += t == null ? 0 : duration;
        snapshots++;
        regions += s.regions;
        int max = s.maxNrAccesses();
        Touched known = t.touched;
        Snapshot b = t.before;
        int k = 0;
        int j = 0;
        for (int i = 0; i < s.regions; i++) {
            long start = s.start[i];
            long end = s.end[i];
            double size = end - start;
            int nr = s.nrAccesses[i];
            if (nr == 0) {
                int bin = bin(s.age[i] & 0xffff_ffffL);
                cold[bin] += size * duration;
                while (k < known.n && Long.compareUnsigned(known.end[k], start) <= 0) {
                    k++;
                }
                for (int m = k; m < known.n && Long.compareUnsigned(known.start[m], end) < 0; m++) {
                    double part =
                            Arithmetic.minUnsigned(known.end[m], end) - Arithmetic.maxUnsigned(known.start[m], start);
                    coldTouched[bin] += part * duration;
                }
                continue;
            }
            double least = Math.min(1, nr / (double) max);
            double likely = least >= 1 ? 1 : 1 - Math.pow(1 - least, max);
            int level = (int) Math.round(least * (CLASSES - 1));
            heat[level] += size * nr;
            warmBytes[level] += size * duration;
            hotTime += size * duration;
            touches += size * likely;
            while (j < b.regions && Long.compareUnsigned(b.end[j], start) <= 0) {
                j++;
            }
            for (int m = j; m < b.regions && Long.compareUnsigned(b.start[m], end) < 0; m++) {
                if (b.nrAccesses[m] == 0) {
                    double part = Arithmetic.minUnsigned(b.end[m], end) - Arithmetic.maxUnsigned(b.start[m], start);
                    int bin = bin(b.age[m] & 0xffff_ffffL);
                    backLeast[bin] += part * least;
                    backLikely[bin] += part * likely;
                    backMost[bin] += part;
                }
            }
        }
        known.add(s);
        t.now.clear();
        t.now.copyFrom(s);
        Snapshot swap = t.before;
        t.before = t.now;
        t.now = swap;
    }

    /** Adds another's histograms to these. */
    public Curves add(Curves o) {
        double[][] mine = {cold, coldTouched, backLeast, backLikely, backMost, heat, warmBytes};
        double[][] others = {o.cold, o.coldTouched, o.backLeast, o.backLikely, o.backMost, o.heat, o.warmBytes};
        for (int i = 0; i < mine.length; i++) {
            for (int b = 0; b < mine[i].length; b++) {
                mine[i][b] += others[i][b];
            }
        }
        hotTime += o.hotTime;
        touches += o.touches;
        seconds += o.seconds;
        snapshots += o.snapshots;
        regions += o.regions;
        mixed |= o.mixed || aggrUs != 0 && o.aggrUs != 0 && aggrUs != o.aggrUs;
        aggrUs = aggrUs == 0 ? o.aggrUs : aggrUs;
        return this;
    }

    /** Target-seconds covered. */
    public double seconds() {
        return seconds;
    }

    public long regions() {
        return regions;
    }

    /** Aggregation interval of the ages, microseconds; 0: nothing was added. */
    public long aggrUs() {
        return aggrUs;
    }

    /** Whether several aggregation intervals were mixed: ages are then in different units. */
    public boolean isMixed() {
        return mixed;
    }

    /** Mean bytes that were touched within {@link Outcome#WORKING_SET_S} seconds. */
    public double workingSet() {
        double sum = hotTime;
        long until = aggrUs == 0 ? 0 : Outcome.WORKING_SET_S * 1_000_000L / aggrUs;
        for (int b = 0; b < BINS && age(b) < until; b++) {
            sum += coldTouched[b];
        }
        return seconds <= 0 ? 0 : sum / seconds;
    }

    /**
     * What reclaiming memory idle for a threshold would have done.
     *
     * @param ageAggrs threshold, aggregations
     * @param ageUs the same, microseconds
     * @param cold mean bytes idle at least so long: least and likely are those seen touched before
     * @param back bytes per second that come back
     * @param promotionPercentPerMinute the likely of it per minute in percent of the working set
     * @param resident mean bytes seen touched and not idle for so long
     * @param hitShare share of touched bytes that were still there
     */
    public record Point(
            long ageAggrs,
            long ageUs,
            Bounded cold,
            Bounded back,
            double promotionPercentPerMinute,
            double resident,
            double hitShare) {}

    /** The curve at the ages that the recording has, about {@code n} of them from least to greatest. */
    public List<Point> points(int n) {
        int last = 0;
        for (int b = 0; b < BINS; b++) {
            if (cold[b] > 0 || backMost[b] > 0) {
                last = b;
            }
        }
        List<Point> points = new ArrayList<>();
        long before = -1;
        for (int i = 0; i < n; i++) {
            // Even steps of the logarithm, so that seconds and hours are both there.
            long age = Math.round(Math.pow(age(last) + 1.0, i / (double) Math.max(1, n - 1)) - 1);
            if (age != before) {
                points.add(at(age));
                before = age;
            }
        }
        return points;
    }

    /** The curve at one threshold; ages of 1,024 and more are rounded down to a bin's, within 1 %. */
    public Point at(long ageAggrs) {
        int from = bin(ageAggrs);
        double all = 0;
        double seen = 0;
        double[] back = new double[3];
        double allSeen = hotTime;
        for (int b = 0; b < BINS; b++) {
            allSeen += coldTouched[b];
            if (b >= from) {
                all += cold[b];
                seen += coldTouched[b];
                back[0] += backLeast[b];
                back[1] += backLikely[b];
                back[2] += backMost[b];
            }
        }
        double per = seconds <= 0 ? 0 : 1 / seconds;
        double workingSet = workingSet();
        return new Point(
                ageAggrs,
                ageAggrs * aggrUs,
                new Bounded(seen * per, seen * per, all * per),
                new Bounded(back[0] * per, back[1] * per, back[2] * per),
                workingSet <= 0 ? 0 : back[1] * per * 60 / workingSet * 100,
                (allSeen - seen) * per,
                touches <= 0 ? 1 : Math.max(0, 1 - back[1] / touches));
    }

    /** The least threshold whose promotion rate keeps a limit in percent of the working set per minute, or null. */
    public Point leastWithin(double percentPerMinute) {
        for (int b = 0; b < BINS; b++) {
            Point p = at(age(b));
            if (p.promotionPercentPerMinute() <= percentPerMinute) {
                return p.cold().likely() > 0 ? p : null;
            }
        }
        return null;
    }

    /**
     * How much DRAM holds a share of all accesses, if the memory accessed most at each moment is in it.
     *
     * @param share 0..1
     * @return mean bytes
     */
    public double dramByHeat(double share) {
        double all = 0;
        for (double h : heat) {
            all += h;
        }
        double rest = all * share;
        double bytes = 0;
        for (int level = CLASSES - 1; level >= 0 && rest > 0; level--) {
            if (heat[level] > 0) {
                double taken = Math.min(1, rest / heat[level]);
                bytes += warmBytes[level] * taken;
                rest -= heat[level];
            }
        }
        return seconds <= 0 ? 0 : bytes / seconds;
    }

    /**
     * How much DRAM lets a share of touched bytes find what they touch, if what was idle longest is elsewhere.
     *
     * @param share 0..1
     * @return the least mean bytes of any threshold
     */
    public double dramByAge(double share) {
        double seen = 0;
        for (double c : coldTouched) {
            seen += c;
        }
        double missed = 0;
        double back = 0;
        for (double b : backLikely) {
            back += b;
        }
        double resident = hotTime;
        for (int b = 0; b < BINS; b++) {
            missed = back;
            if (touches <= 0 || 1 - missed / touches >= share) {
                break;
            }
            resident += coldTouched[b];
            back -= backLikely[b];
        }
        return seconds <= 0 ? 0 : Math.min(resident, hotTime + seen) / seconds;
    }
}
