package org.damson.model.summary;

import org.damson.model.Snapshot;

/** Heat of regions in whole numbers, so that sums of it over bytes and time are exact. */
public final class HeatUnits {
    /**
     * A region that is touched whole in every sample. Divisible by all usual numbers of samples, to 16, and 18, 20, 24, 25, 30, 40, 50,
     * 100 and 200, so that their heat is not rounded; else it is to a seven millionth.
     */
    public static final int ONE = 3_603_600;

    /** Numbers of samples of which a table is kept. */
    private static final int TABLE = 1024;

    private int samples = -1;
    private int[] ofAccesses = new int[0];
    private boolean isPartial;

    /** Begins with a snapshot; {@link #of} is then of its regions. */
    void begin(Snapshot s) {
        isPartial = s.has(Snapshot.HAS_REFERENCED);
        if (samples == s.maxNrAccesses()) {
            return;
        }
        samples = s.maxNrAccesses();
        ofAccesses = new int[Math.min(samples, TABLE)];
        for (int i = 1; i < ofAccesses.length; i++) {
            ofAccesses[i] = divided(i);
        }
    }

    private int divided(int accesses) {
        return (int) (((long) accesses * ONE + samples / 2) / samples);
    }

    /** Heat of region {@code i}: 0 to {@link #ONE}. */
    int of(Snapshot s, int i) {
        int accesses = s.nrAccesses[i];
        if (accesses <= 0) {
            return 0;
        }
        if (isPartial) {
            return ofShare(s.touchedBytes(i), s.end[i] - s.start[i]);
        }
        return accesses >= samples ? ONE : accesses < ofAccesses.length ? ofAccesses[accesses] : divided(accesses);
    }

    private static int ofShare(long touched, long size) {
        if (Long.compareUnsigned(touched, size) >= 0) {
            return ONE;
        }
        double of = size >= 0 ? size : (size >>> 1) * 2.0;
        return (int) Math.round(touched / of * ONE);
    }
}
