package org.damson.exchange.text;

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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.damson.exchange.Exporters;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Batch;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextImporterTest {
    private static final Path DATA = Path.of("..", "testdata");

    @TempDir
    Path dir;

    private ImportReport importText(String text) throws IOException {
        return Importers.importStream(
                "input",
                new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)),
                ImportOptions.NONE,
                m -> Traces.create(dir.resolve("t.damson"), m, WriterOptions.BATCH));
    }

    private List<String> snapshots() throws IOException {
        List<String> lines = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                StringBuilder b = new StringBuilder("k%d t%d %d-%d".formatted(s.kdamond, s.target, s.startNs, s.endNs));
                for (int i = 0; i < s.regions; i++) {
                    b.append(" %d-%d:%d".formatted(s.start[i], s.end[i], s.nrAccesses[i]));
                    b.append(s.has(Snapshot.HAS_AGE) ? "/" + s.age[i] : "");
                }
                lines.add(b.append(s.lost > 0 ? " lost " + s.lost : "").toString());
            }
        }
        return lines;
    }

    private static String line(String comm, double t, int count, String region) {
        return "%s [000] ..... %.6f: damon_aggregated: target_id=0 nr_regions=%d %s\n"
                .formatted(comm, t, count, region);
    }

    /** A crash leaves zeros in a file, a broken tool a line without an end: the rest of the recording is there all the same. */
    @ParameterizedTest
    @ValueSource(strings = {"zero", "zero in a line", "zeros", "long"})
    void aLineThatIsNoTextIsCountedAndNamedAndCostsOnlyItself(String what) throws IOException {
        String strange =
                switch (what) {
                    case "zero" -> "\0";
                    case "zero in a line" -> " kdamond\0.0-7 [000] ..... 1.05: damon_aggregated:";
                    case "zeros" -> "\0".repeat(200_000);
                    default -> "x".repeat(100_000);
                };
        ImportReport report = importText(line(" kdamond.0-7", 1.0, 1, "0-4096: 3 7") + strange + "\n"
                + line(" kdamond.0-7", 1.1, 1, "0-4096: 4 8") + strange);
        assertEquals(2, report.snapshots());
        assertEquals(2, report.lost());
        String why = what.equals("long") ? "longer than 65536 bytes" : "a zero byte";
        assertTrue(
                report.notes().contains("2 event lines could not be read, the first: line 2: " + why),
                report.notes().toString());
    }

    @Test
    void readsBurstsAsSnapshots() throws IOException {
        ImportReport report = importText(line(" kdamond.0-7", 1.0, 2, "0-4096: 3 7")
                + line(" kdamond.0-7", 1.000001, 2, "8192-12288: 0 1")
                + line(" kdamond.0-7", 1.25, 1, "0-4096: 4 8"));
        assertEquals(2, report.snapshots());
        assertEquals(
                List.of(
                        "k0 t0 750000000-1000000000 0-4096:3/7 8192-12288:0/1",
                        "k0 t0 1000000000-1250000000 0-4096:4/8"),
                snapshots());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  my thread 4452 [000] 1.500000: damon:damon_aggregated: target_id=0 nr_regions=1 0-4096: 3 7",
                "kdamond.0-4452 [000] 1.500000: damon_aggregated: target_id=0 nr_regions=1 0-4096: 3 7\r",
                "kdamond.0-4452 [000] d..2. 1.500000: damon_aggregated: target_id=0 nr_regions=1 0-4096: 3 7",
                "kdamond.x 4452 1.500000: damon:damon_aggregated: target_id=0 nr_regions=1 0-4096: 3 7",
                "kdamond.x xxxx xxxx 1.500000: damon:damon_aggregated: target_id=0 nr_regions=1 0-4096: 3 7",
                "my damon_x: [3] 4452 [000] 1.500000000:   damon:damon_aggregated:  target_id=None nr_regions=1 0-4096: 3 7"
            })
    void readsTheDialectsOfAllTracers(String text) throws IOException {
        importText("CPU 0 is empty\ncpus=2\n# tracer: nop\n" + text + "\n");
        assertEquals(List.of("k0 t0 1400000000-1500000000 0-4096:3/7"), snapshots());
    }

    @Test
    void kernelsWithoutAgeGiveATraceWithoutAge() throws IOException {
        importText(line("kdamond.0 7", 1.5, 1, "0-4096: 3"));
        assertEquals(List.of("k0 t0 1400000000-1500000000 0-4096:3"), snapshots());
    }

    @Test
    void readsSchemesOfBothTracers() throws IOException {
        String arguments = "damos_before_apply: ctx_idx=0 scheme_idx=1 target_idx=0 nr_regions=9 4096-8192: 2 5\n";
        importText("k-7 [000] ..... 1.0: " + arguments + "k 7 [000] 1.5: damon:" + arguments);
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.BatchCursor rows = trace.rows(Table.SCHEMES)) {
            Batch b = rows.next();
            assertEquals(2, b.rows());
            assertEquals(1, b.get(Table.SCHEMES.indexOf("scheme"), 1));
            assertEquals(8192, b.get(Table.SCHEMES.indexOf("end"), 1));
            assertEquals(9, b.get(Table.SCHEMES.indexOf("nr_regions"), 1));
            assertEquals(1_500_000_000, b.get(0, 1));
        }
    }

    @Test
    void damosFillerTellsTheOnlySnapshotsDuration() throws IOException {
        ImportReport report = importText(line("k-7", 1.0, 1, "0-4096: 3 7") + line("k-7", 1.25, 1, "0-0: -1 -1"));
        assertEquals(0, report.lost());
        assertEquals(List.of("k0 t0 750000000-1000000000 0-4096:3/7"), snapshots());
    }

    /** Each seen with damo 3.3.0: it fails on all of the first kind, and reads all of the second. */
    @Test
    void whatDamoDoesNotReadIsSaidAndNothingElse() throws IOException {
        String two = line("k-7", 1.0, 1, "4096-8192: 3 7") + line("k-7", 1.25, 1, "4096-8192: 3 7");
        String[] failing = {
            "# entries-in-buffer/entries-written: 2/2 #P:2\n" + two,
            "CPU 1 is empty\n" + two,
            two.replace(" 7\n", " None\n"),
            two.replace("k-7", "k k-7"),
            line("k-7", 1.0, 1, "4096-8192: 3 7"),
            two + two.replace("k-7", "k-8").replace("1.", "2."),
        };
        for (String text : failing) {
            assertEquals(1, importDamo(text).size(), text);
        }
        String[] read = {
            two,
            "# tracer: nop\n#\n# a b c: d\n# a: b\n\n" + two,
            " my thread-7 [000] 1.0: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 3 1\n"
                    + " my thread-7 [000] 1.1: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 3 1\n",
            line("k-7", 1.0, 1, "4096-8192: 3 7") + line("k-7", 1.25, 1, "0-0: -1 -1"),
        };
        for (String text : read) {
            assertEquals(List.of(), importDamo(text), text);
        }
    }

    private List<String> importDamo(String text) throws IOException {
        return Importers.importStream(
                        "input",
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)),
                        ImportOptions.NONE,
                        m -> Traces.create(
                                Files.createTempDirectory(dir, "i").resolve("t.damson"), m, WriterOptions.BATCH))
                .damo();
    }

    @Test
    void snapshotsOfAllTargetsAreInOrderOfTime() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int target = 0; target < 3; target++) {
            for (int i = 0; i < 4; i++) {
                text.append(line("k-7", 1 + i + target / 10.0, 1, "0-4096: 1 1")
                        .replace("target_id=0", "target_id=" + target));
            }
        }
        importText(text.toString());
        List<Long> ends = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                ends.add(s.endNs);
                assertEquals(1_000_000_000, s.endNs - s.startNs);
            }
        }
        assertEquals(12, ends.size());
        assertEquals(ends.stream().sorted().toList(), ends);
    }

    @Test
    void aSnapshotAfterLostOnesIsNotStretchedOverThem() throws IOException {
        importText(line("k-7", 1.0, 1, "0-4096: 1 1")
                + line("k-7", 1.1, 1, "0-4096: 1 1")
                + "CPU:0 [LOST 5 EVENTS]\n"
                + line("k-7", 1.6, 1, "0-4096: 1 1"));
        assertEquals("k0 t0 1500000000-1600000000 0-4096:1/1", snapshots().get(2));
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.BatchCursor rows = trace.rows(Table.LOSSES)) {
            Batch b = rows.next();
            assertEquals(1_100_000_000, b.get(0, 0));
            assertEquals(1_600_000_000, b.get(1, 0));
            assertEquals(5, b.get(3, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CPU:1 [LOST 5 EVENTS]",
                "perf 12 [001] 1.05: PERF_RECORD_LOST lost 5",
                "perf 12 [001] 1.05: PERF_RECORD_LOST_SAMPLES lost 5",
                "CPU:1 [5 EVENTS DROPPED]",
                "   a.dat:     CPU:1 [5 EVENTS DROPPED]",
                "[    1.050000] [   T93] CPU:1 [LOST 5 EVENTS]",
                "[    1.050000] host kernel: CPU:1 [LOST 5 EVENTS]",
                "LOST 5 events!",
                "\u001b[31mLOST 5 events!\u001b[m"
            })
    void countsWhatEachTracerSaysItLost(String gap) throws IOException {
        ImportReport report =
                importText(line("k-7", 1.0, 1, "0-4096: 1 1") + gap + "\n" + line("k-7", 1.1, 1, "0-4096: 1 1"));
        assertEquals(5, report.lost());
        assertEquals(2, report.snapshots());
    }

    /** The kernel does not always know how many; a reader behind one of its own does not either. */
    @ParameterizedTest
    @ValueSource(strings = {"CPU:1 [EVENTS DROPPED]", "CPU:1 [LOST EVENTS]"})
    void aLossOfUnknownSizeIsOne(String gap) throws IOException {
        assertEquals(
                1, importText(line("k-7", 1.0, 1, "0-4096: 1 1") + gap + "\n").lost());
        assertTrue(csv("t.damson", Table.LOSSES).contains("tracer,-1"), csv("t.damson", Table.LOSSES));
    }

    /** Fifteen characters that a thread may have for a name. */
    @Test
    void aNameThatTellsOfALossIsNone() throws IOException {
        String sample = "[LOST 5 EVENTS]    12 [001] 1.050000:          1 cpu-clock:            10 f+0x1 (/a)\n";
        ImportReport report = importText(line("k-7", 1.0, 1, "0-4096: 1 1")
                + sample
                + sample.replace("[LOST 5 EVENTS]", "[EVENTS DROPPED]".substring(1))
                + line("k-7", 1.1, 1, "0-4096: 1 1"));
        assertEquals(0, report.lost());
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"))) {
            assertEquals(2, trace.rowCount(Table.SAMPLES));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stairs/tracefs.txt.gz",
                "physical/tracefs.txt.gz",
                "service/tracefs.txt.gz",
                "many-regions/tracefs.txt.gz",
                "stairs-perf/damon.perf.script.gz"
            })
    void whatIsExportedAsTextImportsToTheSameRows(String name) throws Exception {
        Importers.importFile(
                DATA.resolve(name),
                ImportOptions.NONE,
                m -> Traces.create(dir.resolve("a.damson"), m, WriterOptions.BATCH));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (TraceSource trace = Traces.open(dir.resolve("a.damson"))) {
            Exporters.perfScript(trace, text);
        }
        Importers.importStream(
                "text",
                new ByteArrayInputStream(text.toByteArray()),
                ImportOptions.NONE,
                m -> Traces.create(dir.resolve("b.damson"), m, WriterOptions.BATCH));
        for (Table table : List.of(Table.REGIONS, Table.SNAPSHOTS, Table.SCHEMES)) {
            assertEquals(csv("a.damson", table), csv("b.damson", table));
        }
        assertTrue(csv("a.damson", Table.REGIONS).length() > 100_000);
    }

    private String csv(String trace, Table table) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TraceSource source = Traces.open(dir.resolve(trace))) {
            Exporters.csv(source, table, out);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void lossesTuningAndAbsentAgesSurviveTheTextToo() throws IOException {
        String text = line("k-7", 1.0, 2, "0-4096: 1") + line("k-7", 1.1, 1, "0-4096: 1")
                + "CPU:1 [LOST 5 EVENTS]\n"
                + "k-7 [000] ..... 1.15: damon_monitor_intervals_tune: sample_us=10000\n"
                + line("k-7", 1.3, 1, "0-4096: 2");
        importText(text);
        List<String> before = snapshots();
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"))) {
            Exporters.perfScript(trace, again);
        }
        Files.move(dir.resolve("t.damson"), dir.resolve("old.damson"));
        assertEquals(6, importText(again.toString(StandardCharsets.US_ASCII)).lost());
        assertEquals(before, snapshots());
        for (Table table : List.of(Table.LOSSES, Table.TUNING, Table.SNAPSHOTS)) {
            assertEquals(csv("old.damson", table), csv("t.damson", table));
        }
    }

    @Test
    void tellsKdamondsOfOneNameApartByThread() throws IOException {
        importText(line("kdamond.0-7", 1.0, 2, "0-4096: 1 1")
                + line("kdamond.0-8", 1.0, 1, "0-4096: 9 9")
                + line("kdamond.0-7", 1.0, 2, "4096-8192: 2 2")
                + line("kdamond.0-7", 1.1, 1, "0-8192: 3 3")
                + line("kdamond.0-8", 1.1, 1, "0-4096: 8 8"));
        List<String> lines = snapshots();
        assertEquals(4, lines.size());
        assertTrue(lines.contains("k0 t0 900000000-1000000000 0-4096:1/1 4096-8192:2/2"), lines.toString());
        assertTrue(lines.contains("k1 t0 1000000000-1100000000 0-4096:8/8"), lines.toString());
    }

    @Test
    void resynchronisesAfterALostRegionAndCountsIt() throws IOException {
        ImportReport report = importText(line("k-7", 1.0, 2, "0-4096: 1 1")
                + line("k-7", 1.1, 2, "0-4096: 2 2")
                + line("k-7", 1.1, 2, "4096-8192: 2 2")
                + "CPU:0 [LOST 5 EVENTS]\n");
        assertEquals(6, report.lost());
        assertEquals(
                List.of(
                        "k0 t0 900000000-1000000000 0-4096:1/1 lost 1",
                        "k0 t0 1000000000-1100000000 0-4096:2/2 4096-8192:2/2"),
                snapshots());
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"))) {
            assertEquals(2, trace.rowCount(Table.LOSSES));
        }
    }

    private static String burst(double time, int regions, int first, int last) {
        StringBuilder b = new StringBuilder();
        for (int i = first; i < last; i++) {
            b.append(line("k-7", time, regions, i * 4096 + "-" + (i + 1) * 4096 + ": 1 1"));
        }
        return b.toString();
    }

    @Test
    void theTailOfOneBurstAndTheHeadOfTheNextAreTwoSnapshots() throws IOException {
        ImportReport report = importText(burst(1.0, 4, 0, 4)
                + burst(1.1, 4, 0, 4)
                + burst(1.2, 4, 0, 1)
                + burst(1.3, 4, 2, 4)
                + burst(1.4, 4, 0, 4));
        assertEquals(5, report.lost());
        assertEquals(
                List.of(
                        "k0 t0 1100000000-1200000000 0-4096:1/1 lost 3",
                        "k0 t0 1200000000-1300000000 8192-12288:1/1 12288-16384:1/1 lost 2"),
                snapshots().subList(2, 4));
    }

    @Test
    void aBurstThatStallsButIsWholeIsOneSnapshot() throws IOException {
        ImportReport report = importText(burst(1.0, 4, 0, 4)
                + burst(1.1, 4, 0, 4)
                + burst(1.2, 4, 0, 1)
                + burst(1.26, 4, 1, 4)
                + burst(1.3, 4, 0, 4));
        assertEquals(0, report.lost());
        assertEquals(4, report.snapshots());
    }

    @Test
    void keepsTunedSamplingIntervalsPerSnapshot() throws IOException {
        importText(line("k-7", 1.0, 1, "0-4096: 1 1")
                + "k-7 [000] ..... 1.05: damon_monitor_intervals_tune: sample_us=10000\n"
                + line("k-7", 1.2, 1, "0-4096: 1 1"));
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertTrue(cursor.next(s));
            assertEquals(5_000, s.sampleUs);
            assertTrue(cursor.next(s));
            assertEquals(10_000, s.sampleUs);
            assertEquals(200_000, s.aggrUs);
        }
    }

    @Test
    void aRecordingMayBeginWithATunedInterval() throws IOException {
        importText("k-7 [000] ..... 0.95: damon_monitor_intervals_tune: sample_us=10000\n"
                + line("k-7", 1.0, 1, "0-4096: 1 1")
                + line("k-7", 1.2, 1, "0-4096: 1 1"));
        Snapshot s = new Snapshot();
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"));
                TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            assertTrue(cursor.next(s));
            assertTrue(cursor.next(s));
            assertEquals(10_000, s.sampleUs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello\nworld\n", "k-7 [0] 1.0: damon_aggregated: target_id=0 nr_regions=1 5-5: 0 0\n"})
    void refusesWhatHoldsNoEventAndLeavesNothing(String text) {
        TraceFormatException e = assertThrows(TraceFormatException.class, () -> importText(text));
        assertEquals(1, e.getMessage().lines().count());
        assertFalse(Files.exists(dir.resolve("t.damson")));
        assertFalse(Files.exists(dir.resolve("t.damson.part")));
    }

    @Test
    void countsRegionsOfARealRecordingLikeAnIndependentReader() throws Exception {
        Path file = DATA.resolve("stairs/tracefs.txt.gz");
        ImportReport report = Importers.importFile(
                file, ImportOptions.NONE, m -> Traces.create(dir.resolve("t.damson"), m, WriterOptions.BATCH));
        String text;
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        long rows = text.lines().filter(l -> l.contains("damon_aggregated:")).count();
        long accesses = text.lines()
                .filter(l -> l.contains("damon_aggregated:"))
                .mapToLong(l -> Long.parseLong(l.trim().split(": ")[3].split(" ")[0]))
                .sum();
        assertEquals(rows, report.regions());
        assertEquals(0, report.lost());
        try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
                Statement q = c.createStatement();
                ResultSet r = q.executeQuery(
                        "select count(*), sum(nr_accesses) from '" + dir + "/t.damson/regions-*.parquet'")) {
            assertTrue(r.next());
            assertEquals(rows, r.getLong(1));
            assertEquals(accesses, r.getLong(2));
        }
        try (TraceSource trace = Traces.open(dir.resolve("t.damson"))) {
            assertEquals(
                    text.lines().filter(l -> l.contains("damos_before_apply:")).count(), trace.rowCount(Table.SCHEMES));
            assertEquals(
                    MonitoringAttrs.IntervalsOrigin.ASSUMED,
                    trace.manifest().attrs.origin());
        }
    }

    @Test
    void mutatedInputGivesATraceOrOneClearLine() throws IOException {
        String good = line("kdamond.0-7", 1.0, 2, "0-4096: 3 7")
                + line("kdamond.0-7", 1.0, 2, "8192-12288: 0 1")
                + line("kdamond.0-7", 1.25, 1, "0-4096: 4 8");
        Random random = new Random(42);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = good.getBytes(StandardCharsets.ISO_8859_1);
            for (int m = 0; m < 1 + random.nextInt(4); m++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int round = i;
            Path trace = dir.resolve("m" + i + ".damson");
            try {
                Importers.importStream(
                        "input",
                        new ByteArrayInputStream(bytes),
                        ImportOptions.NONE,
                        x -> Traces.create(trace, x, new WriterOptions(false, 100, Long.MAX_VALUE, 0, 0, null)));
                assertEquals(List.of(), Traces.verify(trace).findings(), () -> "round " + round);
            } catch (TraceFormatException e) {
                assertEquals(1, e.getMessage().lines().count(), () -> "round " + round);
                assertFalse(Files.exists(trace));
            }
        }
    }
}
