package org.damson.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.damson.analyzer.tune.Tuner;
import org.damson.analyzer.tune.Tuner.Measured;

/**
 * The tuner over measured curves: {@code TunerCurves FILE.json [SEEDS] [EVALUATIONS]}, 400 seeds of 20 evaluations if
 * not given. The file has {@code {"workload": {"score": [...]}}}, a score per value of the variable, -1000 where a limit
 * was broken. Exit code 1 if a whole search misses the optimum, an infeasible point is returned, or the mean of the short
 * searches is below that of the best of as many points drawn at random.
 */
public final class TunerCurves {
    private static final double BROKEN = -1000;

    private TunerCurves() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        JsonNode curves = new ObjectMapper().readTree(Path.of(args[0]).toFile());
        int seeds = args.length > 1 ? Integer.parseInt(args[1]) : 400;
        int evaluations = args.length > 2 ? Integer.parseInt(args[2]) : 20;
        boolean good = true;
        for (Map.Entry<String, JsonNode> e : curves.properties()) {
            double[] c = IntStream.range(0, e.getValue().get("score").size())
                    .mapToDouble(i -> e.getValue().get("score").get(i).asDouble())
                    .toArray();
            double best =
                    IntStream.range(0, c.length).mapToDouble(i -> c[i]).max().orElseThrow();
            List<Integer> whole = Tuner.best(Tuner.search(new int[] {c.length}, c.length, bench(c), 1));
            boolean found = best == BROKEN ? whole == null : whole != null && c[whole.get(0)] == best;
            double tuned = 0;
            double drawn = 0;
            int infeasible = 0;
            int nothing = 0;
            for (int seed = 0; seed < seeds; seed++) {
                List<Integer> p = Tuner.best(Tuner.search(new int[] {c.length}, evaluations, bench(c), seed));
                infeasible += p != null && c[p.get(0)] == BROKEN ? 1 : 0;
                nothing += p == null ? 1 : 0;
                tuned += p == null ? BROKEN : c[p.get(0)];
                drawn += bestDrawn(c, evaluations, new Random(seed));
            }
            boolean holds = found && infeasible == 0 && tuned >= drawn;
            good &= holds;
            System.out.printf(
                    Locale.ROOT,
                    "%-24s best %9.3f, whole search %s; %d of %d: tuned %9.3f, random %9.3f, infeasible %d, none %d: %s%n",
                    e.getKey(),
                    best,
                    found ? "finds it" : "MISSES IT",
                    evaluations,
                    c.length,
                    tuned / seeds,
                    drawn / seeds,
                    infeasible,
                    nothing,
                    holds ? "yes" : "NO");
        }
        System.exit(good ? 0 : 1);
    }

    private static Tuner.Bench bench(double[] c) {
        Set<Integer> asked = new HashSet<>();
        return points -> points.stream()
                .map(p -> {
                    if (!asked.add(p[0])) {
                        throw new IllegalStateException("measured twice: " + p[0]);
                    }
                    return new Measured(c[p[0]] > BROKEN, c[p[0]]);
                })
                .toList();
    }

    /** The best of so many different points. */
    private static double bestDrawn(double[] c, int evaluations, Random random) {
        return random.ints(0, c.length)
                .distinct()
                .limit(Math.min(evaluations, c.length))
                .mapToDouble(i -> c[i])
                .max()
                .orElseThrow();
    }
}
