package org.damson.replayer;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.damson.model.Snapshot;
import org.damson.replayer.memory.AddressSet;

/**
 * In how many slices of a snapshot memory is touched that a recording saw in too few of its samples: as many more as accesses were
 * not seen. What does not fit into a snapshot, because by chance more was seen than is on average, is left to the next, as long as the
 * memory is seen as often as what is in use all the time, but for chance; else such memory would be touched too rarely. Fractions
 * are rounded by seeded chance.
 */
final class UnseenAccesses {
    /** Standard deviations that count as chance. */
    private static final double CHANCE = 3;

    private final double seenShare;
    private final SplittableRandom random = new SplittableRandom(1);

    /** What did not fit into the last snapshot, by region, ascending. */
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

    /** What is asked next is of the snapshot that follows. */
    void nextSnapshot() {
        Rest spare = last;
        last = now;
        now = spare;
        now.n = 0;
        at = 0;
    }

    /** Slices of so many in which region {@code i} is touched; regions of a snapshot are asked in their order. */
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

    /** Whether so many samples are what chance leaves of all. What rests in between has no debts of the time before. */
    private boolean isAlwaysInUse(int seen, int samples) {
        double deviation = Math.sqrt(samples * seenShare * (1 - seenShare));
        return seen >= samples * seenShare - CHANCE * deviation;
    }

    /** Mean over the bytes of a region of what the last snapshot left. */
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
