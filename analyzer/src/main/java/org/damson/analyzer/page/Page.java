package org.damson.analyzer.page;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.HeatTiles;
import org.damson.analyzer.heatmap.TileLayout;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.TargetPids;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;

/**
 * A trace as one page shows it. Memory and size are bounded: what does not fit is joined or left out, and counted.
 *
 * @param title of the page
 * @param facts name and value of each fact about the recording
 * @param notes what makes the figures less certain than they look, one line each
 * @param isPhysical whether addresses are those of the machine's memory, of which no mapping and no stack tells
 * @param touchedPids of each target of the lanes, the process whose first touches are of its memory; -1 if nobody says
 * @param isFromStart whether nothing of the trace before the page's time is left out, as first touches are
 * @param losses times of which something is missing
 * @param phases in which the same memory is used alike, and the same functions run
 * @param stacks null for a trace without call stacks
 * @param whatIf null where nothing was asked
 */
public record Page(
        String title,
        List<Map.Entry<String, String>> facts,
        List<String> notes,
        PageTime time,
        boolean isPhysical,
        List<Integer> touchedPids,
        boolean isFromStart,
        TileLayout layout,
        HeatTiles tiles,
        WorkingSetResult sizes,
        PageSeries workingSet,
        PageMappings mappings,
        PagePhases phases,
        PageStacks stacks,
        PageCurves curves,
        PageWhatIf whatIf,
        List<Loss> losses) {
    private static final int MAX_NOTES = 60;
    private static final int MAX_FACTS = 100;

    /**
     * A time, since the start of the page, of which something is missing.
     *
     * @param what on one line, with how much of it
     */
    public record Loss(double fromNs, double toNs, String what) {}

    /** What is known of a trace beside its tables. */
    public record About(String title, List<Map.Entry<String, String>> facts, List<String> notes) {}

    /**
     * Reads a trace in a few passes.
     *
     * @param question null: no what-if
     * @throws org.damson.model.InvalidInputException if the trace cannot be shown or simulated over
     */
    public static Page compute(TraceSource trace, TraceQuery query, About about, PageWhatIf.Question question)
            throws IOException {
        GuideResult guide = TraceGuide.compute(trace, query);
        StackSamples samples = StackReader.read(trace, query.fromNs(), query.toNs());
        PageTime time = time(guide, samples);
        TileLayout layout = TileLayout.of(trace, query, guide);
        HeatTiles tiles = HeatTiles.compute(trace, query, guide, layout);
        WorkingSetResult sizes = WorkingSet.compute(trace, query, WorkingSetOptions.DEFAULTS);
        FunctionShares functions = samples.count() == 0 ? null : FunctionShares.of(samples);
        PageStacks stacks = PageStacks.of(samples, functions, time);
        TargetPids pids = TargetPids.of(trace.manifest());
        return new Page(
                PageTexts.shown(about.title()),
                facts(about.facts()),
                about.notes().stream().limit(MAX_NOTES).map(PageTexts::line).toList(),
                time,
                pids.isPhysical(),
                touchedPids(layout, pids, stacks),
                query.fromNs() == TraceQuery.ALL.fromNs(),
                layout,
                tiles,
                sizes,
                PageSeries.of(sizes.total(), time),
                PageMappings.of(trace, layout, time),
                PagePhases.of(trace, query, sizes, guide, functions, time),
                stacks,
                PageCurves.of(trace, query),
                question == null ? null : PageWhatIf.of(trace, query, tiles, layout, question),
                PageLosses.of(trace, time));
    }

    private static List<Integer> touchedPids(TileLayout layout, TargetPids pids, PageStacks stacks) {
        Set<Integer> touching = stacks == null
                ? Set.of()
                : stacks.touches().stream().map(PageStacks.Touch::pid).collect(Collectors.toSet());
        return PageMappings.targets(layout).stream()
                .map(key -> pids.of(key.target(), touching))
                .toList();
    }

    private static List<Map.Entry<String, String>> facts(List<Map.Entry<String, String>> facts) {
        return facts.stream()
                .limit(MAX_FACTS)
                .map(f -> Map.entry(PageTexts.shown(f.getKey()), PageTexts.line(f.getValue())))
                .toList();
    }

    private static PageTime time(GuideResult guide, StackSamples samples) {
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        for (GuideResult.Target t : guide.targets()) {
            fromNs = Math.min(fromNs, t.startNs());
            toNs = Math.max(toNs, t.endNs());
        }
        if (samples.count() > 0) {
            fromNs = Math.min(fromNs, samples.timesNs()[0]);
            toNs = Math.max(toNs, samples.timesNs()[samples.count() - 1] + 1);
        }
        return fromNs < toNs ? new PageTime(fromNs, toNs) : new PageTime(0, 1);
    }
}
