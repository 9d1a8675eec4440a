package org.damson.analyzer.fleet.tune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.fleet.FleetAnswer;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.FleetSelection;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.scan.Quantiles;
import org.damson.analyzer.tune.Objective;

/** What schemes would have done on each of many hosts, and how that is spread over them. */
public final class FleetSimulate {
    private static final String ALL = "all";

    private FleetSimulate() {}

    /** Simulates the schemes of {@code words} as they are. */
    public static FleetResult run(SchemeWords words, FleetEngine engine, FleetSelection traces) throws IOException {
        FleetAnswer<ArrayList<PointsPlan.Value>> answer =
                engine.run(traces, new PointsPlan(words, List.of(List.of()), null, true));
        Map<String, List<Map<String, Double>>> hosts = new TreeMap<>();
        Map<String, String> services = new TreeMap<>();
        for (PointsPlan.Value v : PointsPlan.values(answer)) {
            hosts.computeIfAbsent(v.host(), h -> new ArrayList<>())
                    .add(v.points().get(0));
            services.put(v.host(), v.origin().service());
        }
        Map<String, List<Map<String, Double>>> spread = new LinkedHashMap<>();
        spread.put(ALL, new ArrayList<>());
        List<Object[]> rows = new ArrayList<>();
        hosts.forEach((host, traced) -> {
            Map<String, Double> mean = mean(traced);
            spread.get(ALL).add(mean);
            spread.computeIfAbsent("service " + services.get(host), s -> new ArrayList<>())
                    .add(mean);
            List<Object> row = new ArrayList<>(List.of(host));
            names().forEach(name -> row.add(mean.get(name)));
            rows.add(row.toArray());
        });
        List<Column> columns = new ArrayList<>(List.of(new Column("host", "service and host", Unit.TEXT)));
        names().forEach(name -> columns.add(new Column(name, name, Unit.COUNT)));
        return new FleetResult(
                new TableReport(
                        List.of(
                                spread(spread),
                                FleetResult.section(answer.troubles()),
                                new Section("hosts", null, columns, rows)),
                        List.of(
                                "percentiles over hosts, whose traces count alike; _max is a metric's upper bound; what is 0"
                                        + " everywhere is left out")),
                answer.troubles(),
                answer.groups().isEmpty(),
                true);
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        Objective.metrics().keySet().forEach(name -> names.addAll(List.of(name, name + "_max")));
        return names;
    }

    private static Map<String, Double> mean(List<Map<String, Double>> traces) {
        Map<String, Double> mean = new TreeMap<>();
        for (String name : names()) {
            mean.put(name, traces.stream().mapToDouble(t -> t.get(name)).sum() / traces.size());
        }
        return mean;
    }

    private static Section spread(Map<String, List<Map<String, Double>>> groups) {
        List<Object[]> rows = new ArrayList<>();
        Map<String, String> units = Objective.metrics();
        groups.forEach((group, hosts) -> names().forEach(name -> {
            double[] sorted =
                    hosts.stream().mapToDouble(h -> h.get(name)).sorted().toArray();
            if (sorted.length > 0 && (sorted[0] != 0 || sorted[sorted.length - 1] != 0)) {
                rows.add(new Object[] {
                    group,
                    name,
                    units.get(name.replaceFirst("_max$", "")),
                    (long) sorted.length,
                    Quantiles.of(sorted, 50),
                    Quantiles.of(sorted, 90),
                    Quantiles.of(sorted, 98),
                    Quantiles.of(sorted, 100)
                });
            }
        }));
        return new Section(
                "spread",
                "what the schemes would have done, over hosts",
                List.of(
                        new Column("group", "group", Unit.TEXT),
                        new Column("metric", "metric", Unit.TEXT),
                        new Column("unit", "unit", Unit.TEXT),
                        new Column("hosts", "hosts", Unit.COUNT),
                        new Column("p50", "p50 of hosts", Unit.COUNT),
                        new Column("p90", "p90", Unit.COUNT),
                        new Column("p98", "p98", Unit.COUNT),
                        new Column("greatest", "greatest", Unit.COUNT)),
                rows);
    }
}
