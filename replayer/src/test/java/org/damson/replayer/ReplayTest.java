package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");

    /** Where no process has anything by itself. */
    private static final long BASE = 0x2000_0000_1000L;

    @TempDir
    Path dir;

    private String plan(ReplayOptions options) throws IOException {
        Path path = dir.resolve("t.damson");
        if (!Files.exists(path)) {
            try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
                Snapshot s = new Snapshot();
                s.startNs = 1_000_000_000;
                s.endNs = 1_020_000_000;
                s.sampleUs = 5_000;
                s.aggrUs = 20_000;
                s.add(BASE, BASE + 0x2000, 2, 0);
                s.add(BASE + 0x2000, BASE + 0x3000, 0, 0);
                s.add(BASE + 0x8000, BASE + 0x9000, 4, 0);
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
                region 0 8192 35184372092928
                region 1 4096 35184372125696
                slice 0 5000000
                touch 1 0 4096 0
                slice 5000000 5000000
                touch 0 0 8192 1
                touch 1 0 4096 0
                slice 10000000 5000000
                touch 1 0 4096 0
                slice 15000000 5000000
                touch 0 0 8192 1
                touch 1 0 4096 0
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

    private void append(TraceSink sink, long target, long startUs, long endUs, int slices, long address)
            throws IOException {
        Snapshot s = new Snapshot();
        s.target = target;
        s.startNs = startUs * 1000;
        s.endNs = endUs * 1000;
        s.sampleUs = (endUs - startUs) / slices;
        s.aggrUs = endUs - startUs;
        s.add(address, address + 0x1000, slices, 0);
        sink.append(s);
    }

    @Test
    void mergesTheSlicesOfSeveralTargetsByTimeAndKeepsTheirMemoryApart() throws IOException {
        Path path = dir.resolve("two.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            // The slow target's snapshot ends, and so comes, after the quick one's first three.
            append(sink, 1, 100, 110, 1, 0x1000);
            append(sink, 1, 110, 120, 1, 0x1000);
            append(sink, 1, 120, 130, 1, 0x1000);
            append(sink, 2, 95, 135, 2, 0x1000);
            append(sink, 1, 130, 140, 1, 0x1000);
        }
        StringWriter out = new StringWriter();
        ReplayPlan plan;
        try (TraceSource trace = Traces.open(path)) {
            plan = ReplayPlanner.plan(trace, TraceQuery.ALL, OPTIONS, out);
        }
        assertEquals(
                """
                region 0 4096 4096
                region 1 4096 4096
                slice 0 20000
                touch 1 0 4096 0
                slice 5000 10000
                touch 0 0 4096 0
                slice 15000 10000
                touch 0 0 4096 0
                slice 20000 20000
                touch 1 0 4096 0
                slice 25000 10000
                touch 0 0 4096 0
                slice 35000 10000
                touch 0 0 4096 0
                """,
                out.toString());
        assertEquals(2, plan.targets());
        assertEquals(2, plan.places().get(1).target());
        assertEquals(0x1000, plan.places().get(1).start());
        assertEquals(95_000, plan.startNs());
        assertEquals(45_000, plan.durationNs());
    }

    @Test
    void mappingsOfReferencedBitsThatTouchStayApart() throws IOException {
        Path path = dir.resolve("referenced.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            s.endNs = 10_000_000;
            s.sampleUs = 5000;
            s.aggrUs = 10_000;
            s.columns = Snapshot.HAS_REFERENCED;
            s.add(0x1000, 0x5000, 1, 0);
            s.add(0x5000, 0x9000, 2, 0);
            s.referencedMean[0] = 0x1000;
            s.referencedMean[1] = 0x4000;
            sink.append(s);
        }
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, OPTIONS, out);
        }
        assertEquals(
                """
                region 0 16384 4096
                region 1 16384 20480
                slice 0 5000000
                touch 1 0 16384 0
                slice 5000000 5000000
                touch 0 0 8192 1
                touch 1 0 16384 0
                """,
                out.toString());
    }

    @Test
    void aLongSliceIsFilledWhereMemoryStaysBusyAndTouchedOnceWhereItDoesNot() throws IOException {
        Path path = dir.resolve("long.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            s.endNs = 400_000_000;
            s.sampleUs = 100_000;
            s.aggrUs = 400_000;
            s.add(0x1000, 0x2000, 4, 0);
            s.add(0x9000, 0xa000, 3, 0);
            s.add(0x19000, 0x1a000, 1, 0);
            sink.append(s);
        }
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            assertEquals(
                    100_000,
                    ReplayPlanner.plan(trace, TraceQuery.ALL, OPTIONS, out).sampleUs());
        }
        StringBuilder touched = new StringBuilder();
        for (String slice : out.toString().split("slice \\d+ 25000000\n")) {
            touched.append(
                    slice.startsWith("region")
                            ? ""
                            : slice.lines().map(l -> l.substring(6, 7)).reduce("", String::concat) + " ");
        }
        // Four steps a slice. Seen in all samples: always. In three of four: from its second slice to the last. Once:
        // once.
        assertEquals("0 0 0 0 01 01 01 01 01 01 01 01 012 0 0 0 ", touched.toString());
    }

    @Test
    void playsThePlanInARealProcess() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, plan(OPTIONS));
        ReplayReport report = Replayer.run(ACCESSGEN, plan, true);
        assertEquals(8, report.intendedPages());
        assertEquals(4, report.slices());
        assertEquals(report.slices(), report.tlbFlushes());
        assertTrue(report.tlbFlushNs() > 0);
        assertEquals(4, report.classes().get(0).intendedPages());
        assertEquals(4, report.classes().get(1).intendedPages());
        assertTrue(report.wallNs() >= 20_000_000, report.toString());
        assertTrue(report.touchedPages() + 3 * report.shedSlices() >= report.intendedPages(), report.toString());
    }

    @Test
    void saysWhereTheMemoryIsAndTouchesNothingBeforeTheGateOpens() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, plan(OPTIONS));
        try (Replayer replayer = Replayer.start(ACCESSGEN, plan, false)) {
            assertEquals(List.of(BASE, BASE + 0x8000), replayer.addresses());
            String maps = Files.readString(Path.of("/proc/" + replayer.pid() + "/maps"));
            for (int i = 0; i < 2; i++) {
                long from = replayer.addresses().get(i);
                String mapping = Long.toHexString(from) + "-" + Long.toHexString(from + (i == 0 ? 8192 : 4096)) + " rw";
                assertTrue(maps.contains(mapping), mapping + " in\n" + maps);
            }
            long beforeNs = System.nanoTime();
            replayer.go();
            ReplayReport report = replayer.await();
            assertTrue(report.startNs() >= beforeNs, "the replay began before its gate opened");
            assertTrue(Files.readString(Path.of("/proc/" + replayer.pid() + "/maps"))
                    .contains(Long.toHexString(replayer.addresses().get(0)) + "-"));
        }
    }

    @Test
    void saysTheGeneratorsOwnLineWhenAPlanIsBad() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, "region 0 4096\nslice 0 1000\ntouch 7 0 4096\n");
        try (Replayer replayer = Replayer.start(ACCESSGEN, plan, false)) {
            replayer.go();
            IOException e = assertThrows(IOException.class, replayer::await);
            assertTrue(e.getMessage().contains("plan:3: "), e.getMessage());
        }
        Files.writeString(plan, "region 1 4096\n");
        IOException e = assertThrows(IOException.class, () -> Replayer.start(ACCESSGEN, plan, false));
        assertTrue(e.getMessage().contains("plan:1: "), e.getMessage());
    }

    /** One that was cut short, lacks something, or says what no count is. */
    @Test
    void aReportThatIsNotUnderstoodIsRefusedInOneLine() {
        for (String report : List.of(
                "",
                "{\"start_ns\":12,\"intended_pages\":3",
                "{\"start_ns\":12}",
                "[\"intended_0\"]",
                "{\"intended_0\":99999999999999999999}",
                "{\"intended_0\":-1}",
                "{\"intended_0\":\"7\"}")) {
            IOException e = assertThrows(IOException.class, () -> Replayer.parse(report), report);
            assertTrue(e.getMessage().startsWith("accessgen's report "), e.getMessage());
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }

    @Test
    void addressSetsJoinWhatTouchesInUnsignedOrder() {
        AddressSet set = new AddressSet();
        set.add(0xffff_ffff_ffff_0000L, 0xffff_ffff_ffff_1000L, true);
        set.add(10, 20, true);
        set.add(30, 40, true);
        set.add(20, 30, true);
        set.add(12, 15, true);
        assertEquals(2, set.ranges().size());
        assertEquals(10, set.ranges().get(0)[0]);
        assertEquals(40, set.ranges().get(0)[1]);
    }

    @Test
    void addressSetsKeepApartWhatOnlyTouchesWhenAskedTo() {
        AddressSet set = new AddressSet();
        set.add(10, 20, false);
        set.add(20, 30, false);
        set.add(40, 50, false);
        set.add(30, 40, false);
        assertEquals(4, set.ranges().size());
        set.add(29, 41, false);
        assertEquals(2, set.ranges().size());
        assertEquals(20, set.ranges().get(1)[0]);
        assertEquals(50, set.ranges().get(1)[1]);
    }
}
