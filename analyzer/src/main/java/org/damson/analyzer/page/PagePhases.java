package org.damson.analyzer.page;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.analyzer.timeline.Phase;
import org.damson.analyzer.timeline.PhaseFinder;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/**
 * The phases of a trace, as {@code report timeline} has them.
 *
 * @param rows in order of time
 */
public record PagePhases(List<Row> rows) {
    /** Functions of a phase, those that ran most. */
    private static final int TOP = 3;

    /**
     * A phase.
     *
     * @param fromNs since the start of the page
     * @param toNs since the start of the page, exclusive
     * @param samples in it, of the event that tells what ran; 0 where there are none
     * @param functions that ran most, first of them the most
     */
    public record Row(Phase phase, double fromNs, double toNs, long samples, List<Ran> functions) {}

    /**
     * A function.
     *
     * @param percent share of the samples in which it ran itself
     */
    public record Ran(String name, double percent) {}

    /** @param functions null without call stacks */
    static PagePhases of(
            TraceSource trace,
            TraceQuery query,
            WorkingSetResult sizes,
            GuideResult guide,
            FunctionShares functions,
            PageTime time)
            throws IOException {
        List<Row> rows = new ArrayList<>();
        for (Phase p : PhaseFinder.find(trace, query, sizes.total(), guide, functions)) {
            List<FunctionShares.Share> top = functions == null ? List.of() : functions.top(p.fromNs(), p.toNs(), TOP);
            rows.add(new Row(
                    p,
                    time.at(p.fromNs()),
                    time.at(p.toNs()),
                    top.isEmpty() ? 0 : top.get(0).all(),
                    top.stream()
                            .map(s -> new Ran(PageTexts.shown(s.function()), 100.0 * s.self() / s.all()))
                            .toList()));
        }
        return new PagePhases(List.copyOf(rows));
    }
}
