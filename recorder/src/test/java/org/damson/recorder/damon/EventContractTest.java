package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.damson.exchange.Exporters;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.recorder.kernel.FakeTracefs;
import org.damson.recorder.kernel.TraceInstance;
import org.damson.recorder.ring.Sampler;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same events as text, perf.data, trace.dat and in a live ring give equal tables. */
@Timeout(120)
final class EventContractTest {
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN);
    private static final List<Table> TABLES =
            List.of(Table.REGIONS, Table.SNAPSHOTS, Table.SCHEMES, Table.TUNING, Table.SCHEME_STATS, Table.LOSSES);
    private static final int CPUS = 2;

    /** Kdamonds that run from the beginning, numbered as they appear. */
    private static final class Kdamonds implements Session {
        private int next;
        private boolean isOver;

        @Override
        public MonitoringAttrs attrs() {
            return ATTRS;
        }

        @Override
        public void describe(Map<String, Object> recording) {}

        @Override
        public Facts of(int thread) {
            return new Facts(next++, ATTRS.sampleUs(), ATTRS.aggrUs(), false, 1);
        }

        @Override
        public boolean tick(long nowNs) {
            // Once, so that a round without the end is gone through too.
            boolean wasOver = isOver;
            isOver = true;
            return !wasOver;
        }

        @Override
        public void close() {}
    }

    @TempDir
    Path dir;

    private final List<String> notices = new ArrayList<>();
    private int traces;

    private Map<Table, String> tables(Path trace) throws IOException {
        Map<Table, String> all = new LinkedHashMap<>();
        try (TraceSource source = Traces.open(trace)) {
            for (Table table : TABLES) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Exporters.csv(source, table, out);
                all.put(table, out.toString(StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    private Map<Table, String> imported(byte[] recording) throws IOException {
        Path trace = dir.resolve(traces++ + ".damson");
        ImportReport report = Importers.importStream(
                "recording",
                new ByteArrayInputStream(recording),
                new ImportOptions(ATTRS),
                m -> Traces.create(trace, m, WriterOptions.BATCH));
        notices.addAll(report.notes());
        return tables(trace);
    }

    private Map<Table, String> live(EventScript script, int most) throws Exception {
        Path trace = dir.resolve(traces++ + ".damson");
        FakeTracefs tracefs = new FakeTracefs(dir.resolve("tracefs" + traces), script, CPUS, most);
        AtomicLong nowNs = new AtomicLong();
        TraceInstance instance = TraceInstance.create(tracefs, tracefs.root, 1 << 16, 40, script.formats());
        try (DamonSource source = DamonSource.start(new Kdamonds(), instance, nowNs::get)) {
            source.tellTo(notices::add);
            nowNs.set(1L << 50);
            Manifest manifest = new Manifest();
            source.describe(manifest);
            TraceSink sink = Traces.create(trace, manifest, WriterOptions.BATCH);
            Snapshot s = new Snapshot();
            while (source.next(s)) {
                sink.append(s);
                nowNs.addAndGet(1_000_000_000);
            }
            while (source.rest(s)) {
                sink.append(s);
            }
            for (Sampler sampler : source.samplers()) {
                if (TABLES.contains(sampler.table())) {
                    Batch rows = new Batch(sampler.table());
                    sampler.sample(0, rows);
                    if (rows.rows() > 0) {
                        sink.append(rows);
                    }
                }
            }
            sink.close();
        }
        return tables(trace);
    }

    /** Compares all four and returns what all of them gave. */
    private Map<Table, String> same(EventScript script, int most) throws Exception {
        Map<Table, String> text = imported(script.text());
        Map<String, Map<Table, String>> others = new LinkedHashMap<>();
        others.put("trace.dat", imported(script.traceDat(CPUS, most)));
        others.put("live", live(script, most));
        others.put("perf.data", imported(script.perfData(CPUS)));
        for (Map.Entry<String, Map<Table, String>> other : others.entrySet()) {
            for (Table table : TABLES) {
                assertSame(text.get(table), other.getValue().get(table), table + " of " + other.getKey());
            }
        }
        Path trace = dir.resolve("0.damson");
        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        try (TraceSource source = Traces.open(trace)) {
            Exporters.perfScript(source, exported);
        }
        Map<Table, String> again = imported(exported.toByteArray());
        for (Table table : List.of(Table.REGIONS, Table.SNAPSHOTS, Table.SCHEMES, Table.TUNING)) {
            assertSame(text.get(table), again.get(table), table + " of the trace exported as text");
        }
        return text;
    }

    /** Names the first row that differs: the whole tables are too long to be read. */
    private static void assertSame(String expected, String actual, String what) {
        List<String> a = expected.lines().toList();
        List<String> b = actual.lines().toList();
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            assertEquals(a.get(i), b.get(i), what + ", row " + i);
        }
        assertEquals(a.size(), b.size(), what);
    }

    private static long rows(String csv) {
        return csv.lines().count() - 1;
    }

    /** Regions {@code from} to {@code to} (excluded) of a burst of {@code of}, a microsecond apart. */
    private static void burst(
            EventScript script, int cpu, long timeUs, int thread, long target, int of, int from, int to) {
        for (int i = from; i < to; i++) {
            script.region(cpu, timeUs + i, thread, target, of, i * 8192L, i * 8192L + 4096, i % 21, 3);
        }
    }

    @Test
    void twoKdamondsWithSeveralTargetsThatMoveBetweenProcessors() throws Exception {
        EventScript script = new EventScript();
        for (int n = 1; n <= 6; n++) {
            burst(script, n % 2, n * 100_000, 70, 0, 5, 0, 3);
            burst(script, (n + 1) % 2, n * 100_000, 70, 0, 5, 3, 5);
            burst(script, (n + 1) % 2, n * 100_000 + 10, 70, 1, 4, 0, 4);
            // The other one, in between and longer.
            burst(script, n % 2, n * 100_000 + 1, 71, 0, 40, 0, 40);
        }
        Map<Table, String> tables = same(script, 7);
        assertEquals(18, rows(tables.get(Table.SNAPSHOTS)));
        assertEquals(6 * 49, rows(tables.get(Table.REGIONS)));
        assertEquals(0, rows(tables.get(Table.LOSSES)));
    }

    @Test
    void eventsOfOneTimeKeepTheirOrder() throws Exception {
        EventScript script = new EventScript();
        for (int n = 1; n <= 4; n++) {
            for (int r = 0; r < 6; r++) {
                script.region(0, n * 100_000, 70, 0, 6, r * 8192, r * 8192 + 4096, r, n);
                script.region(1, n * 100_000, 71, 0, 6, r * 8192, r * 8192 + 4096, 20 - r, n);
            }
        }
        Map<Table, String> tables = same(script, 4);
        assertEquals(8, rows(tables.get(Table.SNAPSHOTS)));
        assertEquals(0, rows(tables.get(Table.LOSSES)));
    }

    @Test
    void schemesTuningAndStatisticsBetweenTheRegions() throws Exception {
        EventScript script = new EventScript();
        for (int n = 1; n <= 5; n++) {
            script.beforeApply(0, n * 100_000 - 5, 70, 0, 1, 0, 4096, 8192, n);
            script.beforeApply(1, n * 100_000 - 5, 71, 0, 0, 1, 4096, 12288, n);
            script.statistics(0, n * 100_000 - 4, 70, 1, 40960, 4096);
            if (n == 3) {
                script.tuned(0, n * 100_000 - 3, 70, 10_000);
            }
            script.unknown(0, n * 100_000 - 2, 70);
            burst(script, 0, n * 100_000, 70, 0, 3, 0, 2);
            script.statistics(1, n * 100_000 + 1, 71, 0, 1, 0);
            burst(script, 0, n * 100_000, 70, 0, 3, 2, 3);
        }
        Map<Table, String> tables = same(script, 5);
        assertEquals(10, rows(tables.get(Table.SCHEMES)));
        assertEquals(1, rows(tables.get(Table.TUNING)));
        assertEquals(2 * 5 * 5, rows(tables.get(Table.SCHEME_STATS)));
        assertTrue(tables.get(Table.SCHEME_STATS).contains(",0,0,1,damos_stat_after_apply_interval.sz_applied,4096\n"));
        assertEquals(
                4,
                notices.stream()
                        .filter(n -> n.equals("5 unknown events of DAMON left out: damon_new_event 5"))
                        .count(),
                notices::toString);
    }

    @Test
    void overrunsTearSnapshotsAndAreCountedOnce() throws Exception {
        EventScript script = new EventScript();
        burst(script, 0, 100_000, 70, 0, 10, 0, 10);
        burst(script, 1, 100_000, 71, 0, 4, 0, 4);
        // The middle of one.
        burst(script, 0, 200_000, 70, 0, 10, 0, 3);
        script.lost(0, 4);
        burst(script, 0, 200_000, 70, 0, 10, 7, 10);
        burst(script, 1, 200_000, 71, 0, 4, 0, 4);
        burst(script, 0, 300_000, 70, 0, 10, 0, 10);
        // The tail of one, a whole one and the head of the third.
        burst(script, 0, 400_000, 70, 0, 10, 0, 6);
        burst(script, 1, 400_000, 71, 0, 4, 0, 4);
        script.lost(0, 4 + 10 + 6);
        burst(script, 0, 600_000, 70, 0, 10, 6, 10);
        burst(script, 0, 700_000, 70, 0, 10, 0, 10);
        burst(script, 1, 700_000, 71, 0, 4, 0, 4);
        Map<Table, String> tables = same(script, 100);
        assertEquals(
                """
                from_ns,to_ns,source,count,cause
                200002000,200007000,tracer,4,events overwritten in the trace buffer
                400005000,600006000,tracer,20,events overwritten in the trace buffer
                """,
                tables.get(Table.LOSSES));
        String snapshots = tables.get(Table.SNAPSHOTS);
        assertEquals(10, rows(snapshots));
        assertTrue(snapshots.contains(",100000000,200000000,5000,100000,6,24576,4,"), snapshots);
        assertTrue(snapshots.contains(",300000000,400000000,5000,100000,6,24576,4,"), snapshots);
        assertTrue(snapshots.contains(",500006000,600006000,5000,100000,4,16384,6,"), snapshots);
    }

    @Test
    void whatIsLostOnTheOtherProcessorIsCountedOnceThoughItIsToldLater() throws Exception {
        EventScript script = new EventScript();
        burst(script, 0, 100_000, 70, 0, 6, 0, 4);
        burst(script, 1, 100_000, 70, 0, 6, 4, 6);
        burst(script, 0, 200_000, 70, 0, 6, 0, 4);
        script.lost(1, 2);
        burst(script, 0, 300_000, 70, 0, 6, 0, 6);
        burst(script, 1, 400_000, 70, 0, 6, 0, 6);
        burst(script, 1, 500_000, 70, 0, 6, 0, 6);
        Map<Table, String> tables = same(script, 100);
        assertEquals(
                """
                from_ns,to_ns,source,count,cause
                100005000,400000000,tracer,2,events overwritten in the trace buffer
                """,
                tables.get(Table.LOSSES));
        assertTrue(tables.get(Table.SNAPSHOTS).contains(",100000000,200000000,5000,100000,4,16384,2,"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain first", "hits first", "hits alone", "no probes", "one region", "some lost"})
    void probeHitsAreInTheirRegions(String how) throws Exception {
        EventScript script = new EventScript();
        int regions = how.equals("one region") ? 1 : 3;
        for (int n = 1; n <= 5; n++) {
            for (int target = 0; target < 2; target++) {
                for (int r = 0; r < regions; r++) {
                    long us = n * 100_000 + target * 20 + r * 4;
                    long start = (r + 1) * 8192;
                    int[] hits = how.equals("no probes") ? new int[0] : new int[] {n, 10 * target + r};
                    boolean first = how.equals("hits first");
                    boolean isLost = how.equals("some lost") && n == 3 && target == 0;
                    if (!how.equals("hits alone") && !(isLost && r == 1)) {
                        script.region(0, us + (first ? 1 : 0), 70, target, regions, start, start + 4096, 0, n);
                    }
                    if (!(isLost && r == 2)) {
                        script.hits(0, us + (first ? 0 : 1), 70, target, regions, start, start + 4096, 0, n, hits);
                    }
                }
            }
        }
        Map<Table, String> tables = same(script, 6);
        assertEquals(10, rows(tables.get(Table.SNAPSHOTS)));
        assertEquals(10 * regions, rows(tables.get(Table.REGIONS)));
        assertEquals(0, rows(tables.get(Table.LOSSES)));
        List<String> rows = tables.get(Table.REGIONS).lines().skip(1).toList();
        int age = Table.REGIONS.indexOf("age");
        int probeHits = Table.REGIONS.indexOf("probe_hits");
        int i = 0;
        for (int n = 1; n <= 5; n++) {
            for (int target = 0; target < 2; target++) {
                for (int r = 0; r < regions; r++) {
                    boolean isLost = how.equals("some lost") && n == 3 && target == 0 && r == 2;
                    String hits = how.equals("no probes") ? "" : isLost ? "-1" : "" + (n | (10L * target + r) << 16);
                    String[] row = rows.get(i).split(",", -1);
                    assertEquals(n + " " + hits, row[age] + " " + row[probeHits], rows.get(i));
                    i++;
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyMixOfThemIsTheSame(long seed) throws Exception {
        Random random = new Random(seed);
        EventScript script = new EventScript();
        boolean probes = random.nextBoolean();
        int[] sizes = {2 + random.nextInt(30), 2 + random.nextInt(30), 2 + random.nextInt(5)};
        for (int n = 1; n <= 12; n++) {
            for (int stream = 0; stream < 3; stream++) {
                int thread = stream < 2 ? 70 : 71;
                int cpu = stream < 2 ? 0 : 1;
                long us = n * 100_000 + stream * 100;
                // At its ends a file says less than a recorder knows: the first two and the last burst are whole.
                boolean isTorn = n > 2 && n < 12 && random.nextInt(5) == 0;
                int from = isTorn ? random.nextInt(sizes[stream]) : sizes[stream];
                int to = isTorn ? from + 1 + random.nextInt(sizes[stream] - from) : from;
                for (int r = 0; r < sizes[stream]; r++) {
                    long start = r * 8192L;
                    long acc = random.nextInt(21);
                    if (r >= from && r < to) {
                        if (r == from) {
                            script.lost(cpu, (probes ? 2 : 1) * (to - from));
                        }
                        continue;
                    }
                    script.region(cpu, us + 2 * r, thread, stream % 2, sizes[stream], start, start + 4096, acc, n);
                    if (probes) {
                        script.hits(
                                cpu, us + 2 * r + 1, thread, stream % 2, sizes[stream], start, start + 4096, acc, n, n);
                    }
                }
                if (random.nextInt(3) == 0) {
                    script.beforeApply(cpu, us + 90, thread, 0, stream, stream % 2, 4096, 8192, n);
                    script.statistics(cpu, us + 91, thread, stream, n, n);
                }
            }
        }
        Map<Table, String> tables = same(script, 1 + random.nextInt(20));
        assertEquals(
                script.overrun(0) + script.overrun(1),
                tables.get(Table.LOSSES)
                        .lines()
                        .skip(1)
                        .mapToLong(row -> Long.parseLong(row.split(",")[3]))
                        .sum());
    }
}
