package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.range.AddressSet;
import org.damson.replayer.memory.AddressMap;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a replay lies, told by /proc, and that what comes and goes does so. */
final class PlaceTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");

    /** A target of the recordings, and the process that it was. */
    private static final long TARGET = 0;

    @TempDir
    Path dir;

    private static List<Mapping> maps(long pid) throws IOException {
        List<Mapping> all = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
            String[] f = line.split("\\s+", 6);
            long start = Long.parseUnsignedLong(f[0].substring(0, f[0].indexOf('-')), 16);
            long end = Long.parseUnsignedLong(f[0].substring(f[0].indexOf('-') + 1), 16);
            all.add(new Mapping(pid, start, end, f[1], f.length > 5 ? f[5] : ""));
        }
        return all;
    }

    /** What DAMON monitors of a process: three ranges around the two greatest gaps between its mappings, as start and end in turn. */
    private static long[] spans(List<Mapping> maps) {
        List<Mapping> own = maps.stream().filter(m -> m.start() >= 0).toList();
        int first = 0;
        int second = 0;
        for (int i = 1; i < own.size(); i++) {
            long gap = own.get(i).start() - own.get(i - 1).end();
            if (first == 0 || gap > own.get(first).start() - own.get(first - 1).end()) {
                second = first;
                first = i;
            } else if (second == 0
                    || gap > own.get(second).start() - own.get(second - 1).end()) {
                second = i;
            }
        }
        int low = Math.min(first, second);
        int high = Math.max(first, second);
        return new long[] {
            own.get(0).start(),
            own.get(low - 1).end(),
            own.get(low).start(),
            own.get(high - 1).end(),
            own.get(high).start(),
            own.get(own.size() - 1).end()
        };
    }

    private static void assertWithinAPercent(long[] wanted, long[] got) {
        for (int i = 0; i < 6; i += 2) {
            long size = wanted[i + 1] - wanted[i];
            for (int k = i; k < i + 2; k++) {
                assertTrue(
                        Math.abs(wanted[k] - got[k]) <= size / 100,
                        "end " + k + " is " + Long.toHexString(got[k]) + ", not " + Long.toHexString(wanted[k]) + " of "
                                + size + " bytes");
            }
            assertTrue(Math.abs(size - (got[i + 1] - got[i])) <= size / 100);
        }
    }

    private static Snapshot snapshot(int n) {
        Snapshot s = new Snapshot();
        s.target = TARGET;
        s.startNs = n * 100_000_000L;
        s.endNs = s.startNs + 100_000_000L;
        s.sampleUs = 5000;
        s.aggrUs = 100_000;
        return s;
    }

    private String plan(Path trace, ReplayOptions options) throws IOException {
        StringWriter out = new StringWriter();
        try (TraceSource source = Traces.open(trace)) {
            ReplayPlanner.plan(source, TraceQuery.ALL, options, out);
        }
        return out.toString();
    }

    private static final ReplayOptions OPTIONS = new ReplayOptions(1, 1L << 30);

    /** A real process of three regions, whose addresses the kernel drew. */
    private Process original() throws IOException {
        Path config = dir.resolve("c.cfg");
        Files.writeString(config, "a,32M\nb,16M\n\nrest\n60000\na,0,4096,0\n");
        Process original = new ProcessBuilder(ACCESSGEN.toString(), "run", config.toString()).start();
        for (int i = 0;
                i < 1000
                        && Files.readString(Path.of("/proc/" + original.pid() + "/statm"))
                                        .split(" ")
                                        .length
                                > 1;
                i++) {
            String[] pages = Files.readString(Path.of("/proc/" + original.pid() + "/statm"))
                    .split(" ");
            if (Long.parseLong(pages[1]) > 48 * 256) {
                break;
            }
            sleep();
        }
        return original;
    }

    private static void sleep() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aReplayOfARecordingWithMappingsLiesWhereTheOriginalLay() throws Exception {
        Process original = original();
        List<Mapping> maps = maps(original.pid());
        original.destroy();
        Path path = dir.resolve("t.damson");
        Mapping hot =
                maps.stream().filter(x -> x.sizeBytes() == 32 << 20).findFirst().orElseThrow();
        try (TraceSink sink = ofProcess(original.pid(), path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            maps.forEach(x -> x.addTo(rows, 0, false));
            sink.append(rows);
            for (int n = 0; n < 2; n++) {
                Snapshot s = snapshot(n);
                long[] spans = spans(maps);
                s.add(spans[0], spans[1], 0, 0);
                s.add(spans[2], hot.start(), 0, 0);
                s.add(hot.start(), hot.end(), 20, 0);
                s.add(hot.end(), spans[3], 1, 0);
                s.add(spans[4], spans[5], 0, 0);
                sink.append(s);
            }
        }
        assertPlace(path, maps);
    }

    @Test
    void aReplayOfRegionsAloneLiesWhereTheyLay() throws Exception {
        Process original = original();
        List<Mapping> maps = maps(original.pid());
        original.destroy();
        Path path = dir.resolve("t.damson");
        long[] spans = spans(maps);
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = snapshot(0);
            s.add(spans[0], spans[1], 0, 0);
            s.add(spans[2], spans[2] + (8 << 20), 0, 0);
            s.add(spans[2] + (8 << 20), spans[2] + (16 << 20), 20, 0);
            s.add(spans[2] + (16 << 20), spans[3], 0, 0);
            s.add(spans[4], spans[5], 3, 0);
            sink.append(s);
        }
        assertPlace(path, maps);
    }

    private void assertPlace(Path trace, List<Mapping> maps) throws Exception {
        Path file = dir.resolve("plan");
        Files.writeString(file, plan(trace, OPTIONS));
        for (boolean flushes : new boolean[] {false, true}) {
            try (Replayer replayer = Replayer.start(ACCESSGEN, file, flushes)) {
                assertWithinAPercent(spans(maps), spans(maps(replayer.pids().get(0))));
                replayer.go();
                assertTrue(replayer.await().intendedPages() > 0);
                assertWithinAPercent(spans(maps), spans(maps(replayer.pids().get(0))));
            }
        }
    }

    private static TraceSink ofProcess(long pid, Path path) throws IOException {
        Manifest m = new Manifest();
        ManifestKey.PIDS_RECORDED.put(m, List.of(pid));
        return Traces.create(path, m, WriterOptions.BATCH);
    }

    /** A heap that grows, and a mapping that goes; looks at 0, 1 and 2 s, of ten snapshots each: nothing accessed what the heap grew by before the second, and what went between the last two had been accessed until 1.6 s. */
    @Test
    void mappingsAreThereWhenTheyMayHaveBeen() throws IOException {
        long base = 0x5555_0000_0000L;
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = ofProcess(7, path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            Mapping small = new Mapping(7, base, base + 0x4000, "rw-p", "[heap]");
            Mapping large = new Mapping(7, base, base + 0x8000, "rw-p", "[heap]");
            Mapping next = new Mapping(7, base + 0x8000, base + 0x9000, "r--p", "/lib/x");
            Mapping kernel = new Mapping(7, 0xffff_ffff_ff60_0000L, 0xffff_ffff_ff60_1000L, "--xp", "[vsyscall]");
            small.addTo(rows, 0, false);
            next.addTo(rows, 0, false);
            kernel.addTo(rows, 0, false);
            large.addTo(rows, 1_000_000_000, false);
            small.addTo(rows, 1_000_000_000, true);
            next.addTo(rows, 2_000_000_000, true);
            sink.append(rows);
            for (int n = 0; n < 30; n++) {
                Snapshot s = snapshot(n);
                // The second region reaches over what the first look had.
                s.add(base, base + 0x2000, 20, 0);
                s.add(base + 0x2000, base + 0x9000, n % 20 == 15 ? 10 : 0, 0);
                sink.append(s);
            }
        }
        List<String> lines = plan(path, OPTIONS).lines().toList();
        assertEquals(
                List.of(
                        "map 0ns 0x555500000000 16K",
                        "fill 0ns 0x555500000000 16K",
                        "map 0ns 0x555500008000 4K file",
                        "fill 0ns 0x555500008000 4K written 0",
                        "map 1s 0x555500004000 16K",
                        "fill 1s 0x555500004000 16K",
                        "unmap 1600ms 0x555500008000 4K"),
                lines.stream().filter(l -> l.matches("(map|fill|unmap) .*")).toList());
        // Touched is only what is mapped, and all of that.
        assertEquals(
                List.of(
                        "touch 0x555500000000 8K 20",
                        "touch 0x555500002000 24K 10",
                        "touch 0x555500008000 4K 10 written 0",
                        "unmap 1600ms 0x555500008000 4K",
                        "snapshot 1600ms 100ms 20"),
                lines.subList(
                        lines.indexOf("snapshot 1500ms 100ms 20") + 1, lines.indexOf("snapshot 1600ms 100ms 20") + 1));
    }

    /** A recorder's first look finds the shell that executes the program at once. */
    @Test
    void theProgramThatExecutedAnotherIsNotThereBesideIt() throws IOException {
        long shell = 0x5511_0000_0000L;
        long program = 0x5544_0000_0000L;
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = ofProcess(7, path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            for (long base : new long[] {shell, program}) {
                for (int i = 0; i < 12; i++) {
                    Mapping x = new Mapping(7, base + i * 0x2000L, base + i * 0x2000L + 0x1000, "rw-p", "");
                    x.addTo(rows, base == shell ? 50_000_000 : 1_000_000_000, false);
                    if (base == shell) {
                        x.addTo(rows, 1_000_000_000, true);
                    }
                }
            }
            sink.append(rows);
            for (int n = 0; n < 12; n++) {
                Snapshot s = snapshot(n);
                s.add(program, program + 0x1000, 20, 0);
                sink.append(s);
            }
        }
        List<String> maps = plan(path, OPTIONS)
                .lines()
                .filter(l -> l.matches("(un)?map .*"))
                .toList();
        assertEquals(12, maps.size(), maps.toString());
        assertTrue(maps.stream().allMatch(l -> l.startsWith("map 0ns 0x5544")), maps.toString());
    }

    @Test
    void hugePagesAreAskedForWhereTheyWere() throws IOException {
        long base = 0x5555_0000_0000L;
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = ofProcess(7, path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            new Mapping(7, base, base + (2 << 20), "rw-p", "/anon_hugepage (deleted)").addTo(rows, 0, false);
            new Mapping(7, base + (2 << 20), base + (4 << 20), "rw-p", "").addTo(rows, 0, false);
            sink.append(rows);
            Snapshot s = snapshot(0);
            s.add(base, base + (4 << 20), 20, 0);
            sink.append(s);
        }
        String[][] wanted = {
            {"hugetlb", " pages 1"},
            {"huge", " pages 1"},
            {"small", ""}
        };
        for (ReplayOptions.Hugetlb as : ReplayOptions.Hugetlb.values()) {
            ReplayOptions options = new ReplayOptions(1, 1L << 30, 1, 1, 0, 0, 1, true, as);
            String[] words = wanted[as.ordinal()];
            assertEquals(
                    List.of(
                            "map 0ns 0x555500000000 2M " + words[0],
                            "fill 0ns 0x555500000000 2M" + words[1],
                            "map 0ns 0x555500200000 2M apart",
                            "fill 0ns 0x555500200000 2M",
                            "touch 0x555500000000 2M 20" + words[1],
                            "touch 0x555500200000 2M 20"),
                    plan(path, options)
                            .lines()
                            .filter(l -> l.matches("(map|fill|touch) .*"))
                            .toList());
        }
    }

    @Test
    void halfTheMemoryAtDoubleSpeedTwice() throws IOException {
        long base = 0x5555_0000_0000L;
        Path path = dir.resolve("t.damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = snapshot(0);
            s.add(base, base + 0x8000, 0, 0);
            s.add(base + 0x8000, base + 0x10000, 5, 0);
            s.add(base + 0x100000, base + 0x104000, 20, 0);
            sink.append(s);
        }
        assertEquals(
                """
                damson-plan 1
                # 1 snapshot over 100 ms, played at 2.0 times their speed, memory scaled by 0.5, 2 times
                process 0
                map 0ns 0x555500000000 16K none
                map 0ns 0x555500004000 16K
                fill 0ns 0x555500004000 16K
                map 0ns 0x555500100000 8K
                fill 0ns 0x555500100000 8K
                snapshot 0ns 50ms 20
                touch 0x555500004000 16K 5
                touch 0x555500100000 8K 20
                snapshot 50ms 50ms 20
                touch 0x555500004000 16K 5
                touch 0x555500100000 8K 20
                """,
                plan(path, new ReplayOptions(2, 1 << 20, 0.5, 2)));
    }

    @Test
    void addressesThatNoProcessHasAreMovedAsAWholeElseClosedUp() {
        AddressSet low = new AddressSet();
        low.add(0x1000, 0x2000, true);
        low.add(0x9000, 0xa000, true);
        AddressMap map = AddressMap.of(low, 1);
        assertFalse(map.isIdentity());
        assertEquals(0x8000, map.range(0x9000, 0xa000)[0] - map.range(0x1000, 0x2000)[0]);
        AddressSet far = new AddressSet();
        far.add(0x1000, 0x2000, true);
        far.add(0xffff_8000_0000_0000L, 0xffff_8000_0010_0000L, true);
        long[] upper = AddressMap.of(far, 1).range(0xffff_8000_0001_0000L, 0xffff_8000_0010_0000L);
        assertTrue(upper[0] > 0 && upper[1] < 1L << 47);
        assertEquals(0xf_0000, upper[1] - upper[0]);
        // Areas that would run into one another when they grow.
        AddressSet near = new AddressSet();
        near.add(0x10_0000, 0x20_0000, true);
        near.add(0x20_1000, 0x30_0000, true);
        AddressMap grown = AddressMap.of(near, 3);
        assertTrue(grown.range(0x10_0000, 0x20_0000)[1] <= grown.range(0x20_1000, 0x30_0000)[0]);
        assertEquals(0x30_0000, grown.range(0x10_0000, 0x20_0000)[1] - grown.range(0x10_0000, 0x20_0000)[0]);
    }
}
