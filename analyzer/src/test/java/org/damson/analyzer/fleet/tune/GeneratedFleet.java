package org.damson.analyzer.fleet.tune;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetPlan;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.fleet.TraceAnswer;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * Hosts of five services with patterns of their own, drawn from a seed: recorded by the model of DAMON, and judged by the same
 * model with the scheme, whose memory is touched as the program touches it and not as DAMON believes.
 */
final class GeneratedFleet implements FleetEngine {
    private static final double SPEED = 1e6;
    private static final int SECONDS = 60;
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 200, MonitoringAttrs.IntervalsOrigin.RECORDED);

    private final List<FleetTrace> traces = new ArrayList<>();
    private final Map<String, String> configs = new HashMap<>();
    private final Map<String, Integer> repeats = new HashMap<>();
    private final Map<String, Double> truths = new ConcurrentHashMap<>();
    /** Metrics of a trace at a point, which no draw changes. */
    private final Map<String, TreeMap<String, Double>> metrics = new ConcurrentHashMap<>();

    GeneratedFleet(Path dir, int hosts, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < hosts; i++) {
            Path path = dir.resolve("service=s" + i % 5 + "/host=h" + i + "/t.damson");
            FleetTrace trace = new FleetTrace(path.toString());
            describe(i % 5, host(trace), random.split());
            traces.add(trace);
        }
        IntStream.range(0, hosts).parallel().forEach(i -> record(traces.get(i), i));
        traces.sort(java.util.Comparator.comparing(FleetTrace::path));
    }

    /** As {@link PointsPlan.Value#host}. */
    private static String host(FleetTrace trace) {
        return trace.partition().get("service") + " " + trace.partition().get("host");
    }

    FleetSelection selection() {
        return new FleetSelection(traces, new TreeMap<>(), List.of());
    }

    /** Memory in use all the time, and beside it what the service is like. */
    private void describe(int service, String host, SplittableRandom random) {
        int period = (int) (1000 * Math.exp(random.nextDouble() * 2.2));
        StringBuilder regions = new StringBuilder("hot, " + (4 + random.nextInt(12)) + "M\n");
        StringBuilder phases = new StringBuilder();
        int total = 0;
        switch (service) {
            case 0 -> { // requests now and then
                regions.append("a, ").append(8 + random.nextInt(24)).append("M\n");
                total = phase(phases, period, "hot") + phase(phases, 500, "hot", "a");
            }
            case 1 -> { // two halves by turns
                regions.append("a, 16M\nb, 16M\n");
                total = phase(phases, period, "hot", "a") + phase(phases, period, "hot", "b");
            }
            case 2 -> { // a step after another
                regions.append("a, 8M\nb, 8M\nc, 8M\nd, 8M\n");
                for (String step : List.of("a", "b", "c", "d")) {
                    total += phase(phases, Math.max(500, period / 2), "hot", step);
                }
            }
            case 3 -> { // a cache that is hardly asked
                regions.append("a, ").append(32 + random.nextInt(32)).append("M\n");
                total = phase(phases, 3 * period, "hot") + phase(phases, 300, "hot", "a");
            }
            default -> { // set up once, then left
                regions.append("a, 32M\n");
                total = phase(phases, 2000, "hot", "a") + phase(phases, SECONDS * 1000, "hot");
            }
        }
        configs.put(host, regions + phases.toString());
        repeats.put(host, Math.max(1, SECONDS * 1000 / total));
    }

    private static int phase(StringBuilder phases, int ms, String... regions) {
        phases.append("\nphase ").append(ms).append('\n').append(ms).append('\n');
        for (String region : regions) {
            phases.append(region).append(", 1, 4096, 1, rw\n");
        }
        return ms;
    }

    private Kdamond kdamond(String host, List<Scheme> schemes, long seed) throws IOException {
        Supplier<PlannedAccesses> plan = () -> PlannedAccesses.of(configs.get(host), SPEED, repeats.get(host));
        return new Kdamond(
                new Kdamond.Options(ATTRS, KernelVersion.V6_18, 0, 1, null, schemes, OutcomeOptions.DEFAULTS, seed),
                plan);
    }

    private void record(FleetTrace trace, long seed) {
        Path path = Path.of(trace.path());
        Manifest m = new Manifest();
        m.attrs = ATTRS;
        m.source = Source.SIMULATED.text();
        try {
            Files.createDirectories(path.getParent());
            Kdamond kdamond = kdamond(host(trace), List.of(), seed);
            try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
                Snapshot s = new Snapshot();
                while (kdamond.next(s)) {
                    sink.append(s);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What really comes back with a scheme in another run of the same program, percent of the working set a minute. */
    double promotion(String host, String scheme) {
        return truths.computeIfAbsent(host + "\n" + scheme, k -> {
            try {
                Kdamond kdamond = kdamond(host, SchemeParser.parse(scheme), host.hashCode() * 31L + 7);
                Snapshot s = new Snapshot();
                while (kdamond.next(s)) {
                    // to its end
                }
                return kdamond.outcome().promotionPercentPerMinute().likely();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public FleetSelection find(List<String> roots, TreeMap<String, String> where) {
        return selection();
    }

    @Override
    public <V extends Serializable, S extends Serializable, R extends Serializable> FleetAnswer<R> run(
            FleetSelection selection, FleetPlan<V, S, R> plan) throws IOException {
        List<V> values = selection.traces().parallelStream()
                .map(trace -> this.<V>value(trace, plan))
                .toList();
        TreeMap<String, S> sums = new TreeMap<>();
        for (V value : values) {
            for (String group : plan.groups(value)) {
                sums.merge(group, plan.add(plan.none(), value), plan::join);
            }
        }
        TreeMap<String, R> groups = new TreeMap<>();
        sums.forEach((group, sum) -> groups.put(group, plan.end(group, sum)));
        return new FleetAnswer<>(groups, List.of());
    }

    @SuppressWarnings("unchecked")
    private <V extends Serializable> V value(FleetTrace trace, FleetPlan<V, ?, ?> plan) {
        PointsPlan points = (PointsPlan) plan;
        List<List<Long>> unknown = new ArrayList<>();
        for (List<Long> point : points.wanted(host(trace))) {
            if (!metrics.containsKey(trace.path() + point)) {
                unknown.add(point);
            }
        }
        if (!unknown.isEmpty()) {
            measure(trace, points, unknown);
        }
        ArrayList<TreeMap<String, Double>> known = new ArrayList<>();
        points.wanted(host(trace)).forEach(point -> known.add(metrics.get(trace.path() + point)));
        return (V) new PointsPlan.Value(
                new org.damson.analyzer.fleet.Origin(
                        trace.partition().get("service"), trace.partition().get("host"), "-"),
                trace.path(),
                known,
                1,
                new java.util.LinkedHashSet<>());
    }

    private void measure(FleetTrace trace, PointsPlan plan, List<List<Long>> points) {
        try {
            TraceAnswer<PointsPlan.Value> answer =
                    TraceAnswer.of(trace, Path.of(trace.path()), plan.at(points), Map.of());
            if (answer.value() == null) {
                throw new IOException(String.format(Locale.ROOT, "%s", answer.troubles(Set.of())));
            }
            for (int i = 0; i < points.size(); i++) {
                metrics.put(
                        trace.path() + points.get(i), answer.value().points().get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        // nothing is open
    }
}
