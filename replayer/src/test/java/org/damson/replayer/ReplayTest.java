package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.range.AddressSet;
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
    void aRegionIsTouchedInAsManySlicesAsItWasSeenInSamples() throws IOException {
        assertEquals(
                """
                damson-plan 1
                # 1 snapshot over 20 ms
                process 0
                map 0ns 0x200000001000 8K
                fill 0ns 0x200000001000 8K
                map 0ns 0x200000003000 4K none
                map 0ns 0x200000009000 4K
                fill 0ns 0x200000009000 4K
                snapshot 0ns 20ms 4
                touch 0x200000001000 8K 2
                touch 0x200000009000 4K 4
                """,
                sorted(plan(OPTIONS)));
    }

    /** The plan with its lines about mappings in the order of their addresses. */
    private static String sorted(String plan) {
        List<String> lines = new ArrayList<>(plan.lines().toList());
        int from = 3;
        int to = from;
        while (!lines.get(to).startsWith("snapshot")) {
            to++;
        }
        lines.subList(from, to)
                .sort(Comparator.comparing((String l) -> l.split(" ")[2]).thenComparing(l -> l.startsWith("fill")));
        return String.join("\n", lines) + "\n";
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
    void severalTargetsBecomeSeveralProcesses() throws IOException {
        Path path = dir.resolve("two.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            // The slow target's snapshot ends, and so comes, after the quick one's first three.
            append(sink, 1, 100_000, 110_000, 1, 0x1000);
            append(sink, 1, 110_000, 120_000, 1, 0x1000);
            append(sink, 1, 120_000, 130_000, 1, 0x1000);
            append(sink, 2, 95_000, 135_000, 2, 0x1000);
            append(sink, 1, 130_000, 140_000, 1, 0x1000);
        }
        StringWriter out = new StringWriter();
        ReplayPlan plan;
        try (TraceSource trace = Traces.open(path)) {
            plan = ReplayPlanner.plan(trace, TraceQuery.ALL, OPTIONS, out);
        }
        assertEquals(
                """
                damson-plan 1
                # 5 snapshots over 45 ms
                process 1
                map 0ns 0x100000000000 4K
                fill 0ns 0x100000000000 4K
                snapshot 5ms 10ms 1
                touch 0x100000000000 4K 1
                snapshot 15ms 10ms 1
                touch 0x100000000000 4K 1
                snapshot 25ms 10ms 1
                touch 0x100000000000 4K 1
                snapshot 35ms 10ms 1
                touch 0x100000000000 4K 1
                process 2
                map 0ns 0x100000000000 4K
                fill 0ns 0x100000000000 4K
                snapshot 0ns 40ms 2
                touch 0x100000000000 4K 2
                """,
                out.toString());
        // Nothing can lie below what a process may map.
        assertFalse(plan.processes().get(0).isInPlace());
        assertEquals(2, plan.processes().size());
        assertEquals(95_000_000, plan.startNs());
        assertEquals(45_000_000, plan.durationNs());
    }

    @Test
    void processesStandInTheOrderOfTargetsWhicheverWasAccessedFirst() throws IOException {
        for (String source : List.of("damon", "referenced")) {
            Manifest manifest = new Manifest();
            manifest.source = source;
            ManifestKey.PIDS_RECORDED.put(manifest, List.of(70L, 9L, 30L));
            Path path = dir.resolve(source + ".damson");
            try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
                append(sink, 9, 100_000, 110_000, 1, BASE);
                append(sink, 30, 100_000, 110_000, 1, BASE);
                append(sink, 70, 110_000, 120_000, 1, BASE);
            }
            try (TraceSource trace = Traces.open(path)) {
                ReplayPlan plan = ReplayPlanner.plan(trace, TraceQuery.ALL, OPTIONS, new StringWriter());
                assertEquals(
                        source.equals("damon") ? List.of(9L, 30L, 70L) : List.of(70L, 9L, 30L),
                        plan.processes().stream().map(ReplayPlan.Target::target).toList());
            }
        }
    }

    @Test
    void severalTracesArePlayedTogetherEachBegunWhenItIsToldTo() throws IOException {
        plan(OPTIONS);
        Path other = dir.resolve("other.damson");
        try (TraceSink sink = Traces.create(other, new Manifest(), WriterOptions.BATCH)) {
            append(sink, 1, 70_000, 80_000, 1, BASE);
        }
        StringWriter out = new StringWriter();
        ReplayPlan plan;
        ReplayOptions twice = new ReplayOptions(2, 1 << 20, 1, 2);
        try (TraceSource a = Traces.open(dir.resolve("t.damson"));
                TraceSource b = Traces.open(other)) {
            plan = Colocation.plan(
                    List.of(
                            new Colocation.Member(a, twice),
                            new Colocation.Member(b, twice.shifted(5_000_000)),
                            new Colocation.Member(b, twice.shifted(2_000_000_000))),
                    out);
            assertThrows(
                    IOException.class,
                    () -> Colocation.plan(
                            List.of(
                                    new Colocation.Member(a, new ReplayOptions(1, 12288)),
                                    new Colocation.Member(b, new ReplayOptions(1, 12288))),
                            new StringWriter()));
        }
        String[] processes = out.toString().split("process ");
        assertEquals(4, processes.length);
        assertEquals(1, out.toString().split("damson-plan").length - 1);
        assertTrue(processes[1].contains("snapshot 0ns 10ms 4\n") && processes[1].contains("snapshot 10ms 10ms 4\n"));
        assertEquals(
                """
                1
                map 5ms 0x200000001000 4K
                fill 5ms 0x200000001000 4K
                snapshot 5ms 5ms 1
                touch 0x200000001000 4K 1
                snapshot 10ms 5ms 1
                touch 0x200000001000 4K 1
                """,
                processes[2].replaceFirst("(?s)# .*", ""));
        assertEquals(3, plan.processes().size());
        assertEquals(2_010_000_000, plan.durationNs());
        assertEquals(5 * 4096, plan.sizeBytes());
        Path file = Files.writeString(
                dir.resolve("plan"), out.toString().replace("2s ", "21ms ").replace("2005ms ", "26ms "));
        ReplayReport report = Replayer.run(ACCESSGEN, file, new PlayOptions(false, 2, 7L, "0", null));
        assertEquals(16 + 2 + 2, report.intendedPages());
    }

    @Test
    void theNameOfATraceIsNoLineOfThePlan() throws IOException {
        Path odd = Files.createDirectories(dir.resolve("\u20ac".repeat(80)).resolve("\u20ac".repeat(80)))
                .resolve("a\nprocess b\nmap 0s 0x10000 4K.damson");
        try (TraceSink sink = Traces.create(odd, new Manifest(), WriterOptions.BATCH)) {
            append(sink, 1, 70_000, 80_000, 1, BASE);
        }
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(odd)) {
            Colocation.plan(List.of(new Colocation.Member(trace, OPTIONS), new Colocation.Member(trace, OPTIONS)), out);
        }
        assertEquals(
                2, out.toString().lines().filter(l -> l.startsWith("process ")).count(), out.toString());
        assertTrue(out.toString().lines().allMatch(l -> l.getBytes(StandardCharsets.UTF_8).length < 500));
        Path file = Files.writeString(dir.resolve("plan"), out.toString());
        assertEquals(2, Replayer.run(ACCESSGEN, file, PlayOptions.plain(false)).intendedPages());
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
            s.add(BASE, BASE + 0x4000, 1, 0);
            s.add(BASE + 0x4000, BASE + 0x8000, 2, 0);
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
                damson-plan 1
                # 1 snapshot over 10 ms
                process 0
                map 0ns 0x200000001000 16K
                fill 0ns 0x200000001000 16K pages 2
                map 0ns 0x200000005000 16K apart
                fill 0ns 0x200000005000 16K
                snapshot 0ns 10ms 2
                touch 0x200000001000 16K 1 pages 2
                touch 0x200000005000 16K 2
                """,
                out.toString());
    }

    @Test
    void playsThePlanInARealProcess() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, plan(OPTIONS));
        ReplayReport report = Replayer.run(ACCESSGEN, plan, PlayOptions.plain(true));
        assertEquals(8, report.intendedPages());
        assertEquals(4, report.slices());
        assertTrue(report.tlbFlushes() >= report.slices() - report.shedSlices(), report.toString());
        assertTrue(report.tlbFlushNs() > 0 || report.shedSlices() == report.slices(), report.toString());
        assertEquals(4, report.classes().get(0).intendedPages());
        assertEquals(4, report.classes().get(1).intendedPages());
        assertTrue(report.wallNs() >= 20_000_000, report.toString());
        assertTrue(report.touchedPages() + 3 * report.shedSlices() >= report.intendedPages(), report.toString());
    }

    @Test
    void theMemoryIsWhereItWasAndNothingIsTouchedBeforeTheGateOpens() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, plan(OPTIONS));
        try (Replayer replayer = Replayer.start(ACCESSGEN, plan, false)) {
            assertEquals(1, replayer.pids().size());
            Path maps = Path.of("/proc/" + replayer.pids().get(0) + "/maps");
            for (int i = 0; i < 2; i++) {
                long from = BASE + i * 0x8000L;
                String mapping = Long.toHexString(from) + "-" + Long.toHexString(from + (i == 0 ? 8192 : 4096)) + " rw";
                assertTrue(Files.readString(maps).contains(mapping), mapping + " in\n" + Files.readString(maps));
            }
            long beforeNs = System.nanoTime();
            replayer.go();
            ReplayReport report = replayer.await();
            assertTrue(report.startNs() >= beforeNs, "the replay began before its gate opened");
            assertTrue(Files.readString(maps).contains(Long.toHexString(BASE) + "-"));
        }
    }

    @Test
    void saysTheGeneratorsOwnLineWhenAPlanIsBad() throws Exception {
        Path plan = dir.resolve("plan");
        Files.writeString(plan, "damson-plan 1\nprocess a\nsnapshot 0s 1ms 1\ntouch 0x10000 4K 1\n");
        IOException e = assertThrows(IOException.class, () -> Replayer.start(ACCESSGEN, plan, false));
        assertTrue(e.getMessage().contains("plan:4: "), e.getMessage());
        Files.writeString(plan, "damson-plan 1\nprocess a\nmap 0s 0x100000000000 4T\nfill 0s 0x100000000000 4T\n");
        e = assertThrows(MissingCapabilityException.class, () -> Replayer.start(ACCESSGEN, plan, false));
        assertTrue(e.getMessage().contains("this machine has"), e.getMessage());
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
