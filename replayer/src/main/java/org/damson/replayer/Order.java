package org.damson.replayer;

import org.damson.model.Snapshot;

/**
 * In which slices of its snapshot a region is touched. A snapshot tells in how many of its samples a region was seen, not in
 * which; where the snapshots beside it say that it was busy until then and idle from then on, or the other way round, its samples
 * were the first or the last. Everything else is spread evenly.
 */
enum Order {
    EVENLY(""),
    FIRST(" first"),
    LAST(" last");

    /** Memory seen in this share of the samples counts as busy; where accesses can be missed, no memory is seen in all. */
    private static final double BUSY = 0.6;

    private static final double IDLE = 0.1;

    /** Its word in a plan, after the number of slices. */
    final String text;

    Order(String text) {
        this.text = text;
    }

    /**
     * The order of region {@code i}.
     *
     * @param before the snapshot of this target that ends where {@code s} begins, null if there is none
     * @param after the one that begins where it ends, null if there is none
     */
    static Order of(Snapshot before, Snapshot s, int i, Snapshot after) {
        if (before == null || after == null || s.nrAccesses[i] >= s.maxNrAccesses()) {
            return EVENLY;
        }
        double was = share(before, s.start[i], s.end[i]);
        double becomes = share(after, s.start[i], s.end[i]);
        return was >= BUSY && becomes <= IDLE ? FIRST : was <= IDLE && becomes >= BUSY ? LAST : EVENLY;
    }

    /** The number of touched slices among the first {@code first}, for memory touched in {@code samples} of {@code slices}. */
    int until(int first, int samples, int slices) {
        return switch (this) {
            case EVENLY -> (int) ((long) first * samples / slices);
            case FIRST -> Math.min(first, samples);
            case LAST -> Math.max(0, first - (slices - samples));
        };
    }

    /** Whether one snapshot follows another without a large gap, and nothing around them was lost. */
    static boolean adjoin(Snapshot earlier, Snapshot later) {
        long gapNs = later.startNs - earlier.endNs;
        return gapNs < (later.endNs - later.startNs) / 2 && later.lost == 0 && earlier.lost == 0;
    }

    /** Mean share of a snapshot's samples in which the bytes of the range were accessed; unmonitored bytes count as 0. */
    private static double share(Snapshot s, long start, long end) {
        double seen = 0;
        for (int r = s.firstBeyond(start); r < s.regions && Long.compareUnsigned(s.start[r], end - 1) <= 0; r++) {
            long from = Long.compareUnsigned(s.start[r], start) > 0 ? s.start[r] : start;
            long last = Long.compareUnsigned(s.end[r] - 1, end - 1) < 0 ? s.end[r] - 1 : end - 1;
            seen += (double) Math.min(s.nrAccesses[r], s.maxNrAccesses()) / s.maxNrAccesses() * (last - from + 1);
        }
        return seen / (end - start);
    }
}
