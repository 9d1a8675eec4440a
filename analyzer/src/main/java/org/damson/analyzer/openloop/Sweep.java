package org.damson.analyzer.openloop;

import java.io.IOException;
import java.io.Serializable;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.scan.ReadAhead;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * What {@code stat} schemes without quota would have tried, for every combination of thresholds at once: least age,
 * greatest access count, least size. A region is one addition to a histogram of three dimensions, and sums along them give
 * every combination; where a recording leaves open what schemes saw, each is simulated for its bounds. Those of several traces
 * over the same thresholds add up.
 */
public final class Sweep implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MAX_POINTS = 1 << 20;

    /** So many updates of a region by a combination take minutes. */
    private static final double MAX_UPDATES = 5e9;

    private final long[] ages;
    private final int[] accesses;
    private final long[] sizes;

    /** Of the regions that the recording has; the same as the bounds if nothing makes them doubtful. */
    private final SweepSums tried;

    private final SweepSums least;
    private final SweepSums most;

    private Sweep(long[] ages, int[] accesses, long[] sizes, SweepSums tried, SweepSums least, SweepSums most) {
        this.ages = ages;
        this.accesses = accesses;
        this.sizes = sizes;
        this.tried = tried;
        this.least = least;
        this.most = most;
    }

    private Sweep(long[] ages, int[] accesses, long[] sizes, SweepSums exact) {
        this(ages, accesses, sizes, exact, exact, exact);
    }

    /** A sweep, and what makes it less than exact, one line each. */
    public record Answer(Sweep sweep, List<String> notes) {}

    /**
     * Runs all combinations over a trace, with bounds: where the widest scheme is exact all of them are, else each is simulated.
     *
     * @throws InvalidInputException as {@link #run} does, or if bounds of so many would take too long
     */
    public static Answer bounded(
            TraceSource trace,
            TraceQuery query,
            OpenLoopOptions options,
            long[] minAges,
            int[] maxAccesses,
            long[] minSizes)
            throws IOException {
        Sweep sweep = run(trace, query, minAges, maxAccesses, minSizes);
        Scheme widest = sweep.scheme((maxAccesses.length - 1) * minSizes.length);
        OpenLoopResult one = OpenLoop.run(trace, query, List.of(widest), options);
        List<String> notes = new ArrayList<>(one.notes());
        if (ChangingIntervals.are(trace, query)) {
            notes.add(ChangingIntervals.DOUBT);
        }
        if (one.isExact(one.schemes().get(0))) {
            return new Answer(sweep, notes);
        }
        if ((double) sweep.points() * one.regionUpdates() > MAX_UPDATES) {
            throw new InvalidInputException(trace.name()
                    + ": what was tried is not exact, and bounds of " + sweep.points() + " combinations over "
                    + one.regionUpdates() + " regions would take too long: take fewer thresholds");
        }
        return new Answer(sweep.within(OpenLoop.run(trace, query, sweep.schemes(), options)), notes);
    }

    private List<Scheme> schemes() {
        return IntStream.range(0, points()).mapToObj(this::scheme).toList();
    }

    /** The same combinations as their simulation answers. */
    private Sweep within(OpenLoopResult r) {
        Sweep s = new Sweep(
                ages, accesses, sizes, new SweepSums(points()), new SweepSums(points()), new SweepSums(points()));
        for (int i = 0; i < points(); i++) {
            OpenLoopResult.PerScheme p = r.schemes().get(i);
            s.tried.add(i, p.stats().nrTried, 0, p.stats().szTried);
            s.least.add(i, p.nrTriedMin(), 0, p.szTriedMin());
            s.most.add(i, p.nrTriedMax(), 0, p.szTriedMax());
        }
        return s;
    }

    /**
     * Runs all combinations over the regions of a trace as they were recorded.
     *
     * @param minAges least ages, aggregations, ascending
     * @param maxAccesses greatest access counts, ascending
     * @param minSizes least sizes, bytes, ascending
     * @throws InvalidInputException if there are too many, or the trace has no ages
     */
    public static Sweep run(TraceSource trace, TraceQuery query, long[] minAges, int[] maxAccesses, long[] minSizes)
            throws IOException {
        if ((long) minAges.length * maxAccesses.length * minSizes.length > MAX_POINTS) {
            throw new InvalidInputException("more than " + MAX_POINTS + " combinations");
        }
        if (!ascends(minAges)
                || !ascends(minSizes)
                || !ascends(Arrays.stream(maxAccesses).asLongStream().toArray())) {
            throw new InvalidInputException("thresholds must ascend");
        }
        Sweep sweep = new Sweep(
                minAges.clone(),
                maxAccesses.clone(),
                minSizes.clone(),
                new SweepSums(minAges.length * maxAccesses.length * minSizes.length));
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor =
                ReadAhead.of(trace, query.columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED))) {
            while (cursor.next(s)) {
                if (s.scheme != Snapshot.NO_SCHEME) {
                    continue;
                }
                if (s.regions > 0 && !s.has(Snapshot.HAS_AGE)) {
                    throw new InvalidInputException(trace.name() + ": the trace has no ages: nothing to sweep over");
                }
                if (TouchedBytes.isPartial(s)) {
                    throw new InvalidInputException(
                            trace.name() + ": its regions are mappings, and which part of one was"
                                    + " touched is not recorded: it gives no counts by threshold; record with kernel DAMON");
                }
                sweep.add(s);
            }
        }
        sweep.accumulate();
        return sweep;
    }

    private static boolean ascends(long[] v) {
        for (int i = 1; i < v.length; i++) {
            if (v[i] <= v[i - 1]) {
                return false;
            }
        }
        return v.length > 0;
    }

    private void add(Snapshot s) {
        for (int i = 0; i < s.regions; i++) {
            long size = s.end[i] - s.start[i];
            int a = below(ages, s.age[i] & 0xffff_ffffL);
            int z = below(sizes, size);
            int n = 0;
            while (n < accesses.length && s.nrAccesses[i] > accesses[n]) {
                n++;
            }
            if (a >= 0 && z >= 0 && n < accesses.length) {
                tried.add((a * accesses.length + n) * sizes.length + z, 1, 0, size);
            }
        }
    }

    /** Index of the greatest threshold that is not above the value, both without sign, or -1. */
    private static int below(long[] thresholds, long value) {
        int i = -1;
        while (i + 1 < thresholds.length && Long.compareUnsigned(thresholds[i + 1], value) <= 0) {
            i++;
        }
        return i;
    }

    /** Greater ages and sizes pass lesser thresholds; lesser accesses pass greater ones: sums along one dimension after the other. */
    private void accumulate() {
        int perAge = accesses.length * sizes.length;
        for (int at = points() - 1; at >= 0; at--) {
            if (at + perAge < points()) {
                tried.add(at, tried, at + perAge);
            }
        }
        for (int at = 0; at < points(); at++) {
            if (at / sizes.length % accesses.length > 0) {
                tried.add(at, tried, at - sizes.length);
            }
        }
        for (int at = points() - 1; at >= 0; at--) {
            if (at % sizes.length < sizes.length - 1) {
                tried.add(at, tried, at + 1);
            }
        }
    }

    /** A sum to add to, that this is not changed by. */
    public Sweep copy() {
        return new Sweep(
                        ages,
                        accesses,
                        sizes,
                        new SweepSums(points()),
                        new SweepSums(points()),
                        new SweepSums(points()))
                .add(this);
    }

    /**
     * Adds what was tried over another trace, to a {@link #copy}.
     *
     * @return this
     * @throws IllegalArgumentException if its thresholds are others
     */
    public Sweep add(Sweep o) {
        if (!Arrays.equals(ages, o.ages) || !Arrays.equals(accesses, o.accesses) || !Arrays.equals(sizes, o.sizes)) {
            throw new IllegalArgumentException("sweeps over different thresholds do not add up");
        }
        for (int at = 0; at < points(); at++) {
            tried.add(at, o.tried, at);
            least.add(at, o.least, at);
            most.add(at, o.most, at);
        }
        return this;
    }

    /** Number of combinations. */
    public int points() {
        return tried.points();
    }

    /** A combination's scheme. */
    public Scheme scheme(int point) {
        int z = point % sizes.length;
        int n = point / sizes.length % accesses.length;
        int a = point / sizes.length / accesses.length;
        return Scheme.of(Action.STAT)
                .withAge(new Range(ages[a], Range.MAX, Range.Unit.AGGREGATIONS))
                .withAccess(new Range(0, accesses[n], Range.Unit.SAMPLES))
                .withSize(new Range(sizes[z], Range.MAX, Range.Unit.BYTES));
    }

    /** Regions and bytes it would have tried. */
    public Tried tried(int point) {
        return tried.of(point);
    }

    /** The least that the recording allows. */
    public Tried least(int point) {
        return least.of(point);
    }

    /** The most. */
    public Tried most(int point) {
        return most.of(point);
    }

    /** What a scheme tried. */
    public record Tried(long regions, BigInteger bytes) {}
}
