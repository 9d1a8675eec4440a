package org.damson.analyzer.compare;

import java.util.List;
import java.util.Locale;

/**
 * How different two traces are. Intervals are 95 % confidence intervals; NaN where the traces are too short for one. Of a trace
 * without snapshots sizes are NaN, and so are the distances to it.
 *
 * @param sizes the working set of both, as {@code report wss} has it: its mean, then percentiles
 * @param workingSet area between the two distributions' quantiles over the area under the greater, 0..1
 * @param heatDistance mean difference of heat over all mapped cells, weighted by size, 0..1; small where most is cold; NaN
 *     if there is nothing in common
 * @param pattern sum of differences over sum of both, 0 = same heat in the same cells, 1 = none in common,
 *     also where no accessed memory of the one is found in the other
 * @param leastPattern what the pattern distance comes to if the parts of mappings that referenced bits do not tell apart were touched as
 *     in the other trace, as far as that can be; the pattern distance where nothing is open
 * @param correlation of heat over mapped cells, -1..1; NaN if either does not vary, or nothing is in common
 * @param meanHotBytesA bytes hot on average, first trace, mapped or not
 * @param meanHotBytesB the same of the second
 * @param mappedHeat share of heat that lies in mapped areas, the lesser of both traces, 0..1
 * @param lagSlices slices by which the second trace was found to lag
 * @param pairs the address map used
 * @param options as given
 */
public record CompareResult(
        List<Size> sizes,
        Distance workingSet,
        double heatDistance,
        Distance pattern,
        Distance leastPattern,
        double correlation,
        double meanHotBytesA,
        double meanHotBytesB,
        double mappedHeat,
        int lagSlices,
        List<CompareOptions.AreaPair> pairs,
        CompareOptions options) {

    /** The verdict of a comparison. */
    public enum Verdict {
        SAME,
        DIFFERENT,
        /** The tolerance lies within the confidence interval, or the traces are too short for one. */
        UNDECIDED;

        /** The word for it in output. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One size of both working sets.
     *
     * @param percent percentile, 0..100; NaN for the mean
     * @param aBytes of the first trace; NaN if it has no snapshots
     * @param bBytes of the second trace
     * @param differenceLowBytes lower bound of {@code bBytes - aBytes}
     * @param differenceHighBytes upper bound of it
     */
    public record Size(
            double percent, double aBytes, double bBytes, double differenceLowBytes, double differenceHighBytes) {
        public double differenceBytes() {
            return bBytes - aBytes;
        }

        public boolean isMean() {
            return Double.isNaN(percent);
        }
    }

    /** A distance from 0 to 1 with its bounds. */
    public record Distance(double value, double low, double high) {
        static Distance of(double value, double[] bounds) {
            return new Distance(value, Math.max(0, bounds[0]), Math.min(1, bounds[1]));
        }

        Verdict verdict(double tolerance) {
            if (value == 0) {
                return Verdict.SAME;
            }
            if (low > tolerance) {
                return Verdict.DIFFERENT;
            }
            return high <= tolerance ? Verdict.SAME : Verdict.UNDECIDED;
        }

        static Distance exactly(double value) {
            return new Distance(value, value, value);
        }
    }

    /** Share of heat that counts as none. */
    static final double NO_HEAT = 1e-12;

    /** Whether none of the memory that one of them accessed is found in the other: then their patterns have no distance. */
    public boolean hasNothingInCommon() {
        return mappedHeat <= NO_HEAT;
    }

    /** Which of the traces have no snapshots, so that nothing is known of their memory; empty if both have some. */
    public String withoutSnapshots() {
        boolean a = Double.isNaN(sizes.get(0).aBytes());
        boolean b = Double.isNaN(sizes.get(0).bBytes());
        return a && b ? "A and B have no snapshots" : a ? "A has no snapshots" : b ? "B has no snapshots" : "";
    }

    /** Share of heat in memory that only one of them has, 0..1; what rounding leaves of none is none. */
    public double unmatchedHeat() {
        return 1 - mappedHeat <= NO_HEAT ? 0 : 1 - mappedHeat;
    }

    public double workingSetDistance() {
        return workingSet.value();
    }

    public double patternDistance() {
        return pattern.value();
    }

    /** Difference of total heat per time, over the greater, 0..1. */
    public double totalHeatDifference() {
        double max = Math.max(meanHotBytesA, meanHotBytesB);
        return max == 0 ? 0 : Math.abs(meanHotBytesA - meanHotBytesB) / max;
    }

    /** Different if any distance that counts is surely beyond the tolerance, the same if all are surely within it. */
    public Verdict verdict() {
        Verdict verdict = Verdict.SAME;
        for (Judged j : judged()) {
            Verdict v = j.verdict(options.tolerance());
            if (v == Verdict.DIFFERENT) {
                return v;
            }
            verdict = v == Verdict.UNDECIDED ? v : verdict;
        }
        return verdict;
    }

    /** The greatest of the distances that count. */
    public double greatestDistance() {
        return judged().stream().mapToDouble(j -> j.distance.value).max().orElse(0);
    }

    /** Whether every distance that counts is surely within the tolerance. */
    public boolean same() {
        return verdict() == Verdict.SAME;
    }

    /** One line: the verdict, and what it rests on if it is not "same". */
    public String explanation() {
        Verdict verdict = verdict();
        if (verdict == Verdict.SAME) {
            return "same within the tolerance of " + options.tolerance();
        }
        StringBuilder b = new StringBuilder(verdict.word());
        if (!withoutSnapshots().isEmpty()) {
            return b.append(": ").append(withoutSnapshots()).toString();
        }
        String before = ": ";
        for (Judged j : judged()) {
            if (j.verdict(options.tolerance()) == verdict) {
                b.append(before).append(j.name).append(' ').append(number(j.distance.value));
                if (j.distance.low != j.distance.high) {
                    b.append(interval(j.distance));
                }
                if (j.distance.verdict(options.tolerance()) != verdict) {
                    b.append(", ")
                            .append(number(j.least.value))
                            .append(" if what mappings touched in part leave open is alike");
                }
                before = ", ";
            }
        }
        return b.append(" (tolerance ").append(options.tolerance()).append(')').toString();
    }

    private static String interval(Distance d) {
        return Double.isNaN(d.low) ? " in too few snapshots" : " (" + number(d.low) + " to " + number(d.high) + ")";
    }

    private record Judged(String name, Distance distance, Distance least) {
        Judged(String name, Distance distance) {
            this(name, distance, distance);
        }

        /** What is different by what is not known only is undecided. */
        Verdict verdict(double tolerance) {
            Verdict v = distance.verdict(tolerance);
            return v == Verdict.DIFFERENT && least.verdict(tolerance) != v ? Verdict.UNDECIDED : v;
        }
    }

    private List<Judged> judged() {
        Judged sizes = new Judged("working-set distance", workingSet);
        return options.basis() == CompareOptions.Basis.WORKING_SET
                ? List.of(sizes)
                : List.of(
                        new Judged("pattern distance", pattern, leastPattern),
                        sizes,
                        new Judged("share of heat without counterpart", Distance.exactly(unmatchedHeat())));
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.3f", v);
    }
}
