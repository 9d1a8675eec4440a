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
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.Origin;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.model.TraceSource;

/** Cold-age and promotion histograms of many traces, added up without rounding. */
public final class FleetCurves implements FleetPlan<FleetCurves.Value, CurveSums, CurveSums> {
    private static final long serialVersionUID = 1L;
    private static final int POINTS = 64;
    private static final double PROMOTION_LIMIT = 0.2;
    private static final Column AGGR = new Column("aggr_us", "aggregation, us", Unit.COUNT);

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

    /** Carries it out. */
    public FleetResult run(FleetEngine engine, FleetSelection traces) throws IOException {
        FleetAnswer<CurveSums> answer = engine.run(traces, this);
        List<Object[]> totals = new ArrayList<>();
        List<Object[]> points = new ArrayList<>();
        answer.groups().forEach((group, sums) -> sums.byInterval().forEach((aggrUs, c) -> {
            List<Object> keys = new ArrayList<>(by.values(group));
            keys.add(aggrUs);
            totals.add(row(keys, totals(c)));
            for (Curves.Point p : c.points(POINTS)) {
                points.add(row(keys, point(p)));
            }
        }));
        boolean isOne = totals.size() == 1;
        return new FleetResult(
                new TableReport(
                        List.of(
                                new Section("totals", "memory by how long it has been idle", columns(TOTALS), totals),
                                FleetResult.section(answer.troubles()),
                                new Section(
                                        "points",
                                        isOne ? "memory idle for at least, and what of it is touched again" : null,
                                        columns(OF_POINTS),
                                        points)),
                        List.of(
                                "means over time of one target; sums of all traces are exact, those of different aggregation"
                                        + " intervals stay apart",
                                "'back within' is the least idle time after which at most " + PROMOTION_LIMIT
                                        + " % of the working set of 120 s come back a minute")),
                answer.troubles(),
                answer.groups().isEmpty(),
                true);
    }

    private static final List<Column> TOTALS = List.of(
            new Column("target_seconds", "target seconds", Unit.COUNT),
            new Column("regions", "regions", Unit.COUNT),
            new Column("touched_bytes", "touched", Unit.BYTES),
            new Column("touched_within_120s_bytes", "within 120 s", Unit.BYTES),
            new Column("back_within_limit_ns", "back within", Unit.NS),
            new Column("cold_bytes", "cold then", Unit.BYTES),
            new Column("dram_p95_by_heat_bytes", "DRAM 95 % by heat", Unit.BYTES),
            new Column("dram_p99_by_heat_bytes", "99 %", Unit.BYTES));

    private static final List<Column> OF_POINTS = List.of(
            new Column("min_age_ns", "idle for", Unit.NS),
            new Column("cold_bytes", "cold, touched", Unit.BYTES),
            new Column("cold_bytes_max", "cold, all", Unit.BYTES),
            new Column("back_bytes_per_second", "back", Unit.BYTES_PER_SECOND),
            new Column("back_percent_per_minute", "of working set", Unit.PERCENT_PER_MINUTE),
            new Column("hit_percent", "hits", Unit.PERCENT));

    private List<Column> columns(List<Column> own) {
        List<Column> all = new ArrayList<>();
        by.keys.forEach(key -> all.add(new Column(key, key, Unit.TEXT)));
        all.add(AGGR);
        all.addAll(own);
        return all;
    }

    private static Object[] row(List<Object> keys, List<Object> own) {
        List<Object> all = new ArrayList<>(keys);
        all.addAll(own);
        return all.toArray();
    }

    private static List<Object> totals(Curves c) {
        Curves.Point least = c.leastWithin(PROMOTION_LIMIT);
        List<Object> cells = new ArrayList<>(List.of(c.seconds(), c.regions(), c.touchedBytes(), c.workingSet()));
        cells.add(least == null ? null : least.ageUs() * 1000);
        cells.add(least == null ? null : least.cold().likely());
        cells.add(c.dramByHeat(0.95));
        cells.add(c.dramByHeat(0.99));
        return cells;
    }

    private static List<Object> point(Curves.Point p) {
        return List.of(
                p.ageUs() * 1000,
                p.cold().likely(),
                p.cold().most(),
                p.back().likely(),
                p.promotionPercentPerMinute(),
                p.hitShare() * 100);
    }
}
