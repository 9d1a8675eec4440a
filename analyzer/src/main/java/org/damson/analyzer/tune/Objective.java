package org.damson.analyzer.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.scan.Bounded;
import org.damson.damon.scheme.UnknownWordException;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * What to optimise: a weighted sum of metrics to maximise, and limits to keep. Limits are judged by
 * a metric's upper bound unless it is said otherwise; the sum by likely values.
 */
public final class Objective {
    /** A number of a simulation, and whether it is bounded above. */
    private record Metric(
            String unit, ToDoubleFunction<OpenLoopResult> likely, ToDoubleFunction<OpenLoopResult> most) {}

    /** A limit. {@code atMost} false: a least value. */
    public record Limit(String metric, boolean atMost, double value) {
        @Override
        public String toString() {
            return metric + (atMost ? " <= " : " >= ") + number(value);
        }
    }

    /** Behind the name of a metric: the least and the greatest of several traces. */
    public static final String LEAST = " least";

    public static final String GREATEST = " greatest";
    private static final double BASE_FLOOR = 1;
    private static final Map<String, Metric> METRICS = new LinkedHashMap<>();

    static {
        METRICS.put("saved", bounded("bytes", o -> o.dramSavedBytes()));
        METRICS.put(
                "saved_percent",
                new Metric(
                        "%",
                        r -> percent(r, r.outcome().dramSavedBytes().likely()),
                        r -> percent(r, r.outcome().dramSavedBytes().most())));
        METRICS.put("out", bounded("bytes", Outcome::savedBytes));
        METRICS.put("promotion", bounded("%/min", Outcome::promotionPercentPerMinute));
        METRICS.put(
                "refaults",
                new Metric(
                        "bytes/s",
                        r -> r.outcome().refaultedBytes().likely()
                                / Math.max(1e-9, r.outcome().seconds()),
                        r -> r.outcome().refaultedBytes().most()
                                / Math.max(1e-9, r.outcome().seconds())));
        METRICS.put(
                "slowdown",
                new Metric(
                        "%",
                        r -> r.outcome().slowdownShare().likely() * 100,
                        r -> r.outcome().slowdownShare().most() * 100));
        METRICS.put("reclaim", likely("% of a CPU", o -> o.reclaimNs() / 1e7 / Math.max(1e-9, o.seconds())));
        METRICS.put("fast_hits", likely("%", o -> o.tiers().fastHitShare() * 100));
        METRICS.put("huge_hits", likely("%", o -> o.huge().accessShare() * 100));
        METRICS.put("bloat", new Metric("bytes", r -> r.outcome().huge().bloatLikelyBytes(), r -> r.outcome()
                .huge()
                .bloatMostBytes()));
        METRICS.put("limit_refaults", likely("bytes/s", o -> o.limitRefaults().bytes() / Math.max(1e-9, o.seconds())));
        METRICS.put(
                "tried",
                new Metric(
                        "bytes",
                        r -> r.schemes().stream()
                                .mapToDouble(s -> s.stats().szTried)
                                .sum(),
                        r -> r.schemes().stream()
                                .mapToDouble(s -> s.szTriedMax())
                                .sum()));
    }

    private static final Map<String, String> NAMED = Map.of(
            "far_memory", "saved where promotion<=0.2",
            "damoos", "0.5*saved_percent-0.5*slowdown where slowdown<=20");

    private static final Pattern TERM = Pattern.compile("([+-]?)\\s*(?:(\\d+(?:\\.\\d+)?)\\s*\\*)?\\s*([a-z_]+)");
    private static final Pattern LIMIT = Pattern.compile("([a-z_]+)\\s*(<=|>=)\\s*(.+)");

    private final String text;
    private final Map<String, Double> weights = new LinkedHashMap<>();
    private final List<Limit> limits = new ArrayList<>();
    private final boolean likely;
    private final double marginPercent;

    private Objective(String text, boolean likely, double marginPercent) {
        this.text = text;
        this.likely = likely;
        this.marginPercent = marginPercent;
    }

    /**
     * The same, but a point keeps a limit only if it stays so far from it: below a greatest value, above a least one.
     *
     * @param percent of the limit, 0 to less than 100
     */
    public Objective withMargin(double percent) {
        Objective o = new Objective(text, likely, percent);
        o.weights.putAll(weights);
        o.limits.addAll(limits);
        return o;
    }

    private static Metric bounded(String unit, java.util.function.Function<Outcome, Bounded> f) {
        return new Metric(unit, r -> f.apply(r.outcome()).likely(), r -> f.apply(r.outcome())
                .most());
    }

    private static Metric likely(String unit, ToDoubleFunction<Outcome> f) {
        return new Metric(unit, r -> f.applyAsDouble(r.outcome()), r -> f.applyAsDouble(r.outcome()));
    }

    /** Percent of what was resident, or of what was seen touched where that was not recorded. */
    private static double percent(OpenLoopResult r, double bytes) {
        Outcome o = r.outcome();
        double base = o.residentMeanBytes() > 0 ? o.residentMeanBytes() : o.knownBytes();
        return bytes / Math.max(BASE_FLOOR, base) * 100;
    }

    /** Names of the metrics with their units. */
    public static Map<String, String> metrics() {
        Map<String, String> m = new LinkedHashMap<>();
        METRICS.forEach((name, metric) -> m.put(name, metric.unit()));
        return m;
    }

    /** Names of the objectives with a name, and what they stand for. */
    public static Map<String, String> named() {
        return new java.util.TreeMap<>(NAMED);
    }

    /**
     * Reads {@code saved where promotion<=0.2}, {@code 0.5*saved_percent-0.5*slowdown where slowdown<=20 and
     * refaults<=1M}, {@code far_memory}, {@code damoos}.
     *
     * @param likely judge limits by estimates instead of upper bounds
     * @throws UnknownWordException naming a metric that is none
     * @throws InvalidInputException naming what cannot be read
     */
    public static Objective of(String text, boolean likely) {
        String t = NAMED.getOrDefault(text.strip(), text).strip().toLowerCase(Locale.ROOT);
        Objective o = new Objective(text.strip(), likely, 0);
        String[] parts = t.split("\\s+where\\s+", 2);
        String sum = parts[0];
        Matcher m = TERM.matcher(sum);
        int at = 0;
        while (at < sum.length()) {
            if (!m.find(at) || m.start() != at || at > 0 && m.group(1).isEmpty()) {
                throw new InvalidInputException(
                        "'" + sum.substring(at) + "' is not a sum of metrics, as in 0.5*saved_percent-0.5*slowdown");
            }
            double weight = m.group(2) == null ? 1 : Double.parseDouble(m.group(2));
            o.weights.merge(known(m.group(3)), m.group(1).equals("-") ? -weight : weight, Double::sum);
            at = m.end();
            while (at < sum.length() && sum.charAt(at) == ' ') {
                at++;
            }
        }
        if (o.weights.isEmpty()) {
            throw new InvalidInputException("no metric to maximise");
        }
        if (parts.length == 2) {
            for (String limit : parts[1].split("\\s+and\\s+|,")) {
                Matcher l = LIMIT.matcher(limit.strip());
                if (!l.matches()) {
                    throw new InvalidInputException("'" + limit.strip() + "' is not a limit, as in slowdown<=20");
                }
                o.limits.add(new Limit(known(l.group(1)), l.group(2).equals("<="), value(l.group(3))));
            }
        }
        return o;
    }

    private static String known(String metric) {
        if (!METRICS.containsKey(metric)) {
            List<String> words = new ArrayList<>(METRICS.keySet());
            words.addAll(NAMED.keySet());
            throw new UnknownWordException("metric", metric, words);
        }
        return metric;
    }

    private static double value(String text) {
        String t = text.strip();
        for (String suffix : List.of("/min", "/s", "%")) {
            if (t.endsWith(suffix)) {
                t = t.substring(0, t.length() - suffix.length()).strip();
            }
        }
        return t.matches("\\d+(\\.\\d+)?") ? Double.parseDouble(t) : Units.parseBytes(t);
    }

    private static String number(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : Double.toString(v);
    }

    /** All metrics of a simulation; {@code _max} is the upper bound. */
    public Map<String, Double> measure(OpenLoopResult r) {
        Map<String, Double> all = new LinkedHashMap<>();
        METRICS.forEach((name, m) -> {
            all.put(name, m.likely().applyAsDouble(r));
            all.put(
                    name + "_max",
                    Math.max(m.likely().applyAsDouble(r), m.most().applyAsDouble(r)));
        });
        return all;
    }

    /** The mean over several traces and their spread; what a limit is about is that of the worst trace. */
    public Map<String, Double> combine(List<Map<String, Double>> traces) {
        return combine(traces, traces.stream().map(t -> 1.0).toList());
    }

    /**
     * The mean over several traces of different weight.
     *
     * @param weights of the traces, greater than 0
     */
    public static Map<String, Double> mean(List<Map<String, Double>> traces, List<Double> weights) {
        if (traces.size() == 1) {
            return traces.get(0);
        }
        Map<String, Double> mean = new LinkedHashMap<>();
        for (String name : traces.get(0).keySet()) {
            double sum = 0;
            double weight = 0;
            for (int i = 0; i < traces.size(); i++) {
                sum += traces.get(i).get(name) * weights.get(i);
                weight += weights.get(i);
            }
            mean.put(name, sum / weight);
        }
        return mean;
    }

    /** As {@link #combine(List)}, with traces of different weight. */
    public Map<String, Double> combine(List<Map<String, Double>> traces, List<Double> weights) {
        Map<String, Double> all = new LinkedHashMap<>(mean(traces, weights));
        for (Limit l : limits) {
            String name = judged(l);
            double worst = l.atMost()
                    ? traces.stream().mapToDouble(t -> t.get(name)).max().orElse(0)
                    : traces.stream().mapToDouble(t -> t.get(name)).min().orElse(0);
            all.put(name + " worst", worst);
        }
        if (traces.size() > 1) {
            for (String name : metricsUsed()) {
                for (String bound : List.of(name, name + "_max")) {
                    all.put(
                            bound + LEAST,
                            traces.stream().mapToDouble(t -> t.get(bound)).min().orElse(0));
                    all.put(
                            bound + GREATEST,
                            traces.stream().mapToDouble(t -> t.get(bound)).max().orElse(0));
                }
            }
        }
        return all;
    }

    /** Value by which a limit is judged, in the worst trace: the upper bound of a maximum, or the estimate. */
    public double judgedValue(Limit l, Map<String, Double> measured) {
        return measured.getOrDefault(judged(l) + " worst", measured.get(judged(l)));
    }

    private String judged(Limit l) {
        return likely || !l.atMost() ? l.metric() : l.metric() + "_max";
    }

    /** The metrics of the sum and of the limits. */
    public Set<String> metricsUsed() {
        Set<String> used = new LinkedHashSet<>(weights.keySet());
        limits.forEach(l -> used.add(l.metric()));
        return used;
    }

    /** The greatest sum that metrics between these have. */
    double mostScore(Map<String, Double> least, Map<String, Double> most) {
        double sum = 0;
        for (Map.Entry<String, Double> e : weights.entrySet()) {
            sum += e.getValue() * (e.getValue() > 0 ? most : least).get(e.getKey());
        }
        return sum;
    }

    /** Whether metrics between these may keep every limit. */
    boolean mayBeFeasible(Map<String, Double> least, Map<String, Double> most) {
        for (Limit l : limits) {
            Map<String, Double> m = l.atMost() ? least : most;
            double v = judgedValue(l, m);
            double share = marginPercent / 100;
            if (l.atMost() ? v > l.value() * (1 - share) : v < l.value() * (1 + share)) {
                return false;
            }
        }
        return true;
    }

    /** The sum to maximise. */
    public double score(Map<String, Double> measured) {
        return mostScore(measured, measured);
    }

    /** Whether every limit is kept. */
    public boolean isFeasible(Map<String, Double> measured) {
        return mayBeFeasible(measured, measured);
    }

    /** The metrics of the sum and of the limits, each with whether more is better. */
    public Map<String, Boolean> tradeOff() {
        Map<String, Boolean> m = new LinkedHashMap<>();
        weights.forEach((name, w) -> m.put(name, w > 0));
        limits.forEach(l -> m.putIfAbsent(l.metric(), !l.atMost()));
        if (m.size() == 1 && !m.containsKey("refaults")) {
            m.put("refaults", false);
        }
        return m;
    }

    public List<Limit> limits() {
        return List.copyOf(limits);
    }

    @Override
    public String toString() {
        String full = NAMED.get(text);
        String margin = marginPercent == 0 ? "" : ", with a margin of " + number(marginPercent) + " %";
        return (full == null ? text : text + " (" + full + ")") + margin;
    }
}
