package org.damson.trace.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.ManifestKeys;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Manifests;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedactorTest {
    private static final byte[] KEY = "a key of this test, 32 bytes....".getBytes(StandardCharsets.UTF_8);
    private static final long EPOCH_NS = 1_750_000_000_123_456_789L;
    private static final long HEAP = 0x5581_2345_6000L;
    private static final long LIBRARY = 0x7f12_89ab_c000L;
    private static final long PHYSICAL = 0x1_2345_6000L;
    private static final long KERNEL_TARGET = 0xffff_8881_0742_1a40L;

    @TempDir
    Path dir;

    /** Every table, every place where something private can stand. */
    private Path writeTelling() throws IOException {
        Path path = dir.resolve("telling.damson");
        Manifest m = new Manifest();
        m.toolVersion = "secret-tool-build";
        m.source = "import:secret-source";
        m.toBootNs = 991_234_567_891L;
        m.toEpochNs = 992_234_567_892L;
        m.host.put("kernel", "6.12.3-secret-kernel");
        m.host.put("hostname", "secret-host");
        m.host.put("cpus", 48);
        m.recording.put("command", List.of("/opt/secret-company/secret-program", "--password", "hunter2"));
        m.recording.put("pids", List.of(48_213L, 48_214L));
        m.recording.put("exit_status", "secret-status");
        m.recording.put("ops", "paddr");
        m.recording.put(
                "damon",
                Map.of(
                        "schemes", List.of("secret-action"),
                        "cutting_schemes", List.of(0L),
                        "address_filters", true,
                        "ranges", List.of("secret-range")));
        m.recording.put("nested", Map.of("secret-key", "secret-value"));
        m.extra.put("secret-extra", "secret-extra-value");
        m.foreign.addAll(ManifestKeys.undeclared(m));
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Random random = new Random(7);
            Snapshot s = new Snapshot();
            for (int i = 0; i < 200; i++) {
                s.clear();
                s.target = i % 2 == 0 ? 48_213 : KERNEL_TARGET;
                s.startNs = EPOCH_NS + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                s.add(PHYSICAL, PHYSICAL + (40 << 20), random.nextInt(21), 1);
                long middle = HEAP + 4096L * (1 + random.nextInt(5000));
                s.add(HEAP, middle, random.nextInt(21), i % 9);
                s.add(middle, HEAP + (64 << 20), random.nextInt(21), 0);
                s.add(LIBRARY, LIBRARY + (8 << 20), random.nextInt(21), 3);
                sink.append(s);
            }
            long t = EPOCH_NS + 1_234_567;
            add(sink, Table.MAPPINGS, EPOCH_NS - 5_000_000, 48_213, HEAP, HEAP + (64 << 20), "rw-p", "[heap]", 0);
            add(sink, Table.MAPPINGS, t, 48_213, LIBRARY, LIBRARY + (4 << 20), "r-xp", "/opt/secret-company/lib.so", 0);
            add(
                    sink,
                    Table.MAPPINGS,
                    t,
                    48_213,
                    LIBRARY + (4 << 20),
                    LIBRARY + (8 << 20),
                    "secret-permissions",
                    "[anon:secret-arena]",
                    0);
            add(sink, Table.SCHEMES, t, 0, 0, 0, KERNEL_TARGET, HEAP + 8192, HEAP + 12288, 3, 4, 5);
            add(sink, Table.WRITES, t, t + 100_000_000L, 48_213, HEAP + 8192, HEAP + 12288, 10, 3, 1228, 4096);
            add(sink, Table.SCHEME_STATS, t, 0, 0, 0, "sz_tried", 77);
            add(sink, Table.SCHEME_STATS, t, 0, 0, 0, "secret-statistic", 78);
            add(sink, Table.TUNING, t, 0, 5_000, 100_000);
            add(sink, Table.SAMPLES, t, 48_213, 48_299, 3, "page-faults", HEAP + 4242, 1, KERNEL_TARGET);
            add(sink, Table.SAMPLES, t, 48_213, 48_299, 3, "probe_secret:main", 0x6e66_5544_3322L, 1, 9);
            add(sink, Table.STACKS, KERNEL_TARGET, 0, LIBRARY + 100);
            add(sink, Table.STACKS, 9, 0, 1);
            add(
                    sink,
                    Table.FRAMES,
                    LIBRARY + 100,
                    "secret_function",
                    "/opt/secret-company/lib.so",
                    "deadbeef5ec3e7",
                    LIBRARY + 200,
                    "/home/secret-user/secret_source.c:17");
            add(sink, Table.MEMORY, t, 48_213, "rss", 123 << 20);
            add(sink, Table.MEMORY, t, 0, "cgroup:secret-slice", 5);
            add(sink, Table.LOSSES, t, t + 1, "recorder", 2, "snapshots: writer behind");
            add(sink, Table.LOSSES, t, t + 1, "secret-source", 2, "process 48213 died in /home/secret-user");
            add(sink, Table.DAMO, 0, 0, -1, "{\"secret-json\": \"secret-value\"}");
            add(sink, Table.CURVES, 100_000, "cold", 0, 1, 0);
        }
        return path;
    }

    private static void add(TraceSink sink, Table table, Object... row) throws IOException {
        Batch batch = new Batch(table);
        batch.add(row);
        sink.append(batch);
    }

    private Path redact(Path from, String name, byte[] key) throws IOException {
        return redact(from, name, key, false);
    }

    private Path redact(Path from, String name, byte[] key, boolean isStrict) throws IOException {
        Path to = dir.resolve(name);
        try (TraceSource trace = Traces.open(from);
                TraceSink sink = Traces.create(to, new Manifest(), WriterOptions.BATCH)) {
            Redactor.redact(trace, sink, key, isStrict);
        }
        assertEquals(List.of(), Traces.verify(to).findings());
        Path zip = dir.resolve(name + ".zip");
        Traces.bundle(to, zip);
        return zip;
    }

    @Test
    void whatSimulationsRestOnStays() throws IOException {
        Path zip = redact(writeTelling(), "kept.damson", new byte[32]);
        try (TraceSource trace = Traces.open(zip)) {
            assertEquals("paddr", trace.manifest().recording.get("ops"));
            assertEquals(
                    "{schemes=[redacted], cutting_schemes=[0], address_filters=true}",
                    String.valueOf(trace.manifest().recording.get("damon")));
            assertEquals("6.12.3", trace.manifest().host.get("kernel"));
        }
    }

    @Test
    void nothingPrivateIsLeftInAnyColumnTheManifestOrTheBytes() throws IOException {
        Path from = writeTelling();
        assertNothingPrivate(from, redact(from, "redacted.damson", KEY));
        assertNothingPrivate(from, redact(from, "strict.damson", KEY, true));
    }

    private static void assertNothingPrivate(Path from, Path zip) throws IOException {
        byte[] bytes = Files.readAllBytes(zip);
        String raw = new String(bytes, StandardCharsets.ISO_8859_1);
        String decoded = everything(zip);
        for (String secret :
                List.of("secret", "hunter2", "deadbeef5ec3e7", "48213", "48214", "48299", "/opt", "/home")) {
            assertFalse(raw.contains(secret), secret);
            assertFalse(decoded.contains(secret), secret);
        }
        Set<Long> addresses = privateNumbers(from);
        assertTrue(addresses.size() > 100);
        Set<Long> left = numbers(zip);
        for (long secret : addresses) {
            assertFalse(left.contains(secret), () -> "0x" + Long.toHexString(secret));
            assertFalse(decoded.contains(Long.toString(secret)), Long.toString(secret));
            assertFalse(decoded.contains(Long.toHexString(secret)), Long.toHexString(secret));
            assertEquals(-1, indexOf(bytes, secret), Long.toHexString(secret));
        }
    }

    @Test
    void strictlyRedactedSizesAreRoundedUpAndWhatIsRareIsLeftOut() throws IOException {
        Path from = writeTelling();
        Path zip = redact(from, "strict.damson", KEY, true);
        String text = everything(zip);
        assertFalse(
                text.matches("(?s).*(module|function|build_id|name|counter|event|cause|command)-[0-9a-f]{16}.*"), text);
        try (TraceSource before = Traces.open(from);
                TraceSource trace = Traces.open(zip);
                TraceSource.SnapshotCursor a = before.snapshots(TraceQuery.ALL);
                TraceSource.SnapshotCursor b = trace.snapshots(TraceQuery.ALL)) {
            assertEquals(64, ManifestKey.CPUS.get(trace.manifest()));
            assertEquals("6.12", ManifestKey.KERNEL.get(trace.manifest()));
            assertEquals(
                    List.of(
                            "sizes, rounded up by at most a quarter, of 3 mappings, of files only those that others share",
                            "rounded sizes of processes and free memory",
                            "which functions, under pseudonyms, call one another, but for those of one stack",
                            "the series of the kernel (6.12)",
                            "the number of CPUs, rounded up to a power of two",
                            "how much memory was used when: a known workload has a known course"),
                    ManifestKey.STILL_TELLING.list(trace.manifest()));
            // The library of a size that no other has is gone, the heap and the named memory are there.
            assertEquals(2, trace.rowCount(Table.MAPPINGS));
            assertEquals(1, trace.rowCount(Table.MEMORY));
            Snapshot x = new Snapshot();
            Snapshot y = new Snapshot();
            while (a.next(x)) {
                assertTrue(b.next(y));
                assertEquals(x.regions, y.regions);
                for (int i = 0; i < x.regions; i++) {
                    long old = x.end[i] - x.start[i];
                    long made = y.end[i] - y.start[i];
                    assertTrue(made >= old && made <= old * 5 / 4 + 2 * 4096, old + " became " + made);
                    assertEquals(x.nrAccesses[i], y.nrAccesses[i]);
                    assertEquals(x.age[i], y.age[i]);
                }
            }
            assertFalse(b.next(y));
        }
    }

    @Test
    void aBundleSaysWhatCouldStillIdentify() throws IOException {
        try (TraceSource trace = Traces.open(redact(writeTelling(), "plain.damson", KEY))) {
            assertEquals(
                    List.of(
                            "exact sizes of 3 mappings: by those of files, 1 of them, builds of programs and libraries can be told",
                            "exact sizes of processes and free memory",
                            "counters since the boot of the machine or the start of a process: for how long, and how busily, it had been up",
                            "which functions, under pseudonyms, call one another",
                            "numbers of the CPUs that samples were taken on",
                            "the release of the kernel (6.12.3)",
                            "the number of CPUs",
                            "how much memory was used when: a known workload has a known course"),
                    ManifestKey.STILL_TELLING.list(trace.manifest()));
        }
    }

    @Test
    void strictCountersBeginAtZeroAndSizesAreRoundedUp() {
        RedactedMemory memory = new RedactedMemory();
        assertEquals(0, memory.value(7, "pgmajfault", 123_456));
        assertEquals(44, memory.value(7, "pgmajfault", 123_500));
        assertEquals(0, memory.value(8, "pgmajfault", 99));
        assertEquals(0x2_0000_0000L, memory.value(0, "mem_total", 0x1_e543_2000L));
        assertEquals(0x1_4000L, memory.value(7, "rss", 0x1_2345L));
        assertEquals(-5, memory.value(0, "damon_stat_idle_ms_p50", -5));
    }

    @Test
    void coarseSizesHaveThreeDigitsAndTheirPartsKeepOrderAndDistance() {
        assertEquals(
                List.of(0L, 1L, 7L, 8L, 10L, 16L, 20L, 1024L, 1280L),
                java.util.stream.LongStream.of(0, 1, 7, 8, 9, 15, 17, 1000, 1025)
                        .map(CoarseSizes::up)
                        .boxed()
                        .toList());
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            long first = 4096L * random.nextInt(1000) + (round % 3 == 0 ? random.nextInt(4096) : 0);
            long[] cuts = random.longs(random.nextInt(6), 1, 5000)
                    .sorted()
                    .distinct()
                    .map(p -> (first & -4096L) + 4096 * p)
                    .toArray();
            long size = 4096L * (5000 + random.nextInt(5000));
            CoarseSizes sizes = new CoarseSizes(first, size, cuts);
            assertEquals(0, sizes.offset(0));
            for (int i = 1; i < cuts.length; i++) {
                long pages = (cuts[i] - cuts[i - 1]) / 4096;
                assertEquals(
                        4096 * CoarseSizes.up(pages),
                        sizes.offset(cuts[i] - first) - sizes.offset(cuts[i - 1] - first));
            }
            for (int i = 0; i < 200; i++) {
                long from = (long) (random.nextDouble() * size);
                long to = from + (long) (random.nextDouble() * (size - from));
                long grown = sizes.offset(to) - sizes.offset(from);
                assertTrue(
                        grown >= to - from && grown <= (to - from) * 5 / 4 + 2 * 4096, from + ".." + to + ": " + grown);
                assertEquals((first + from) & 4095, (first + sizes.offset(from)) & 4095);
            }
        }
    }

    /** Of recordings as they are: no name that the rules promise to replace is left in any entry, as stored and decoded. */
    @Test
    void noNameOfARecordingIsLeft() throws IOException {
        int searched = 0;
        for (String name : List.of(
                "perf-stacks/stacks.perf.data.gz",
                "perf-stacks/pipe.perf.script.gz",
                "stairs-perf/damon.perf.data.gz",
                "stairs-perf/cpu.perf.script.gz",
                "perf-modes/clockid.perf.data.gz",
                "zigzag-damo/damon.data",
                "java-hot/hot.damson")) {
            Path from = testdata().resolve(name);
            if (!name.endsWith(".damson")) {
                from = imported(from, dir.resolve(name.replace('/', '-') + ".damson"));
            }
            Set<String> names = names(from, "function", "module", "build_id", "name");
            try (TraceSource trace = Traces.open(from)) {
                for (ManifestKey key : List.of(ManifestKey.HOST_NAME, ManifestKey.COMMAND, ManifestKey.SIDE_FILES)) {
                    Object value = key.get(trace.manifest());
                    if (value instanceof List<?> list) {
                        list.forEach(v -> names.add(String.valueOf(v)));
                    } else if (value != null) {
                        names.add(String.valueOf(value));
                    }
                }
            }
            for (boolean isStrict : new boolean[] {false, true}) {
                Path zip = redact(from, name.replace('/', '-') + isStrict, KEY, isStrict);
                String text = everything(zip) + new String(Files.readAllBytes(zip), StandardCharsets.ISO_8859_1);
                for (String secret : names) {
                    boolean isShort = secret.length() < 5; // "main" or "sh" may be a part of anything
                    if (!isShort && !secret.startsWith("[") && !"unknown".equals(secret)) {
                        assertFalse(text.contains(secret), name + ": " + secret);
                        searched++;
                    }
                }
            }
        }
        assertTrue(searched > 200, searched + " names");
    }

    private static Path imported(Path recording, Path to) throws IOException {
        TraceSink[] sink = new TraceSink[1];
        Importers.importFile(recording, ImportOptions.NONE, manifest -> {
            sink[0] = Traces.create(to, manifest, WriterOptions.BATCH);
            return sink[0];
        });
        sink[0].close();
        return to;
    }

    private static Set<String> names(Path trace, String... columns) throws IOException {
        Set<String> names = new HashSet<>();
        try (TraceSource source = Traces.open(trace)) {
            for (Table table : List.of(Table.FRAMES, Table.MAPPINGS)) {
                for (Column column : table.columns()) {
                    if (List.of(columns).contains(column.name())) {
                        int c = table.indexOf(column.name());
                        source.forEachRow(table, (rows, i) -> names.add(rows.text(c, i)));
                    }
                }
            }
        }
        return names;
    }

    /** Addresses, targets and times of the original. */
    private static Set<Long> privateNumbers(Path from) throws IOException {
        Set<Long> all = new HashSet<>();
        try (TraceSource trace = Traces.open(from)) {
            for (Table table : Table.values()) {
                try (TraceSource.BatchCursor cursor = trace.rows(table)) {
                    for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                        for (int c = 0; c < table.columns().size(); c++) {
                            for (int r = 0; b.longs(c) != null && r < b.rows(); r++) {
                                // sizes and counts are far below, and -1 means none
                                if (b.get(c, r) != -1 && Long.compareUnsigned(b.get(c, r), 1L << 32) >= 0) {
                                    all.add(b.get(c, r));
                                }
                            }
                        }
                    }
                }
            }
            all.add(trace.manifest().toBootNs);
            all.add(trace.manifest().toEpochNs);
        }
        return all;
    }

    private static Set<Long> numbers(Path trace) throws IOException {
        Set<Long> all = new HashSet<>();
        try (TraceSource source = Traces.open(trace)) {
            for (Table table : Table.values()) {
                try (TraceSource.BatchCursor cursor = source.rows(table)) {
                    for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                        for (int c = 0; c < table.columns().size(); c++) {
                            for (int r = 0; b.longs(c) != null && r < b.rows(); r++) {
                                all.add(b.get(c, r));
                            }
                        }
                    }
                }
            }
        }
        return all;
    }

    private static String everything(Path trace) throws IOException {
        StringBuilder text = new StringBuilder();
        try (TraceSource source = Traces.open(trace)) {
            text.append(new String(Manifests.write(source.manifest()), StandardCharsets.UTF_8));
            for (Table table : Table.values()) {
                try (TraceSource.BatchCursor cursor = source.rows(table)) {
                    for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                        for (int r = 0; r < b.rows(); r++) {
                            for (int c = 0; c < table.columns().size(); c++) {
                                text.append(b.texts(c) != null ? b.text(c, r) : Long.toString(b.get(c, r)))
                                        .append(' ');
                            }
                            text.append('\n');
                        }
                    }
                }
            }
        }
        return text.toString();
    }

    private static int indexOf(byte[] bytes, long number) {
        byte[] wanted = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array();
        next:
        for (int i = 0; i + 8 <= bytes.length; i++) {
            for (int k = 0; k < 8; k++) {
                if (bytes[i + k] != wanted[k]) {
                    continue next;
                }
            }
            return i;
        }
        return -1;
    }

    @Test
    void whatIsUsefulStays() throws IOException {
        Path from = writeTelling();
        Path zip = redact(from, "redacted.damson", KEY);
        String text = everything(zip);
        for (String kept :
                List.of("[heap]", "rw-p", "sz_tried", "page-faults", "rss", "snapshots: writer behind", "6.12")) {
            assertTrue(text.contains(kept), kept);
        }
        try (TraceSource trace = Traces.open(zip)) {
            assertEquals(0, trace.rowCount(Table.DAMO));
            assertEquals(0, trace.rowCount(Table.CURVES));
            for (Table table : Table.values()) {
                if (table != Table.DAMO && !table.isDerived()) {
                    assertTrue(trace.rowCount(table) > 0, table.fileStem());
                }
            }
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
                Snapshot s = new Snapshot();
                assertTrue(cursor.next(s));
                assertEquals(0, s.startNs);
                assertEquals(100_000_000, s.endNs);
                for (int i = 0; i < s.regions; i++) {
                    assertEquals(0, s.start[i] & 4095);
                }
            }
        }
        assertHeatIsTheSame(from, zip);
    }

    /** Sizes, heat, ages and times apart, and the order and neighbourhood of the regions of every snapshot. */
    private static void assertHeatIsTheSame(Path from, Path redacted) throws IOException {
        Snapshot a = new Snapshot();
        Snapshot b = new Snapshot();
        long originNs = -1;
        try (TraceSource x = Traces.open(from);
                TraceSource y = Traces.open(redacted);
                TraceSource.SnapshotCursor p = x.snapshots(TraceQuery.ALL);
                TraceSource.SnapshotCursor q = y.snapshots(TraceQuery.ALL)) {
            while (p.next(a)) {
                assertTrue(q.next(b));
                originNs = originNs < 0 ? a.startNs : originNs;
                assertEquals(a.regions, b.regions);
                assertEquals(a.startNs - originNs, b.startNs);
                assertEquals(a.endNs - originNs, b.endNs);
                for (int i = 0; i < a.regions; i++) {
                    assertEquals(a.end[i] - a.start[i], b.end[i] - b.start[i]);
                    assertEquals(a.nrAccesses[i], b.nrAccesses[i]);
                    assertEquals(a.age[i], b.age[i]);
                    if (i > 0 && a.start[i] == a.end[i - 1] && x.rowCount(Table.MAPPINGS) == 0) {
                        assertEquals(b.start[i], b.end[i - 1]);
                    }
                }
            }
            assertFalse(q.next(b));
        }
    }

    @Test
    void realRecordingsKeepTheirHeatAndLoseTheirAddresses() throws IOException {
        for (String name : List.of("stairs", "physical", "service")) {
            Path from = dir.resolve(name + ".damson");
            TraceSink[] sink = new TraceSink[1];
            Importers.importFile(testdata().resolve(name).resolve("tracefs.txt.gz"), ImportOptions.NONE, manifest -> {
                sink[0] = Traces.create(from, manifest, WriterOptions.BATCH);
                return sink[0];
            });
            sink[0].close();
            Path zip = redact(from, name + "-redacted.damson", KEY);
            assertHeatIsTheSame(from, zip);
            Set<Long> kept = addresses(zip);
            kept.retainAll(addresses(from));
            assertEquals(Set.of(), kept, name);
        }
    }

    private static Set<Long> addresses(Path path) throws IOException {
        Set<Long> all = new HashSet<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                for (int i = 0; i < s.regions; i++) {
                    all.add(s.start[i]);
                    all.add(s.end[i]);
                }
            }
        }
        return all;
    }

    @Test
    void oneKeyGivesTheSamePseudonymsAndAnotherKeyOthers() throws IOException {
        Path from = writeTelling();
        String once = names(redact(from, "a.damson", KEY));
        assertEquals(once, names(redact(from, "b.damson", KEY)));
        assertNotEquals(once, names(redact(from, "c.damson", new byte[32])));
    }

    private static String names(Path trace) throws IOException {
        Map<String, Integer> seen = new TreeMap<>();
        try (TraceSource source = Traces.open(trace);
                TraceSource.BatchCursor cursor = source.rows(Table.FRAMES)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                seen.put(b.text(1, 0) + b.text(2, 0) + b.text(3, 0), 1);
            }
        }
        return seen.toString();
    }

    /** Whoever adds a column decides here what becomes of it; until then it is left out. */
    @Test
    void everyColumnHasARule() {
        List<String> without = new ArrayList<>();
        for (Table table : Table.values()) {
            for (Column column : table.columns()) {
                Redactor.Rule rule = Redactor.ruleOf(table, column.name());
                boolean decided = rule != Redactor.Rule.DROP;
                if (table != Table.DAMO && !table.isDerived() && !decided) {
                    without.add(table.fileStem() + "." + column.name());
                }
            }
        }
        assertEquals(List.of(), without);
    }

    @Test
    void areasMoveAsAWholeKeepTheirOrderAndMeetNoOldAddress() throws IOException {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            AddressMoves moves = new AddressMoves(round % 2 == 0, false);
            List<long[]> ranges = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                // around the place where new addresses begin, to make them collide
                long start = (1L << 44) - (20L << 12) + 4096L * random.nextInt(60);
                long[] range = {start, start + 4096L * (1 + random.nextInt(8))};
                ranges.add(range);
                moves.add(range[0], range[1]);
            }
            moves.settle();
            for (long[] r : ranges) {
                assertEquals(r[1] - r[0], moves.end(r[1]) - moves.start(r[0]));
                assertEquals(0, moves.start(r[0]) & 4095);
                for (long[] other : ranges) {
                    assertTrue(moves.start(r[0]) >= other[1] || moves.end(r[1]) <= other[0]);
                    boolean overlap = r[0] < other[1] && other[0] < r[1];
                    boolean touch = r[1] == other[0];
                    if (overlap || touch && round % 2 == 0) {
                        assertEquals(other[0] - r[0], moves.start(other[0]) - moves.start(r[0]));
                    } else if (r[1] <= other[0]) {
                        assertTrue(moves.end(r[1]) <= moves.start(other[0]));
                    }
                }
            }
        }
    }

    @Test
    void aTraceOfTheWholeAddressSpaceIsRefused() throws IOException {
        Path from = dir.resolve("whole.damson");
        try (TraceSink sink = Traces.create(from, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            s.add(0, -4096, 1, 0);
            sink.append(s);
        }
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> redact(from, "never.damson", KEY));
        assertTrue(e.getMessage().contains("cover too much"), e.getMessage());
    }

    private static Path testdata() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(here.resolve("testdata"))) {
            here = here.getParent();
        }
        return here.resolve("testdata");
    }
}
