package org.damson.analyzer.fleet.tune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.TraceNotes;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.fleet.tune.FleetTuneResult.Measured;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.model.InvalidInputException;

/**
 * One scheme for many hosts, of which a given share must keep the limits of an objective: chosen by some hosts, judged on others.
 */
public final class FleetTune {
    /**
     * The question.
     *
     * @param keepPercent of the hosts must keep every limit
     * @param confidencePercent the confidence that so many of the held-back hosts do
     * @param heldBackPercent of the hosts are held back: they judge the scheme and do not choose it
     * @param seed of the draw
     * @param maxPoints most points that may be simulated whole
     */
    public record Options(
            SchemeWords words,
            double keepPercent,
            double confidencePercent,
            double heldBackPercent,
            long seed,
            int maxPoints) {}

    private final Options options;
    private final Tune.Options meant;
    private final Objective objective;
    private final FleetEngine engine;
    private final FleetSelection traces;
    private final TreeSet<Trouble> troubles = new TreeSet<>(Trouble.ORDER);
    private final Map<List<Long>, Measured> measured = new LinkedHashMap<>();
    /** By path of a trace: what it leaves open, of all points. */
    private final Map<String, Set<String>> notes = new TreeMap<>();

    private FleetTune(Options options, FleetEngine engine, FleetSelection traces) {
        this.options = options;
        this.engine = engine;
        this.traces = traces;
        meant = options.words().options();
        objective = meant.objective();
    }

    /**
     * Searches.
     *
     * @throws InvalidInputException if the question contradicts itself
     */
    public static FleetTuneResult run(Options options, FleetEngine engine, FleetSelection traces) throws IOException {
        return new FleetTune(options, engine, traces).run();
    }

    private FleetTuneResult run() throws IOException {
        if (objective.limits().isEmpty()) {
            throw new InvalidInputException(
                    "the objective has no limit for hosts to keep, as in 'saved where promotion<=0.2'");
        }
        Set<String> hosts = new TreeSet<>();
        gather(List.of(), null).forEach(v -> hosts.add(v.host()));
        Set<String> heldBack = HeldBack.draw(hosts, options.heldBackPercent(), options.seed());
        Set<String> chosenBy = new TreeSet<>(hosts);
        chosenBy.removeAll(heldBack);
        List<Chain> chains = chains();
        double risk = (100 - options.confidencePercent()) / 100 / chains.size();
        int mayBreak = HeldBack.mayBreak(heldBack.size(), options.keepPercent());
        // A scheme is chosen on some hosts and judged on others: there are two at least.
        int allowed = chosenBy.isEmpty() ? -1 : HeldBack.allowed(chosenBy.size(), heldBack.size(), mayBreak, risk);
        FleetTuneResult.Draw draw =
                new FleetTuneResult.Draw(chains.size(), chosenBy.size(), heldBack.size(), allowed, mayBreak);
        if (allowed < 0) {
            int needed = HeldBack.needed(options.heldBackPercent(), options.keepPercent(), risk);
            return result(draw, needed, null, null);
        }
        search(chains, chosenBy, allowed);
        Measured best = best(chains, allowed);
        return result(draw, 0, best, best == null ? null : judge(best, heldBack));
    }

    private FleetTuneResult result(FleetTuneResult.Draw draw, int hostsNeeded, Measured best, Measured judged) {
        TraceNotes all = new TraceNotes();
        notes.forEach((path, texts) -> all.add(path, List.copyOf(texts)));
        return new FleetTuneResult(
                options,
                meant,
                draw,
                hostsNeeded,
                List.copyOf(measured.values()),
                best,
                judged,
                List.copyOf(troubles),
                all.lines());
    }

    /** Lines of points along which all metrics fall; where none is known to, each point alone. */
    private List<Chain> chains() {
        int falling = Tune.fallingVariable(meant);
        List<List<Long>> heads = new ArrayList<>(List.of(List.of()));
        for (int d = 0; d < meant.variables().size(); d++) {
            List<List<Long>> longer = new ArrayList<>();
            for (List<Long> head : heads) {
                // The falling one is filled in below.
                for (Long value :
                        d == falling ? List.of(0L) : meant.variables().get(d).values()) {
                    List<Long> next = new ArrayList<>(head);
                    next.add(value);
                    longer.add(next);
                }
            }
            heads = longer;
        }
        if (heads.size() > options.maxPoints()) {
            throw new InvalidInputException(heads.size() + " points are more than the " + options.maxPoints()
                    + " that may be simulated: vary less, or min_age of a pageout scheme alone");
        }
        List<Chain> chains = new ArrayList<>();
        for (List<Long> head : heads) {
            List<List<Long>> points = new ArrayList<>();
            Variable v = falling < 0 ? null : meant.variables().get(falling);
            for (Long value : v == null ? List.of(0L) : v.values()) {
                List<Long> point = new ArrayList<>(head);
                if (v != null) {
                    point.set(falling, value);
                }
                points.add(point);
            }
            chains.add(new Chain(points));
        }
        return chains;
    }

    private void search(List<Chain> chains, Set<String> chosenBy, int allowed) throws IOException {
        while (true) {
            Map<Chain, List<Integer>> wanted = new LinkedHashMap<>();
            List<List<Long>> points = new ArrayList<>();
            for (Chain chain : chains) {
                List<Integer> next = chain.next(allowed);
                if (!next.isEmpty()) {
                    wanted.put(chain, next);
                    next.forEach(i -> points.add(chain.point(i)));
                }
            }
            if (points.isEmpty()) {
                return;
            }
            Map<List<Long>, Measured> found = measure(points, chosenBy, objective);
            measured.putAll(found);
            wanted.forEach((chain, indexes) -> indexes.forEach(
                    i -> chain.measured(i, found.get(chain.point(i)).broken())));
        }
    }

    private Measured best(List<Chain> chains, int allowed) {
        Measured best = null;
        for (Chain chain : chains) {
            for (int i : chain.measured()) {
                Measured m = measured.get(chain.point(i));
                if (chain.isAllowed(i, allowed) && (best == null || m.score() > best.score())) {
                    best = m;
                }
            }
        }
        return best;
    }

    /** The point over hosts that did not choose it; the margin is for those that did. */
    private Measured judge(Measured best, Set<String> heldBack) throws IOException {
        return measure(List.of(best.values()), heldBack, objective.withMargin(0))
                .get(best.values());
    }

    private Map<List<Long>, Measured> measure(List<List<Long>> points, Set<String> hosts, Objective by)
            throws IOException {
        Map<String, List<PointsPlan.Value>> perHost = new TreeMap<>();
        for (PointsPlan.Value v : gather(points, hosts)) {
            if (!v.points().isEmpty()) {
                perHost.computeIfAbsent(v.host(), h -> new ArrayList<>()).add(v);
            }
        }
        Map<List<Long>, Measured> found = new HashMap<>();
        for (int i = 0; i < points.size(); i++) {
            Set<String> broken = new TreeSet<>();
            double sum = 0;
            for (Map.Entry<String, List<PointsPlan.Value>> host : perHost.entrySet()) {
                List<Map<String, Double>> metrics = new ArrayList<>();
                List<Double> seconds = new ArrayList<>();
                for (PointsPlan.Value v : host.getValue()) {
                    metrics.add(v.points().get(i));
                    seconds.add(v.seconds());
                }
                Map<String, Double> all = by.combine(metrics, seconds);
                sum += by.score(all);
                if (!by.isFeasible(all)) {
                    broken.add(host.getKey());
                }
            }
            // A host that could not be judged is not known to keep anything.
            Set<String> silent = new TreeSet<>(hosts);
            silent.removeAll(perHost.keySet());
            broken.addAll(silent);
            found.put(
                    points.get(i),
                    new Measured(points.get(i), sum / Math.max(1, perHost.size()), broken, silent.size()));
        }
        return found;
    }

    private List<PointsPlan.Value> gather(List<List<Long>> points, Set<String> hosts) throws IOException {
        FleetAnswer<ArrayList<PointsPlan.Value>> answer =
                engine.run(traces, new PointsPlan(options.words(), points, hosts, false));
        troubles.addAll(answer.troubles());
        List<PointsPlan.Value> values = PointsPlan.values(answer);
        values.forEach(
                v -> notes.computeIfAbsent(v.path(), k -> new LinkedHashSet<>()).addAll(v.notes()));
        return values;
    }
}
