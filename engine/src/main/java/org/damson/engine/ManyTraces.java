package org.damson.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.analyzer.fleet.LocalFleet;
import org.damson.analyzer.fleet.report.FleetReport;
import org.damson.analyzer.fleet.report.FleetReportResult;
import org.damson.analyzer.render.fleet.FleetReportTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.api.Fleet;
import org.damson.model.text.NativeText;

/** The report over many traces, as the interface shows it. */
final class ManyTraces {
    private ManyTraces() {}

    static Fleet report(List<Path> roots) throws IOException {
        return Failures.telling(() -> {
            try (LocalFleet fleet = new LocalFleet()) {
                FleetReportResult result = new FleetReport(true)
                        .run(
                                fleet,
                                fleet.find(roots.stream().map(NativeText::of).toList(), new TreeMap<>()));
                TableReport report = FleetReportTable.of(result, Integer.MAX_VALUE);
                return new Fleet(
                        Tables.shown(report),
                        result.troubles().stream().map(ManyTraces::trouble).toList(),
                        Stream.concat(report.notes().stream(), result.notes().stream())
                                .toList());
            }
        });
    }

    private static Fleet.Trouble trouble(org.damson.analyzer.fleet.Trouble t) {
        return new Fleet.Trouble(t.path(), Fleet.Trouble.Kind.valueOf(t.kind().name()), t.reason());
    }
}
