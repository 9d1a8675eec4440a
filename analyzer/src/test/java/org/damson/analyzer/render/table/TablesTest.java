package org.damson.analyzer.render.table;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.timeline.Timeline;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** What the tables say of a trace that is worked out by hand: each value under its name. */
final class TablesTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    /** 1 of 4 MiB in all samples for 100 ms, then 3 of 4 in half of them for 300 ms; of process 7. */
    private static MemoryTrace trace() {
        MemoryTrace t = new MemoryTrace();
        Snapshot a = t.snapshot(7, 1000, 1100);
        a.columns = Snapshot.HAS_AGE;
        a.add(HIGH, HIGH + MIB, 20, 0);
        a.add(HIGH + MIB, HIGH + 4 * MIB, 0, 0);
        Snapshot b = t.snapshot(7, 1100, 1400);
        b.columns = Snapshot.HAS_AGE;
        b.add(HIGH, HIGH + 3 * MIB, 10, 0);
        b.add(HIGH + 3 * MIB, HIGH + 4 * MIB, 0, 3);
        return t;
    }

    /** The rows of a table, by the names of the columns. */
    private static List<Map<String, Object>> rows(TableReport report, String table) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (TableReport.Section s : report.sections()) {
            for (Object[] row : s.name().equals(table) ? s.rows() : List.<Object[]>of()) {
                Map<String, Object> cells = new HashMap<>();
                for (int c = 0; c < row.length; c++) {
                    cells.put(s.columns().get(c).name(), row[c]);
                }
                rows.add(cells);
            }
        }
        return rows;
    }

    private static void assertRow(Map<String, Object> row, Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = row.get((String) namesAndValues[i]);
            if (namesAndValues[i + 1] instanceof Double expected) {
                assertEquals(expected, (Double) value, 1e-6 * (1 + Math.abs(expected)), (String) namesAndValues[i]);
            } else {
                assertEquals(namesAndValues[i + 1], value, (String) namesAndValues[i]);
            }
        }
    }

    private static WorkingSetResult sizes(MemoryTrace t) throws IOException {
        return WorkingSet.compute(t, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
    }

    /** Median of 1 and 3 MiB is 2; a lost region is told. */
    @Test
    void workingSetsHaveTheirPercentiles() throws IOException {
        MemoryTrace t = trace();
        t.snapshots.get(1).lost = 1;
        TableReport r = WorkingSetTable.of(sizes(t), false, List.of(0, 50));
        assertRow(
                rows(r, "working_set").get(0),
                "target",
                "target 7",
                "snapshots",
                2L,
                "mean_bytes",
                2.0 * MIB,
                "p0_bytes",
                MIB,
                "p50_bytes",
                2 * MIB);
        assertEquals(
                List.of(
                        "working set = size of regions with at least 1 access per aggregation interval; window 100 ms",
                        "incomplete: 1 region was lost; sizes are too small by that"),
                r.notes());
        assertEquals(1, rows(r, "working_set").size()); // the sum only where there are several targets
        t.snapshot(8, 1100, 1400).add(0, MIB, 1, 0);
        assertEquals(
                3,
                rows(WorkingSetTable.of(sizes(t), false, List.of()), "working_set")
                        .size());
    }

    /** Heat: 1 MiB x 100 ms whole and 3 MiB x 300 ms half: 0.1 + 0.45 MiB s, of 4 MiB in 0.4 s: 34.375 %. */
    @Test
    void guidesHaveTheHeatOfTheirAreas() throws IOException {
        TableReport r = GuideTable.of(TraceGuide.compute(trace(), TraceQuery.ALL));
        assertRow(
                rows(r, "targets").get(0),
                "duration_ns",
                400 * MS,
                "snapshots",
                2L,
                "regions",
                4L,
                "areas",
                1L,
                "bytes",
                4.0 * MIB,
                "mean_hot_bytes",
                1.375 * MIB);
        assertRow(
                rows(r, "areas").get(0),
                "start",
                "0xffff800000000000",
                "end",
                "0xffff800000400000",
                "bytes",
                4.0 * MIB,
                "heat_percent",
                34.375);
    }

    /** Not accessed: 3 MiB for 100 ms and 1 for 300: 1.5 MiB of 4. In the last snapshot a quarter, idle for its four intervals. */
    @Test
    void idleMemoryHasItsStepsAndMoments() throws IOException {
        TableReport r = IdleTable.of(IdleMemory.compute(trace(), TraceQuery.ALL));
        assertRow(
                rows(r, "coldness").get(0),
                "idle_at_least_ns",
                0L,
                "mean_bytes",
                1.5 * MIB,
                "percent_of_bytes",
                37.5,
                "last_bytes",
                1.0 * MIB);
        assertRow(rows(r, "percentiles").get(10), "percent_of_bytes", 100.0, "last_idle_ns", 400 * MS);
        assertRow(
                rows(r, "bandwidth").get(0),
                "mean_bytes_per_second",
                250.0 * MIB,
                "last_bytes_per_second",
                300.0 * MIB);
        assertRow(
                rows(r, "series").get(1), "end_ns", 1400 * MS, "bytes_per_second", 300 * MIB, "idle_p100_ns", 400 * MS);
        assertEquals(List.of(), rows(r, "undecided"));
        assertEquals(List.of(), rows(IdleTable.withoutSeries(IdleMemory.compute(trace(), TraceQuery.ALL)), "series"));
    }

    @Test
    void windowsSayWhetherTheyAreBounds() throws IOException {
        TableReport r = WindowsTable.of(WindowSizes.compute(trace(), TraceQuery.ALL));
        assertRow(rows(r, "windows").get(0), "snapshots", 1L, "window_ns", 200 * MS, "mean_bytes", 2.0 * MIB);
        assertRow(rows(r, "windows").get(1), "snapshots", 2L, "mean_bytes", 3.0 * MIB, "percent_of_accessed", 100.0);
        assertTrue(r.notes().get(1).contains("these are upper bounds"), r.notes()::toString);
    }

    /** Resident 4 and 8 MiB, working sets 1 and 3: at the half 6 less 2, two thirds of what is resident. */
    @Test
    void theGapIsWhatIsResidentAndNotUsed() throws IOException {
        MemoryTrace t = trace();
        t.resident(7, 1000, 4 * MIB);
        t.resident(7, 1200, 8 * MIB);
        Footprint footprint = Footprint.compute(t, TraceQuery.ALL);
        TableReport r = FootprintTable.of(new Sizing(sizes(t), footprint));
        assertRow(
                rows(r, "sizing").get(0),
                "percent_of_time",
                50.0,
                "working_set_bytes",
                2 * MIB,
                "resident_bytes",
                6 * MIB,
                "gap_bytes",
                4 * MIB,
                "gap_percent",
                200.0 / 3,
                "system_used_bytes",
                null);
        assertFalse(r.notes().contains(FootprintTable.NO_FOOTPRINT));
        assertRow(rows(FootprintTable.of(footprint), "percentiles").get(0), "size", "rss", "p25_bytes", 5 * MIB);
        assertRow(rows(FootprintTable.of(footprint), "series").get(1), "time_ns", 1200 * MS, "bytes", 8 * MIB);
        MemoryTrace none = trace();
        TableReport without = FootprintTable.of(new Sizing(sizes(none), Footprint.compute(none, TraceQuery.ALL)));
        assertRow(rows(without, "sizing").get(0), "resident_bytes", null, "gap_percent", null);
        assertTrue(without.notes().contains(FootprintTable.NO_FOOTPRINT));
    }

    /** Two of three samples are f's; phases are numbered from 1, and of all time none is said. */
    @Test
    void timelinesSayWhatRanInEachPhase() throws IOException {
        MemoryTrace t = trace();
        for (long f = 1; f <= 2; f++) {
            t.row(Table.FRAMES, f, f == 1 ? "f" : "g", "/bin/a", "", 0L);
            t.row(Table.STACKS, f, 0, f);
        }
        long[][] samples = {{999, 2}, {1050, 1}, {1150, 1}, {1250, 2}};
        for (long[] s : samples) {
            t.row(Table.SAMPLES, s[0] * MS, 7, 7, 0, "cpu-clock", 0L, 1L, s[1]);
        }
        TableReport r = TimelineTable.of(Timeline.compute(t, TraceQuery.ALL));
        assertRow(rows(r, "phases").get(0), "phase", 1L, "start_ns", 0L, "end_ns", 400 * MS);
        List<Map<String, Object>> functions = rows(r, "functions");
        assertEquals(4, functions.size());
        assertRow(functions.get(0), "phase", null, "samples", 2L, "self_percent", 50.0);
        assertRow(functions.get(2), "phase", 1L, "function", "f (a)", "self_percent", 200.0 / 3);
        assertTrue(
                r.notes().contains("samples before the first snapshot or after the last, in no phase: 1"),
                r.notes()::toString);
    }

    @Test
    void countsOfRegionsAreByTargetAndPercentile() {
        WorkingSetResult.Series s = new WorkingSetResult.Series(
                "target 7", new long[] {0, 1, 2}, new long[] {1, 2, 3}, new long[] {9, 3, 6});
        List<Map<String, Object>> rows = rows(RegionsTable.of(List.of(s), List.of(0, 50, 100), false), "regions");
        assertArrayEquals(
                new Object[] {3L, 6L, 9L},
                rows.stream().map(r -> r.get("regions")).toArray());
        assertRow(
                rows(RegionsTable.of(List.of(s), List.of(0), true), "regions").get(0),
                "percent_of_time",
                0.0,
                "regions",
                9L);
    }
}
