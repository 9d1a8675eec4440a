package org.damson.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.recorder.SyntheticSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * Writes a synthetic trace: {@code MakeTrace OUTPUT SNAPSHOTS REGIONS CHURN [SEED]}. Prints, as one line of JSON, what
 * the reports on it must agree with.
 */
public final class MakeTrace {
    private MakeTrace() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        long snapshots = Long.parseLong(args[1]);
        int regions = Integer.parseInt(args[2]);
        double churn = Double.parseDouble(args[3]);
        long seed = args.length > 4 ? Long.parseLong(args[4]) : 1;
        Manifest manifest = new Manifest();
        long rows = 0;
        double workingSetBytes = 0;
        double heatByteSeconds = 0;
        long firstAddress = 0;
        long endAddress = 0;
        try (SyntheticSource source = new SyntheticSource(seed, snapshots, regions, churn)) {
            source.describe(manifest);
            try (TraceSink sink = Traces.create(Path.of(args[0]), manifest, WriterOptions.BATCH)) {
                Snapshot s = new Snapshot();
                while (source.next(s)) {
                    sink.append(s);
                    rows += s.regions;
                    double seconds = (s.endNs - s.startNs) / 1e9;
                    for (int i = 0; i < s.regions; i++) {
                        long size = s.end[i] - s.start[i];
                        workingSetBytes += s.nrAccesses[i] > 0 ? size : 0;
                        heatByteSeconds += seconds * size * s.nrAccesses[i] / s.maxNrAccesses();
                    }
                    firstAddress = s.start[0];
                    endAddress = s.end[s.regions - 1];
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "{\"snapshots\": %d, \"rows\": %d, \"mean_wss_bytes\": %.3f, \"heat_byte_seconds\": %.3f,"
                        + " \"bytes\": %d}%n",
                snapshots,
                rows,
                workingSetBytes / snapshots,
                heatByteSeconds,
                endAddress - firstAddress);
    }
}
