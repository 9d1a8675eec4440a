package org.damson.analyzer.openloop;

import java.io.IOException;
import java.io.Serializable;
import java.math.BigInteger;
import java.util.Arrays;
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
 * greatest access count, least size. One pass; a region is one addition to a histogram of three dimensions, and sums
 * along them give every combination exactly. Those of several traces over the same thresholds add up.
 */
public final class Sweep implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MAX_POINTS = 1 << 20;

    private final long[] ages;
    private final int[] accesses;
    private final long[] sizes;
    private final long[] count;
    /** Bytes, of which a long trace tries more than a long holds: the lower half, without sign, and the upper one. */
    private final long[] bytes;

    private final long[] bytesHigh;

    private Sweep(long[] ages, int[] accesses, long[] sizes) {
        this.ages = ages;
        this.accesses = accesses;
        this.sizes = sizes;
        count = new long[ages.length * accesses.length * sizes.length];
        bytes = new long[count.length];
        bytesHigh = new long[count.length];
    }

    /**
     * Runs all combinations over a trace.
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
        Sweep sweep = new Sweep(minAges.clone(), maxAccesses.clone(), minSizes.clone());
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
                int at = (a * accesses.length + n) * sizes.length + z;
                count[at]++;
                addBytes(at, 0, size);
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

    /** Adds {@code high * 2^64 + low}, the latter without sign. */
    private void addBytes(int at, long high, long low) {
        long sum = bytes[at] + low;
        bytesHigh[at] += high + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        bytes[at] = sum;
    }

    /** Greater ages and sizes pass lesser thresholds; lesser accesses pass greater ones: sums along one dimension after the other. */
    private void accumulate() {
        int perAge = accesses.length * sizes.length;
        for (int at = count.length - 1; at >= 0; at--) {
            if (at + perAge < count.length) {
                addPoint(at, this, at + perAge);
            }
        }
        for (int at = 0; at < count.length; at++) {
            if (at / sizes.length % accesses.length > 0) {
                addPoint(at, this, at - sizes.length);
            }
        }
        for (int at = count.length - 1; at >= 0; at--) {
            if (at % sizes.length < sizes.length - 1) {
                addPoint(at, this, at + 1);
            }
        }
    }

    private void addPoint(int at, Sweep o, int point) {
        count[at] += o.count[point];
        addBytes(at, o.bytesHigh[point], o.bytes[point]);
    }

    /** A sum to add to, that this is not changed by. */
    public Sweep copy() {
        return new Sweep(ages, accesses, sizes).add(this);
    }

    /**
     * Adds what was tried over another trace.
     *
     * @return this
     * @throws IllegalArgumentException if its thresholds are others
     */
    public Sweep add(Sweep o) {
        if (!Arrays.equals(ages, o.ages) || !Arrays.equals(accesses, o.accesses) || !Arrays.equals(sizes, o.sizes)) {
            throw new IllegalArgumentException("sweeps over different thresholds do not add up");
        }
        for (int at = 0; at < count.length; at++) {
            addPoint(at, o, at);
        }
        return this;
    }

    /** Number of combinations. */
    public int points() {
        return count.length;
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

    /** Regions it would have tried. */
    public long nrTried(int point) {
        return count[point];
    }

    /** Bytes it would have tried. */
    public BigInteger szTried(int point) {
        return BigInteger.valueOf(bytesHigh[point])
                .shiftLeft(64)
                .add(new BigInteger(Long.toUnsignedString(bytes[point])));
    }
}
