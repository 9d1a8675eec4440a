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
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;

final class RedactorTest extends RedactedTraces {
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

    /** Whether memory has a file decides what paging it out costs and what a replay maps. */
    @Test
    void namesOfMappingsKeepTheirKind() {
        for (boolean isStrict : new boolean[] {false, true}) {
            RedactedTexts texts = new RedactedTexts(new Pseudonyms(KEY), isStrict);
            for (String name : List.of(
                    "/home/me/data",
                    "/dev/shm/pool",
                    "/memfd:pool (deleted)",
                    "/SYSV00000000 (deleted)",
                    "[anon:pool]",
                    "[stack:48213]",
                    "[heap]",
                    "/dev/hugepages/pool")) {
                String redacted = texts.text(Redactor.Rule.MAPPING_NAME, "file", name);
                assertEquals(isOfFile(name), isOfFile(redacted), redacted);
                assertEquals(Mapping.kindWithoutFile(name), Mapping.kindWithoutFile(redacted), redacted);
                assertFalse(redacted.contains("pool") || redacted.contains("48213"), redacted);
            }
        }
    }

    private static boolean isOfFile(String name) {
        return new Mapping(1, 0, 4096, "rw-p", name).isOfFile();
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
            long page = 4096L << 2 * random.nextInt(3);
            AddressMoves moves = new AddressMoves(page, round % 2 == 0, false);
            List<long[]> ranges = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                // around the place where new addresses begin, to make them collide
                long start = (1L << 44) - 20 * page + page * random.nextInt(60);
                long[] range = {start, start + page * (1 + random.nextInt(8))};
                ranges.add(range);
                moves.add(range[0], range[1]);
            }
            moves.settle();
            for (long[] r : ranges) {
                assertEquals(r[1] - r[0], moves.end(r[1]) - moves.start(r[0]));
                assertEquals(0, moves.start(r[0]) & page - 1);
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
