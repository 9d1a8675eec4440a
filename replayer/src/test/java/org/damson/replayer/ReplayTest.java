package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplayTest {
    private static final ReplayOptions OPTIONS = new ReplayOptions(1, 1 << 20);

    @TempDir
    Path dir;

    private String plan(ReplayOptions options) throws IOException {
        Path path = dir.resolve("t.damson");
        if (!Files.exists(path)) {
            try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
                Snapshot s = new Snapshot();
                s.startNs = 1_000_000_000;
                s.endNs = 1_040_000_000;
                s.sampleUs = 10_000;
                s.aggrUs = 40_000;
                s.add(0x1000, 0x3000, 2, 0);
                s.add(0x3000, 0x4000, 0, 0);
                s.add(0x9000, 0xa000, 4, 0);
                sink.append(s);
            }
        }
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, options, out);
        }
        return out.toString();
    }

    @Test
    void touchesARegionSeenInTwoOfFourSamplesInEverySecondSlice() throws IOException {
        assertEquals(
                """
                region 0 8192
                region 1 4096
                slice 0 10000000
                touch 1 0 4096
                slice 10000000 10000000
                touch 0 0 8192
                touch 1 0 4096
                slice 20000000 10000000
                touch 1 0 4096
                slice 30000000 10000000
                touch 0 0 8192
                touch 1 0 4096
                """,
                plan(OPTIONS));
    }

    @Test
    void spreadsEveryCountExactly() {
        for (int n = 1; n <= 40; n++) {
            for (int k = 0; k <= n; k++) {
                int touched = 0;
                for (int i = 0; i < n; i++) {
                    touched += ReplayPlanner.isTouched(i, k, n) ? 1 : 0;
                }
                assertEquals(k, touched);
            }
        }
    }

    @Test
    void refusesMoreThanTheLimit() {
        IOException e = assertThrows(IOException.class, () -> plan(new ReplayOptions(1, 4096)));
        assertTrue(e.getMessage().contains("the limit is 4 KiB"), e.getMessage());
    }

    @Test
    void playsThePlanInARealProcess() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, plan(OPTIONS));
        ReplayReport report = Replayer.run(Path.of("..", "native", "build", "accessgen"), plan);
        assertEquals(8, report.intendedPages());
        assertEquals(4, report.slices());
        assertTrue(report.wallNs() >= 40_000_000, report.toString());
        assertTrue(report.touchedPages() <= report.intendedPages());
    }

    @Test
    void addressSetsJoinWhatTouchesInUnsignedOrder() {
        AddressSet set = new AddressSet();
        set.add(0xffff_ffff_ffff_0000L, 0xffff_ffff_ffff_1000L);
        set.add(10, 20);
        set.add(30, 40);
        set.add(20, 30);
        set.add(12, 15);
        assertEquals(2, set.ranges().size());
        assertEquals(10, set.ranges().get(0)[0]);
        assertEquals(40, set.ranges().get(0)[1]);
    }
}
