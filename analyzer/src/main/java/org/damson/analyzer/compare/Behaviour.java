package org.damson.analyzer.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.HeatGrid;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.Layout;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.MemoryReadings;
import org.damson.analyzer.scan.Quantiles;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Manifest.Source;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * The figures of one recording that a comparison uses, once the places are known that it has in common with another. It
 * stands for its recording where that is not available.
 *
 * @param snapshots of the target that has most: how often anything was seen anew
 * @param sizes the working set as {@code report wss} has it, bytes: its mean, then {@link #PERCENTS}
 * @param workingSets mean size in each slice of time, bytes; NaN where nothing is known
 * @param grid heat by place and slice
 * @param mappedHeat share of the heat that lies in the places, 0..1
 * @param meanHotBytes bytes hot on average, in the places or not
 * @param accesses how often, and for how long; null if it was not asked
 * @param residentBytes resident bytes of its processes, median over time; NaN if not known or not asked
 * @param areMappings regions are whole mappings, as referenced bits have them: which part of one was touched is not known
 */
public record Behaviour(
        long snapshots,
        double[] sizes,
        double[] workingSets,
        Grid grid,
        double mappedHeat,
        double meanHotBytes,
        AccessHistograms accesses,
        double residentBytes,
        boolean areMappings) {
    /** Percentiles of {@link #sizes}, behind the mean. */
    public static final List<Integer> PERCENTS = List.of(0, 5, 25, 50, 75, 95, 100);

    public Behaviour {
        if (sizes.length != PERCENTS.size() + 1 || workingSets.length != grid.cols()) {
            throw new IllegalArgumentException(sizes.length + " sizes, " + workingSets.length + " slices");
        }
    }

    /** Of the time of a query, over places of one size in both recordings. */
    public static Behaviour of(TraceSource trace, TraceQuery query, List<Area> places, CompareOptions options)
            throws IOException {
        double[] units =
                places.stream().mapToDouble(a -> Scan.bytes(a.sizeBytes())).toArray();
        return of(trace, query, places, units, options);
    }

    /**
     * Of the time of a query.
     *
     * @param places memory in common, in the same order in both recordings
     * @param units how much of the grid each place takes, the same in both recordings, whatever its size
     */
    public static Behaviour of(
            TraceSource trace, TraceQuery query, List<Area> places, double[] units, CompareOptions options)
            throws IOException {
        return of(trace, query, TraceGuide.compute(trace, query), places, units, options);
    }

    static Behaviour of(
            TraceSource trace,
            TraceQuery query,
            GuideResult guide,
            List<Area> places,
            double[] units,
            CompareOptions options)
            throws IOException {
        Layout layout = new Layout();
        for (int i = 0; i < places.size(); i++) {
            layout.add(places.get(i), units[i]);
        }
        long fromNs = query.fromNs() != Long.MIN_VALUE ? query.fromNs() : guide.startNs();
        long toNs = query.toNs() != Long.MAX_VALUE ? query.toNs() : guide.endNs();
        HeatGrid grid = Heatmap.grid(trace, query, layout, fromNs, toNs, options.slices(), options.cells());
        WorkingSetResult.Series sizes =
                WorkingSet.compute(trace, query, WorkingSetOptions.DEFAULTS).total();
        double total = AreaMatcher.total(guide);
        double seconds = (toNs - fromNs) / 1e9;
        return new Behaviour(
                guide.targets().stream()
                        .mapToLong(GuideResult.Target::snapshots)
                        .max()
                        .orElse(0),
                sizes(sizes),
                workingSets(sizes, fromNs, toNs, options.slices()),
                Grid.of(grid),
                total <= Double.MIN_NORMAL ? 1 : Math.min(1, grid.heatByteSeconds / total),
                // Over the whole trace's time, so that a target that lives half as long counts half.
                seconds <= 0 ? 0 : total / seconds,
                null,
                Double.NaN,
                Source.REFERENCED.is(trace.manifest()));
    }

    /** The same with how often memory was accessed, its ages, and what was resident. */
    public Behaviour withAccesses(TraceSource trace, TraceQuery query) throws IOException {
        return new Behaviour(
                snapshots,
                sizes,
                workingSets,
                grid,
                mappedHeat,
                meanHotBytes,
                AccessHistograms.of(trace, query),
                resident(trace, query),
                areMappings);
    }

    /** The same with all of its memory scaled by {@code factor}. */
    public Behaviour scaled(double factor) {
        return factor == 1
                ? this
                : new Behaviour(
                        snapshots,
                        scaled(sizes, factor),
                        scaled(workingSets, factor),
                        grid,
                        mappedHeat,
                        meanHotBytes * factor,
                        accesses,
                        residentBytes * factor,
                        areMappings);
    }

    /** The same, of which nobody knows what was resident. */
    public Behaviour withoutResident() {
        return new Behaviour(
                snapshots, sizes, workingSets, grid, mappedHeat, meanHotBytes, accesses, Double.NaN, areMappings);
    }

    /** Times of clear transitions between phases, as shares of its time, ascending. */
    public double[] transitions() {
        return Transitions.of(grid, snapshots).clearTimes();
    }

    private static double[] scaled(double[] bytes, double factor) {
        return Arrays.stream(bytes).map(b -> b * factor).toArray();
    }

    static double[] sizes(WorkingSetResult.Series series) {
        double[] sizes = new double[PERCENTS.size() + 1];
        sizes[0] = series.mean();
        for (int i = 0; i < PERCENTS.size(); i++) {
            sizes[i + 1] = series.bySize(PERCENTS.get(i));
        }
        return sizes;
    }

    /**
     * Sizes of the working set in slices of equal time; NaN for slices without a snapshot. Slices and not snapshots, so
     * that a short last snapshot counts as little as it lasted.
     */
    private static double[] workingSets(WorkingSetResult.Series series, double fromNs, double toNs, int slices) {
        double sliceNs = Math.max(1, (toNs - fromNs) / slices);
        double[] sum = new double[slices];
        double[] covered = new double[slices];
        for (int i = 0; i < series.length(); i++) {
            double a = Math.max(0, (series.startNs(i) - fromNs) / sliceNs);
            double b = Math.min(slices, (series.endNs(i) - fromNs) / sliceNs);
            for (int k = (int) a; k < b; k++) {
                double share = Math.min(b, k + 1) - Math.max(a, k);
                sum[k] += share * series.size(i);
                covered[k] += share;
            }
        }
        double[] mean = new double[slices];
        for (int k = 0; k < slices; k++) {
            mean[k] = covered[k] > 1e-9 ? sum[k] / covered[k] : Double.NaN;
        }
        return mean;
    }

    /** The sum of the processes' medians: what a program fills while it starts counts as little as it takes. */
    private static double resident(TraceSource trace, TraceQuery query) throws IOException {
        Map<Long, List<Long>> readings = new HashMap<>();
        MemoryReadings.forEach(trace, (timeNs, pid, counter, value) -> {
            if (pid != 0 && counter.equals("rss") && timeNs > query.fromNs() && timeNs <= query.toNs()) {
                readings.computeIfAbsent(pid, p -> new ArrayList<>()).add(value);
            }
        });
        double sum = readings.isEmpty() ? Double.NaN : 0;
        for (List<Long> ofProcess : readings.values()) {
            sum += Quantiles.of(ofProcess.stream().mapToLong(v -> v).sorted().toArray(), 50);
        }
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Behaviour b
                && snapshots == b.snapshots
                && Arrays.equals(sizes, b.sizes)
                && Arrays.equals(workingSets, b.workingSets)
                && grid.equals(b.grid)
                && mappedHeat == b.mappedHeat
                && meanHotBytes == b.meanHotBytes
                && (accesses == null ? b.accesses == null : accesses.equals(b.accesses))
                && Double.compare(residentBytes, b.residentBytes) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(workingSets) + grid.hashCode();
    }
}
