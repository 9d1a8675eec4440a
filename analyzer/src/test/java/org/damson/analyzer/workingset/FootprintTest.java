package org.damson.analyzer.workingset;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Memory counters, what an evaluation makes of them, and what of a working set was written. */
final class FootprintTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static void read(MemoryTrace t, long ms, int pid, String counter, long value) {
        t.row(Table.MEMORY, ms * MS, pid, counter, value);
    }

    /** Two processes at 0 and 100 ms, the system at 0 and 250 ms. */
    private static MemoryTrace counters() {
        MemoryTrace t = new MemoryTrace();
        read(t, 0, 7, "rss", 10);
        read(t, 0, 8, "rss", 5);
        read(t, 0, 0, "mem_total", 100);
        read(t, 0, 0, "mem_free", 20);
        read(t, 0, 0, "mem_available", 60);
        read(t, 0, 7, "unknown", 9);
        read(t, 100, 7, "rss", 30);
        read(t, 250, 0, "mem_total", 100);
        read(t, 250, 0, "mem_free", 10);
        return t;
    }

    @Test
    void processesAddUpAndASampleHoldsUntilTheNext() throws IOException {
        Footprint f = Footprint.compute(counters(), TraceQuery.ALL);
        assertEquals(
                Set.of("rss", "mem_total", "mem_free", "mem_available", "system used"),
                f.sizes().keySet());
        assertEquals(15, f.resident().size(0));
        assertEquals(30, f.resident().size(1));
        assertEquals(100 * MS, f.resident().endNs(0));
        assertEquals(200 * MS, f.resident().endNs(1)); // for as long as the one before
        assertNull(f.swapped());
        // Total less available; less free where nobody says what is available.
        assertEquals(40, f.systemUsed().size(0));
        assertEquals(90, f.systemUsed().size(1));
    }

    @Test
    void aLoneSampleHasADuration() throws IOException {
        MemoryTrace t = new MemoryTrace();
        read(t, 50, 7, "swap", 3);
        Footprint f = Footprint.compute(t, TraceQuery.ALL);
        assertEquals(50 * MS + 1, f.swapped().endNs(0));
        assertNull(f.resident());
        assertNull(f.systemUsed());
        assertTrue(Footprint.compute(new MemoryTrace(), TraceQuery.ALL).sizes().isEmpty());
    }

    /** A target is the process of its number, or of its place; the system's counters stay. */
    @Test
    void aTargetHasTheMemoryOfItsProcess() throws IOException {
        MemoryTrace t = counters();
        ManifestKey.PIDS_RECORDED.put(t.manifest, List.of(8L, 7L));
        assertEquals(
                5, Footprint.compute(t, TraceQuery.ALL.target(0L)).resident().size(0));
        assertEquals(
                10, Footprint.compute(t, TraceQuery.ALL.target(1L)).resident().size(0));
        assertEquals(
                10, Footprint.compute(t, TraceQuery.ALL.target(7L)).resident().size(0));
        assertNull(Footprint.compute(t, TraceQuery.ALL.target(2L)).resident());
        assertEquals(
                40, Footprint.compute(t, TraceQuery.ALL.target(2L)).systemUsed().size(0));
    }

    /** The start is in the time that is asked for, the end is not. */
    @Test
    void samplesAreThoseOfTheTime() throws IOException {
        Footprint f = Footprint.compute(counters(), TraceQuery.ALL.time(100 * MS, 250 * MS));
        assertEquals(Set.of("rss"), f.sizes().keySet());
        assertEquals(1, f.resident().length());
    }

    private static double of(MemoryTrace t, Evaluation.Column column) throws IOException {
        Evaluation e = new Evaluation();
        e.add("a", t);
        return e.rows().get(0).get(column);
    }

    /** 200 ms of snapshots; readings of one time are one: 15 and 30 are 22.5; 40 and 90 are 65. */
    @Test
    void anEvaluationHasMeansOverReadings() throws IOException {
        MemoryTrace t = counters();
        t.snapshot(0, 0, 100).add(HIGH, HIGH + MIB, 1, 0);
        t.snapshot(0, 100, 200).add(HIGH, HIGH + 3 * MIB, 1, 0);
        read(t, 300, 0, "pgmajfault", 1000);
        read(t, 300, 0, "psi_memory_some_us", 500);
        read(t, 400, 0, "pgmajfault", 1007);
        read(t, 400, 0, "psi_memory_some_us", 20_500);
        read(t, 400, 55, "kdamond_cpu_ns", 5_000_000);
        read(t, 400, 56, "kdamond_cpu_ns", 1_000_000);
        assertEquals(0.2, of(t, Evaluation.Column.RUNTIME), 1e-12);
        assertEquals(22.5, of(t, Evaluation.Column.RSS));
        assertEquals(30, of(t, Evaluation.Column.RSS_MAX));
        assertEquals(65, of(t, Evaluation.Column.SYSTEM_USED));
        assertEquals(2.0 * MIB, of(t, Evaluation.Column.WORKING_SET));
        assertEquals(2.0 * MIB, of(t, Evaluation.Column.WORKING_SET_P50));
        assertEquals(2.9 * MIB, of(t, Evaluation.Column.WORKING_SET_P95), 0.5);
        // 6 of 200 ms, and 20 of 200 ms.
        assertEquals(3, of(t, Evaluation.Column.KDAMOND_CPU), 1e-9);
        assertEquals(10, of(t, Evaluation.Column.MEMORY_PRESSURE), 1e-9);
        assertEquals(7, of(t, Evaluation.Column.MAJOR_FAULTS));
    }

    @Test
    void whatATraceDoesNotTellIsNotANumber() throws IOException {
        for (Evaluation.Column c : Evaluation.Column.values()) {
            assertTrue(Double.isNaN(of(new MemoryTrace(), c)), c.key());
        }
    }

    private static Snapshot written(MemoryTrace t, long touched, long written) {
        Snapshot s = t.snapshot(0, t.snapshots.size() * 100L, t.snapshots.size() * 100L + 100);
        s.columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
        s.add(HIGH, HIGH + MIB, 1, 0);
        s.reserve(1);
        s.referencedMean[0] = touched;
        s.referencedMax[0] = touched;
        s.writtenMean[0] = written;
        return s;
    }

    /** Written 2 of 8, more than all of 4, and not known of 3: 2 + 4, 6 and 3 in three snapshots. */
    @Test
    void writtenReadAndNotKnownAddUp() throws IOException {
        MemoryTrace t = new MemoryTrace();
        written(t, 8, 2);
        written(t, 4, 9);
        written(t, 3, Snapshot.NOT_KNOWN);
        WorkingSetResult r = WorkingSet.compute(t, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
        assertEquals(1, r.written().size());
        WrittenShare w = r.written().values().iterator().next();
        assertTrue(w.isRecorded());
        assertEquals(2, w.writtenBytes(), 1e-12);
        assertEquals(2, w.readBytes(), 1e-12);
        assertEquals(1, w.notKnownBytes(), 1e-12);
        assertEquals(r.total().mean(), w.writtenBytes() + w.readBytes() + w.notKnownBytes(), 1e-12);
        assertEquals("of the mean working set 2 B were written, 2 B only read, 1 B not known", w.text());
    }

    @Test
    void aSnapshotThatDoesNotSayWhatWasWrittenLeavesItOpen() throws IOException {
        MemoryTrace t = new MemoryTrace();
        written(t, 8, 2);
        written(t, 8, 2).columns = Snapshot.HAS_REFERENCED;
        WorkingSetResult r = WorkingSet.compute(t, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
        assertTrue(r.written().isEmpty());
        WrittenShare w = new WrittenShare();
        assertFalse(w.isRecorded());
    }

    /** Process 0 is the system; where one process was read, every target is its memory. */
    @Test
    void aLoneProcessIsEveryTarget() throws IOException {
        MemoryTrace t = new MemoryTrace();
        read(t, 0, 0, "mem_total", 5);
        read(t, 0, 7, "rss", 6);
        assertEquals(
                6, Footprint.compute(t, TraceQuery.ALL.target(3L)).resident().size(0));
        read(t, 0, 8, "rss", 5);
        assertNull(Footprint.compute(t, TraceQuery.ALL.target(3L)).resident());
    }
}
