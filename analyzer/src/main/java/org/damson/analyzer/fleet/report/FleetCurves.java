package org.damson.analyzer.fleet.report;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.curves.PackedCurves;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.Origin;
import org.damson.model.TraceSource;

/** Cold-age and promotion histograms of many traces, added up without rounding. */
public final class FleetCurves implements FleetPlan<FleetCurves.Value, CurveSums, CurveSums> {
    private static final long serialVersionUID = 1L;

    /**
     * What one trace gives.
     *
     * @param curves null if it tells none
     */
    record Value(Origin origin, PackedCurves curves) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    private final Level by;

    /** @param by {@code all}, {@code service}, {@code day} or {@code host} */
    public FleetCurves(String by) {
        this.by = Level.of(by);
    }

    @Override
    public Value of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
        Curves curves = TraceFigures.curves(trace, doubts);
        return new Value(Origin.of(where, trace, doubts), curves == null ? null : PackedCurves.of(curves));
    }

    @Override
    public List<String> groups(Value value) {
        return List.of(by.group(value.origin()));
    }

    @Override
    public CurveSums none() {
        return new CurveSums();
    }

    @Override
    public CurveSums add(CurveSums sum, Value value) {
        return value.curves() == null ? sum : sum.add(value.curves());
    }

    @Override
    public CurveSums join(CurveSums one, CurveSums other) {
        return one.join(other);
    }

    @Override
    public CurveSums end(String group, CurveSums sum) {
        return sum;
    }

    /** Runs the plan. */
    public FleetCurvesResult run(FleetEngine engine, FleetSelection traces) throws IOException {
        FleetAnswer<CurveSums> answer = engine.run(traces, this);
        List<FleetCurvesResult.Sum> sums = new ArrayList<>();
        answer.groups().forEach((group, of) -> of.byInterval()
                .forEach((aggrUs, c) -> sums.add(new FleetCurvesResult.Sum(by.values(group), aggrUs, c))));
        return new FleetCurvesResult(
                by, List.copyOf(sums), answer.troubles(), answer.groups().isEmpty());
    }
}
