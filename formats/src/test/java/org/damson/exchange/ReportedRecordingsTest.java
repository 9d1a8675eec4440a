package org.damson.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings of the kinds that people reported as misread, by damson or by others, and what is near them. */
final class ReportedRecordingsTest extends ReportedRecordings {
    private static final String REGION = "target_id=0 nr_regions=1 4096-8192: 3 7";

    @ParameterizedTest
    @CsvSource({
        "two-kdamonds.txt, two-kdamonds-tgid.txt",
        "two-kdamonds-interleaved.txt, two-kdamonds-interleaved-tgid.txt"
    })
    void twoKdamondsAreTwoWhateverColumnsStandBesideThem(String plain, String tgid) throws IOException {
        imported(text(plain));
        assertEquals(20, report.snapshots());
        assertEquals(0, report.lost());
        List<String> right = rows(Table.REGIONS);
        List<String> snapshots = rows(Table.SNAPSHOTS);
        assertEquals(
                2, snapshots.stream().map(r -> r.split("\\|")[1]).distinct().count());
        String unknownGroup = text(tgid).replaceAll("\\( *\\d+\\)", "(-------)");
        String latency = text(plain).replaceAll("kdamond\\.(\\d)-(\\d+) +\\[00(\\d)] (\\.+)", "kdamond.-$2     $3$4");
        String raw = text(plain).replaceAll("kdamond\\.(\\d)-(\\d+) +\\[00(\\d)] (\\.+)", "kdamond.-$2     $3-0x0");
        String perf =
                text(plain).replaceAll("kdamond\\.(\\d)-(\\d+) +\\[00(\\d)] (\\.+)", "kdamond.$1 $2/$2 [00$3] K ");
        String noCpu = text(plain).replaceAll("-(\\d+) +\\[00(\\d)] (\\.+)", " $1 ");
        String timed = "kdamond\\.(\\d)-(\\d+) +\\[00(\\d)] \\.+ +(\\d+)\\.(\\d{6}):";
        String dated = text(plain).replaceAll(timed, "kdamond.$1 $2 [00$3] 2026-11-30 15:38:00.$5 $4.$5:");
        String log = text(plain).replaceAll(timed, "[    $4.$5] [   T$2]");
        String named = text(plain).replaceAll("-(\\d+) +\\[00(\\d)] (\\.+)", " ");
        String columns =
                text(plain).replaceAll("kdamond\\.(\\d)-(\\d+) +\\[00(\\d)] (\\.+) +", "kdamond.    $2   $3   ");
        // The same numbers in two recordings.
        String files = text(plain).replaceAll("(?m)^ *kdamond\\.(\\d)-(\\d+)", "$1/a.dat:    kdamond.$1-93");
        for (String text :
                List.of(text(tgid), unknownGroup, latency, raw, perf, noCpu, dated, log, columns, files, named)) {
            imported(text);
            assertEquals(right, rows(Table.REGIONS), text.substring(0, 90));
            assertEquals(snapshots, rows(Table.SNAPSHOTS), text.substring(0, 90));
        }
        assertTrue(noted("told apart by their names"), report.notes()::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "k 7 [000] 1.500000:          1 damon:damon_aggregated: ",
                "k-7 [000] 1.500000: (+349)   damon_aggregated: ",
                "k-7 [000] ..... 1.500000000: damon_aggregated: ",
                "k-7 0d..2 1500000us : damon_aggregated: ",
                "k-7 0d..2 1500000us+: damon_aggregated: ",
                "1.500000: damon:damon_aggregated: ",
                "k 1.500000: damon:damon_aggregated: ",
                "k 7 [000] U     1.500000: damon:damon_aggregated: (55b71c219179) ",
                "my [3] 7 1.500000: damon:damon_aggregated: ",
                "k 7 [000] 2026-11-30 15:38:00.123456     1.500000: damon:damon_aggregated: ",
                "               k       7   0 1 00000000 0000001f [0016e360] 1500.000ms (+0.001ms): damon_aggregated: ",
                "[    1.500000] damon_aggregated: ",
                "[    1.500000][    T7] damon_aggregated: ",
                "kern  :info  : [    1.500000] [    T7] damon_aggregated: ",
                "<6>[    1.500000] damon_aggregated: ",
                "[    1.500000] host kernel: damon_aggregated: ",
                "[    9.000001] k-7     0d..2 1500000us : damon_aggregated: ",
                "1500.000 k/7 damon:damon_aggregated(",
                "1500.000 ( 0.001 ms): my k/7 damon:damon_aggregated(",
                "1500.000 damon:damon_aggregated("
            })
    void headsOfAllToolsAreReadOrCounted(String head) throws IOException {
        String close = head.endsWith("(") ? ")" : "";
        String[] fields = {
            REGION,
            "target_id=0 nr_regions=1 start=4096 end=8192 nr_accesses=3 age=7",
            "target_id=0x0 nr_regions=0x1 start=0x1000 end=0x2000 nr_accesses=0x3 age=0x7",
            "target_id: 0, nr_regions: 1, start: 4096, end: 8192, nr_accesses: 3, age: 7"
        };
        for (String f : fields) {
            imported(head + f + close + "\n");
            assertEquals(List.of("0|1400000000|1500000000|0|4096|8192|3|7"), rows(Table.REGIONS), head + f);
        }
    }

    /** perf trace leaves out numbers that are zero, and takes those beyond 2^63 for negative ones. */
    @Test
    void numbersThatPerfTraceLeavesOutAreZero() throws IOException {
        imported("100.000 k/7 damon:damon_aggregated(nr_regions: 2, end: 4096, age: 9)\n"
                + "100.001 k/7 damon:damon_aggregated(nr_regions: 2, start: 4096, end: 8192, nr_accesses: 3)\n"
                + "100.001 k/7 damon:damon_aggregated(target_id: -2, nr_regions: 1, start: 4096, end: 8192)\n"
                + "100.002 k/7 damon:damos_before_apply(nr_regions: 2, start: 4096, end: 8192, nr_accesses: 3)\n"
                + "100.003 k/7 damon:damos_esz()\n"
                + "100.004 k/7 damon:damos_stat_after_apply_interval(scheme_idx: 1, nr_tried: 5)\n");
        assertEquals(0, report.lost());
        assertEquals(
                List.of(
                        "0|0|100000000|0|0|4096|0|9",
                        "0|0|100000000|0|4096|8192|3|0",
                        "1|1000|100001000|-2|4096|8192|0|0"),
                rows(Table.REGIONS));
        assertEquals(1, rows(Table.SCHEMES).size());
        assertTrue(rows(Table.SCHEMES).get(0).startsWith("100002000|0|0|0|"), rows(Table.SCHEMES)::toString);
        List<String> numbers = rows(Table.SCHEME_STATS);
        assertEquals("100003000|0|0|0|damos_esz.esz|0", numbers.get(0));
        assertEquals("100004000|0|0|1|damos_stat_after_apply_interval.nr_tried|5", numbers.get(1));
        assertEquals(8, numbers.size());
    }

    /** What is cut off has its closing bracket not. */
    @Test
    void aLineOfPerfTraceThatIsCutOffIsNone() throws IOException {
        imported("100.000 k/7 damon:damon_aggregated(nr_regions: 1, end: 4096, age: 9)\n"
                + "100.001 k/7 damon:damon_aggregated(nr_regions: 1, start: 4096, e");
        assertEquals(1, report.snapshots());
        assertTrue(noted("1 event lines could not be read"), report.notes()::toString);
    }

    @Test
    void aLineWithoutATimeIsCountedAndNamed() throws IOException {
        imported("k 7 [000] 1.5: damon:damon_aggregated: " + REGION + "\n" + "k 7 [000] damon:damon_aggregated: "
                + REGION + "\n# damon:damon_aggregated: a=b\n");
        assertEquals(1, report.snapshots());
        assertEquals(1, report.lost());
        assertTrue(
                noted("1 event lines could not be read, the first: line 2: no time is found"),
                report.notes()::toString);
    }

    @Test
    void aTimeOfDayInTheKernelsLogIsRefusedForThatReason() {
        for (String head : List.of("[Mon Nov 30 15:38:00 2026] ", "Nov 30 15:38:00 host kernel: ")) {
            TraceFormatException e = assertThrows(
                    TraceFormatException.class, () -> imported(head + "damon_aggregated: " + REGION + "\n"));
            assertTrue(
                    e.getMessage().contains("line 1: before damon_aggregated is the time of day only"), e.getMessage());
        }
    }

    @Test
    void whatTheTracerOverwroteIsSaid() throws IOException {
        String event = "k-7 [000] ..... 1.500000: damon_aggregated: " + REGION + "\n";
        imported("# entries-in-buffer/entries-written: 1/3000000001   #P:2\n#\n" + event);
        assertTrue(noted("it overwrote or dropped 3,000,000,000 events"), report.notes()::toString);
        imported(event + "CPU: 0\nentries: 1\noverrun: 7\ncommit overrun: 0\ndropped events: 2\n");
        assertTrue(noted("it overwrote or dropped 9 events"), report.notes()::toString);
        imported("# entries-in-buffer/entries-written: 1/1   #P:2\n" + event + "overrun: 0\n");
        assertEquals(
                List.of(),
                report.notes().stream().filter(n -> n.contains("overwrote")).toList());
    }

    @Test
    void everyLineOfTsDiffIsRead() throws IOException {
        imported(text("ts-diff.trace-cmd-report.txt"));
        long lines = text("ts-diff.trace-cmd-report.txt")
                .lines()
                .filter(l -> l.contains("damon_aggregated:"))
                .count();
        assertEquals(lines, report.regions());
        assertEquals(0, report.lost());
    }

    @Test
    void ticksOfUnknownLengthAreRefusedByName() throws IOException {
        for (String text : List.of(
                text("counter-clock.txt"),
                "k-7 [000] 5113459461287: damon_aggregated: " + REGION,
                "k-7 [000] ..... 18446744073709551615: damon_aggregated: " + REGION)) {
            TraceFormatException e = assertThrows(TraceFormatException.class, () -> imported(text));
            assertTrue(e.getMessage().contains("counts ticks"), e.getMessage());
        }
    }

    @Test
    void anEventThatStandsTwiceIsTakenOnce() throws IOException {
        imported(text("nodup.perf-script.txt"));
        List<String> right = rows(Table.REGIONS);
        imported(text("dup.perf-script.txt"));
        assertEquals(right, rows(Table.REGIONS));
        assertEquals(0, report.lost());
        assertTrue(noted("taken once: 1"), report.notes()::toString);
        // Of any event, also the last of a snapshot.
        List<String> lines = text("nodup.perf-script.txt").lines().toList();
        for (int twice = 0; twice < lines.size(); twice++) {
            List<String> some = new ArrayList<>(lines);
            some.add(twice, lines.get(twice));
            imported(String.join("\n", some) + "\n");
            assertEquals(right, rows(Table.REGIONS), "line " + (twice + 1));
            assertEquals(0, report.lost(), "line " + (twice + 1));
        }
    }

    @Test
    void perfTraceLinesAreRead() throws IOException {
        imported(text("damon.trace"));
        assertEquals(15, report.regions());
        assertEquals(0, report.lost());
        // So short a trace does without sums.
        assertEquals(
                "0|0|0|-1|0|900000000|1000000000|5000|100000|3|24576|0",
                rows(Table.SNAPSHOTS).get(0));
    }

    @Test
    void countsOf32BitsAreKeptAsFarAsATraceCan() throws IOException {
        imported(recording("odd.json"));
        assertEquals(2, report.regions());
        assertTrue(noted("2 counts above 2147483647 are kept as 2147483647"), report.notes()::toString);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        try (TraceSource source = Traces.open(trace)) {
            Exporters.damoJson(source, again);
        }
        String json = again.toString(StandardCharsets.US_ASCII);
        assertTrue(json.contains("\"4,294,967,295\"") && json.contains("\"samples\": 4294967295"), json);
        imported("k-7 [000] 1.5: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 4294967295 4294967295\n");
        assertEquals(List.of("0|1400000000|1500000000|0|4096|8192|2147483647|2147483647"), rows(Table.REGIONS));
    }

    @Test
    void damosEnvelopeIsReadLikeWhatIsInIt() throws IOException {
        byte[] plain = Files.readAllBytes(Path.of("..", "testdata", "zigzag-damo", "damon.data"));
        InputStream inflated = new java.util.zip.InflaterInputStream(new ByteArrayInputStream(plain));
        String records = new String(inflated.readAllBytes(), StandardCharsets.UTF_8);
        imported(records);
        List<String> right = rows(Table.REGIONS);
        imported("{\"damo_record_ver\":1,\"damo_records\":{\"kdamonds\":[],\"records\":" + records + "}}");
        assertEquals(right, rows(Table.REGIONS));
        imported("{\"damo_records\":{\"records\":" + records + ",\"kdamonds\":[{}]},\n\"damo_record_ver\":1}");
        assertEquals(right, rows(Table.REGIONS));
        assertTrue(noted("'kdamonds' of the file is left out"), report.notes()::toString);
        String list = records.strip();
        String first = list.substring(1, list.length() - 1);
        for (String named : List.of(
                "{\"damo_record_ver\":1,\"damo_records\":{\"damon_records\":" + records + "}}",
                "{\"damo_record_ver\":1,\"damo_records\":{\"damon_records_list\":" + records + ",\"kdamonds\":[]}}",
                "{\"damo_record_ver\":1,\"damo_records\":{\"damon_records\":{\"kdamonds\":[],\"record_list\":" + records
                        + "}}}",
                "{\"damo_record_ver\":1,\"damo_records\":[{\"damon_records\":{\"kdamonds\":[],\"record_list\":"
                        + records + "}}]}",
                // What damo report attrs --json prints, and an element of it.
                "[{\"damon_records\":{\"kdamonds\":[],\"record_list\":[" + first + "]}}]",
                "{\"damon_records\":{\"kdamonds\":[],\"record_list\":" + records + "}}")) {
            imported(named);
            assertEquals(right, rows(Table.REGIONS));
            assertEquals(
                    List.of(),
                    report.notes().stream().filter(n -> n.contains("left out")).toList());
        }
        assertThrows(TraceFormatException.class, () -> imported("[{}]"));
        TraceFormatException e = assertThrows(
                TraceFormatException.class,
                () -> imported("{\"damo_record_ver\":2,\"damo_records\":{\"records\":[]}}"));
        assertTrue(e.getMessage().contains("damo_record_ver 2, known is 1"), e.getMessage());
    }

    @Test
    void timesOfDamosJsonForPeopleAreRead() throws IOException {
        imported(
                "[{\"intervals\":{\"sample_us\":\"5 ms\",\"aggr_us\":\"100 ms\",\"ops_update_us\":\"1 s\"},\"target_id\":0,"
                        + "\"snapshots\":[{\"start_time\":\"11,574 d 1 h 46 m 40 s\","
                        + "\"end_time\":\"11,574 d 1 h 46 m 40 s 100 ms 3 us 7 ns\",\"regions\":[{\"start\":\"4,096\","
                        + "\"end\":\"8,192\",\"nr_accesses\":{\"samples\":3},\"age\":{\"aggr_intervals\":\"7\"}}],"
                        + "\"total_bytes\":\"4.000 KiB\"}]}]");
        assertEquals(List.of("0|1000000000000000000|1000000000100003007|0|4096|8192|3|7"), rows(Table.REGIONS));
    }

    @Test
    void whatPerfCountsTwiceIsLostOnce() throws IOException {
        imported(recording("lost-both.perf.data.gz"));
        // 20 events, and 5 regions that snapshots lack.
        assertEquals(25, report.lost());
        List<String> tracer =
                rows(Table.LOSSES).stream().filter(r -> r.contains("|tracer|")).toList();
        assertEquals(1, tracer.size(), tracer::toString);
        String[] row = tracer.get(0).split("\\|");
        assertEquals("20", row[3]);
        assertTrue(row[0].startsWith("19") && row[1].startsWith("19"), tracer::toString);
    }

    @Test
    void lossesOfTextAreLostOnceToo() throws IOException {
        String one = "k-7 [000] 1.0: damon_aggregated: " + REGION + "\n";
        String two = one.replace(" 1.0", " 1.1");
        String lost = "perf 12 [001] 1.05: PERF_RECORD_LOST lost 5\n";
        imported(one + lost + two + "perf 0 [000] 0.000000: PERF_RECORD_LOST_SAMPLES lost 5\n");
        assertEquals(5, report.lost());
        imported(one + lost + two + "perf 0 [000] 0.000000: PERF_RECORD_LOST_SAMPLES lost 8\n");
        assertEquals(8, report.lost());
        assertTrue(
                rows(Table.LOSSES).get(1).startsWith("1000000000|1100000000|tracer|3|"), rows(Table.LOSSES)::toString);
    }

    @Test
    void paddingOfAnOptionalSectionCostsNothing() throws IOException {
        imported(recording("bidpad.perf.data.gz"));
        assertEquals(405, rows(Table.SAMPLES).size());
        assertEquals(0, report.lost());
    }

    @Test
    void textBehindThePipesDataIsNamedAndADamagedEndIsALoss() throws IOException {
        byte[] pipe = recording("pipe-tail.perf.data");
        imported(pipe);
        assertEquals(34, rows(Table.SAMPLES).size());
        assertEquals(0, report.lost());
        assertTrue(noted("47 bytes of text after the data are left out: [ perf record"), report.notes()::toString);
        List<String> all = rows(Table.SAMPLES);
        // Cut off in the middle: what is whole before that is kept.
        imported(Arrays.copyOf(pipe, pipe.length * 2 / 3));
        assertEquals(1, report.lost());
        assertTrue(noted("the recording is cut off"), report.notes()::toString);
        List<String> some = rows(Table.SAMPLES);
        assertTrue(!some.isEmpty() && some.size() < 34);
        assertEquals(all.subList(0, some.size()), some);
    }

    @Test
    void aFileThatIsCutOffKeepsWhatIsWhole() throws IOException {
        List<DamonEvent> events = PerfDataWriter.events(71, 40);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            PerfDataWriter writer = new PerfDataWriter(order);
            byte[] v6 = writer.traceDat6(List.of(events));
            imported(v6);
            List<String> whole = rows(Table.REGIONS);
            imported(Arrays.copyOf(v6, v6.length - 4096));
            List<String> kept = rows(Table.REGIONS);
            assertTrue(!kept.isEmpty() && kept.size() < whole.size());
            assertTrue(noted("the recording is cut off"), report.notes()::toString);
            assertEquals(whole.subList(0, kept.size()), kept);
            // A perf.data has the formats of DAMON's events behind the data; without them there are no events.
            byte[] file = writer.file(events, false);
            imported(Arrays.copyOf(file, file.length / 2));
            assertTrue(noted("formats of tracepoints are not there"), report.notes()::toString);
            assertEquals(1, report.lost());
        }
    }

    private static String hits(double time, String event, String region) {
        return "kdamond.0-7 [000] ..... %.6f: %s: target_id=0 nr_regions=2 %s\n".formatted(time, event, region);
    }

    @Test
    void regionsWithProbeHitsAreSnapshotsAloneAndBesideTheOthers() throws IOException {
        String[] regions = {"4096-8192: 3 7", "8192-12288: 0 1"};
        String[] hits = {" probe_hits=13 00", " probe_hits=0a 01"};
        StringBuilder alone = new StringBuilder();
        StringBuilder both = new StringBuilder();
        StringBuilder swapped = new StringBuilder();
        for (int s = 0; s < 3; s++) {
            for (int r = 0; r < 2; r++) {
                double time = 1 + s / 10.0 + r / 1e5;
                String plain = hits(time, "damon_aggregated", regions[r]);
                String withHits = hits(time + 1e-6, "damon_region_aggregated", regions[r] + hits[r]);
                alone.append(withHits.replace("%.6f".formatted(time + 1e-6), "%.6f".formatted(time)));
                both.append(plain).append(withHits);
                swapped.append(withHits).append(plain);
            }
        }
        imported(alone.toString());
        assertEquals(0, report.lost());
        List<String> right = rows(Table.REGIONS);
        assertEquals(6, right.size());
        assertEquals("0|900000000|1000000000|0|4096|8192|3|7|19", right.get(0));
        assertEquals("0|900000000|1000000000|0|8192|12288|0|1|65546", right.get(1));
        imported(both.toString());
        assertEquals(0, report.lost());
        assertEquals(right, rows(Table.REGIONS));
        imported(swapped.toString());
        assertEquals(0, report.lost());
        assertEquals(
                right.stream().map(r -> r.replaceFirst("\\|\\d+\\|\\d+", "")).toList(),
                rows(Table.REGIONS).stream()
                        .map(r -> r.replaceFirst("\\|\\d+\\|\\d+", ""))
                        .toList());
        // One of the two of a region lost: it is there all the same, its hits not known where those went.
        String withoutHits = both.toString().replaceFirst("kdamond.*1\\.10001.: damon_region_aggregated.*\n", "");
        imported(withoutHits);
        assertEquals(0, report.lost());
        assertTrue(rows(Table.REGIONS).get(3).endsWith("8192|12288|0|1|-1"), rows(Table.REGIONS)::toString);
        imported(both.toString().replaceFirst("kdamond.*1\\.100010: damon_aggregated.*\n", ""));
        assertEquals(0, report.lost());
        assertTrue(rows(Table.REGIONS).get(3).endsWith("8192|12288|0|1|65546"), rows(Table.REGIONS)::toString);
    }

    @Test
    void oneRegionWithHitsIsOneSnapshotEach() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < 4; s++) {
            String line =
                    hits(1 + s / 10.0, "damon_aggregated", "4096-8192: 0 0").replace("nr_regions=2", "nr_regions=1");
            text.append(line)
                    .append(line.replace("damon_aggregated", "damon_region_aggregated")
                            .replace(": 0 0", ": 0 0 probe_hits=05"));
        }
        imported(text.toString());
        assertEquals(4, report.snapshots());
        assertEquals(0, report.lost());
        assertTrue(rows(Table.REGIONS).stream().allMatch(r -> r.endsWith("|0|0|5")), rows(Table.REGIONS)::toString);
    }

    @Test
    void numbersOfSchemesAreKeptByNameAndOtherEventsAreCounted() throws IOException {
        String head = "kdamond.0-7 [000] ..... 1.5: ";
        imported(head + "damon_aggregated: " + REGION + "\n"
                + head
                + "damos_stat_after_apply_interval: ctx_idx=0 scheme_idx=1 nr_tried=4 sz_tried=40960 nr_applied=3"
                + " sz_tried=4096 sz_ops_filter_passed=0 qt_exceeds=2 nr_snapshots=9\n"
                + head + "damos_esz: ctx_idx=0 scheme_idx=1 esz=12345\n"
                + head + "damon_new_event: kind=file value=0x10\n");
        String row = "1500000000|0|0|1|damos_stat_after_apply_interval.";
        assertEquals(
                List.of(
                        row + "nr_tried|4",
                        row + "sz_tried|40960",
                        row + "nr_applied|3",
                        row + "sz_applied|4096",
                        row + "sz_ops_filter_passed|0",
                        row + "qt_exceeds|2",
                        row + "nr_snapshots|9",
                        "1500000000|0|0|1|damos_esz.esz|12345"),
                rows(Table.SCHEME_STATS));
        assertTrue(noted("1 unknown event of DAMON left out: damon_new_event 1"), report.notes()::toString);
    }

    @Test
    void eventsOfOthersInATraceDatAreCountedByName() throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            byte[] file = new PerfDataWriter(order).traceDat6(List.of(PerfDataWriter.events(71, 4)));
            ByteBuffer b = ByteBuffer.wrap(file).order(order);
            int changed = 0;
            for (int at = 4096; at + 8 < file.length && changed < 2; at += 4) {
                if (b.getShort(at) == PerfDataWriter.ID && b.getInt(at + 4) == 71) {
                    b.putShort(at, (short) (changed++ == 0 ? 2 : 999)); // sched_switch, and what has no format
                }
            }
            imported(file);
            assertTrue(
                    noted("2 events other than DAMON's left out: event 999 1, sched:sched_switch 1"),
                    report.notes()::toString);
        }
    }
}
