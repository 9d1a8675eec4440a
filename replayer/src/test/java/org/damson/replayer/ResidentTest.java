package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is resident in a replay, and when, is what the recording says was. */
final class ResidentTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");
    private static final long BASE = 0x5555_0000_0000L;
    private static final long PAGE = 4096;
    private static final long MS = 1_000_000;

    @TempDir
    Path dir;

    /** A recording that is written piece by piece; snapshots of 100 ms with 20 samples. */
    private final class Recording implements AutoCloseable {
        final Path path = dir.resolve("r.damson");
        private final TraceSink sink;
        private final Batch mappings = new Batch(Table.MAPPINGS);
        private final Batch readings = new Batch(Table.MEMORY);

        Recording() throws IOException {
            Manifest m = new Manifest();
            ManifestKey.PIDS_RECORDED.put(m, List.of(7L));
            sink = Traces.create(path, m, WriterOptions.BATCH);
        }

        Mapping come(long atMs, long firstPage, long pages, String permissions, String name) {
            Mapping m = new Mapping(7, BASE + firstPage * PAGE, BASE + (firstPage + pages) * PAGE, permissions, name);
            m.addTo(mappings, atMs * MS, false);
            return m;
        }

        void gone(long atMs, Mapping m) {
            m.addTo(mappings, atMs * MS, true);
        }

        void resident(long atMs, long pages) {
            readings.add(atMs * MS, 7, "rss", pages * PAGE);
        }

        /** Regions: first page, pages, accesses. */
        void snapshot(int n, long... regions) throws IOException {
            Snapshot s = new Snapshot();
            s.startNs = n * 100 * MS;
            s.endNs = s.startNs + 100 * MS;
            s.sampleUs = 5000;
            s.aggrUs = 100_000;
            for (int i = 0; i < regions.length; i += 3) {
                s.add(BASE + regions[i] * PAGE, BASE + (regions[i] + regions[i + 1]) * PAGE, (int) regions[i + 2], 0);
            }
            sink.append(s);
        }

        @Override
        public void close() throws IOException {
            sink.append(mappings);
            sink.append(readings);
            sink.close();
        }
    }

    private static List<String> plan(Path path, ReplayOptions options) throws IOException {
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, options, out);
        }
        return out.toString().lines().toList();
    }

    private static final ReplayOptions OPTIONS = new ReplayOptions(1, 1L << 30);

    private static List<String> lines(List<String> plan, String words) {
        return plan.stream().filter(l -> l.matches("(" + words + ") .*")).toList();
    }

    /** Looks every second: one mapping is there from 1.4 to 2.6 s, another is not accessed and goes between the looks at 2 and 3 s. */
    @Test
    void mappingsComeAndGoWhenAccessesSay() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 4, "rw-p", "");
            Mapping idle = r.come(0, 100, 8, "rw-p", "");
            Mapping busy = r.come(2000, 200, 8, "rw-p", "");
            r.gone(3000, busy);
            r.gone(3000, idle);
            for (int i = 0; i <= 4; i++) {
                r.resident(i * 1000, 100);
            }
            for (int n = 0; n < 40; n++) {
                r.snapshot(n, 0, 4, 20, 100, 8, n < 10 ? 1 : 0, 200, 8, n >= 14 && n < 26 ? 20 : 0);
            }
        }
        assertEquals(
                List.of(
                        "map 0ns 0x555500000000 16K",
                        "map 0ns 0x555500064000 32K",
                        "map 1400ms 0x5555000c8000 32K",
                        "unmap 2500ms 0x555500064000 32K",
                        "unmap 2600ms 0x5555000c8000 32K"),
                lines(plan(path, OPTIONS), "map|unmap"));
    }

    /**
     * DAMON looks for new mappings once a second. One that it first monitored, and found accessed, at 1.4 s is there a second before, so
     * that the DAMON of a replay finds it in time, but not before the look at 0.7 s or 1.1 s that did not find it; one that was monitored
     * before came when it was accessed.
     */
    @ParameterizedTest
    @CsvSource({"200, 14, 400ms", "700, 14, 700ms", "1100, 14, 1100ms", "700, 8, 1400ms"})
    void aMappingCameBeforeDamonLookedForIt(long lookMs, int monitored, String cameAt) throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 4, "rw-p", "");
            r.come(1700, 200, 8, "rw-p", "");
            for (long ms : new long[] {0, lookMs, 1700, 2700}) {
                r.resident(ms, 100);
            }
            for (int n = 0; n < 30; n++) {
                if (n < monitored) {
                    r.snapshot(n, 0, 4, 20);
                } else {
                    r.snapshot(n, 0, 4, 20, 200, 8, n >= 14 ? 20 : 0);
                }
            }
        }
        assertEquals(
                List.of("map 0ns 0x555500000000 16K", "map " + cameAt + " 0x5555000c8000 32K"),
                lines(plan(path, OPTIONS), "map"));
    }

    /**
     * Looks every second: memory grows downwards at 1.4 s, shrinks at 2.6 s and moves; what it keeps is accessed all the time, and says
     * nothing of when the rest came and went.
     */
    @Test
    void whatAMappingKeepsDoesNotTellWhenItGrewAndShrank() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 4, "rw-p", "");
            Mapping own = r.come(0, 200, 8, "rw-p", "");
            Mapping joined = r.come(2000, 184, 24, "rw-p", "");
            r.gone(2000, own);
            r.come(3000, 190, 10, "rw-p", "");
            r.gone(3000, joined);
            for (int i = 0; i <= 4; i++) {
                r.resident(i * 1000, 24);
            }
            for (int n = 0; n < 40; n++) {
                boolean isLarge = n >= 14 && n < 26;
                r.snapshot(n, 184, 6, isLarge ? 20 : 0, 190, 10, n >= 14 ? 20 : 0, 200, 8, n < 26 ? 20 : 0);
            }
        }
        assertEquals(
                List.of(
                        "map 0ns 0x555500000000 16K",
                        "map 0ns 0x5555000c8000 32K",
                        "map 1400ms 0x5555000b8000 64K",
                        "unmap 2600ms 0x5555000b8000 24K",
                        "unmap 2600ms 0x5555000c8000 32K"),
                lines(plan(path, OPTIONS), "map|unmap"));
    }

    /** A program is filling its memory when it is looked at first: that hides nothing of what its library has too much of. */
    @Test
    void whatIsBeingFilledHidesNothingOfALibrary() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 300, "rw-p", "");
            r.come(0, 1000, 100, "r-xp", "/lib/x.so");
            r.resident(0, 10);
            r.resident(100, 320);
            r.resident(200, 320);
            for (int n = 0; n < 3; n++) {
                r.snapshot(n, 0, 300, 20, 1000, 100, 20);
            }
        }
        // Shares are told in steps of a 256th.
        assertEquals(
                List.of("fill 0ns 0x555500000000 1200K", "fill 0ns 0x5555003e8000 400K pages 21 written 0"),
                lines(plan(path, OPTIONS), "fill"));
    }

    /** 100 pages of a library are in a region that was accessed in one sample of twenty; 40 pages and 20 were resident. */
    @Test
    void ofFilesOnlySoMuchIsTouchedAsWasResident() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 40, "rw-p", "");
            r.come(0, 100, 100, "r-xp", "/lib/x.so");
            r.resident(0, 60);
            for (int n = 0; n < 3; n++) {
                r.snapshot(n, 0, 40, 4, 100, 100, 1);
            }
        }
        List<String> plan = plan(path, OPTIONS);
        // A fifth of the pages in five times as many slices: any page looked at is met as often.
        assertEquals(
                List.of("fill 0ns 0x555500000000 160K", "fill 0ns 0x555500064000 400K pages 20 written 0"),
                lines(plan, "fill"));
        assertEquals(
                List.of("touch 0x555500000000 160K 4", "touch 0x555500064000 400K 5 pages 20 written 0"),
                lines(plan, "touch").subList(0, 2));
        assertEquals(
                List.of("fill 0ns 0x555500000000 160K", "fill 0ns 0x555500064000 400K written 0"),
                lines(
                        plan(path, new ReplayOptions(1, 1L << 30, 1, 1, 0, 0, 1, false, ReplayOptions.Hugetlb.POOL)),
                        "fill"));
    }

    /** Memory without a file is thinned out where thinning files is not enough, and then not put into huge pages. */
    @Test
    void whatWasTouchedInMostSamplesIsNeverThinnedOut() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 2000, "rw-p", "");
            r.resident(0, 1250);
            r.snapshot(0, 0, 1000, 20, 1000, 1000, 2);
        }
        assertEquals(
                List.of(
                        "map 0ns 0x555500000000 2M",
                        "map 0ns 0x555500200000 5952K small",
                        "fill 0ns 0x555500000000 4000K",
                        "fill 0ns 0x5555003e8000 4000K pages 250",
                        "snapshot 0ns 100ms 20",
                        "touch 0x555500000000 4000K 20",
                        "touch 0x5555003e8000 4000K 8 pages 250"),
                plan(path, OPTIONS).subList(3, 10));
    }

    /** One region holds memory that is in use all the time and a library of which four pages in ten were resident. */
    @Test
    void noMoreOfALibraryIsTouchedThanWasResidentHoweverOftenItsRegionWasAccessed() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 1000, "rw-p", "");
            r.come(0, 1000, 320, "r-xp", "/lib/x.so");
            r.resident(0, 1125);
            r.snapshot(0, 0, 1320, 20);
            r.snapshot(1, 0, 1320, 10);
        }
        List<String> plan = plan(path, OPTIONS);
        assertEquals(
                List.of("fill 0ns 0x555500000000 4000K", "fill 0ns 0x5555003e8000 1280K pages 125 written 0"),
                lines(plan, "fill"));
        assertEquals(
                List.of(
                        "touch 0x555500000000 4000K 20",
                        "touch 0x5555003e8000 1280K 20 pages 125 written 0",
                        "touch 0x555500000000 4000K 10",
                        "touch 0x5555003e8000 1280K 20 pages 125 written 0"),
                lines(plan, "touch"));
    }

    /** Accesses end within a huge page, which would be accessed whole; what DAMON would merge does not count. */
    @Test
    void whereAccessesEndThereAreNoHugePages() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(
                    0, 0, 5120, "rw-p",
                    ""); // 20 MiB: half of it at a time, and the first of these to a page of its 2 MiB
            r.resident(0, 5120);
            r.snapshot(0, 0, 2561, 20, 2561, 2559, 0);
            r.snapshot(1, 0, 1000, 0, 1000, 1560, 2, 2560, 1280, 18, 3840, 1280, 20);
        }
        assertEquals(
                List.of("map 0ns 0x555500000000 10M", "map 0ns 0x555500a00000 2M small", "map 0ns 0x555500c00000 8M"),
                lines(plan(path, OPTIONS), "map"));
    }

    /** A program that fills memory as it goes along, and one that had filled it when it was first looked at. */
    @Test
    void memoryIsFilledWhenItWas() throws IOException {
        for (boolean grows : new boolean[] {true, false}) {
            dir = Files.createTempDirectory(dir, "x");
            Path path;
            try (Recording r = new Recording()) {
                path = r.path;
                r.come(0, 0, 300, "rw-p", "");
                for (int n = 0; n < 3; n++) {
                    r.resident(n * 100, grows ? 100 * (n + 1) : 300);
                    r.snapshot(n, 0, 100, n == 0 ? 20 : 0, 100, 100, n == 1 ? 20 : 0, 200, 100, n == 2 ? 20 : 0);
                }
            }
            assertEquals(
                    List.of(
                            "fill 0ns 0x555500000000 400K",
                            "fill " + (grows ? "100ms" : "0ns") + " 0x555500064000 400K",
                            "fill " + (grows ? "200ms" : "0ns") + " 0x5555000c8000 400K"),
                    lines(plan(path, OPTIONS), "fill"),
                    "grows: " + grows);
        }
    }

    /** What was resident and never accessed: memory without a file first, nothing of what could not be accessed. */
    @Test
    void whatWasNeverAccessedIsResidentToo() throws IOException {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 20, "r--p", "/lib/x.so");
            r.come(0, 100, 50, "---p", "");
            r.come(0, 200, 40, "rw-p", "");
            r.come(0, 300, 10, "rw-p", "");
            r.resident(0, 57);
            r.snapshot(0, 300, 10, 20);
        }
        List<String> plan = plan(path, OPTIONS);
        assertEquals(
                List.of(
                        "fill 0ns 0x55550012c000 40K",
                        "fill 0ns 0x5555000c8000 160K",
                        "fill 0ns 0x555500000000 28K written 0"),
                lines(plan, "fill"));
        assertTrue(plan.contains("map 0ns 0x555500064000 200K none"), plan.toString());
        assertEquals(List.of("touch 0x55550012c000 40K 20"), lines(plan, "touch"));
    }

    /** Mebibytes that a plan has filled of one process at times of it, by its lines. */
    private static double filledMib(List<String> plan, String process, long timeNs) {
        List<double[]> filled = new ArrayList<>(); // start, end, pages
        boolean isIts = false;
        for (String line : plan) {
            String[] w = line.split(" ");
            isIts = w[0].equals("process") ? w[1].equals(process) : isIts;
            if (!isIts || !w[0].matches("fill|unmap") || PlannedTime.ns(w[1]) > timeNs) {
                continue;
            }
            double start = Long.parseLong(w[2].substring(2), 16);
            double end = start + PlannedTime.bytes(w[3]);
            if (w[0].equals("fill")) {
                double pages = (end - start) / PAGE;
                filled.add(
                        new double[] {start, end, w.length > 4 && w[4].equals("pages") ? Long.parseLong(w[5]) : pages});
                continue;
            }
            List<double[]> left = new ArrayList<>();
            for (double[] f : filled) {
                for (double[] part : new double[][] {{f[0], Math.min(f[1], start)}, {Math.max(f[0], end), f[1]}}) {
                    if (part[0] < part[1]) {
                        left.add(new double[] {part[0], part[1], f[2] * (part[1] - part[0]) / (f[1] - f[0])});
                    }
                }
            }
            filled = left;
        }
        return filled.stream().mapToDouble(f -> f[2]).sum() * PAGE / (1 << 20);
    }

    /** Words of a plan. */
    private static final class PlannedTime {
        static long ns(String text) {
            String unit = text.replaceAll("\\d", "");
            long factor = Map.of("ns", 1L, "us", 1000L, "ms", 1_000_000L, "s", 1_000_000_000L)
                    .get(unit);
            return factor * Long.parseLong(text.replaceAll("\\D", ""));
        }

        static double bytes(String text) {
            int unit = "KMG".indexOf(text.charAt(text.length() - 1));
            return Long.parseLong(text.replaceAll("\\D", "")) * Math.pow(1024, unit + 1);
        }
    }

    /**
     * Recordings of a real DAMON, with libraries of which few pages are resident, mappings that come and go between two looks, and a
     * program that is all there from the start: 7 to 22 % were too much when regions were filled whole and looks were trusted alone.
     * Beside the median, readings are followed one by one, but for the first of zigzag and of a process of two, which were being filled.
     */
    @ParameterizedTest
    @CsvSource({"stairs, 0.002", "zigzag, 0.06", "service, 0.002", "maps, 0.001", "two, 0.11"})
    void aRealRecordingIsFollowed(String name, double mostApart) throws IOException {
        Path path = Path.of("..", "testdata", "replay-6.12", name + "-a.damson.zip");
        List<String> plan = plan(path, new ReplayOptions(1, 4L << 30));
        List<String> processes =
                lines(plan, "process").stream().map(l -> l.split(" ")[1]).toList();
        try (TraceSource trace = Traces.open(path)) {
            long[] time = {Long.MAX_VALUE, 0};
            Snapshot s = new Snapshot();
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
                while (cursor.next(s)) {
                    time[0] = Math.min(time[0], s.startNs);
                    time[1] = Math.max(time[1], s.endNs);
                }
            }
            Map<Long, List<long[]>> readings = new LinkedHashMap<>();
            trace.forEachRow(Table.MEMORY, (b, i) -> {
                if (b.text(Table.MEMORY.indexOf("counter"), i).equals("rss")
                        && b.get(0, i) >= time[0]
                        && b.get(0, i) <= time[1]) {
                    readings.computeIfAbsent(b.get(Table.MEMORY.indexOf("pid"), i), p -> new ArrayList<>())
                            .add(new long[] {b.get(0, i), b.get(Table.MEMORY.indexOf("value"), i)});
                }
            });
            assertEquals(processes.size(), readings.size());
            int process = 0;
            for (List<long[]> of : readings.values()) {
                String p = processes.get(process++);
                double recorded = median(of.stream().mapToDouble(r -> r[1] / (double) (1 << 20)));
                double planned = median(of.stream().mapToDouble(r -> filledMib(plan, p, r[0] - time[0])));
                assertEquals(1, planned / recorded, 0.003, name + ": " + planned + " of " + recorded + " MiB");
                double apart = of.stream()
                        .mapToDouble(r -> Math.abs(filledMib(plan, p, r[0] - time[0]) - r[1] / (double) (1 << 20)))
                        .average()
                        .orElseThrow();
                assertTrue(
                        apart / recorded < mostApart, name + ": readings are " + apart + " MiB apart of " + recorded);
            }
        }
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static long residentPages(long pid) throws IOException {
        return Long.parseLong(
                Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ")[1]);
    }

    /** Played by a real process: before the start, and at the end, it has as many pages as were recorded, and its own block's. */
    @Test
    void aPlayerIsAsLargeAsTheOriginalWas() throws Exception {
        Path path;
        try (Recording r = new Recording()) {
            path = r.path;
            r.come(0, 0, 500, "r-xp", "/lib/x.so");
            r.come(0, 1000, 3000, "rw-p", "");
            r.come(0, 5000, 2000, "rw-p", "[heap]");
            for (int n = 0; n < 5; n++) {
                r.resident(n * 100 + 50, n < 2 ? 2700 : 4200);
                r.snapshot(n, 0, 500, 1, 1000, 1500, 20, 2500, 1500, n >= 2 ? 20 : 0, 5000, 2000, 1);
            }
        }
        Path file = dir.resolve("plan");
        Files.write(file, plan(path, OPTIONS));
        try (Replayer replayer = Replayer.start(ACCESSGEN, file, false)) {
            long block = 12;
            long before = residentPages(replayer.pids().get(0));
            assertTrue(Math.abs(before - 2700) <= 27 + block, "before: " + before);
            replayer.go();
            replayer.await();
            long after = residentPages(replayer.pids().get(0));
            assertTrue(Math.abs(after - 4200) <= 42 + block, "after: " + after);
        }
    }
}
