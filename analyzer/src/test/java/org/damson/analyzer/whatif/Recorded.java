package org.damson.analyzer.whatif;

import java.io.IOException;
import java.nio.file.Path;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** The recordings that come with the project, as traces. */
public final class Recorded {
    private Recorded() {}

    public static TraceSource open(Path dir, String name) throws IOException {
        Path path = dir.resolve(name.replace('/', '-') + ".damson");
        Importers.importFile(
                Path.of("..", "testdata").resolve(name),
                new ImportOptions(new MonitoringAttrs(
                        5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN)),
                m -> Traces.create(path, m, WriterOptions.BATCH));
        return Traces.open(path);
    }
}
