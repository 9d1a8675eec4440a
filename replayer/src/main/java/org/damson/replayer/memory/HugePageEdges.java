package org.damson.replayer.memory;

import java.util.List;
import org.damson.model.range.AddressSet;

/**
 * Ranges of 2 MiB in which accesses begin or end in some snapshot. Where such a range is one huge page, touching a part of it is
 * touching all of it, which the recording does not show; so it has to be made of small pages.
 */
final class HugePageEdges {
    static final long HUGE = 2L << 20;

    /** DAMON merges regions whose access rates differ by no more than this (damon_merge_regions_of()). */
    private static final double SAME = 0.1;

    private final AddressSet ranges = new AddressSet();
    private boolean isOpen;
    private long end;
    private double share;

    /** Begins a snapshot; its regions are added by ascending address. */
    void nextSnapshot() {
        close();
    }

    /** Adds the next region, accessed in this share of the samples, 0..1. */
    void add(long start, long regionEnd, double ofSamples) {
        if (isOpen && start != end) {
            close();
        }
        edge(start, ofSamples, isOpen ? share : 0);
        isOpen = true;
        end = regionEnd;
        share = ofSamples;
    }

    private void close() {
        if (isOpen) {
            edge(end, share, 0);
        }
        isOpen = false;
    }

    private void edge(long address, double one, double other) {
        if (address % HUGE != 0 && Math.abs(one - other) > SAME) {
            long start = address & -HUGE;
            // The last range of all addresses ends where no end can be written.
            ranges.add(start, start + HUGE == 0 ? -1 : start + HUGE, true);
        }
    }

    /** The edges within {@code [from, to)}, in order. */
    List<long[]> within(long from, long to) {
        close();
        return ranges.within(from, to);
    }

    /** Whether an aligned huge page fits into the range. */
    static boolean fits(long from, long to) {
        return to - from >= HUGE && ((from + HUGE - 1) & -HUGE) + HUGE - from <= to - from;
    }
}
