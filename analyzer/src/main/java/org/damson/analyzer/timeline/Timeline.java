package org.damson.analyzer.timeline;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.TableReport;
import org.damson.analyzer.scan.TableReport.Column;
import org.damson.analyzer.scan.TableReport.Section;
import org.damson.analyzer.scan.TableReport.Unit;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;

/**
 * What a program did with its memory and which functions ran meanwhile.
 *
 * @param fromNs of the first snapshot or sample, of the trace's clock
 * @param toNs end of the last
 * @param functions null for a trace, or a time of it, without call stacks
 * @param outside samples before the first phase or after the last
 */
public record Timeline(
        long fromNs,
        long toNs,
        WorkingSetResult sizes,
        HeatmapResult map,
        List<PhasesReport.Phase> phases,
        FunctionShares functions,
        long outside) {

    /** Functions of a phase that a table shows. */
    private static final int TOP = 5;

    /** How far what functions do tells about memory. */
    public static final String MATCHED = "matched by time alone: other code may have accessed the memory";

    /** In place of functions, where there are none. */
    public static final String NO_STACKS =
            "no call stacks: merge adds those that perf record -g took of the same time on the same clock";

    public static Timeline compute(TraceSource source, TraceQuery query) throws IOException {
        WorkingSetResult sizes = WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS);
        GuideResult guide = TraceGuide.compute(source, query);
        HeatmapResult map = Heatmap.compute(source, query, HeatmapOptions.PICTURE, guide);
        StackSamples samples = StackReader.read(source, query.fromNs(), query.toNs());
        int n = samples.count();
        FunctionShares functions = n == 0 ? null : FunctionShares.of(samples);
        List<PhasesReport.Phase> phases = PhasesReport.find(source, query, sizes.total(), guide, functions);
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
        return new Timeline(fromNs, toNs, sizes, map, phases, functions, phases.isEmpty() ? 0 : outside(samples, map));
    }

    private static long outside(StackSamples samples, HeatmapResult map) {
        long outside = 0;
        for (long timeNs : samples.timesNs()) {
            outside += timeNs < map.fromNs() || timeNs >= map.toNs() ? 1 : 0;
        }
        return outside;
    }

    /** The phases, and the functions that ran most in each; first of all time, of which a phase is not said. */
    public TableReport table() {
        TableReport found = PhasesReport.table(phases);
        List<Object[]> rows = new ArrayList<>();
        if (functions != null) {
            addTop(rows, null, fromNs, toNs);
            for (int i = 0; i < phases.size(); i++) {
                addTop(rows, i + 1L, phases.get(i).fromNs(), phases.get(i).toNs());
            }
        }
        List<Section> sections = new ArrayList<>(found.sections());
        sections.add(new Section(
                "functions",
                "functions that ran most, over all time (-) and in each phase",
                List.of(
                        new Column("phase", "phase", Unit.COUNT),
                        new Column("function", "function", Unit.TEXT),
                        new Column("samples", "samples", Unit.COUNT),
                        new Column("self_percent", "itself", Unit.PERCENT),
                        new Column("total_percent", "with what it called", Unit.PERCENT)),
                rows));
        return new TableReport(List.copyOf(sections), notes(found.notes()));
    }

    private void addTop(List<Object[]> rows, Long phase, long from, long to) {
        for (FunctionShares.Share s : functions.top(from, to, TOP)) {
            rows.add(
                    new Object[] {phase, s.function(), s.self(), 100.0 * s.self() / s.all(), 100.0 * s.total() / s.all()
                    });
        }
    }

    private List<String> notes(List<String> ofPhases) {
        List<String> notes = new ArrayList<>(ofPhases);
        if (functions == null) {
            notes.add(NO_STACKS);
            return notes;
        }
        notes.add("functions: shares of the samples of " + functions.event() + " in that time, of all threads; "
                + MATCHED);
        if (functions.others() > 0) {
            notes.add(Units.count(functions.others()) + " samples of other events are not counted");
        }
        if (phases.isEmpty()) {
            notes.add("no snapshots, so no phases: only call stacks");
        } else if (outside > 0) {
            notes.add("samples before the first snapshot or after the last, in no phase: " + Units.count(outside));
        }
        return notes;
    }
}
