package org.damson.analyzer.timeline;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;

/**
 * What a program did with its memory and which functions ran meanwhile.
 *
 * @param fromNs of the first snapshot or sample, of the trace's clock
 * @param toNs end of the last
 * @param functions null for a trace, or a time of it, without call stacks
 * @param outside samples of what ran before the first phase or after the last
 */
public record Timeline(
        long fromNs,
        long toNs,
        WorkingSetResult sizes,
        HeatmapResult map,
        List<Phase> phases,
        FunctionShares functions,
        long outside) {

    /** How far what functions do tells about memory. */
    public static final String MATCHED = "matched by time alone: other code may have accessed the memory";

    /** In place of functions, where there are none. */
    public static final String NO_STACKS =
            "no call stacks: record --stacks takes them; merge adds those of perf record -g, of the same time and clock";

    public static Timeline compute(TraceSource source, TraceQuery query) throws IOException {
        WorkingSetResult sizes = WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS);
        GuideResult guide = TraceGuide.compute(source, query);
        HeatmapResult map = Heatmap.compute(source, query, HeatmapOptions.PICTURE, guide);
        StackSamples samples = StackReader.read(source, query.fromNs(), query.toNs());
        int n = samples.count();
        FunctionShares functions = n == 0 ? null : FunctionShares.of(samples);
        List<Phase> phases = PhaseFinder.find(source, query, sizes.total(), guide, functions);
        long fromNs = phases.isEmpty() ? Long.MAX_VALUE : map.fromNs();
        long toNs = phases.isEmpty() ? Long.MIN_VALUE : map.toNs();
        if (n > 0) {
            fromNs = Math.min(fromNs, samples.timesNs()[0]);
            toNs = Math.max(toNs, samples.timesNs()[n - 1] + 1);
        }
        if (fromNs > toNs) {
            fromNs = 0;
            toNs = 0;
        }
        return new Timeline(
                fromNs, toNs, sizes, map, phases, functions, phases.isEmpty() ? 0 : outside(samples, functions, map));
    }

    private static long outside(StackSamples samples, FunctionShares functions, HeatmapResult map) {
        long outside = 0;
        for (int i = 0; i < samples.count(); i++) {
            long timeNs = samples.timesNs()[i];
            outside += functions.isCounted(i) && (timeNs < map.fromNs() || timeNs >= map.toNs()) ? 1 : 0;
        }
        return outside;
    }
}
