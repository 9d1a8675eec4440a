package org.damson.analyzer.render.text;

import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.objects.TraceEvents;
import org.damson.analyzer.workingset.Evaluation;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Events as lines and as JSON, and traces beside each other. */
final class EventTextsTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static MemoryTrace trace() {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(-1L, 0, 1500);
        s.columns = Snapshot.HAS_AGE;
        s.add(HIGH, HIGH + (3 << 20), 5, 7);
        t.row(Table.TUNING, 1_600_000_123L, 2, 5_000L, 100_000L);
        t.row(Table.SCHEMES, 1_700 * MS, 0, 1, 2, -2L, HIGH, HIGH + 4096, 3, 9, 40);
        t.row(Table.SCHEME_STATS, 1_800 * MS, 0, 1, 2, "sz_tried\u001b", 12345L);
        t.row(Table.LOSSES, 1_900 * MS, 2_000 * MS, "ring\n", -1L, "events");
        t.row(Table.LOSSES, 2_900 * MS, 3_000 * MS, "ring", 7L, "events");
        return t;
    }

    private static List<String> lines(MemoryTrace t) throws IOException {
        StringBuilder b = new StringBuilder();
        EventLines.write(t, TraceQuery.ALL, Set.copyOf(TraceEvents.EVENTS), b);
        return b.toString().lines().toList();
    }

    /** Seconds and microseconds, cut; addresses and target ids without sign; texts stay on their line. */
    @Test
    void everyEventIsALine() throws IOException {
        MemoryTrace t = trace();
        assertEquals(
                List.of(
                        "1.500000 damon_aggregated target 18446744073709551615 region 0/1 0xffff800000000000-0xffff800000300000"
                                + " (3 MiB) accesses 5 age 7",
                        "1.600000 damon_monitor_intervals_tune kdamond 2 sample 5 ms aggregation 100 ms",
                        "1.700000 damos_before_apply kdamond 0 context 1 scheme 2 target 18446744073709551614"
                                + " 0xffff800000000000-0xffff800000001000 (4 KiB) accesses 3 age 9",
                        "1.800000 damos_stat_after_apply_interval kdamond 0 context 1 scheme 2 sz_tried? 12345",
                        "1.900000 lost ring : an unknown number of events",
                        "2.900000 lost ring: 7 events"),
                lines(t));
    }

    /** A region without an age has none, and one of more than half of all addresses is not negative. */
    @Test
    void aRegionWithoutAnAgeHasNone() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.columns = Snapshot.HAS_AGE;
        s.add(0, Long.MIN_VALUE + 4096, 0, -1);
        assertEquals(
                List.of("0.100000 damon_aggregated target 0 region 0/1 0x0-0x8000000000001000 (8 EiB) accesses 0"),
                lines(t));
    }

    @Test
    void jsonHasTheSameUnderTheNamesOfColumns() throws IOException {
        MemoryTrace t = trace();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventJson.write(t, TraceQuery.ALL, Set.of("damon_aggregated", "damos_before_apply", "lost"), out);
        assertEquals(
                """
                {"events":[\
                {"time_ns":1500000000,"event":"damon_aggregated","kdamond":0,"context":0,"target":18446744073709551615,"region":0,\
                "regions":1,"start":"0xffff800000000000","end":"0xffff800000300000","bytes":3145728,"nr_accesses":5,"age":7},\
                {"time_ns":1700000000,"event":"damos_before_apply","kdamond":0,"context":1,"scheme":2,"target":18446744073709551614,\
                "start":"0xffff800000000000","end":"0xffff800000001000","nr_accesses":3,"age":9,"nr_regions":40},\
                {"time_ns":1900000000,"event":"lost","from_ns":1900000000,"to_ns":2000000000,"source":"ring\\n","count":-1,"cause":"events"},\
                {"time_ns":2900000000,"event":"lost","from_ns":2900000000,"to_ns":3000000000,"source":"ring","count":7,"cause":"events"}]}
                """,
                out.toString(StandardCharsets.UTF_8));
    }

    private static Evaluation.Row row(String name, double... first) {
        double[] values = new double[Evaluation.Column.values().length];
        Arrays.fill(values, Double.NaN);
        System.arraycopy(first, 0, values, 0, first.length);
        return new Evaluation.Row(name, values);
    }

    private static List<String> cells(String line) {
        return List.of(line.strip().split(" {2,}"));
    }

    /** Runtime and bytes used. From 2 s to 3 s is +50 %; a change from zero has no percentage. */
    @Test
    void tracesAreComparedWithTheFirst() {
        List<Evaluation.Row> rows = List.of(row("a\u001b", 2, 1024, 0), row("b", 3, 512, 5));
        List<String> lines = MatrixReports.text(rows).lines().toList();
        assertEquals(4, lines.size());
        assertEquals(
                List.of("# trace", "runtime", "system used", "rss"),
                cells(lines.get(0)).subList(0, 4));
        assertEquals(
                List.of("a?", "2.00 s", "1 KiB", "0 B", "-"),
                cells(lines.get(1)).subList(0, 5));
        assertEquals(
                List.of("# b against the first", "+50.0 %", "-50.0 %", "-", "-"),
                cells(lines.get(3)).subList(0, 5));
        assertEquals(2, MatrixReports.text(rows.subList(0, 1)).lines().count());
    }

    @Test
    void machinesGetWholeBytesAndNothingForWhatIsNotKnown() throws IOException {
        List<Evaluation.Row> rows = List.of(row("=a,b", 2.5, 1023.6));
        StringBuilder csv = new StringBuilder();
        MatrixReports.csv(rows, csv);
        List<String> lines = csv.toString().lines().toList();
        assertEquals(
                "trace,runtime_s,system_used_bytes,rss_bytes,rss_max_bytes,working_set_bytes,working_set_p50_bytes,"
                        + "working_set_p95_bytes,kdamond_cpu_percent,major_faults,memory_pressure_percent",
                lines.get(0));
        assertEquals("\"'=a,b\",2.500000,1024,,,,,,,,", lines.get(1));
        List<Object> values = new ArrayList<>(MatrixReports.json(rows).get(0).values());
        assertEquals(Arrays.asList("=a,b", 2.5, 1024L, null), values.subList(0, 4));
    }
}
