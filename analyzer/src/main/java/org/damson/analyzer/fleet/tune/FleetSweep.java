package org.damson.analyzer.fleet.tune;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.Origin;
import org.damson.analyzer.fleet.TraceNotes;
import org.damson.analyzer.fleet.report.Level;
import org.damson.analyzer.openloop.RecordedSchemes;
import org.damson.analyzer.openloop.Sweep;
import org.damson.analyzer.openloop.SweepGrid;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** What {@code stat} schemes would have tried over many traces, at every combination of thresholds, with bounds, added up without rounding. */
public final class FleetSweep implements FleetPlan<FleetSweep.Value, FleetSweep.Sums, FleetSweep.Sums> {
    private static final long serialVersionUID = 1L;

    /** More would be more rows than anybody reads, for each group. */
    private static final int MAX_POINTS = 10_000;

    /** The intervals that a trace counts ages and accesses in: those of others are not added to them. */
    private record Intervals(long sampleUs, long aggrUs) implements Serializable, Comparable<Intervals> {
        private static final long serialVersionUID = 1L;

        @Override
        public int compareTo(Intervals o) {
            return aggrUs != o.aggrUs ? Long.compare(aggrUs, o.aggrUs) : Long.compare(sampleUs, o.sampleUs);
        }
    }

    /** What one trace gives. */
    record Value(Origin origin, Intervals intervals, Sweep sweep, TraceNotes notes) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** Traces of the same intervals. */
    private static final class Sum implements Serializable {
        private static final long serialVersionUID = 1L;
        private final Sweep sweep;
        private long traces;

        Sum(Sweep sweep, long traces) {
            this.sweep = sweep;
            this.traces = traces;
        }
    }

    /** A group's. */
    static final class Sums implements Serializable {
        private static final long serialVersionUID = 1L;
        private final TreeMap<Intervals, Sum> byIntervals = new TreeMap<>();
        private final TraceNotes notes = new TraceNotes();

        private Sums add(Intervals intervals, Sweep sweep, long traces) {
            Sum sum = byIntervals.get(intervals);
            if (sum == null) {
                byIntervals.put(intervals, new Sum(sweep.copy(), traces));
            } else {
                sum.sweep.add(sweep);
                sum.traces += traces;
            }
            return this;
        }
    }

    private final SweepGrid grid;
    private final Level by;

    /**
     * A sweep over a grid.
     *
     * @param by as {@link Level#of} reads it
     * @throws InvalidInputException if the grid has too many points
     */
    public FleetSweep(SweepGrid grid, String by) {
        if (grid.points() > MAX_POINTS) {
            throw new InvalidInputException("more than " + MAX_POINTS + " combinations");
        }
        this.grid = grid;
        this.by = Level.of(by);
    }

    @Override
    public Value of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
        RecordedSchemes.requireUndisturbed(trace);
        MonitoringAttrs attrs = trace.manifest().attrs;
        Sweep.Answer answer = grid.over(trace, TraceQuery.ALL, OpenLoopOptions.of(trace.manifest()));
        return new Value(
                Origin.of(where, trace, doubts),
                new Intervals(attrs.sampleUs(), attrs.aggrUs()),
                answer.sweep(),
                new TraceNotes().add(where.path(), answer.notes()));
    }

    @Override
    public List<String> groups(Value value) {
        return List.of(by.group(value.origin()));
    }

    @Override
    public Sums none() {
        return new Sums();
    }

    @Override
    public Sums add(Sums sum, Value value) {
        sum.notes.add(value.notes());
        return sum.add(value.intervals(), value.sweep(), 1);
    }

    @Override
    public Sums join(Sums one, Sums other) {
        one.notes.add(other.notes);
        other.byIntervals.forEach((intervals, sum) -> one.add(intervals, sum.sweep, sum.traces));
        return one;
    }

    @Override
    public Sums end(String group, Sums sum) {
        return sum;
    }

    /** Runs the plan. */
    public FleetSweepResult run(FleetEngine engine, FleetSelection traces) throws IOException {
        FleetAnswer<Sums> answer = engine.run(traces, this);
        List<FleetSweepResult.Point> points = new ArrayList<>();
        TraceNotes notes = new TraceNotes();
        answer.groups().values().forEach(sums -> notes.add(sums.notes));
        answer.groups()
                .forEach((group, sums) -> sums.byIntervals.forEach((intervals, sum) -> {
                    for (int i = 0; i < sum.sweep.points(); i++) {
                        Scheme s = sum.sweep.scheme(i);
                        points.add(new FleetSweepResult.Point(
                                by.values(group),
                                intervals.sampleUs(),
                                intervals.aggrUs(),
                                sum.traces,
                                s.age().min(),
                                s.access().max(),
                                s.size().min(),
                                sum.sweep.tried(i),
                                sum.sweep.least(i),
                                sum.sweep.most(i)));
                    }
                }));
        return new FleetSweepResult(
                by,
                List.copyOf(points),
                answer.troubles(),
                notes.lines(),
                answer.groups().isEmpty());
    }
}
