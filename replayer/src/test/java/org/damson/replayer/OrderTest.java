package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OrderTest {
    private static final long A = 0x2000_0000_0000L;
    private static final long B = A + 0x10000;

    @TempDir
    Path dir;

    /** Accesses of A and B in ten samples of each snapshot of 50 ms, one after the other unless a gap is given. */
    private List<String> touches(long gapNs, int[][] accesses) throws IOException {
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            long fromNs = 1_000_000_000;
            for (int[] row : accesses) {
                Snapshot s = new Snapshot();
                s.startNs = fromNs;
                s.endNs = fromNs + 50_000_000;
                s.sampleUs = 5_000;
                s.aggrUs = 50_000;
                s.add(A, A + 0x4000, row[0], 0);
                s.add(B, B + 0x4000, row[1], 0);
                sink.append(s);
                fromNs = s.endNs + gapNs;
            }
        }
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, new ReplayOptions(1, 1 << 20), out);
        }
        return out.toString()
                .lines()
                .filter(l -> l.startsWith("touch"))
                .map(l -> l.replace("touch 0x200000000000 16K", "A").replace("touch 0x200000010000 16K", "B"))
                .toList();
    }

    /** Two samples with windows of 50 ms in 400 ms: who watches the replay in such windows is to see one in two of them touched. */
    @Test
    void windowsThatAreShorterThanTheTimeBetweenThemAreSlices() throws IOException {
        Path path = dir.resolve("windows.damson");
        Manifest m = new Manifest();
        m.source = Manifest.Source.REFERENCED.text();
        ManifestKey.WINDOW.put(m, 50_000L);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            for (int n = 0; n < 3; n++) {
                Snapshot s = new Snapshot();
                s.startNs = 1_000_000_000 + n * 400_000_000L;
                s.endNs = s.startNs + 400_000_000;
                s.sampleUs = 200_000;
                s.aggrUs = 400_000;
                s.columns = Snapshot.HAS_REFERENCED;
                s.add(A, A + 0x4000, 1, 0);
                s.add(B, B + 0x4000, 2, 0);
                s.referencedMean[0] = 0x2000;
                s.referencedMean[1] = 0x4000;
                sink.append(s);
            }
        }
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, new ReplayOptions(1, 1 << 20), out);
        }
        List<String> lines = out.toString()
                .lines()
                .filter(l -> l.matches("(snapshot|touch).*"))
                .toList();
        assertEquals(
                List.of("snapshot 0ns 400ms 8", "touch 0x200000000000 16K 4", "touch 0x200000010000 16K 8"),
                lines.subList(0, 3));
    }

    @Test
    void aPhaseThatEndsWithinASnapshotEndsThereInTheReplay() throws IOException {
        // 8 of 10 is as much as this machine sees of busy memory
        assertEquals(List.of("A 8", "A 3 first", "B 5 last", "B 8"), touches(0, new int[][] {{8, 0}, {3, 5}, {0, 8}}));
    }

    @Test
    void whatGoesOnOrIsNeverBusyIsSpreadEvenly() throws IOException {
        assertEquals(
                List.of("A 10", "B 4", "A 5", "B 2", "A 10", "A 5"),
                touches(0, new int[][] {{10, 4}, {5, 2}, {10, 0}, {5, 0}}));
    }

    @Test
    void acrossAGapNothingIsTold() throws IOException {
        assertEquals(
                List.of("A 10", "A 3", "B 5", "B 10"), touches(30_000_000, new int[][] {{10, 0}, {3, 5}, {0, 10}}));
    }

    @Test
    void theShareIsOfTheBytes() {
        Snapshot before = snapshot(0, new long[][] {{A, A + 0x3000, 10}, {A + 0x3000, A + 0x4000, 0}});
        Snapshot s = snapshot(50_000_000, new long[][] {{A, A + 0x4000, 4}});
        Snapshot after = snapshot(100_000_000, new long[][] {{A + 0x8000, A + 0x9000, 10}});
        // busy in 75 % of its bytes until then, not monitored afterwards
        assertEquals(Order.FIRST, Order.of(before, s, 0, after));
        before.nrAccesses[0] = 7;
        assertEquals(Order.EVENLY, Order.of(before, s, 0, after));
    }

    @Test
    void theLastBytesOfTheAddressSpaceCount() {
        Snapshot before = snapshot(0, new long[][] {{-0x4000, 0, 0}});
        Snapshot s = snapshot(50_000_000, new long[][] {{-0x4000, 0, 4}});
        Snapshot after = snapshot(100_000_000, new long[][] {{-0x4000, 0, 9}});
        assertEquals(Order.LAST, Order.of(before, s, 0, after));
    }

    private static Snapshot snapshot(long startNs, long[][] regions) {
        Snapshot s = new Snapshot();
        s.startNs = startNs;
        s.endNs = startNs + 50_000_000;
        s.sampleUs = 5_000;
        s.aggrUs = 50_000;
        for (long[] r : regions) {
            s.add(r[0], r[1], (int) r[2], 0);
        }
        return s;
    }
}
