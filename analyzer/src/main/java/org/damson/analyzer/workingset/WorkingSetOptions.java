package org.damson.analyzer.workingset;

import org.damson.model.Snapshot;

/**
 * Which regions are in the working set: those with at least both.
 *
 * @param minAccesses least nr_accesses
 * @param minSizeBytes least region size
 */
public record WorkingSetOptions(int minAccesses, long minSizeBytes) {
    public static final WorkingSetOptions DEFAULTS = new WorkingSetOptions(1, 0);

    /** Whether region {@code i} is in the working set. */
    boolean counts(Snapshot s, int i) {
        return s.nrAccesses[i] >= minAccesses && Long.compareUnsigned(s.end[i] - s.start[i], minSizeBytes) >= 0;
    }
}
