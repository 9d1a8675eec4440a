package org.damson.analyzer.tune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/**
 * Finds the best point of a whole grid without simulating all of it, where one variable is the least age of a scheme that
 * pages out: the greater the age, the less goes out and the less comes back. So what lies between two ages that were
 * simulated has metrics between theirs; where these leave no room for a feasible point as good as the best one, nothing in
 * between is simulated. The curves say where to look first.
 *
 * <p>Ages that schemes reset, and partly touched memory, can break that order a little: gaps are taken wider by a margin,
 * at least {@link #MARGIN} of a metric's greatest value, and twice what was seen out of order so far.
 */
final class AgeLines {
    private static final double MARGIN = 0.02;

    private static final int PARTS = 8;

    /** Metrics that fall as the minimum age grows. */
    private static final Set<String> FALLING =
            Set.of("saved", "saved_percent", "out", "promotion", "refaults", "slowdown", "reclaim", "tried");

    /** Simulates points, by index of each variable's values. */
    interface Bench {
        List<Tune.Point> measure(List<int[]> points);
    }

    private final Objective objective;
    private final int[] sizes;
    private final int age;
    private final Bench bench;
    /** The points simulated so far of each line, a line being named by its point of age 0. */
    private final Map<List<Integer>, Tune.Point[]> lines = new LinkedHashMap<>();

    /** The greatest value of each metric seen so far. */
    private final Map<String, Double> greatest = new HashMap<>();

    /** Share of the greatest value. */
    private double margin = MARGIN;

    private AgeLines(Objective objective, int[] sizes, int age, Bench bench) {
        this.objective = objective;
        this.sizes = sizes;
        this.age = age;
        this.bench = bench;
    }

    /** The variable that is such an age, or -1 if there is none or if it is not known that less comes of greater ages. */
    static int variable(Tune.Options o) {
        Scheme s = o.schemes().get(0);
        boolean isPlain = o.schemes().size() == 1
                && s.action() == Action.PAGEOUT
                && s.quota().isNone()
                && s.filters().isEmpty()
                && s.age().max() == Range.MAX
                && o.outcome().limitBytes() == 0
                && o.outcome().fastBytes() == 0
                && FALLING.containsAll(o.objective().metricsUsed());
        int found = -1;
        for (int d = 0; d < o.variables().size(); d++) {
            String parameter = o.variables().get(d).parameter();
            if (parameter.equals("min_age")) {
                isPlain &= found < 0;
                found = d;
            } else if (parameter.startsWith("quota") || parameter.equals("max_age")) {
                isPlain = false;
            }
        }
        return isPlain ? found : -1;
    }

    /**
     * Simulates what may be best.
     *
     * @param age the variable that is an age
     * @param first index of the age to look at first, on every line
     * @return what was simulated, in the order of the grid
     */
    static Map<List<Integer>, Tuner.Measured> search(
            Objective objective, int[] sizes, int age, int first, Bench bench) {
        AgeLines lines = new AgeLines(objective, sizes, age, bench);
        lines.begin(first);
        while (lines.halve()) {
            // until nothing between two points can be best
        }
        return lines.result();
    }

    private void begin(int first) {
        int[] p = new int[sizes.length];
        while (true) {
            lines.put(key(p, 0), new Tune.Point[sizes[age]]);
            int d = sizes.length - 1;
            while (d >= 0 && (d == age || ++p[d] == sizes[d])) {
                p[d--] = 0;
            }
            if (d < 0) {
                break;
            }
        }
        Set<Integer> at = new TreeSet<>();
        int last = sizes[age] - 1;
        for (int i = -1; i <= 1; i++) {
            at.add(Math.max(0, Math.min(last, first + i)));
        }
        // Evenly spread, so that the margin is known before anything is passed over.
        for (int i = 0; i <= PARTS; i++) {
            at.add(last * i / PARTS);
        }
        Map<List<Integer>, Set<Integer>> wanted = new LinkedHashMap<>();
        lines.keySet().forEach(line -> wanted.put(line, at));
        measure(wanted);
    }

    private List<Integer> key(int[] p, int ageIndex) {
        int[] q = p.clone();
        q[age] = ageIndex;
        return Arrays.stream(q).boxed().toList();
    }

    private void measure(Map<List<Integer>, Set<Integer>> wanted) {
        List<int[]> points = new ArrayList<>();
        wanted.forEach((line, ages) -> {
            for (int i : ages) {
                int[] p = line.stream().mapToInt(v -> v).toArray();
                p[age] = i;
                points.add(p);
            }
        });
        List<Tune.Point> measured = bench.measure(points);
        for (int i = 0; i < points.size(); i++) {
            lines.get(key(points.get(i), 0))[points.get(i)[age]] = measured.get(i);
        }
        lines.values().forEach(this::look);
        lines.values().forEach(this::widen);
    }

    private void look(Tune.Point[] line) {
        for (Tune.Point p : line) {
            if (p != null) {
                p.measured().forEach((name, v) -> greatest.merge(name, Math.abs(v), Math::max));
            }
        }
    }

    /** Takes the margin as wide as what is out of order on a line. */
    private void widen(Tune.Point[] line) {
        Tune.Point before = null;
        for (Tune.Point p : line) {
            if (p == null || p.measured().isEmpty()) {
                continue;
            }
            if (before != null) {
                for (Map.Entry<String, Double> was : before.measured().entrySet()) {
                    double over = p.measured().get(was.getKey()) - was.getValue();
                    if (over > 0 && FALLING.contains(was.getKey().replaceAll("_max$| worst$", ""))) {
                        margin = Math.max(margin, 2 * over / greatest.get(was.getKey()));
                    }
                }
            }
            before = p;
        }
    }

    /** Simulates the middle of every gap in which the best point may be; says whether there was one. */
    private boolean halve() {
        double best = Double.NEGATIVE_INFINITY;
        for (Tune.Point[] line : lines.values()) {
            for (Tune.Point p : line) {
                best = p != null && p.feasible() ? Math.max(best, p.score()) : best;
            }
        }
        Map<List<Integer>, Set<Integer>> wanted = new LinkedHashMap<>();
        for (Map.Entry<List<Integer>, Tune.Point[]> e : lines.entrySet()) {
            Tune.Point[] line = e.getValue();
            int from = 0;
            for (int i = 1; i < line.length; i++) {
                if (line[i] == null) {
                    continue;
                }
                if (i - from > 1 && mayHoldBest(line[from], line[i], best)) {
                    wanted.computeIfAbsent(e.getKey(), k -> new TreeSet<>()).add((from + i) >>> 1);
                }
                from = i;
            }
        }
        if (wanted.isEmpty()) {
            return false;
        }
        measure(wanted);
        return true;
    }

    private boolean mayHoldBest(Tune.Point younger, Tune.Point older, double best) {
        if (younger.measured().isEmpty() || older.measured().isEmpty()) {
            return true;
        }
        if (younger.measured().get("tried_max") == 0) {
            return false; // nothing is ever as old: all that follows is the same
        }
        Map<String, Double> least = new LinkedHashMap<>();
        Map<String, Double> most = new LinkedHashMap<>();
        younger.measured().forEach((name, a) -> {
            double b = older.measured().get(name);
            double by = margin * greatest.get(name);
            least.put(name, Math.min(a, b) - by);
            most.put(name, Math.max(a, b) + by);
        });
        // As good as the best one counts too: of equals the youngest is returned, as if all had been simulated.
        return objective.mayBeFeasible(least, most) && objective.mostScore(least, most) >= best;
    }

    private Map<List<Integer>, Tuner.Measured> result() {
        Map<List<Integer>, Tune.Point> all = new java.util.TreeMap<>(AgeLines::compare);
        lines.forEach((key, line) -> {
            for (int i = 0; i < line.length; i++) {
                if (line[i] != null) {
                    all.put(key(key.stream().mapToInt(v -> v).toArray(), i), line[i]);
                }
            }
        });
        Map<List<Integer>, Tuner.Measured> seen = new LinkedHashMap<>();
        all.forEach((key, p) -> seen.put(key, new Tuner.Measured(p.feasible(), p.score())));
        return seen;
    }

    private static int compare(List<Integer> a, List<Integer> b) {
        for (int d = 0; d < a.size(); d++) {
            int c = Integer.compare(a.get(d), b.get(d));
            if (c != 0) {
                return c;
            }
        }
        return 0;
    }
}
