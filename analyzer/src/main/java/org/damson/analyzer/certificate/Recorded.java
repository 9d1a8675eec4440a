package org.damson.analyzer.certificate;

import org.damson.model.Snapshot;

/** What a snapshot says of memory below 2^63. */
final class Recorded {
    private Recorded() {}

    /** Bytes that region {@code i} has in common with {@code [from, to)}; 0 or less where it has none. */
    static double common(Snapshot s, int i, long from, long to) {
        return s.start[i] < 0 ? 0 : (double) Math.min(to, s.end[i]) - Math.max(from, s.start[i]);
    }

    /** Share of the region that was touched in a sample, 0..1, as every report takes it. */
    static double heat(Snapshot s, int i) {
        if (!s.isAccessed(i)) {
            return 0;
        }
        return s.has(Snapshot.HAS_REFERENCED)
                ? Math.min(1, Math.max(0, (double) s.referencedMean[i] / (s.end[i] - s.start[i])))
                : Math.min(1, (double) s.nrAccesses[i] / s.maxNrAccesses());
    }
}
