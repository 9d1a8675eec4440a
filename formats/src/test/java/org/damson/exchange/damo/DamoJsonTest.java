package org.damson.exchange.damo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.damson.exchange.Exporters;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DamoJsonTest {
    private static final Path ZIGZAG = Path.of("..", "testdata", "zigzag-damo", "damon.data");

    @TempDir
    Path dir;

    private Path importBytes(byte[] bytes) throws IOException {
        reported(bytes);
        return dir.resolve("t.damson");
    }

    private ImportReport reported(byte[] bytes) throws IOException {
        return Importers.importStream(
                "input",
                new ByteArrayInputStream(bytes),
                ImportOptions.NONE,
                m -> Traces.create(dir.resolve("t.damson"), m, WriterOptions.BATCH));
    }

    private static byte[] inflate(byte[] bytes) throws IOException {
        return new InflaterInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
    }

    @Test
    void givesBackTheSameJson() throws IOException {
        byte[] compressed = Files.readAllBytes(ZIGZAG);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TraceSource trace = Traces.open(importBytes(compressed))) {
            assertEquals(
                    MonitoringAttrs.IntervalsOrigin.RECORDED,
                    trace.manifest().attrs.origin());
            Exporters.damoJsonCompressed(trace, out);
        }
        assertEquals(
                new String(inflate(compressed), StandardCharsets.US_ASCII),
                new String(inflate(out.toByteArray()), StandardCharsets.US_ASCII));
    }

    /** Written by hand after damo's documented forms: units, commas, ids beyond 2^63, facts no table holds. */
    private static final String RICH =
            """
            [
                {
                    "kdamond_idx": 1,
                    "context_idx": 0,
                    "intervals": null,
                    "scheme_idx": 2,
                    "target_id": 18446623438842320000,
                    "scheme_filters": [
                        {
                            "filter_type": "anon",
                            "matching": true
                        }
                    ],
                    "snapshots": [
                        {
                            "start_time": "1748191726781395200",
                            "end_time": "1748191729781395200",
                            "regions": [
                                {
                                    "start": "0",
                                    "end": "18,446,744,073,709,547,520",
                                    "nr_accesses": {
                                        "samples": 3,
                                        "percent": 15
                                    },
                                    "age": {
                                        "usec": "1 s",
                                        "aggr_intervals": null
                                    },
                                    "probe_hits": [
                                        1,
                                        2
                                    ],
                                    "sz_filter_passed": "143.027 MiB"
                                }
                            ],
                            "total_bytes": "42",
                            "damos_stats": {
                                "nr_tried": "7"
                            },
                            "sample_interval_us": "5000"
                        }
                    ],
                    "data_source": "damon_stat"
                },
                {
                    "kdamond_idx": null,
                    "context_idx": null,
                    "intervals": null,
                    "scheme_idx": null,
                    "target_id": null,
                    "scheme_filters": [],
                    "snapshots": [],
                    "data_source": "unknown"
                }
            ]""";

    @Test
    void keepsWhatOnlyDamoHas() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path path = importBytes(RICH.getBytes(StandardCharsets.US_ASCII));
        try (TraceSource trace = Traces.open(path)) {
            Exporters.damoJson(trace, out);
        }
        assertEquals(RICH, out.toString(StandardCharsets.US_ASCII));
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertTrue(cursor.next(s));
            assertEquals("18446623438842320000", Long.toUnsignedString(s.target));
            assertEquals(-4096, s.end[0]);
            assertEquals(149_974_680, s.filterPassed[0]);
            assertFalse(s.has(Snapshot.HAS_AGE));
        }
    }

    @Test
    void readsTheOldestGeneration() throws IOException {
        Path path = importBytes(("[{\"target_id\": 7, \"snapshots\": [{\"start_time\": \"1\", \"end_time\": \"2\","
                        + "\"regions\": [{\"start\": \"4,096\", \"end\": \"8,192\","
                        + "\"nr_accesses\": {\"samples\": 5}, \"age\": {\"aggr_intervals\": \"1,234\"}}]}]}]")
                .getBytes(StandardCharsets.US_ASCII));
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertTrue(cursor.next(s));
            assertEquals(1234, s.age[0]);
            assertEquals(
                    MonitoringAttrs.IntervalsOrigin.ASSUMED,
                    trace.manifest().attrs.origin());
        }
    }

    private static String region(long start, int samples, String passed) {
        return ("{'start': '%,d', 'end': '%,d', 'nr_accesses': {'samples': %d, 'percent': null},"
                        + "'age': {'usec': null, 'aggr_intervals': '7'}, 'probe_hits': [], 'sz_filter_passed': '%s'}")
                .formatted(start, start + 4096, samples, passed);
    }

    private static String snapshotJson(long startNs, long endNs, String regions, long bytes) {
        return ("{'start_time': '%d', 'end_time': '%d', 'regions': [%s], 'total_bytes': '%d', 'damos_stats': null,"
                        + "'sample_interval_us': null}")
                .formatted(startNs, endNs, regions, bytes);
    }

    private static String recordJson(int target, String snapshots) {
        return ("{'kdamond_idx': 0, 'context_idx': 0, 'intervals': null, 'scheme_idx': null, 'target_id': %d,"
                        + "'scheme_filters': [], 'snapshots': [%s], 'data_source': 'unknown'}")
                .formatted(target, snapshots);
    }

    /** Re-indents JSON as Python's {@code json.dumps(indent=4)} does, whatever blanks it has. */
    private static String indented(String text) {
        String json = text.replace('\'', '"');
        StringBuilder b = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            quoted ^= c == '"';
            if (quoted || c == '"') {
                b.append(c);
            } else if (c == '[' && json.charAt(i + 1) == ']') {
                b.append("[]");
                i++;
            } else if (c == '[' || c == '{') {
                b.append(c).append('\n').append(" ".repeat(4 * ++depth));
            } else if (c == ']' || c == '}') {
                b.append('\n').append(" ".repeat(4 * --depth)).append(c);
            } else if (c == ',') {
                b.append(",\n").append(" ".repeat(4 * depth));
            } else if (c == ':') {
                b.append(": ");
            } else if (!Character.isWhitespace(c)) {
                b.append(c);
            }
        }
        return b.toString();
    }

    /** As {@code damo record --snapshot} writes them: a record each, by time of day, of no target. */
    @Test
    void snapshotFilesAreSnapshotsByTimeOfDay() throws IOException {
        StringBuilder records = new StringBuilder("[");
        for (int i = 0; i < 3; i++) {
            long endNs = 1_748_191_726_781_395_200L + i * 2_000_000_000L;
            records.append(i == 0 ? "" : ",")
                    .append(recordJson(
                                    0, snapshotJson(endNs - 100_000_000, endNs, region(4096, i, "143.027 MiB"), 4096))
                            .replace("'target_id': 0", "'target_id': null")
                            .replace("'scheme_idx': null", "'scheme_idx': 0"));
        }
        String json = indented(records.append("]").toString());
        Path path = importBytes(json.getBytes(StandardCharsets.US_ASCII));
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertEquals(Manifest.ClockKind.EPOCH, trace.manifest().clock);
            for (int i = 0; i < 3; i++) {
                assertTrue(cursor.next(s));
                assertEquals(100_000_000, s.endNs - s.startNs);
                assertEquals(0, s.scheme);
                assertEquals(i, s.nrAccesses[0]);
                assertEquals(149_974_680, s.filterPassed[0]);
            }
            assertFalse(cursor.next(s));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Exporters.damoJson(trace, out);
            assertEquals(json, out.toString(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void targetsOneAfterAnotherAreInOrderOfTimeInTheTraceAndAsBeforeInTheExport() throws IOException {
        String a = snapshotJson(0, 100, region(4096, 1, "0 B"), 4096) + ","
                + snapshotJson(100, 200, region(4096, 2, "0 B") + "," + region(8192, 3, "1.500 KiB"), 8192);
        String b = snapshotJson(0, 90, region(65536, 4, "0 B"), 4096) + ","
                + snapshotJson(90, 150, region(65536, 5, "0 B"), 4096) + ","
                + snapshotJson(150, 210, region(65536, 6, "0 B"), 4096);
        String json = indented("[" + recordJson(0, a) + "," + recordJson(1, b) + "," + recordJson(2, a) + "]");
        Path path = importBytes(json.getBytes(StandardCharsets.US_ASCII));
        List<String> order = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                order.add(s.target + ":" + s.endNs);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Exporters.damoJson(trace, out);
            assertEquals(json, out.toString(StandardCharsets.US_ASCII));
        }
        assertEquals(List.of("1:90", "0:100", "2:100", "1:150", "0:200", "2:200", "1:210"), order);
        assertEquals(List.of(), Traces.verify(path).findings());
        assertEquals(1, dir.toFile().list().length);
    }

    @Test
    void overlappingRegionsAreCountedAndGivenBack() throws IOException {
        String regions = region(8192, 1, "0 B") + "," + region(4096, 2, "0 B") + "," + region(12288, 3, "0 B");
        String json = indented("[" + recordJson(0, snapshotJson(0, 100, regions, 12288)) + "]");
        Path path = dir.resolve("t.damson");
        ImportReport report = Importers.importStream(
                "input",
                new ByteArrayInputStream(json.getBytes(StandardCharsets.US_ASCII)),
                ImportOptions.NONE,
                m -> Traces.create(path, m, WriterOptions.BATCH));
        assertEquals(1, report.lost());
        assertEquals(2, report.regions());
        assertEquals(List.of(), Traces.verify(path).findings());
        try (TraceSource trace = Traces.open(path)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Exporters.damoJson(trace, out);
            assertEquals(json, out.toString(StandardCharsets.US_ASCII));
            assertEquals(1, trace.rowCount(Table.LOSSES));
        }
    }

    @Test
    void numbersWithUnitsAndTunedIntervalsAreRead() throws IOException {
        String json = "[{\"target_id\": null, \"intervals\": {\"sample_us\": \"5 ms\", \"aggr_us\": \"1 s 100 ms\","
                + "\"ops_update_us\": \"1 m\", \"intervals_goal\": {\"aggrs\": \"3\"}}, \"snapshots\": ["
                + "{\"start_time\": null, \"end_time\": 5000000000, \"sample_interval_us\": \"10000\","
                + "\"regions\": [{\"start\": \"4K\", \"end\": \"1.5 MiB\", \"nr_accesses\": {\"percent\": 10},"
                + "\"age\": 3}, {\"start\": \"2M\", \"end\": \"max\", \"nr_accesses\": 9}]}]}]";
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(importBytes(json.getBytes(StandardCharsets.US_ASCII)));
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertEquals(5_000, trace.manifest().attrs.sampleUs());
            assertEquals(1_100_000, trace.manifest().attrs.aggrUs());
            assertEquals(60_000_000, trace.manifest().attrs.updateUs());
            assertTrue(cursor.next(s));
            assertEquals(10_000, s.sampleUs);
            assertEquals(2_200_000, s.aggrUs);
            assertEquals(2_800_000_000L, s.startNs);
            assertEquals(4096, s.start[0]);
            assertEquals(3 << 19, s.end[0]);
            assertEquals(22, s.nrAccesses[0]);
            assertEquals(3, s.age[0]);
            assertEquals(-1, s.end[1]);
            assertEquals(-1, s.age[1]);
        }
    }

    /** damo counts a unit that is missing by the other and the intervals; without intervals an age in time is none. */
    @Test
    void oneUnitIsEnough() throws IOException {
        String intervals = "{\"sample_us\": \"5ms\", \"aggr_us\": \"100ms\", \"ops_update_us\": \"1s\"}";
        String json = "[{\"target_id\": 0, \"intervals\": INTERVALS, \"snapshots\": [{\"start_time\": \"100ms\","
                + "\"end_time\": 200000000.5, \"regions\": ["
                + region(
                        "4096",
                        "{\"samples\": null, \"percent\": 12.5}",
                        "{\"usec\": \"1 s 250 ms\", \"aggr_intervals\": null}")
                + ","
                + region(
                        "8192",
                        "{\"samples\": null, \"percent\": \"29 %\"}",
                        "{\"usec\": \"99,999\", \"aggr_intervals\": null}")
                + "]}]}]";
        for (String known : List.of(intervals, "null")) {
            Path path = importBytes(json.replace("INTERVALS", known).getBytes(StandardCharsets.US_ASCII));
            Snapshot s = new Snapshot();
            try (TraceSource trace = Traces.open(path);
                    TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
                assertTrue(cursor.next(s));
                assertEquals(100_000_000, s.startNs);
                assertEquals(200_000_000, s.endNs);
                assertEquals(2, s.nrAccesses[0]);
                assertEquals(5, s.nrAccesses[1]);
                assertEquals(!known.equals("null"), s.has(Snapshot.HAS_AGE));
                assertEquals(known.equals("null") ? -1 : 12, s.age[0]);
                assertEquals(known.equals("null") ? -1 : 0, s.age[1]);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Exporters.damoJson(trace, out);
                String again = out.toString(StandardCharsets.US_ASCII).replaceAll("\\s+", " ");
                assertTrue(again.contains("\"samples\": null, \"percent\": 12.5"), again);
                assertTrue(again.contains("\"usec\": \"1 s 250 ms\", \"aggr_intervals\": null"), again);
            }
            Files.move(path, dir.resolve("before" + known.length()));
        }
    }

    private static String region(String start, String accesses, String age) {
        return "{\"start\": \"%s\", \"end\": \"%d\", \"nr_accesses\": %s, \"age\": %s, \"sz_filter_passed\": \"0 B\"}"
                .formatted(start, Long.parseLong(start) + 4096, accesses, age);
    }

    /** A set-up before the records may be long. */
    @Test
    void recordsMayStandBehindALongSetUp() throws IOException {
        String json = "{\"kdamonds\": [" + "{\"pid\": 1}, ".repeat(1000) + "{}], \"damo_record_ver\": 1, \"records\": "
                + recordsOfOne() + "}";
        ImportReport report = reported(json.getBytes(StandardCharsets.US_ASCII));
        assertEquals(1, report.snapshots());
        assertTrue(
                report.notes().toString().contains("'kdamonds' of the file is left out"),
                report.notes().toString());
    }

    /** A tool that knows no whole numbers leaves them so. */
    @Test
    void wholeNumbersMayBeFractions() throws IOException {
        String json = recordsOfOne()
                .replace("\"samples\": 1", "\"samples\": 1.0")
                .replace("\"aggr_intervals\": \"7\"", "\"aggr_intervals\": 7.000");
        assertTrue(json.contains("1.0") && json.contains("7.000"), json);
        Snapshot s = new Snapshot();
        Path path = importBytes(
                ("{\"damo_record_ver\": 1.0, \"damo_records\": " + json + "}").getBytes(StandardCharsets.US_ASCII));
        try (TraceSource trace = Traces.open(path);
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertTrue(cursor.next(s));
            assertEquals(1, s.nrAccesses[0]);
            assertEquals(7, s.age[0]);
        }
        TraceFormatException e = assertThrows(
                TraceFormatException.class,
                () -> reported(json.replace("7.000", "7.5").getBytes(StandardCharsets.US_ASCII)));
        assertTrue(e.getMessage().contains("'7.5' is not a number"), e.getMessage());
    }

    private static String recordsOfOne() {
        return "["
                + recordJson(0, snapshotJson(1, 2, region(4096, 1, "0 B"), 4096))
                        .replace('\'', '"') + "]";
    }

    @Test
    void otherJsonIsToldSo() {
        TraceFormatException e = assertThrows(
                TraceFormatException.class,
                () -> reported("{\"action\": \"pageout\"}".getBytes(StandardCharsets.US_ASCII)));
        assertTrue(e.getMessage().contains("no damo_records"), e.getMessage());
    }

    @Test
    void stopsAtAValueThatIsNoRecord() {
        StringBuilder huge = new StringBuilder("[{\"scheme_filters\": [0");
        huge.append(",0".repeat(1 << 20)).append("]}]");
        TraceFormatException e = assertThrows(
                TraceFormatException.class, () -> importBytes(huge.toString().getBytes(StandardCharsets.US_ASCII)));
        assertTrue(e.getMessage().contains("more than"), e.getMessage());
    }

    @Test
    void everyTruncationKeepsItsSnapshotsOrIsOneClearLineAndLeavesNothing() throws IOException {
        byte[] whole = RICH.getBytes(StandardCharsets.US_ASCII);
        int kept = 0;
        for (int n = 1; n < whole.length - 1; n += 7) {
            byte[] cut = Arrays.copyOf(whole, n);
            try {
                ImportReport report = reported(cut);
                assertTrue(report.snapshots() > 0 && report.lost() > 0);
                assertTrue(report.notes().stream().anyMatch(line -> line.contains("the recording is cut off")));
                assertEquals(List.of(), Traces.verify(dir.resolve("t.damson")).findings());
                Files.move(dir.resolve("t.damson"), dir.resolve("kept" + kept++));
            } catch (TraceFormatException e) {
                assertEquals(1, e.getMessage().lines().count());
                assertFalse(Files.exists(dir.resolve("t.damson")));
                assertFalse(Files.exists(dir.resolve("t.damson.part")));
            }
        }
        assertTrue(kept > 0);
        byte[] compressed = Files.readAllBytes(ZIGZAG);
        ImportReport report = reported(Arrays.copyOf(compressed, compressed.length / 2));
        assertTrue(report.snapshots() > 0 && report.lost() > 0);
    }

    @Test
    void stopsAtAZlibBomb() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(bomb)) {
            byte[] blanks = new byte[1 << 20];
            Arrays.fill(blanks, (byte) ' ');
            zlib.write('[');
            for (int i = 0; i < 200; i++) {
                zlib.write(blanks);
            }
        }
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> importBytes(bomb.toByteArray()));
        assertTrue(e.getMessage().contains("400-fold"), e.getMessage());
        assertArrayEquals(new String[] {}, dir.toFile().list());
    }
}
