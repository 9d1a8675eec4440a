package org.damson.replayer;

import org.damson.model.Snapshot;
import org.damson.replayer.memory.Footprint;

/** The pages of a snapshot's regions. */
final class RegionPages {
    private static final long PAGE = 4096;

    /** Limit on the samples that a snapshot may claim. */
    static final int MAX_SLICES = 100_000;

    private RegionPages() {}

    /** Pages of a region touched in a slice in which it is touched. */
    static long touched(Snapshot s, int i) {
        long size = up(s.end[i]) - down(s.start[i]);
        return s.has(Snapshot.HAS_REFERENCED) ? Math.max(1, pagesOf(s, i, s.referencedMean[i], size)) : size / PAGE;
    }

    /** The written pages among them, or {@link Footprint#NOT_KNOWN}. */
    static long written(Snapshot s, int i) {
        long bytes = s.writtenBytes(i);
        return bytes == Snapshot.NOT_KNOWN ? Footprint.NOT_KNOWN : pagesOf(s, i, bytes, touched(s, i) * PAGE);
    }

    /** Pages in a sample with accesses, given the mean over all samples; rounded up. */
    static long pagesOf(Snapshot s, int i, long meanBytes, long mostBytes) {
        double bytes = meanBytes / (double) s.nrAccesses[i] * Math.min(s.maxNrAccesses(), MAX_SLICES);
        return Math.min(mostBytes, (long) bytes + PAGE - 1) / PAGE;
    }

    static long down(long address) {
        return address & -PAGE;
    }

    /** End of a region, rounded up; at the end of the address space, which is 0, the last page is left out. */
    static long up(long end) {
        return Long.compareUnsigned(end - 1, -PAGE) >= 0 ? -PAGE : (end + PAGE - 1) & -PAGE;
    }
}
