package org.damson.replayer;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.damson.model.Snapshot;
import org.damson.model.range.AddressSet;

/**
 * In how many slices of a snapshot memory is touched that a recording saw in too few of its samples: as many more as accesses were
 * not seen. What does not fit into a snapshot, because by chance more was seen than is on average, is left to the next, as long as the
 * memory is seen as often as what is in use all the time, but for chance; else such memory would be touched too rarely. Fractions
 * are rounded by seeded chance.
 */
final class UnseenAccesses {
    /** Deviations up to this many standard deviations count as chance. */
    private static final double CHANCE = 3;

    private final double seenShare;
    private final SplittableRandom random = new SplittableRandom(1);

    /** Touches that the last snapshot had no room for, by ascending region. */
    private Rest last = new Rest();

    private Rest now = new Rest();
    private int at;

    private static final class Rest {
        private long[] start = new long[64];
        private long[] end = new long[64];
        private double[] samples = new double[64];
        private int n;

        void add(long from, long to, double rest) {
            if (n == start.length) {
                start = Arrays.copyOf(start, 2 * n);
                end = Arrays.copyOf(end, 2 * n);
                samples = Arrays.copyOf(samples, 2 * n);
            }
            start[n] = from;
            end[n] = to;
            samples[n++] = rest;
        }
    }

    UnseenAccesses(double seenShare) {
        this.seenShare = seenShare;
    }

    /** Begins the next snapshot. */
    void nextSnapshot() {
        Rest spare = last;
        last = now;
        now = spare;
        now.n = 0;
        at = 0;
    }

    /** Number of slices in which region {@code i} is touched; regions must be asked for in order. */
    int samples(Snapshot s, int i, int slices) {
        int seen = Math.min(s.nrAccesses[i], slices);
        if (seenShare == 1) {
            return seen;
        }
        double wanted = seen / seenShare + (isAlwaysInUse(seen, slices) ? left(s.start[i], s.end[i]) : 0);
        if (wanted > slices) {
            now.add(s.start[i], s.end[i], Math.min(slices, wanted - slices));
        }
        return (int) Math.min(slices, wanted + random.nextDouble());
    }

    /** Whether memory seen in so many samples may be in constant use, but for chance; only that carries touches over. */
    private boolean isAlwaysInUse(int seen, int samples) {
        double deviation = Math.sqrt(samples * seenShare * (1 - seenShare));
        return seen >= samples * seenShare - CHANCE * deviation;
    }

    /** Mean over a region's bytes of what the last snapshot left over. */
    private double left(long start, long end) {
        while (at < last.n && Long.compareUnsigned(last.end[at] - 1, start) < 0) {
            at++;
        }
        double sum = 0;
        for (int r = at; r < last.n && Long.compareUnsigned(last.start[r], end - 1) <= 0; r++) {
            long from = AddressSet.max(last.start[r], start);
            long lastByte = Long.compareUnsigned(last.end[r] - 1, end - 1) < 0 ? last.end[r] - 1 : end - 1;
            sum += last.samples[r] * (lastByte - from + 1);
        }
        return sum / (end - start);
    }
}
