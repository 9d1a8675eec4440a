package org.damson.analyzer;

import java.util.List;

/**
 * How different two traces are.
 *
 * @param percents percentiles of the working set over slices of equal time, 0..100
 * @param workingSetA bytes per percentile, first trace
 * @param workingSetB bytes per percentile, second trace
 * @param workingSetDistance area between the two distributions' quantiles over the area under the greater, 0..1
 * @param heatDistance mean difference of heat over all mapped cells, weighted by size, 0..1; small where most is cold
 * @param patternDistance sum of differences over sum of both, 0 = same heat in the same cells, 1 = none in common
 * @param correlation of heat over mapped cells, -1..1; NaN if either does not vary
 * @param meanHotBytesA bytes hot on average, first trace, mapped or not
 * @param meanHotBytesB the same of the second
 * @param mappedHeat share of heat that lies in mapped areas, the lesser of both traces, 0..1
 * @param lagSlices slices by which the second trace was found to lag
 * @param pairs the address map used
 * @param options as given
 */
public record CompareResult(
        double[] percents,
        long[] workingSetA,
        long[] workingSetB,
        double workingSetDistance,
        double heatDistance,
        double patternDistance,
        double correlation,
        double meanHotBytesA,
        double meanHotBytesB,
        double mappedHeat,
        int lagSlices,
        List<CompareOptions.AreaPair> pairs,
        CompareOptions options) {

    /** Difference of total heat per time, over the greater, 0..1. */
    public double totalHeatDifference() {
        double max = Math.max(meanHotBytesA, meanHotBytesB);
        return max == 0 ? 0 : Math.abs(meanHotBytesA - meanHotBytesB) / max;
    }

    /** Whether every distance is within the tolerance. */
    public boolean same() {
        return patternDistance <= options.tolerance()
                && workingSetDistance <= options.tolerance()
                && 1 - mappedHeat <= options.tolerance();
    }

    /** One line: same or different, and if different, by what. */
    public String verdict() {
        if (same()) {
            return "same within the tolerance of " + options.tolerance();
        }
        StringBuilder b = new StringBuilder("different:");
        fault(b, "pattern distance", patternDistance);
        fault(b, "working-set distance", workingSetDistance);
        fault(b, "share of heat without counterpart", 1 - mappedHeat);
        return b.append(" (tolerance ").append(options.tolerance()).append(')').toString();
    }

    private void fault(StringBuilder b, String what, double distance) {
        if (distance > options.tolerance()) {
            b.append(b.charAt(b.length() - 1) == ':' ? " " : ", ").append(what);
            b.append(String.format(java.util.Locale.ROOT, " %.3f", distance));
        }
    }
}
