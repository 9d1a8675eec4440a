package org.damson.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A trace with one hot mebibyte, made anew for each test. */
abstract class MadeTrace {
    static final long SEED = 4711;
    static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    Path trace;

    @BeforeEach
    void writeTrace() throws IOException {
        trace = dir.resolve("t.damson");
        write(trace, 40, 0);
    }

    static void write(Path path, int snapshots, int shift) throws IOException {
        Manifest m = new Manifest();
        m.toolVersion = "test";
        m.source = "synthetic";
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.attrs = new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        m.recording.put("command", "secret-program --password hunter2");
        Random random = new Random(SEED);
        TraceFiles.create(path, m, sink -> {
            Snapshot s = new Snapshot();
            for (int i = 0; i < snapshots; i++) {
                s.clear();
                s.startNs = 1_000_000_000L + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                int hot = (i / 4 + shift) % 10;
                for (int r = 0; r < 10; r++) {
                    long start = 0x7f0000000000L + r * MIB;
                    s.add(start, start + MIB, r == hot ? 15 + random.nextInt(5) : 0, i % 4);
                }
                sink.append(s);
            }
        });
    }
}
