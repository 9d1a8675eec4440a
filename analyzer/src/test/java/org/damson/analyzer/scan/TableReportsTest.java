package org.damson.analyzer.scan;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.Samples;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.IdleResult;
import org.damson.analyzer.objects.ObjectUse;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.render.table.FootprintTable;
import org.damson.analyzer.render.table.IdleTable;
import org.damson.analyzer.render.table.ObjectsTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.WindowsTable;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.view.ForwardingTrace;
import org.junit.jupiter.api.Test;

class TableReportsTest {
    private static final long MS = MemoryTrace.MS;

    private static Object cell(TableReport r, String section, int row, String column) {
        TableReport.Section s = r.sections().stream()
                .filter(x -> x.name().equals(section))
                .findFirst()
                .orElseThrow();
        for (int c = 0; c < s.columns().size(); c++) {
            if (s.columns().get(c).name().equals(column)) {
                return s.rows().get(row)[c];
            }
        }
        throw new AssertionError("no column " + column);
    }

    private static int rows(TableReport r, String section) {
        return r.sections().stream()
                .filter(x -> x.name().equals(section))
                .findFirst()
                .orElseThrow()
                .rows()
                .size();
    }

    /** 100 MiB accessed; a second later 60 of them accessed for 5 intervals, 40 idle for 10; then all idle for one. */
    private static MemoryTrace aged() {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, 100 * MIB, 20, 0);
        Snapshot a = t.snapshot(0, 1000, 1100);
        a.add(0, 60 * MIB, 20, 4);
        a.add(60 * MIB, 100 * MIB, 0, 9);
        t.snapshot(0, 1100, 1200).add(0, 100 * MIB, 0, 0);
        t.snapshots.forEach(s -> s.columns = Snapshot.HAS_AGE);
        return t;
    }

    @Test
    void idlePercentilesAreAsWorkedByHand() throws IOException {
        TableReport r = IdleTable.of(IdleMemory.compute(aged(), TraceQuery.ALL));
        // By weight: 53.3 % accessed, 33.3 % idle for 100 ms, 13.3 % for 1 s.
        long[] whole = {0, 0, 0, 0, 0, 0, 100, 1000, 1000, 1000, 1000};
        for (int i = 0; i < IdleResult.PERCENTS.size(); i++) {
            assertEquals((double) IdleResult.PERCENTS.get(i), cell(r, "percentiles", i, "percent_of_bytes"));
            assertEquals(whole[i] * MS, cell(r, "percentiles", i, "idle_ns"), "p" + IdleResult.PERCENTS.get(i));
            assertEquals(100 * MS, cell(r, "percentiles", i, "last_idle_ns"));
        }
        // p0 to p50 of the second snapshot are the accessed 60 %.
        assertEquals(0L, cell(r, "series", 1, "idle_p50_ns"));
        assertEquals(1000 * MS, cell(r, "series", 1, "idle_p75_ns"));
        assertEquals(0, rows(r, "before"));
    }

    @Test
    void coldnessAndBandwidthAreAsWorkedByHand() throws IOException {
        TableReport r = IdleTable.of(IdleMemory.compute(aged(), TraceQuery.ALL));
        assertEquals(2, rows(r, "coldness"));
        assertEquals(140.0 / 3 * MIB, (double) cell(r, "coldness", 0, "mean_bytes"), 1);
        assertEquals(140.0 / 3, (double) cell(r, "coldness", 0, "percent_of_bytes"), 1e-9);
        assertEquals(100.0 * MIB, cell(r, "coldness", 0, "last_bytes"));
        assertEquals(40.0 / 3 * MIB, (double) cell(r, "coldness", 1, "mean_bytes"), 1);
        assertEquals(1000 * MS, cell(r, "coldness", 1, "idle_at_least_ns"));
        assertEquals(0.0, cell(r, "coldness", 1, "last_bytes"));
        // 100 MiB found accessed 20 times in 100 ms, then 60.
        assertEquals(20_000.0 * MIB, cell(r, "bandwidth", 0, "greatest_bytes_per_second"));
        assertEquals(32_000.0 / 3 * MIB, (double) cell(r, "bandwidth", 0, "mean_bytes_per_second"), 1);
        assertEquals(0.0, cell(r, "bandwidth", 0, "last_bytes_per_second"));
    }

    @Test
    void memoryIsIdleForNoLongerThanWasRecordedAndWhatAgesTellBesideIsSaid() throws IOException {
        MemoryTrace t = new MemoryTrace();
        for (int i = 0; i < 3; i++) {
            Snapshot s = t.snapshot(0, 100 * i, 100 * i + 100);
            s.columns = Snapshot.HAS_AGE;
            s.add(0, MIB, 0, 50 + i);
        }
        TableReport r = IdleTable.of(IdleMemory.compute(t, TraceQuery.ALL));
        assertEquals(300 * MS, cell(r, "percentiles", 5, "last_idle_ns"));
        assertEquals(1.0 * MIB, cell(r, "before", 0, "bytes"));
        assertEquals(300 * MS, cell(r, "before", 0, "at_least_ns"));
        assertEquals(5300 * MS, cell(r, "before", 0, "told_by_ages_ns"));
        assertTrue(r.text().contains("at least"), r.text());
    }

    /** Ages of referenced bits count snapshots: two of 100 ms and one of 4 s were 4.2 s, not three times 4. */
    @Test
    void agesOverStretchedIntervalsAreTheTimeThatPassed() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.manifest.source = "referenced";
        long[] ends = {100, 200, 300, 4300};
        for (int i = 0; i < ends.length; i++) {
            Snapshot s = t.snapshot(0, i == 0 ? 0 : ends[i - 1], ends[i]);
            s.columns = Snapshot.HAS_AGE;
            s.aggrUs = (s.endNs - s.startNs) / 1000;
            s.add(0, MIB, i == 0 ? 1 : 0, i == 0 ? 0 : i - 1);
        }
        TableReport r = IdleTable.of(IdleMemory.compute(t, TraceQuery.ALL));
        assertFalse(r.notes().toString().contains("are mappings"));
        assertEquals(4200 * MS, cell(r, "percentiles", 10, "last_idle_ns"));
        assertEquals(0, rows(r, "before"));
    }

    @Test
    void bytesAreWholeNumbersInCsvAndJson() throws IOException {
        List<TableReport.Column> columns = List.of(
                new TableReport.Column("a_bytes", "A", TableReport.Unit.BYTES),
                new TableReport.Column("a_percent", "P", TableReport.Unit.PERCENT));
        List<Object[]> row = List.<Object[]>of(new Object[] {5.3e9 + 0.6, 12.5});
        TableReport r = new TableReport(List.of(new TableReport.Section("s", "s", columns, row)), List.of());
        StringBuilder csv = new StringBuilder();
        r.csv(csv);
        assertEquals("a_bytes,a_percent\n5300000001,12.5\n", csv.toString());
        java.io.ByteArrayOutputStream json = new java.io.ByteArrayOutputStream();
        r.json(json);
        assertTrue(json.toString().contains("\"a_bytes\":5300000001,"), json.toString());
    }

    @Test
    void aTraceWithoutAgesSaysSo() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, MIB, 3, -1);
        TableReport r = IdleTable.of(IdleMemory.compute(t, TraceQuery.ALL));
        assertEquals(0, rows(r, "percentiles"));
        assertTrue(r.text().contains("1 snapshot without ages left out"), r.text());
    }

    @Test
    void namesOfTheTraceCannotDriveTheTerminal() throws IOException {
        List<Object[]> row = List.<Object[]>of(new Object[] {"lib\u001b[31mred\nx"});
        List<TableReport.Column> columns = List.of(new TableReport.Column("name", "NAME", TableReport.Unit.TEXT));
        TableReport r = new TableReport(List.of(new TableReport.Section("s", "s", columns, row)), List.of());
        assertTrue(r.text().contains("lib?[31mred x\n"), r.text());
    }

    @Test
    void percentilesOfManyValuesAreWithinAThousandth() {
        Random random = new Random(3);
        long[] values = new long[20_000];
        WeightedValues half = new WeightedValues();
        WeightedValues weighted = new WeightedValues();
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextLong() >> (1 + random.nextInt(62));
            (i % 2 == 0 ? half : weighted).add(values[i], 2.5);
        }
        weighted.addAll(half);
        Arrays.sort(values);
        for (int p = 1; p <= 100; p++) {
            long exact = values[values.length * p / 100 - 1];
            assertEquals(exact, weighted.at(p), Math.abs(exact) / 900.0, "p" + p);
        }
        assertEquals(0, new WeightedValues().at(50));
    }

    @Test
    void windowsOfFourSnapshotsAreAsWorkedByHand() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(0, MIB, 3, 0);
        t.snapshot(0, 100, 200).add(MIB, 2 * MIB, 3, 0);
        t.snapshot(0, 200, 300).add(0, 3 * MIB, 0, 0);
        Snapshot last = t.snapshot(0, 300, 400);
        last.add(0, MIB / 2, 3, 0);
        last.add(MIB / 2, MIB, 1, 0);
        TableReport r = WindowsTable.of(WindowSizes.compute(t, TraceQuery.ALL));
        assertEquals(3, rows(r, "windows"));
        double[] mib = {3 / 4.0, 4 / 3.0, 2};
        long[] length = {1, 2, 4};
        for (int i = 0; i < 3; i++) {
            assertEquals(length[i], cell(r, "windows", i, "snapshots"));
            assertEquals(length[i] * 100 * MS, cell(r, "windows", i, "window_ns"));
            assertEquals(mib[i] * MIB, (double) cell(r, "windows", i, "mean_bytes"), 1e-6);
        }
        assertEquals(100.0, cell(r, "windows", 2, "percent_of_accessed"));
    }

    @Test
    void windowsAgreeWithLookingAtEveryPageOfEveryWindow() throws IOException {
        for (long seed = 1; seed <= 3; seed++) {
            MemoryTrace t = Samples.random(seed, 60, 1);
            TableReport r = WindowsTable.of(WindowSizes.compute(t, TraceQuery.ALL));
            for (int i = 0; i < rows(r, "windows"); i++) {
                int target = cell(r, "windows", i, "target").equals("target 0") ? 0 : 1;
                int length = (int) (long) cell(r, "windows", i, "snapshots");
                double expected = byPage(t, target, length);
                assertEquals(expected, (double) cell(r, "windows", i, "mean_bytes"), expected * 1e-9);
            }
        }
    }

    private static double byPage(MemoryTrace t, int target, int length) {
        List<Snapshot> own =
                t.snapshots.stream().filter(s -> s.target == target).toList();
        double sum = 0;
        for (int from = 0; from + length <= own.size(); from++) {
            java.util.BitSet pages = new java.util.BitSet();
            for (Snapshot s : own.subList(from, from + length)) {
                for (int i = 0; i < s.regions; i++) {
                    if (s.nrAccesses[i] > 0) {
                        long base = 0xffff_0000_0000_0000L;
                        pages.set((int) ((s.start[i] - base) / 4096), (int) ((s.end[i] - base) / 4096));
                    }
                }
            }
            sum += pages.cardinality() * 4096.0;
        }
        return sum / (own.size() - length + 1);
    }

    @Test
    void theTopOfTheAddressSpaceIsMemoryToo() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(0, 0, 100).add(-MIB, 0, 3, 0);
        t.snapshot(0, 100, 200).add(-2 * MIB, 0, 3, 0);
        TableReport r = WindowsTable.of(WindowSizes.compute(t, TraceQuery.ALL));
        assertEquals(1.5 * MIB, cell(r, "windows", 0, "mean_bytes"));
        assertEquals(2.0 * MIB, cell(r, "windows", 1, "mean_bytes"));
    }

    /** A trace with one more table. */
    private static TraceSource with(MemoryTrace t, Batch rows) {
        return new ForwardingTrace(t) {
            @Override
            public BatchCursor rows(Table table) {
                Iterator<Batch> one = (table == rows.table() ? List.of(rows) : List.<Batch>of()).iterator();
                return new BatchCursor() {
                    @Override
                    public Batch next() {
                        return one.hasNext() ? one.next() : null;
                    }

                    @Override
                    public void close() {}
                };
            }
        };
    }

    @Test
    void objectsShareARegionThatSpansThem() throws IOException {
        MemoryTrace t = new MemoryTrace();
        t.snapshot(7, 0, 100).add(0, 10 * MIB, 10, 0);
        t.snapshot(7, 100, 200).add(0, 10 * MIB, 0, 0);
        Batch maps = new Batch(Table.MAPPINGS);
        maps.add(0L, 7, 0L, 4 * MIB, "rw-p", "a,\"b\"", 0);
        maps.add(0L, 7, 4 * MIB, 6 * MIB, "rw-p", "", 0);
        // Half way, the second gives way to another.
        maps.add(100 * MS, 7, 4 * MIB, 6 * MIB, "rw-p", "late", 0);
        maps.add(100 * MS, 7, 4 * MIB, 6 * MIB, "rw-p", "", 1);
        TableReport r = ObjectsTable.of(ObjectUse.compute(with(t, maps), TraceQuery.ALL));
        assertEquals(4, rows(r, "objects"));
        Object[][] expected = {
            {"a,\"b\"", 4.0, 2.0, 25.0, 100L},
            {"(no mapping known)", 4.0, 2.0, 25.0, 100L},
            {"(anonymous)", 1.0, 1.0, 50.0, 0L},
            {"late", 1.0, 0.0, 0.0, 100L}
        };
        for (Object[] e : expected) {
            int row = -1;
            for (int i = 0; i < 4; i++) {
                row = cell(r, "objects", i, "mapping").equals(e[0]) ? i : row;
            }
            assertTrue(row >= 0, e[0] + " in\n" + r.text());
            assertEquals((double) e[1] * MIB, (double) cell(r, "objects", row, "monitored_bytes"), 1);
            assertEquals((double) e[2] * MIB, (double) cell(r, "objects", row, "accessed_bytes"), 1);
            assertEquals((double) e[3], (double) cell(r, "objects", row, "heat_percent"), 1e-6);
            assertEquals((long) e[4] * MS, cell(r, "objects", row, "longest_unused_ns"));
        }
        StringBuilder csv = new StringBuilder();
        r.csv(csv);
        assertTrue(csv.toString().contains("target 7,\"a,\"\"b\"\"\",4194304,"), csv.toString());
    }

    private static Batch memory() {
        Batch b = new Batch(Table.MEMORY);
        for (int i = 0; i < 4; i++) {
            b.add(i * 100 * MS, 1, "rss", 10 * MIB + i * MIB);
            b.add(i * 100 * MS, 2, "rss", 5 * MIB);
            b.add(i * 100 * MS, 0, "mem_total", 100 * MIB);
            b.add(i * 100 * MS, 0, "mem_available", 60 * MIB);
            b.add(i * 100 * MS, 0, "mem_free", 50 * MIB);
            b.add(i * 100 * MS, 0, "pgmajfault", 3L);
        }
        return b;
    }

    @Test
    void footprintsOfProcessesAddUp() throws IOException {
        TableReport r = FootprintTable.of(Footprint.compute(with(new MemoryTrace(), memory()), TraceQuery.ALL));
        List<String> names = List.of("mem_available", "mem_free", "mem_total", "rss", "system used");
        assertEquals(names.size(), rows(r, "percentiles"));
        for (int i = 0; i < names.size(); i++) {
            assertEquals(names.get(i), cell(r, "percentiles", i, "size"));
        }
        assertEquals(15 * MIB, cell(r, "percentiles", 3, "p0_bytes"));
        assertEquals(33 * MIB / 2, cell(r, "percentiles", 3, "p50_bytes"));
        assertEquals(18 * MIB, cell(r, "percentiles", 3, "p100_bytes"));
        assertEquals(40 * MIB, cell(r, "percentiles", 4, "p50_bytes"));
        TableReport part = FootprintTable.of(
                Footprint.compute(with(new MemoryTrace(), memory()), TraceQuery.ALL.time(0, 100 * MS)));
        assertEquals(15 * MIB, cell(part, "percentiles", 3, "p100_bytes"));
    }

    @Test
    void sizingPutsNeededBesideResident() throws IOException {
        TableReport r = FootprintTable.of(Sizing.compute(with(aged(), memory()), TraceQuery.ALL));
        // Working sets are 100 MiB, 60 MiB and 0.
        assertEquals(100 * MIB, cell(r, "sizing", 5, "working_set_bytes"));
        assertEquals(18 * MIB, cell(r, "sizing", 5, "resident_bytes"));
        assertEquals(-82 * MIB, cell(r, "sizing", 5, "gap_bytes"));
        assertEquals(40 * MIB, cell(r, "sizing", 5, "system_used_bytes"));
        TableReport bare = FootprintTable.of(Sizing.compute(aged(), TraceQuery.ALL));
        assertNull(cell(bare, "sizing", 0, "resident_bytes"));
        assertTrue(bare.text().contains("the trace has no footprints of processes"), bare.text());
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        bare.json(json);
        assertTrue(json.toString(StandardCharsets.UTF_8).contains("\"resident_bytes\":null"), json.toString());
    }
}
