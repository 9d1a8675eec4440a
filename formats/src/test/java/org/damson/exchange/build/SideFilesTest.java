package org.damson.exchange.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.damson.exchange.Importers;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SideFilesTest {
    private static final Path ZIGZAG = Path.of("..", "testdata", "zigzag-damo");

    @TempDir
    Path dir;

    private Path trace() {
        return dir.resolve("t.damson");
    }

    private ImportReport importFile(Path file, ImportOptions options) throws IOException {
        return Importers.importFile(file, options, m -> Traces.create(trace(), m, WriterOptions.BATCH));
    }

    private Path text(String... lines) throws IOException {
        return Files.writeString(dir.resolve("x.txt"), String.join("\n", lines) + "\n");
    }

    private static String line(String tid, String time, String region) {
        return "k-" + tid + " [0] " + time + ": damon_aggregated: target_id=0 nr_regions=1 " + region;
    }

    private static String kdamond(String pid, String sample, String aggr) {
        return ("{\"pid\": \"%s\", \"contexts\": [{\"targets\": [{\"pid\": 5}], \"nr_regions\": {\"min\": \"10\","
                        + "\"max\": \"1,000\"}, \"intervals\": {\"sample_us\": \"%s\", \"aggr_us\": \"%s\","
                        + "\"ops_update_us\": \"1 s\"}}]}")
                .formatted(pid, sample, aggr);
    }

    private long sql(String query) throws SQLException {
        try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                Statement q = c.createStatement();
                ResultSet r = q.executeQuery(query.replace("$", trace() + "/"))) {
            assertTrue(r.next());
            return r.getLong(1);
        }
    }

    @Test
    void realSideFilesBecomeMemoryAndMappings() throws Exception {
        ImportReport report = importFile(ZIGZAG.resolve("damon.data"), ImportOptions.NONE);
        assertTrue(
                report.notes().get(0).contains("another clock"), report.notes().toString());
        // Read off the files: 51,050 pages, 21,059 of them resident, at first.
        assertEquals(
                51_050 * 4096L, sql("select arg_min(value, time_ns) from '$memory-*.parquet' where counter = 'vsz'"));
        assertEquals(
                21_059 * 4096L, sql("select arg_min(value, time_ns) from '$memory-*.parquet' where counter = 'rss'"));
        assertEquals(17, sql("select count(*) from '$memory-*.parquet' where counter = 'mem_free' and pid = 0"));
        assertEquals(
                2_867_912 * 1024L,
                sql("select arg_min(value, time_ns) from '$memory-*.parquet' where counter = 'mem_free'"));
        assertEquals(
                2711, sql("select min(value) from '$memory-*.parquet' where counter = 'minor_faults' and pid = 172"));
        assertEquals(
                70_000_000,
                sql(
                        "select arg_min(value, time_ns) from '$memory-*.parquet' where counter = 'system_ns' and pid = 173"));
        assertEquals(
                11,
                sql("select count(*) from '$mappings-*.parquet' where time_ns = (select min(time_ns) from"
                        + " '$mappings-*.parquet')"));
        assertEquals(0, sql("select sum(case gone when 0 then 1 else -1 end) from '$mappings-*.parquet'"));
        assertEquals(
                0,
                sql("select count(*) from (select time_ns, lag(time_ns) over () as before from '$memory-*.parquet')"
                        + " where time_ns < before"));
        // Their 36 s lie around the recording's 32 s.
        assertEquals(
                1,
                sql(
                        "select (min(m.time_ns) < min(s.end_ns) and max(m.time_ns) > max(s.end_ns) and"
                                + " min(m.time_ns) > min(s.start_ns) - 5e9)::int from '$memory-*.parquet' m, '$snapshots-*.parquet' s"));
        try (TraceSource trace = Traces.open(trace())) {
            assertEquals(4, ((List<?>) trace.manifest().recording.get("side_files")).size());
            assertEquals(List.of(172), trace.manifest().recording.get("pids"));
            assertNull(trace.manifest().toEpochNs);
        }
    }

    @Test
    void aSetUpFileTellsTheIntervalsOfTextByThread() throws IOException {
        Path file =
                text(line("7", "1.0", "0-4096: 1 1"), line("9", "1.0", "0-4096: 1 1"), line("8", "1.5", "0-4096: 1 1"));
        Files.writeString(
                dir.resolve("x.txt.kdamonds"),
                "[" + kdamond("8", "10 ms", "200 ms") + "," + kdamond("9", "1 ms", "20 ms") + "]");
        ImportReport report = importFile(file, ImportOptions.NONE);
        assertEquals(List.of(), report.notes());
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(trace());
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            MonitoringAttrs attrs = trace.manifest().attrs;
            assertEquals(
                    new MonitoringAttrs(10_000, 200_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED),
                    attrs);
            long[] sampleUs = {10_000, 1_000, 10_000};
            for (long expected : sampleUs) {
                assertTrue(cursor.next(s));
                assertEquals(expected, s.sampleUs);
                assertEquals(expected * 20, s.aggrUs);
            }
        }
    }

    @Test
    void whatTheUserSaysBeatsTheSetUpFile() throws IOException {
        Path file = text(line("8", "1.0", "0-4096: 1 1"));
        Files.writeString(dir.resolve("x.txt.kdamonds"), "[" + kdamond("8", "10 ms", "200 ms") + "]");
        MonitoringAttrs given = new MonitoringAttrs(1_000, 50_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.GIVEN);
        importFile(file, new ImportOptions(given));
        try (TraceSource trace = Traces.open(trace())) {
            assertEquals(given, trace.manifest().attrs);
        }
    }

    @Test
    void aSideFileThatIsSomethingElseIsNamedAndLeftOut() throws IOException {
        Path file = text(line("8", "1.0", "0-4096: 1 1"));
        Files.writeString(dir.resolve("x.txt.kdamonds"), "{\"not\": \"damo's\"}");
        Files.writeString(
                dir.resolve("x.txt.mem_footprint"),
                "[{\"time\": 1.5, \"footprints\": [{\"pid\": 5, \"footprint\": {\"size\": 1, \"resident\": 1,"
                        + " \"shared\": 0}}]}, {\"time\": 2.5, \"foot");
        Files.write(dir.resolve("x.txt.vmas"), new byte[] {1, 2, 3});
        ImportReport report = importFile(file, ImportOptions.NONE);
        String notes = String.join("\n", report.notes());
        for (String name :
                List.of("x.txt.kdamonds is left out", "x.txt.mem_footprint is left out", "x.txt.vmas is left")) {
            assertTrue(notes.contains(name), notes);
        }
        assertEquals(report.notes().size(), notes.lines().count());
        try (TraceSource trace = Traces.open(trace())) {
            assertEquals(
                    MonitoringAttrs.IntervalsOrigin.ASSUMED,
                    trace.manifest().attrs.origin());
            assertEquals(3, trace.rowCount(Table.MEMORY));
        }
    }

    @Test
    void recordingsByTimeOfDayNeedNoShift() throws IOException {
        Path file = Files.writeString(
                dir.resolve("x.json"),
                "[{\"target_id\": 0, \"snapshots\": [{\"start_time\": \"1748191726000000000\","
                        + "\"end_time\": \"1748191727000000000\", \"regions\": []}]}]");
        Files.writeString(
                dir.resolve("x.json.mem_footprint"),
                "[{\"time\": 1748191726.25, \"footprints\": [{\"pid\": null, \"footprint\": {\"free\": 3}}]}]");
        importFile(file, ImportOptions.NONE);
        try (TraceSource trace = Traces.open(trace());
                TraceSource.BatchCursor rows = trace.rows(Table.MEMORY)) {
            assertEquals(Manifest.ClockKind.EPOCH, trace.manifest().clock);
            assertEquals(Long.valueOf(0), trace.manifest().toEpochNs);
            assertEquals(1_748_191_726_250_000_000L, rows.next().get(0, 0));
        }
    }
}
