package org.damson.analyzer.fleet.tune;

import java.util.List;
import java.util.Map;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;

/**
 * What schemes would have done on each of many hosts.
 *
 * @param metrics names of all metrics, each followed by that of its upper bound, in the order in which they are shown
 * @param hosts by name
 * @param spreads of all hosts, then of each service; metrics that are 0 everywhere are left out
 * @param isEmpty whether no trace counts
 */
public record FleetSimulateResult(
        List<String> metrics,
        List<Host> hosts,
        List<Spread> spreads,
        List<Trouble> troubles,
        List<String> notes,
        boolean isEmpty)
        implements FleetResult {
    /**
     * A host.
     *
     * @param name of its service and itself
     * @param metrics means over its traces, by name
     */
    public record Host(String name, Map<String, Double> metrics) {}

    /**
     * How one metric is spread over the hosts of a group.
     *
     * @param unit of the metric
     * @param hosts how many
     */
    public record Spread(
            String group,
            String metric,
            String unit,
            long hosts,
            double p50,
            double p90,
            double p98,
            double greatest) {}
}
