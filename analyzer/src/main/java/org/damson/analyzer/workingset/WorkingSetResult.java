package org.damson.analyzer.workingset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.scan.Quantiles;
import org.damson.analyzer.scan.TableReport;

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
        Series labelled(String other) {
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

    /**
     * One row a target, for several traces in one table.
     *
     * @param byTime whether percentiles are those of the recording's time instead of the sizes
     * @param points percentiles, 0..100
     */
    public TableReport table(boolean byTime, List<Integer> points) {
        List<TableReport.Column> columns = new ArrayList<>(List.of(
                new TableReport.Column("target", "target", TableReport.Unit.TEXT),
                new TableReport.Column("snapshots", "snapshots", TableReport.Unit.COUNT),
                new TableReport.Column("mean_bytes", "mean", TableReport.Unit.BYTES)));
        for (int p : points) {
            columns.add(new TableReport.Column("p" + p + "_bytes", p + " %", TableReport.Unit.BYTES));
        }
        if (!written.isEmpty()) {
            columns.add(new TableReport.Column("mean_written_bytes", "written", TableReport.Unit.BYTES));
            columns.add(new TableReport.Column("mean_only_read_bytes", "only read", TableReport.Unit.BYTES));
            columns.add(new TableReport.Column("mean_not_known_bytes", "not known", TableReport.Unit.BYTES));
        }
        List<Object[]> rows = new ArrayList<>();
        List<Series> all = new ArrayList<>(targets);
        if (targets.size() > 1) {
            all.add(total);
        }
        for (Series s : all) {
            Object[] row = new Object[columns.size()];
            row[0] = s.label();
            row[1] = (long) s.length();
            row[2] = s.mean();
            for (int i = 0; i < points.size(); i++) {
                row[3 + i] = s.at(points.get(i), byTime);
            }
            WrittenShare share = written.get(s.label());
            if (share != null) {
                row[3 + points.size()] = share.writtenBytes();
                row[4 + points.size()] = share.readBytes();
                row[5 + points.size()] = share.notKnownBytes();
            }
            rows.add(row);
        }
        List<String> notes = new ArrayList<>(List.of(note()));
        if (lostRegions != 0) {
            notes.add("incomplete: " + lostRegions + " regions were lost; sizes are too small by them");
        }
        return new TableReport(
                List.of(new TableReport.Section(
                        "working_set",
                        byTime ? "working set, by % of time" : "working set, by percentile",
                        columns,
                        rows)),
                notes);
    }

    /** One sentence on what a size here means. */
    public String note() {
        String what = referenced
                ? "bytes referenced within the window of one sample (mean of the samples)"
                : "size of regions with at least " + options.minAccesses() + " access"
                        + (options.minAccesses() == 1 ? "" : "es") + " per aggregation interval";
        return "working set = " + what + "; window " + org.damson.model.Units.duration(windowNs);
    }
}
