package org.damson.api;

import java.util.List;

/**
 * Working set over time.
 *
 * <pre>{@code
 * try (Trace trace = Trace.open(recording)) {
 *     WorkingSet.Series all = trace.workingSet().total();
 *     System.out.printf("median %d, 95 %% of the time at most %d bytes%n", all.percentile(50), all.percentile(95));
 * }
 * }</pre>
 *
 * @param targets one series for each target
 * @param total all targets together, aligned by time
 * @param isReferenced whether sizes are bytes referenced in an average sample; else they are sizes of regions that were accessed
 * @param windowNs over how long an access counts, nanoseconds
 * @param lostRegions regions known to be missing: sizes are too small by them
 * @param incompleteSnapshots snapshots that miss some
 */
public record WorkingSet(
        List<Series> targets,
        Series total,
        boolean isReferenced,
        long windowNs,
        long lostRegions,
        long incompleteSnapshots) {
    /** Sizes in time order. */
    public interface Series {
        /** Display name of what was measured. */
        String label();

        /** Number of snapshots. */
        int length();

        /** Start of snapshot {@code i}, nanoseconds of the trace's clock. */
        long startNs(int i);

        /** End of snapshot {@code i}. */
        long endNs(int i);

        /** Working set of snapshot {@code i}, bytes. */
        long sizeBytes(int i);

        /** Mean of the snapshots, bytes; 0 if there are none. */
        double meanBytes();

        /**
         * A percentile of the sizes, bytes; 0 if there are none.
         *
         * @param percent 0, the least size, to 100, the greatest
         */
        long percentile(double percent);
    }

    /** Keeps a copy of the list. */
    public WorkingSet {
        targets = List.copyOf(targets);
    }
}
