package org.damson.analyzer.tune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.damson.model.InvalidInputException;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.SimpleBounds;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.hipparchus.random.Well19937c;

/**
 * Searches a grid for the best measured point. Small grids are measured whole. With fewer measurements than points: one or
 * two dimensions by strata and then around the best; more by CMA-ES. What it returns was measured and is feasible.
 */
public final class Tuner {
    /** Share of measurements that go everywhere before the rest goes near the best. */
    private static final double GLOBAL_SHARE = 0.6;

    /** Reach of a measurement, in mean distances between measurements. */
    private static final double WIDTH = 0.3;

    /** Points that are looked at for the next measurement. */
    private static final int CANDIDATES = 500;

    /** Number of best points whose neighbours are candidates. */
    private static final int BEST = 3;

    /** A measurement; {@code score} counts only where it is feasible. */
    public record Measured(boolean feasible, double score) {}

    /** Measures several points at once, which may be cheaper than one after the other. */
    public interface Bench {
        List<Measured> measure(List<int[]> points);
    }

    /** A stop that is not an error: there was nothing left to spend. */
    private static final class BudgetExhausted extends RuntimeException {
        private static final long serialVersionUID = 1;

        BudgetExhausted() {
            super(null, null, false, false);
        }
    }

    private final int[] sizes;
    private final int budget;
    private final Bench bench;
    private final Random random;
    private final long seed;
    private final Map<List<Integer>, Measured> seen = new LinkedHashMap<>();

    private Tuner(int[] sizes, int budget, Bench bench, long seed) {
        this.sizes = sizes;
        this.budget = budget;
        this.bench = bench;
        this.seed = seed;
        random = new Random(seed);
    }

    /**
     * Searches.
     *
     * @param sizes number of values in each dimension
     * @param evaluations most measurements
     * @return every point measured, in order
     */
    public static Map<List<Integer>, Measured> search(int[] sizes, int evaluations, Bench bench, long seed) {
        if (sizes.length == 0 || Arrays.stream(sizes).anyMatch(n -> n < 1) || evaluations < 1) {
            throw new InvalidInputException("nothing to search, or nothing to spend");
        }
        Tuner t = new Tuner(sizes.clone(), evaluations, bench, seed);
        if (t.gridPoints() <= evaluations) {
            t.measure(t.all());
        } else if (sizes.length <= 2) {
            t.strata();
            t.refine();
        } else {
            t.evolve();
            t.refine();
        }
        return t.seen;
    }

    /** The best feasible point, or null. */
    public static List<Integer> best(Map<List<Integer>, Measured> measured) {
        return measured.entrySet().stream()
                .filter(e -> e.getValue().feasible())
                .max(Comparator.comparingDouble(e -> e.getValue().score()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private int left() {
        return budget - seen.size();
    }

    private void measure(List<int[]> points) {
        List<int[]> fresh = new ArrayList<>();
        for (int[] p : points) {
            List<Integer> key = key(p);
            if (fresh.size() < left()
                    && !seen.containsKey(key)
                    && fresh.stream().noneMatch(f -> Arrays.equals(f, p))) {
                fresh.add(p);
            }
        }
        if (fresh.isEmpty()) {
            return;
        }
        List<Measured> m = bench.measure(fresh);
        for (int i = 0; i < fresh.size(); i++) {
            seen.put(key(fresh.get(i)), m.get(i));
        }
    }

    private static List<Integer> key(int[] p) {
        return Arrays.stream(p).boxed().toList();
    }

    private static int[] point(List<Integer> key) {
        return key.stream().mapToInt(i -> i).toArray();
    }

    /** How many points the grid has, which may be more than a long holds. */
    private double gridPoints() {
        return Arrays.stream(sizes).asDoubleStream().reduce(1, (a, b) -> a * b);
    }

    /** Every point of the grid. */
    private List<int[]> all() {
        List<int[]> all = new ArrayList<>();
        int[] p = new int[sizes.length];
        while (true) {
            all.add(p.clone());
            int d = sizes.length - 1;
            while (d >= 0 && ++p[d] == sizes[d]) {
                p[d--] = 0;
            }
            if (d < 0) {
                return all;
            }
        }
    }

    /** A point in each of equal parts of the grid, so that no stretch stays unseen by bad luck. */
    private void strata() {
        int n = Math.max(1, (int) Math.round(budget * GLOBAL_SHARE));
        List<int[]> points = new ArrayList<>();
        if (sizes.length == 1) {
            for (int i = 0; i < n; i++) {
                points.add(new int[] {within(sizes[0], i, n)});
            }
        } else {
            int columns = Math.max(1, (int) Math.round(Math.sqrt(n * (double) sizes[1] / sizes[0])));
            int rows = Math.max(1, n / columns);
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    points.add(new int[] {within(sizes[0], r, rows), within(sizes[1], c, columns)});
                }
            }
        }
        measure(points);
    }

    private int within(int size, int part, int parts) {
        double width = size / (double) parts;
        return Math.min(size - 1, (int) (part * width + random.nextDouble() * width));
    }

    /** Measures where the most may be expected, until nothing is left to spend. */
    private void refine() {
        while (left() > 0) {
            Guess guess = new Guess();
            int[] next = candidates().stream()
                    .max(Comparator.comparingDouble(guess::of))
                    .orElse(null);
            if (next == null) {
                return;
            }
            measure(List.of(next));
        }
    }

    /** Unmeasured points: all of a small grid; else those next to the best ones, and some of everywhere. */
    private List<int[]> candidates() {
        List<int[]> unseen = new ArrayList<>();
        if (gridPoints() <= CANDIDATES) {
            for (int[] p : all()) {
                if (!seen.containsKey(key(p))) {
                    unseen.add(p);
                }
            }
            // The first of equal guesses is taken: it shall be any of them.
            Collections.shuffle(unseen, random);
            return unseen;
        }
        seen.entrySet().stream()
                .sorted(Comparator.comparingDouble(e -> -rank(e.getValue())))
                .limit(BEST)
                .forEach(e -> addNeighbours(e.getKey(), unseen));
        for (int i = unseen.size(); i < CANDIDATES; i++) {
            int[] p = Arrays.stream(sizes).map(random::nextInt).toArray();
            if (!seen.containsKey(key(p))) {
                unseen.add(p);
            }
        }
        return unseen;
    }

    private static double rank(Measured m) {
        return m.feasible() ? m.score() : Double.NEGATIVE_INFINITY;
    }

    private void addNeighbours(List<Integer> of, List<int[]> unseen) {
        for (int d = 0; d < sizes.length; d++) {
            for (int step = -1; step <= 1; step += 2) {
                int[] p = point(of);
                p[d] += step;
                if (p[d] >= 0 && p[d] < sizes[d] && !seen.containsKey(key(p))) {
                    unseen.add(p);
                }
            }
        }
    }

    /**
     * What may be expected of an unmeasured point: the mean of the feasible ones around it, and more the fewer they are
     * and the more neighbours differ. Nothing where an infeasible one is nearer: the best point is often right beside
     * those, and may not be judged by them.
     */
    private final class Guess {
        private final List<int[]> points = new ArrayList<>();
        private final List<int[]> infeasible = new ArrayList<>();
        private final double[] scores = seen.values().stream()
                .filter(Measured::feasible)
                .mapToDouble(Measured::score)
                .toArray();
        private final double[] width;
        private final double doubt;

        Guess() {
            seen.forEach((p, m) -> (m.feasible() ? points : infeasible).add(point(p)));
            double apart = Math.pow(seen.size(), -1.0 / sizes.length);
            width = Arrays.stream(sizes).mapToDouble(n -> WIDTH * n * apart).toArray();
            double[] differences = new double[scores.length];
            for (int i = 0; i < scores.length; i++) {
                int nearest = i;
                double least = Double.POSITIVE_INFINITY;
                for (int j = 0; j < scores.length; j++) {
                    double distance = j == i ? least : distance(points.get(i), points.get(j));
                    if (distance < least) {
                        least = distance;
                        nearest = j;
                    }
                }
                differences[i] = Math.abs(scores[i] - scores[nearest]);
            }
            Arrays.sort(differences);
            doubt = scores.length == 0 ? 0 : differences[scores.length / 2];
        }

        /** Squared, in widths. */
        private double distance(int[] p, int[] q) {
            double sum = 0;
            for (int d = 0; d < p.length; d++) {
                double x = (p[d] - q[d]) / width[d];
                sum += x * x;
            }
            return sum;
        }

        double of(int[] p) {
            double weights = 0;
            double sum = 0;
            double nearest = Double.POSITIVE_INFINITY;
            for (int i = 0; i < scores.length; i++) {
                double distance = distance(p, points.get(i));
                nearest = Math.min(nearest, distance);
                // Never nothing at all, so that there is a mean far from everything too.
                double weight = Math.exp(-distance / 2) + 1e-12;
                weights += weight;
                sum += weight * scores[i];
            }
            for (int[] q : infeasible) {
                if (distance(p, q) < nearest) {
                    return Double.NEGATIVE_INFINITY;
                }
            }
            return sum / weights + doubt / Math.sqrt(weights + WIDTH);
        }
    }

    /** CMA-ES over the grid's indices, restarted from elsewhere until two thirds are spent. */
    private void evolve() {
        int until = Math.max(1, budget * 2 / 3);
        measure(List.of(middle()));
        int restart = 0;
        while (seen.size() < until && restart < 50) {
            double[] low = new double[sizes.length];
            double[] high = new double[sizes.length];
            double[] sigma = new double[sizes.length];
            double[] from = new double[sizes.length];
            List<Integer> best = best(seen);
            for (int d = 0; d < sizes.length; d++) {
                high[d] = Math.max(1e-3, sizes[d] - 1);
                sigma[d] = high[d] / 3;
                from[d] = restart == 0 && best != null ? best.get(d) : random.nextDouble() * high[d];
                from[d] = Math.min(from[d], high[d]);
            }
            int population = 4 + (int) (3 * Math.log(sizes.length));
            CMAESOptimizer optimizer = new CMAESOptimizer(
                    2000,
                    Double.NEGATIVE_INFINITY,
                    true,
                    0,
                    0,
                    new Well19937c(seed + restart),
                    false,
                    (i, a, b) -> false);
            try {
                optimizer.optimize(
                        new ObjectiveFunction(p -> one(p, until)),
                        GoalType.MAXIMIZE,
                        new InitialGuess(from),
                        new SimpleBounds(low, high),
                        new CMAESOptimizer.Sigma(sigma),
                        new CMAESOptimizer.PopulationSize(population),
                        new MaxEval(population * 100));
            } catch (BudgetExhausted e) {
                return;
            } catch (RuntimeException e) {
                // The optimiser's own give-ups (too many evaluations, degenerate matrix): start again elsewhere.
                if (!e.getClass().getName().startsWith("org.hipparchus")) {
                    throw e;
                }
            }
            restart++;
        }
    }

    private int[] middle() {
        return Arrays.stream(sizes).map(n -> n / 2).toArray();
    }

    private double one(double[] x, int until) {
        int[] p = new int[sizes.length];
        for (int d = 0; d < p.length; d++) {
            p[d] = (int) Math.max(0, Math.min(sizes[d] - 1, Math.round(x[d])));
        }
        if (!seen.containsKey(key(p))) {
            if (seen.size() >= until) {
                throw new BudgetExhausted();
            }
            measure(List.of(p));
        }
        Measured m = seen.get(key(p));
        // Worse than anything feasible, but finite: the optimiser computes with it.
        return m.feasible() ? m.score() : worst() - 1;
    }

    private double worst() {
        return seen.values().stream()
                .filter(Measured::feasible)
                .mapToDouble(Measured::score)
                .min()
                .orElse(0);
    }
}
