package org.damson.analyzer.openloop;

import java.io.IOException;
import java.util.Arrays;
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
 * along them give every combination exactly.
 */
public final class Sweep {
    private static final int MAX_POINTS = 1 << 20;

    private final long[] ages;
    private final int[] accesses;
    private final long[] sizes;
    private final long[] count;
    private final long[] bytes;

    private Sweep(long[] ages, int[] accesses, long[] sizes) {
        this.ages = ages;
        this.accesses = accesses;
        this.sizes = sizes;
        count = new long[ages.length * accesses.length * sizes.length];
        bytes = new long[count.length];
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
                trace.snapshots(query.columns(Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED))) {
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
                                    + " touched is not recorded: counts by threshold cannot be told from it; record with kernel"
                                    + " DAMON");
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
                bytes[at] += size;
            }
        }
    }

    /** Index of the greatest threshold that is not above the value, or -1. */
    private static int below(long[] thresholds, long value) {
        int i = -1;
        while (i + 1 < thresholds.length && thresholds[i + 1] <= value) {
            i++;
        }
        return i;
    }

    /** Greater ages and sizes pass lesser thresholds; lesser accesses pass greater ones. */
    private void accumulate() {
        for (int a = ages.length - 1; a >= 0; a--) {
            for (int n = 0; n < accesses.length; n++) {
                for (int z = sizes.length - 1; z >= 0; z--) {
                    // Sums over a box from sums over its eight corners' boxes.
                    int at = index(a, n, z);
                    count[at] += get(count, a + 1, n, z)
                            + get(count, a, n - 1, z)
                            + get(count, a, n, z + 1)
                            - get(count, a + 1, n - 1, z)
                            - get(count, a + 1, n, z + 1)
                            - get(count, a, n - 1, z + 1)
                            + get(count, a + 1, n - 1, z + 1);
                    bytes[at] += get(bytes, a + 1, n, z)
                            + get(bytes, a, n - 1, z)
                            + get(bytes, a, n, z + 1)
                            - get(bytes, a + 1, n - 1, z)
                            - get(bytes, a + 1, n, z + 1)
                            - get(bytes, a, n - 1, z + 1)
                            + get(bytes, a + 1, n - 1, z + 1);
                }
            }
        }
    }

    private int index(int a, int n, int z) {
        return (a * accesses.length + n) * sizes.length + z;
    }

    private long get(long[] v, int a, int n, int z) {
        return a >= ages.length || n < 0 || z >= sizes.length ? 0 : v[index(a, n, z)];
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
    public long szTried(int point) {
        return bytes[point];
    }
}
