package org.damson.analyzer.fleet.tune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.fleet.TraceNotes;
import org.damson.analyzer.scan.Quantiles;
import org.damson.analyzer.tune.Objective;

/** What schemes would have done on each of many hosts, and how that is spread over them. */
public final class FleetSimulate {
    private static final String ALL = "all";

    private FleetSimulate() {}

    /** Simulates the schemes of {@code words} as they are. */
    public static FleetSimulateResult run(SchemeWords words, FleetEngine engine, FleetSelection traces)
            throws IOException {
        FleetAnswer<ArrayList<PointsPlan.Value>> answer =
                engine.run(traces, new PointsPlan(words, List.of(List.of()), null, true));
        Map<String, List<PointsPlan.Value>> ofHosts = new TreeMap<>();
        Map<String, String> services = new TreeMap<>();
        TraceNotes notes = new TraceNotes();
        for (PointsPlan.Value v : PointsPlan.values(answer)) {
            notes.add(v.path(), List.copyOf(v.notes()));
            ofHosts.computeIfAbsent(v.host(), h -> new ArrayList<>()).add(v);
            services.put(v.host(), v.origin().service());
        }
        Map<String, List<Map<String, Double>>> groups = new LinkedHashMap<>();
        groups.put(ALL, new ArrayList<>());
        List<FleetSimulateResult.Host> hosts = new ArrayList<>();
        ofHosts.forEach((host, traced) -> {
            Map<String, Double> mean = mean(traced);
            groups.get(ALL).add(mean);
            groups.computeIfAbsent("service " + services.get(host), s -> new ArrayList<>())
                    .add(mean);
            hosts.add(new FleetSimulateResult.Host(host, mean));
        });
        return new FleetSimulateResult(
                names(),
                List.copyOf(hosts),
                spreads(groups),
                answer.troubles(),
                notes.lines(),
                answer.groups().isEmpty());
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        Objective.metrics().keySet().forEach(name -> names.addAll(List.of(name, name + "_max")));
        return names;
    }

    private static Map<String, Double> mean(List<PointsPlan.Value> traces) {
        List<Map<String, Double>> metrics = new ArrayList<>();
        traces.forEach(v -> metrics.add(v.points().get(0)));
        return Objective.mean(
                metrics, traces.stream().map(PointsPlan.Value::seconds).toList());
    }

    private static List<FleetSimulateResult.Spread> spreads(Map<String, List<Map<String, Double>>> groups) {
        List<FleetSimulateResult.Spread> spreads = new ArrayList<>();
        Map<String, String> units = Objective.metrics();
        groups.forEach((group, hosts) -> names().forEach(name -> {
            double[] sorted =
                    hosts.stream().mapToDouble(h -> h.get(name)).sorted().toArray();
            if (sorted.length > 0 && (sorted[0] != 0 || sorted[sorted.length - 1] != 0)) {
                spreads.add(new FleetSimulateResult.Spread(
                        group,
                        name,
                        units.get(name.replaceFirst("_max$", "")),
                        sorted.length,
                        Quantiles.of(sorted, 50),
                        Quantiles.of(sorted, 90),
                        Quantiles.of(sorted, 98),
                        Quantiles.of(sorted, 100)));
            }
        }));
        return List.copyOf(spreads);
    }
}
