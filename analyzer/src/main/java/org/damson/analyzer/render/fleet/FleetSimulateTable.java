package org.damson.analyzer.render.fleet;

import java.util.List;
import org.damson.analyzer.fleet.tune.FleetSimulateResult;
import org.damson.analyzer.fleet.tune.FleetSimulateResult.Host;
import org.damson.analyzer.fleet.tune.FleetSimulateResult.Spread;
import org.damson.analyzer.render.table.Columns;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Effects of schemes on many hosts: their spread, and each host. */
public final class FleetSimulateTable {
    private static final Columns<Spread> SPREADS = new Columns<Spread>()
            .add("group", "group", Unit.TEXT, Spread::group)
            .add("metric", "metric", Unit.TEXT, Spread::metric)
            .add("unit", "unit", Unit.TEXT, Spread::unit)
            .add("hosts", "hosts", Unit.COUNT, Spread::hosts)
            .add("p50", "p50 of hosts", Unit.COUNT, Spread::p50)
            .add("p90", "p90", Unit.COUNT, Spread::p90)
            .add("p98", "p98", Unit.COUNT, Spread::p98)
            .add("greatest", "greatest", Unit.COUNT, Spread::greatest);

    private FleetSimulateTable() {}

    public static TableReport of(FleetSimulateResult result) {
        Columns<Host> hosts = new Columns<Host>().add("host", "service and host", Unit.TEXT, Host::name);
        result.metrics()
                .forEach(name ->
                        hosts.add(name, name, Unit.COUNT, h -> h.metrics().get(name)));
        return new TableReport(
                List.of(
                        SPREADS.section("spread", "what the schemes would have done, over hosts", result.spreads()),
                        FleetColumns.troubles(result.troubles()),
                        hosts.section("hosts", null, result.hosts())),
                List.of(
                        "percentiles over hosts, whose traces have equal weight; _max is a metric's upper bound; metrics "
                                + "that are 0 everywhere are left out"));
    }
}
