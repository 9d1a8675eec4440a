package org.damson.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Traces of seeded random accesses, 100 ms a snapshot. */
final class Made {
    static final long MIB = 1 << 20;
    private static final long AGGR_NS = 100_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;

    private Made() {}

    /** A manifest with labels; {@code epochS} is when the trace begins. */
    static Manifest manifest(long epochS, String... labels) {
        Manifest m = new Manifest();
        m.attrs = new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        m.toEpochNs = epochS * SECOND_NS;
        if (labels.length > 0) {
            ManifestKey.LABELS.put(m, List.of(labels));
        }
        return m;
    }

    static Path trace(Path path, Manifest manifest, int snapshots, long seed) throws IOException {
        Files.createDirectories(path.getParent());
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            append(sink, snapshots, seed, true);
        }
        return path;
    }

    /** Regions of 1 to 8 MiB that are hot for a while and then idle for a while. */
    static void append(TraceSink sink, int snapshots, long seed, boolean withAges) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int regions = 8 + random.nextInt(8);
        long[] size = new long[regions];
        int[] nr = new int[regions];
        int[] age = new int[regions];
        for (int i = 0; i < regions; i++) {
            size[i] = (1 + random.nextInt(8)) * MIB;
            nr[i] = random.nextInt(21);
        }
        Snapshot s = new Snapshot();
        for (int t = 0; t < snapshots; t++) {
            s.clear();
            long at = 1 << 30;
            for (int i = 0; i < regions; i++) {
                if (random.nextInt(30) == 0) {
                    nr[i] = nr[i] == 0 ? 1 + random.nextInt(20) : 0;
                    age[i] = 0;
                } else {
                    age[i]++;
                }
                s.add(at, at + size[i], nr[i], age[i]);
                at += size[i];
            }
            s.columns = withAges ? Snapshot.HAS_AGE : 0;
            s.startNs = t * AGGR_NS;
            s.endNs = (t + 1) * AGGR_NS;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            sink.append(s);
        }
    }
}
