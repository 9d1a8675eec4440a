package org.damson.analyzer.fleet.tune;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.Origin;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.openloop.RecordedSchemes;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune;
import org.damson.damon.scheme.Scheme;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Simulates schemes, at several points of what may vary, over the traces of some hosts, and gathers their metrics. */
final class PointsPlan
        implements FleetPlan<PointsPlan.Value, ArrayList<PointsPlan.Value>, ArrayList<PointsPlan.Value>> {
    private static final long serialVersionUID = 2L;
    private static final String ALL = "all";

    /** A snapshot alone counts for something too. */
    private static final double MOMENT_S = 1e-9;

    /**
     * One trace.
     *
     * @param points metrics at each point, in their order
     * @param seconds time that they are means over; the weight of the trace among those of its host
     * @param notes what the trace leaves open about them
     */
    record Value(
            Origin origin,
            String path,
            ArrayList<TreeMap<String, Double>> points,
            double seconds,
            LinkedHashSet<String> notes)
            implements Serializable {
        private static final long serialVersionUID = 2L;

        private Value(Origin origin, String path) {
            this(origin, path, new ArrayList<>(), 0, new LinkedHashSet<>());
        }

        private Value over(double itsSeconds) {
            return new Value(origin, path, points, Math.max(MOMENT_S, itsSeconds), notes);
        }

        /** Tells hosts apart; a host is that of one service, whose spaces are {@code %20} as in a directory's name. */
        String host() {
            return origin.service().replace("%", "%25").replace(" ", "%20") + " " + origin.host();
        }
    }

    private final SchemeWords words;
    private final ArrayList<ArrayList<Long>> points;
    private final TreeSet<String> hosts;
    private final boolean areAllMetrics;

    /**
     * @param points values of the variables at each; none: only which hosts there are
     * @param hosts whose traces to simulate over; null: all
     * @param areAllMetrics whether to gather metrics that the objective does not ask for
     */
    PointsPlan(SchemeWords words, List<List<Long>> points, Set<String> hosts, boolean areAllMetrics) {
        this.words = words;
        this.points = new ArrayList<>();
        points.forEach(p -> this.points.add(new ArrayList<>(p)));
        this.hosts = hosts == null ? null : new TreeSet<>(hosts);
        this.areAllMetrics = areAllMetrics;
    }

    /** The points that a host is simulated at. */
    List<? extends List<Long>> wanted(String host) {
        return hosts == null || hosts.contains(host) ? points : List.of();
    }

    /** The same question at other points, of every host. */
    PointsPlan at(List<List<Long>> others) {
        return new PointsPlan(words, others, null, areAllMetrics);
    }

    /** Those of every trace, in the order of their paths. */
    static List<Value> values(FleetAnswer<ArrayList<Value>> answer) {
        return answer.groups().getOrDefault(ALL, new ArrayList<>());
    }

    @Override
    public Value of(FleetTrace where, TraceSource trace, Consumer<String> doubts) throws IOException {
        Value value = new Value(Origin.of(where, trace, doubts), where.path());
        if (wanted(value.host()).isEmpty()) {
            return value;
        }
        RecordedSchemes.requireUndisturbed(trace);
        Tune.Options options = words.options();
        List<List<Scheme>> alternatives = new ArrayList<>();
        points.forEach(p -> alternatives.add(Tune.schemes(options, p)));
        Objective objective = options.objective();
        Set<String> used = objective.metricsUsed();
        double seconds = 0;
        for (OpenLoopResult result : OpenLoop.runAll(
                trace, TraceQuery.ALL, alternatives, OpenLoopOptions.of(trace.manifest()), options.outcome())) {
            value.notes.addAll(result.notes());
            TreeMap<String, Double> metrics = new TreeMap<>(objective.measure(result));
            metrics.keySet().removeIf(name -> !areAllMetrics && !used.contains(name.replaceFirst("_max$", "")));
            value.points.add(metrics);
            seconds = result.outcome().seconds();
        }
        return value.over(seconds);
    }

    @Override
    public List<String> groups(Value value) {
        return List.of(ALL);
    }

    @Override
    public ArrayList<Value> none() {
        return new ArrayList<>();
    }

    @Override
    public ArrayList<Value> add(ArrayList<Value> sum, Value value) {
        sum.add(value);
        return sum;
    }

    @Override
    public ArrayList<Value> join(ArrayList<Value> one, ArrayList<Value> other) {
        one.addAll(other);
        return one;
    }

    @Override
    public ArrayList<Value> end(String group, ArrayList<Value> sum) {
        sum.sort(Comparator.comparing(Value::path));
        return sum;
    }
}
