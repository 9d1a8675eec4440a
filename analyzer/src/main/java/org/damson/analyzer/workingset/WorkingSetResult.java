package org.damson.analyzer.workingset;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.scan.Quantiles;

/**
 * Working set over time.
 *
 * @param targets one series per target, by key
 * @param total all targets together, aligned by time; the same series as the only target's if there is one
 * @param written what of the mean was written, by the label of the target; without those whose recording does not say
 * @param referenced whether sizes are referenced bytes (mean sample) rather than sizes of accessed regions
 * @param windowNs over how long an access counts: the window of a sample where {@code referenced}, else the aggregation
 *     interval; of the last snapshot
 * @param lostRegions regions known to be missing, so sizes are too small by them
 * @param incomplete snapshots with such losses
 */
public record WorkingSetResult(
        List<Series> targets,
        Series total,
        Map<String, WrittenShare> written,
        WorkingSetOptions options,
        boolean referenced,
        long windowNs,
        long lostRegions,
        long incomplete) {

    /** Sizes of one target, or all, in time order; 24 bytes of memory per snapshot. */
    public static final class Series {
        private final String label;
        private final long[] startNs;
        private final long[] endNs;
        private final long[] sizes;
        private final long[] sorted;

        public Series(String label, long[] startNs, long[] endNs, long[] sizes) {
            this.label = label;
            this.startNs = startNs;
            this.endNs = endNs;
            this.sizes = sizes;
            this.sorted = sizes.clone();
            Arrays.sort(sorted);
        }

        /** The same under another name. */
        public Series labelled(String other) {
            return new Series(other, startNs, endNs, sizes);
        }

        public String label() {
            return label;
        }

        public int length() {
            return sizes.length;
        }

        public long startNs(int i) {
            return startNs[i];
        }

        public long endNs(int i) {
            return endNs[i];
        }

        /** Working set of snapshot {@code i} in time order, bytes. */
        public long size(int i) {
            return sizes[i];
        }

        /** Mean of the snapshots, bytes; 0 if there are none. */
        public double mean() {
            double sum = 0;
            for (long s : sizes) {
                sum += s;
            }
            return sizes.length == 0 ? 0 : sum / sizes.length;
        }

        /** The percentile (0..100) of the snapshots, by {@link Quantiles}; 0 if there are none. */
        public long bySize(double percent) {
            return Quantiles.of(sorted, percent);
        }

        /** Percentiles of the snapshots; not {@link #byTime} the sizes at these shares of them. */
        public long at(double percent, boolean byTime) {
            return byTime ? byTime(percent) : bySize(percent);
        }

        /** The size when {@code percent} of the snapshots (0..100) have passed; 0 if there are none. */
        public long byTime(double percent) {
            int n = sizes.length;
            return n == 0 ? 0 : sizes[(int) Math.max(0, Math.min(n - 1L, (long) (percent / 100.0 * n)))];
        }
    }

    /** Percentiles that are printed if none are asked for. */
    public static final List<Integer> POINTS = List.of(0, 50, 90, 95, 99, 100);
}
