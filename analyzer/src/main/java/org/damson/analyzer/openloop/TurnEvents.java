package org.damson.analyzer.openloop;

import java.util.Arrays;

/**
 * What schemes were applied to in one turn of a context, as {@code damos_before_apply} told it. A walk goes up the regions
 * of a target, so the events of one ascend. Reused from turn to turn.
 */
final class TurnEvents {
    /** No number of regions tells. */
    static final int NOT_TOLD = Integer.MIN_VALUE;

    /** Beyond so many events of a turn none is followed. */
    private static final int MOST = 1 << 20;

    private long[] target = new long[64];
    private long[] start = new long[64];
    private long[] end = new long[64];
    private int[] regions = new int[64];
    private int n;
    private boolean tooMany;

    /** Those of the target at hand, and of its region at hand. */
    private int[] own = new int[64];

    private int ownCount;
    private boolean ascends;
    private int first;
    private int next;
    private long from;

    void clear() {
        n = 0;
        tooMany = false;
    }

    /** @param nrRegions regions that the target had then; 0: not told */
    void add(long ofTarget, long startAddress, long endAddress, int nrRegions) {
        tooMany |= n == MOST;
        if (tooMany) {
            return;
        }
        if (n == target.length) {
            target = Arrays.copyOf(target, n * 2);
            start = Arrays.copyOf(start, n * 2);
            end = Arrays.copyOf(end, n * 2);
            regions = Arrays.copyOf(regions, n * 2);
        }
        target[n] = ofTarget;
        start[n] = startAddress;
        end[n] = endAddress;
        regions[n++] = nrRegions;
    }

    /** Goes to a target, whose regions are then asked for in ascending order. */
    void target(long id) {
        if (own.length < n) {
            own = new int[target.length];
        }
        ownCount = 0;
        ascends = !tooMany;
        for (int i = 0; i < n && ascends; i++) {
            if (target[i] == id) {
                ascends = ownCount == 0 || Long.compareUnsigned(start[own[ownCount - 1]], start[i]) <= 0;
                own[ownCount++] = i;
            }
        }
        if (!ascends) {
            ownCount = 0;
        }
        first = 0;
        next = 0;
    }

    /** Goes to a region of the target. */
    void region(long startAddress, long endAddress) {
        from = startAddress;
        while (first < ownCount && Long.compareUnsigned(start[own[first]], startAddress) < 0) {
            first++;
        }
        next = Math.max(next, first);
        while (next < ownCount && Long.compareUnsigned(start[own[next]], endAddress) < 0) {
            next++;
        }
    }

    /** Where within the region one that was tried began or ended, added to {@code places}. */
    void inner(long endAddress, Places places) {
        for (int k = first; k < next; k++) {
            int i = own[k];
            if (start[i] != from) {
                places.add(start[i]);
            }
            if (Long.compareUnsigned(end[i], endAddress) < 0) {
                places.add(end[i]);
            }
        }
    }

    /**
     * By how many the target's regions became fewer while the schemes were at the region at hand, as far as events around it tell.
     *
     * @param told regions of the target in the snapshot
     * @return negative if they became more, {@link #NOT_TOLD} if nothing tells
     */
    int fewer(int told) {
        int before = first - 1;
        for (int k = first; k < next && start[own[k]] == from; k++) {
            before = k;
        }
        if (before < 0) {
            return NOT_TOLD;
        }
        int had = regions[own[before]];
        int has = next < ownCount ? regions[own[next]] : told;
        return had <= 0 || has <= 0 ? NOT_TOLD : had - has;
    }

    /** Whether the target had more regions at some event than the snapshot tells: some were joined meanwhile. */
    boolean isJoined(int told) {
        for (int k = 0; k < ownCount; k++) {
            if (regions[own[k]] > told) {
                return true;
            }
        }
        return false;
    }
}
