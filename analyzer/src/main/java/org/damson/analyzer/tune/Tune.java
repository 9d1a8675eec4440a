package org.damson.analyzer.tune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.CostModel;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.Scheme;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Finds the values of schemes' parameters that serve an objective best over recordings. */
public final class Tune {
    /**
     * The question.
     *
     * @param schemes where to start from
     * @param variables what may change
     * @param evaluations most points to simulate
     * @param wholeUpdates grids that take at most so many region updates are simulated whole, also where it can be estimates
     *     which of their points are not best
     */
    public record Options(
            List<Scheme> schemes,
            List<Variable> variables,
            Objective objective,
            int evaluations,
            long seed,
            OutcomeOptions outcome,
            long wholeUpdates) {
        /** Region updates that take a minute or two. */
        public static final long WHOLE_UPDATES = 500_000_000;

        public Options(
                List<Scheme> schemes,
                List<Variable> variables,
                Objective objective,
                int evaluations,
                long seed,
                OutcomeOptions outcome) {
            this(schemes, variables, objective, evaluations, seed, outcome, WHOLE_UPDATES);
        }
    }

    /**
     * One point.
     *
     * @param values per variable
     * @param measured by metric, over all training traces
     */
    public record Point(List<Long> values, Map<String, Double> measured, boolean feasible, double score) {}

    /**
     * How the score follows one variable, the others as in the best point.
     *
     * @param points in order of its values
     */
    public record Sensitivity(Variable variable, List<Point> points) {}

    /**
     * The result.
     *
     * @param best the best feasible point measured, or null
     * @param schemes the schemes with its values; empty if there is none
     * @param neighbours one step away from it
     * @param pareto feasible or not, those that no other beats in every metric of the objective
     * @param tests the best point over each test trace, by name
     * @param trained names of the traces trained on
     * @param all every point measured
     * @param exhaustive whether every point there is was measured
     * @param passedOver points that were not, as those beside them leave no room for a better one
     * @param notes what each trace leaves open about what was simulated over it, by name
     */
    public record Result(
            Options options,
            Point best,
            List<Scheme> schemes,
            List<Point> neighbours,
            List<Point> pareto,
            List<Sensitivity> sensitivity,
            Map<String, Point> tests,
            List<String> trained,
            List<Point> all,
            boolean exhaustive,
            long passedOver,
            Map<String, Set<String>> notes) {}

    /** A trace with how to simulate over it. */
    public record Subject(TraceSource trace, TraceQuery query, OpenLoopOptions options) {}

    private final Options options;
    private final List<Subject> train;
    private final Map<List<Integer>, Point> points = new HashMap<>();
    private final Map<String, Set<String>> notes = new LinkedHashMap<>();

    private Tune(Options options, List<Subject> train) {
        this.options = options;
        this.train = train;
    }

    /**
     * Searches.
     *
     * @param train traces to choose the point by
     * @param test traces to judge it by
     * @throws InvalidInputException if a trace cannot answer or values contradict each other everywhere
     */
    public static Result run(Options options, List<Subject> train, List<Subject> test) throws IOException {
        for (Variable v : options.variables()) {
            if (v.scheme() >= options.schemes().size()) {
                throw new InvalidInputException("no such scheme: " + v.scheme() + " to vary " + v.parameter());
            }
        }
        try {
            return new Tune(options, train).search(test);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Result search(List<Subject> test) throws IOException {
        int[] sizes =
                options.variables().stream().mapToInt(v -> v.values().size()).toArray();
        double all = 1;
        for (int n : sizes) {
            all *= n;
        }
        boolean isWhole = all <= options.evaluations();
        int age = AgeLines.variable(options);
        Map<List<Integer>, Tuner.Measured> seen = isWhole && age >= 0 && all * regions() > options.wholeUpdates()
                ? AgeLines.search(options.objective(), sizes, age, firstAge(age), this::points)
                : Tuner.search(sizes, options.evaluations(), this::measure, options.seed());
        List<Integer> best = Tuner.best(seen);
        List<Point> neighbours = new ArrayList<>();
        List<Sensitivity> sensitivity = new ArrayList<>();
        Map<String, Point> tests = new LinkedHashMap<>();
        if (best != null) {
            List<List<Integer>> around = around(best, sizes);
            measure(around.stream()
                    .map(at -> at.stream().mapToInt(i -> i).toArray())
                    .toList());
            around.forEach(at -> neighbours.add(points.get(at)));
            // A neighbour measured only now may be better still.
            for (List<Integer> at : around) {
                if (points.get(at).feasible()
                        && points.get(at).score() > points.get(best).score()) {
                    best = at;
                }
            }
            for (int d = 0; d < sizes.length; d++) {
                sensitivity.add(along(best, d));
            }
            for (Subject s : test) {
                tests.put(s.trace().name(), judge(best, s));
            }
        }
        List<Point> measured = measured();
        return new Result(
                options,
                best == null ? null : points.get(best),
                best == null ? List.of() : schemes(best),
                neighbours,
                ParetoFront.of(measured, options.objective().tradeOff()),
                sensitivity,
                tests,
                train.stream().map(s -> s.trace().name()).toList(),
                measured,
                seen.size() >= all,
                isWhole ? (long) all - seen.size() : 0,
                notes);
    }

    /** The points one step away. */
    private static List<List<Integer>> around(List<Integer> point, int[] sizes) {
        List<List<Integer>> around = new ArrayList<>();
        for (int d = 0; d < sizes.length; d++) {
            for (int step = -1; step <= 1; step += 2) {
                int moved = point.get(d) + step;
                if (moved >= 0 && moved < sizes[d]) {
                    List<Integer> p = new ArrayList<>(point);
                    p.set(d, moved);
                    around.add(List.copyOf(p));
                }
            }
        }
        return around;
    }

    /** A point over a trace that it was not chosen by. */
    private Point judge(List<Integer> at, Subject s) throws IOException {
        Map<String, Double> m = measure(s, List.of(schemes(at))).get(0);
        // The margin is for traces like these: here the limits themselves must hold.
        Objective whole = options.objective().withMargin(0);
        return point(at, whole.combine(List.of(m)), whole);
    }

    private List<Map<String, Double>> measure(Subject s, List<List<Scheme>> alternatives) throws IOException {
        Set<String> open = notes.computeIfAbsent(s.trace().name(), k -> new LinkedHashSet<>());
        List<Map<String, Double>> measured = new ArrayList<>();
        for (OpenLoopResult r : OpenLoop.runAll(s.trace(), s.query(), alternatives, s.options(), options.outcome())) {
            open.addAll(r.notes());
            measured.add(options.objective().measure(r));
        }
        return measured;
    }

    /** Every point measured, by its values. */
    private List<Point> measured() {
        List<Point> measured = new ArrayList<>(points.values());
        measured.sort((a, b) -> {
            for (int i = 0; i < a.values().size(); i++) {
                int c = Long.compare(a.values().get(i), b.values().get(i));
                if (c != 0) {
                    return c;
                }
            }
            return 0;
        });
        return measured;
    }

    private double regions() throws IOException {
        double sum = 0;
        for (Subject s : train) {
            sum += s.trace().rowCount(Table.REGIONS);
        }
        return sum;
    }

    /** Index of the age that would be best if the curves were right. */
    private int firstAge(int variable) throws IOException {
        List<Curves> curves = new ArrayList<>();
        for (Subject s : train) {
            curves.add(Curves.of(s.trace(), s.query(), 0).stream().reduce(Curves.empty(), Curves::add));
        }
        List<Long> ages = options.variables().get(variable).values();
        Objective o = options.objective();
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < ages.size(); i++) {
            List<Map<String, Double>> estimates = new ArrayList<>();
            for (Curves c : curves) {
                estimates.add(estimates(c, ages.get(i)));
            }
            Map<String, Double> m = o.combine(estimates);
            if (o.isFeasible(m) && o.score(m) > most) {
                most = o.score(m);
                best = i;
            }
        }
        return best;
    }

    /** Estimates from the curves of the metrics that fall with the age; other metrics are 0. */
    private Map<String, Double> estimates(Curves c, long ageUs) {
        Curves.Point p = c.at(ageUs / Math.max(1, c.aggrUs()));
        CostModel cost = options.outcome().cost();
        double stays = 1 - cost.keptShare();
        double slower = cost.inNs() / 4096.0 / 1e9 * 100;
        double perBack = p.back().likely() <= 0
                ? 0
                : p.promotionPercentPerMinute() / p.back().likely();
        Map<String, Double> m = new LinkedHashMap<>();
        put(m, "out", p.cold().likely(), p.cold().most());
        put(m, "saved", p.cold().likely() * stays, p.cold().most() * stays);
        double percent = 100 * stays / Math.max(1, c.at(0).cold().most());
        put(m, "saved_percent", p.cold().likely() * percent, p.cold().most() * percent);
        put(m, "refaults", p.back().likely(), p.back().most());
        put(m, "promotion", p.promotionPercentPerMinute(), p.back().most() * perBack);
        put(m, "slowdown", p.back().likely() * slower, p.back().most() * slower);
        put(m, "reclaim", 0, 0);
        put(m, "tried", 0, 0);
        return m;
    }

    private static void put(Map<String, Double> m, String name, double likely, double most) {
        m.put(name, likely);
        m.put(name + "_max", most);
    }

    /** Measurements along one variable through the best point. */
    private Sensitivity along(List<Integer> best, int dimension) {
        List<Point> line = new ArrayList<>();
        for (int i = 0; i < options.variables().get(dimension).values().size(); i++) {
            List<Integer> at = new ArrayList<>(best);
            at.set(dimension, i);
            if (points.containsKey(at)) {
                line.add(points.get(at));
            }
        }
        return new Sensitivity(options.variables().get(dimension), line);
    }

    private List<Scheme> schemes(List<Integer> at) {
        return schemes(options, values(at));
    }

    /**
     * The schemes of a question with these values of its variables.
     *
     * @throws InvalidInputException if values contradict the schemes' other bounds
     */
    public static List<Scheme> schemes(Options options, List<Long> values) {
        List<Scheme> schemes = new ArrayList<>(options.schemes());
        for (int d = 0; d < values.size(); d++) {
            Variable v = options.variables().get(d);
            schemes.set(v.scheme(), v.set(schemes.get(v.scheme()), values.get(d)));
        }
        return schemes;
    }

    /** The variable with which all that the objective asks about falls, but for what ages that are reset change: a least age; -1: none. */
    public static int fallingVariable(Options options) {
        return AgeLines.variable(options);
    }

    private Point point(List<Integer> at, Map<String, Double> measured, Objective o) {
        List<Long> values = new ArrayList<>();
        for (int d = 0; d < at.size(); d++) {
            values.add(options.variables().get(d).values().get(at.get(d)));
        }
        return new Point(values, measured, o.isFeasible(measured), o.score(measured));
    }

    private List<Tuner.Measured> measure(List<int[]> wanted) {
        return points(wanted).stream()
                .map(p -> new Tuner.Measured(p.feasible(), p.score()))
                .toList();
    }

    private List<Point> points(List<int[]> wanted) {
        List<List<Integer>> keys = new ArrayList<>();
        List<List<Scheme>> alternatives = new ArrayList<>();
        for (int[] p : wanted) {
            List<Integer> at = java.util.Arrays.stream(p).boxed().toList();
            if (!points.containsKey(at) && !keys.contains(at)) {
                try {
                    alternatives.add(schemes(at));
                    keys.add(at);
                } catch (InvalidInputException e) {
                    // Contradictory bounds: a point that nobody can install.
                    points.put(at, new Point(values(at), Map.of(), false, Double.NEGATIVE_INFINITY));
                }
            }
        }
        List<List<Map<String, Double>>> perTrace = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            perTrace.add(new ArrayList<>());
        }
        try {
            for (Subject s : train) {
                if (alternatives.isEmpty()) {
                    break;
                }
                List<Map<String, Double>> measured = measure(s, alternatives);
                for (int i = 0; i < measured.size(); i++) {
                    perTrace.get(i).add(measured.get(i));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < keys.size(); i++) {
            points.put(
                    keys.get(i), point(keys.get(i), options.objective().combine(perTrace.get(i)), options.objective()));
        }
        List<Point> all = new ArrayList<>();
        for (int[] p : wanted) {
            all.add(points.get(java.util.Arrays.stream(p).boxed().toList()));
        }
        return all;
    }

    private List<Long> values(List<Integer> at) {
        List<Long> values = new ArrayList<>();
        for (int d = 0; d < at.size(); d++) {
            values.add(options.variables().get(d).values().get(at.get(d)));
        }
        return values;
    }
}
