package org.damson.replayer;

import org.damson.model.Snapshot;
import org.damson.replayer.memory.Footprint;

/** What a region of a snapshot comes to in whole pages, and the time that a snapshot speaks for. */
final class RegionPages {
    private static final long PAGE = 4096;

    /** What a snapshot may claim to have in samples. */
    static final int MAX_SLICES = 100_000;

    private RegionPages() {}

    /** Pages of a region that are touched in a slice in which it is. */
    static long touched(Snapshot s, int i) {
        long size = up(s.end[i]) - down(s.start[i]);
        return s.has(Snapshot.HAS_REFERENCED) ? Math.max(1, pagesOf(s, i, s.referencedMean[i], size)) : size / PAGE;
    }

    /** Those of them that are written, or {@link Footprint#NOT_KNOWN}. */
    static long written(Snapshot s, int i) {
        long bytes = s.writtenBytes(i);
        return bytes == Snapshot.NOT_KNOWN ? Footprint.NOT_KNOWN : pagesOf(s, i, bytes, touched(s, i) * PAGE);
    }

    /** What was in the mean of all samples, of which k of n count here, rounded up. */
    static long pagesOf(Snapshot s, int i, long meanBytes, long mostBytes) {
        double bytes = meanBytes / (double) s.nrAccesses[i] * Math.min(s.maxNrAccesses(), MAX_SLICES);
        return Math.min(mostBytes, (long) bytes + PAGE - 1) / PAGE;
    }

    /** A snapshot without duration speaks for one aggregation. */
    static long fromNs(Snapshot s) {
        return s.startNs < s.endNs ? s.startNs : s.endNs - Math.max(1, s.aggrUs * 1000);
    }

    static long down(long address) {
        return address & -PAGE;
    }

    /** Of the end of a region, which is 0 at the end of the address space: the last page there is left out. */
    static long up(long end) {
        return Long.compareUnsigned(end - 1, -PAGE) >= 0 ? -PAGE : (end + PAGE - 1) & -PAGE;
    }
}
