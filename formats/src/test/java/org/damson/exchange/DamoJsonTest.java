package org.damson.exchange;

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
import java.util.Arrays;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
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
        Path path = dir.resolve("t.damson");
        Importers.importStream(
                "input",
                new ByteArrayInputStream(bytes),
                ImportOptions.NONE,
                m -> Traces.create(path, m, WriterOptions.BATCH));
        return path;
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

    @Test
    void everyTruncationIsOneClearLineAndLeavesNothing() throws IOException {
        byte[] whole = RICH.getBytes(StandardCharsets.US_ASCII);
        for (int n = 1; n < whole.length - 1; n += 7) {
            byte[] cut = Arrays.copyOf(whole, n);
            TraceFormatException e = assertThrows(TraceFormatException.class, () -> importBytes(cut));
            assertEquals(1, e.getMessage().lines().count());
            assertFalse(Files.exists(dir.resolve("t.damson")));
            assertFalse(Files.exists(dir.resolve("t.damson.part")));
        }
        byte[] compressed = Files.readAllBytes(ZIGZAG);
        TraceFormatException e = assertThrows(
                TraceFormatException.class, () -> importBytes(Arrays.copyOf(compressed, compressed.length / 2)));
        assertTrue(e.getMessage().contains("damaged zlib"), e.getMessage());
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
