package org.damson.analyzer.openloop;

import org.damson.model.Snapshot;

/**
 * The regions of a target in the snapshot before. DAMON cut each of them into up to three pieces at random, sampled these,
 * and merged them to the regions of this snapshot.
 */
final class PriorRegions {
    /** Aggregations come later than due, but two in the time of this many are one that is missing. */
    private static final double LATE = 1.9;

    private long[] start = new long[0];
    private long[] end = new long[0];
    private int[] nr = new int[0];
    private int[] age = new int[0];
    private int n = -1;
    private long endNs;
    private long sampleUs;
    private long aggrUs;
    private boolean whole;
    private boolean aged;

    /** Remembers a snapshot for the next one. */
    void take(Snapshot s) {
        if (start.length < s.regions) {
            start = new long[s.regions * 2];
            end = new long[s.regions * 2];
            nr = new int[s.regions * 2];
            age = new int[s.regions * 2];
        }
        n = s.regions;
        System.arraycopy(s.start, 0, start, 0, n);
        System.arraycopy(s.end, 0, end, 0, n);
        System.arraycopy(s.nrAccesses, 0, nr, 0, n);
        System.arraycopy(s.age, 0, age, 0, n);
        aged = s.has(Snapshot.HAS_AGE);
        endNs = s.endNs;
        sampleUs = s.sampleUs;
        aggrUs = s.aggrUs;
        whole = s.lost == 0;
    }

    /** Whether this is what the snapshot came of. */
    boolean precede(Snapshot s) {
        return n >= 0
                && whole
                && s.lost == 0
                && s.sampleUs == sampleUs
                && s.aggrUs == aggrUs
                && s.endNs - endNs < LATE * 1000 * aggrUs;
    }

    /** Accesses that the memory at an address had one aggregation ago; -1 if nothing tells. */
    int lastNr(long address) {
        int i = Snapshot.firstBeyond(end, n, address);
        return i < n && Long.compareUnsigned(start[i], address) <= 0 ? nr[i] : -1;
    }

    /**
     * In how many pieces the schemes of a kernel that joins may have seen a region, at most.
     *
     * <p>What the kernel joins after a scheme's turn are neighbours of equal accesses, equal age and equal accesses one
     * aggregation before. Merging left them apart although it joins what is as near in accesses as the right one's first piece was
     * not: so that one counted otherwise, and only with others did it come to the same mean. A
     * joined piece but the first is thus made of two pieces of DAMON's at least. Where the accesses are those of
     * the aggregation before, that first piece lost its age, so that the mean of the ages is less than one more than
     * the greatest before.
     *
     * @param mostRegions upper bound of the number of regions; 0: not known
     * @param sameLimit whether the greatest size of a region was the same before; if not, neighbours may be joined that were
     *     too large together for merging
     * @return 1 if it was certainly one, {@link Integer#MAX_VALUE} if nothing tells
     */
    int mostPieces(Snapshot s, int i, long mostRegions, boolean sameLimit) {
        if (!precede(s)) {
            return Integer.MAX_VALUE;
        }
        long from = s.start[i];
        long to = s.end[i];
        int each = mostRegions <= 0 || 3L * n < mostRegions ? 3 : 2;
        long pieces = 0;
        long covered = 0;
        long oldest = -1;
        int last = -1;
        boolean again = false;
        for (int k = Snapshot.firstBeyond(end, n, from); k < n && Long.compareUnsigned(start[k], to) < 0; k++) {
            boolean cutLeft = Long.compareUnsigned(start[k], from) < 0;
            boolean cutRight = Long.compareUnsigned(end[k], to) > 0;
            int here = Math.max(1, each - (cutLeft ? 1 : 0) - (cutRight ? 1 : 0));
            covered += (cutRight ? to : end[k]) - (cutLeft ? from : start[k]);
            oldest = Math.max(oldest, age[k] & 0xffff_ffffL);
            if (pieces == 0) {
                last = nr[k];
                again = here > 1;
            } else {
                again |= nr[k] == last;
            }
            pieces += here;
        }
        if (covered != to - from) {
            return Integer.MAX_VALUE;
        }
        if (!sameLimit) {
            return (int) Math.min(Integer.MAX_VALUE, pieces);
        }
        // More regions than may be are merged again, with ages as they are.
        boolean keptAge = mostRegions > 0
                && aged
                && s.has(Snapshot.HAS_AGE)
                && s.nrAccesses[i] == last
                && (s.age[i] & 0xffff_ffffL) > oldest;
        return !again || keptAge ? 1 : (int) Math.min(Integer.MAX_VALUE, 1 + (pieces - 1) / 2);
    }
}
