package org.damson.analyzer.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.render.table.ObjectsTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which code {@code report objects} names beside memory, in a case worked out by hand. */
final class ObjectCodeTest {
    private static final long MIB = 1L << 20;
    private static final long MS = 1_000_000;
    private static final long HEAP = 1L << 32;
    private static final long FILE = 1L << 33;

    @TempDir
    Path dir;

    private static TableReport.Section section(TableReport r, String name) {
        return r.sections().stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name));
    }

    private static Object cell(TableReport r, String section, int row, String column) {
        TableReport.Section s = section(r, section);
        for (int c = 0; c < s.columns().size(); c++) {
            if (s.columns().get(c).name().equals(column)) {
                return s.rows().get(row)[c];
            }
        }
        throw new AssertionError(section + " has no " + column);
    }

    /** The heap, 16 MiB, is accessed in the first 100 ms, the file, 8 MiB, in the next two. */
    private static void snapshots(TraceSink sink) throws IOException {
        for (int n = 0; n < 3; n++) {
            Snapshot s = new Snapshot();
            s.target = 7;
            s.startNs = 100 * MS * n;
            s.endNs = s.startNs + 100 * MS;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            s.columns = Snapshot.HAS_AGE;
            s.add(HEAP, HEAP + 16 * MIB, n == 0 ? 20 : 0, 0);
            s.add(FILE, FILE + 8 * MIB, n == 0 ? 0 : 20, 0);
            sink.append(s);
        }
    }

    private static void code(TraceSink sink, boolean hasAddresses) throws IOException {
        Batch frames = new Batch(Table.FRAMES);
        frames.add(0, "clear_page", "[kernel.kallsyms]", "", 1);
        frames.add(1, "fill", "/bin/app", "", 0x10);
        frames.add(2, "copy", "/bin/app", "", 0x20);
        frames.add(3, "scan", "/bin/app", "", 0x30);
        Batch stacks = new Batch(Table.STACKS);
        for (int f = 1; f <= 3; f++) {
            stacks.add(f, 0, f);
            stacks.add(f + 10, 0, 0);
            stacks.add(f + 10, 1, f);
        }
        Batch samples = new Batch(Table.SAMPLES);
        for (int i = 0; i < 30; i++) {
            // 10 samples in each snapshot: fill in the first, then scan, but for two of copy.
            int what = i < 10 ? 1 : i < 12 ? 2 : 3;
            samples.add(10 * MS * i + 1, 7, 7, 0, "cpu-clock", 0L, 1L, what);
            samples.add(10 * MS * i + 2, 8, 8, 0, "cpu-clock", 0L, 1L, 2); // of another process
        }
        if (hasAddresses) {
            // Halves of the heap by two functions; a later touch says nothing.
            for (int block = 0; block < 8; block++) {
                samples.add(
                        (10 + block) * MS,
                        7,
                        7,
                        0,
                        "page-faults",
                        HEAP + block * 2 * MIB + 64,
                        1L,
                        block < 4 ? 11 : 12);
                samples.add((50 + block) * MS, 7, 7, 0, "page-faults", HEAP + block * 2 * MIB, 1L, 13);
            }
            samples.add(20 * MS, 8, 8, 0, "page-faults", HEAP, 1L, 13);
        }
        sink.append(frames);
        sink.append(stacks);
        sink.append(samples);
        Batch maps = new Batch(Table.MAPPINGS);
        maps.add(0L, 7, HEAP, HEAP + 16 * MIB, "rw-p", "[heap]", 0);
        maps.add(0L, 7, FILE, FILE + 8 * MIB, "r--p", "/data", 0);
        sink.append(maps);
    }

    private TableReport report(boolean hasStacks, boolean hasAddresses) throws IOException {
        Path path = dir.resolve("t" + hasStacks + hasAddresses + ".damson");
        Manifest m = new Manifest();
        m.attrs = MonitoringAttrs.DEFAULTS;
        ManifestKey.PIDS_RECORDED.put(m, List.of(7L));
        ManifestKey.COMMAND.put(m, List.of("/bin/app", "x"));
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            snapshots(sink);
            if (hasStacks) {
                code(sink, hasAddresses);
            }
        }
        try (TraceSource trace = Traces.open(path)) {
            return ObjectsTable.of(ObjectUse.compute(trace, TraceQuery.ALL));
        }
    }

    @Test
    void aMappingHasTheFunctionThatRanWhileItWasAccessed() throws IOException {
        TableReport r = report(true, false);
        assertEquals("/data", cell(r, "objects", 0, "mapping"));
        assertEquals("scan (app)", cell(r, "objects", 0, "ran_most"));
        assertEquals(90.0, (double) cell(r, "objects", 0, "ran_most_percent"), 1e-9);
        assertEquals("[heap]", cell(r, "objects", 1, "mapping"));
        assertEquals("fill (app)", cell(r, "objects", 1, "ran_most"));
        assertEquals(100.0, (double) cell(r, "objects", 1, "ran_most_percent"), 1e-9);
        assertTrue(
                r.notes().stream().anyMatch(n -> n.contains("matched by time alone")),
                r.notes().toString());
    }

    @Test
    void aFunctionHasTheMemoryThatWasAccessedWhileItRan() throws IOException {
        TableReport r = report(true, false);
        Object[][] expected = {
            {"scan (app)", 18L, 60.0, 8.0 * MIB},
            {"fill (app)", 10L, 33.3333, 16.0 * MIB},
            {"copy (app)", 2L, 6.6667, 8.0 * MIB}
        };
        assertEquals(3, section(r, "functions").rows().size(), "process 8 is no target");
        for (int i = 0; i < 3; i++) {
            Object[] row = section(r, "functions").rows().get(i);
            assertEquals(expected[i][0], row[0]);
            assertEquals(expected[i][1], row[1]);
            assertEquals((double) expected[i][2], (double) row[2], 1e-3);
            assertEquals((double) expected[i][3], (double) row[3], 1);
        }
    }

    @Test
    void partsOfOneMappingHaveTheCodeThatTouchedThemFirst() throws IOException {
        TableReport r = report(true, true);
        List<Object[]> rows = section(r, "first_touches").rows();
        assertEquals(2, rows.size());
        for (String section : List.of("first_touches", "first_touch_stacks", "objects")) {
            assertEquals("target 7 (app)", cell(r, section, 0, "target"), section);
        }
        assertEquals("fill+0x10 in app", cell(r, "first_touches", 0, "code"));
        assertEquals("copy+0x20 in app", cell(r, "first_touches", 1, "code"));
        for (int i = 0; i < 2; i++) {
            assertEquals(8.0 * MIB, (double) cell(r, "first_touches", i, "bytes"), 1);
            assertEquals(8.0 * MIB / 3, (double) cell(r, "first_touches", i, "accessed_bytes"), 1);
        }
        assertEquals(
                "0x100000000", cell(r, "first_touches", 0, "start").toString().replace(",", ""));
    }

    @Test
    void aFunctionHasWhatIsAccessedOfTheMemoryThatItTouchedFirst() throws IOException {
        TableReport r = report(true, true);
        assertEquals(0.0, (double) cell(r, "functions", 0, "touched_accessed_bytes"), "scan touched nothing first");
        for (int i = 1; i < 3; i++) {
            assertEquals(8.0 * MIB / 3, (double) cell(r, "functions", i, "touched_accessed_bytes"), 1);
        }
        assertTrue(
                r.notes().stream().anyMatch(n -> n.contains("not monitored, are not counted: 30")),
                r.notes().toString());
    }

    /** Targets 0 and 1 of DAMON, of processes that nobody names; 0 is also what the kernel calls the process that it idles in. */
    private TableReport twoTargets(String ops) throws IOException {
        Path path = dir.resolve("two" + ops + ".damson");
        Manifest m = new Manifest();
        m.attrs = MonitoringAttrs.DEFAULTS;
        ManifestKey.OPS.put(m, ops);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            for (int target = 0; target < 2; target++) {
                Snapshot s = new Snapshot();
                s.target = target;
                s.startNs = 0;
                s.endNs = 100 * MS;
                s.sampleUs = 5_000;
                s.aggrUs = 100_000;
                s.add(HEAP, HEAP + (target == 0 ? 16 : 8) * MIB, 20, 0);
                sink.append(s);
            }
            Batch frames = new Batch(Table.FRAMES);
            frames.add(1, "fill", "/bin/app", "", 0x10);
            frames.add(2, "cpu_idle", "[kernel.kallsyms]", "", 0x10);
            sink.append(frames);
            Batch stacks = new Batch(Table.STACKS);
            stacks.add(1, 0, 1);
            stacks.add(2, 0, 2);
            sink.append(stacks);
            Batch samples = new Batch(Table.SAMPLES);
            for (int i = 0; i < 10; i++) {
                samples.add(10 * MS * i, 7, 7, 0, "cpu-clock", 0L, 1L, 1);
            }
            samples.add(5 * MS, 0, 0, 0, "cpu-clock", 0L, 1L, 2);
            samples.add(10 * MS, 7, 7, 0, "page-faults", HEAP, 1L, 1);
            sink.append(samples);
        }
        try (TraceSource trace = Traces.open(path)) {
            return ObjectsTable.of(ObjectUse.compute(trace, TraceQuery.ALL));
        }
    }

    @Test
    void aSampleCountsOnceWhateverTheTargets() throws IOException {
        TableReport r = twoTargets("vaddr");
        assertEquals("fill (app)", cell(r, "functions", 0, "function"));
        assertEquals(10L, cell(r, "functions", 0, "samples"));
        assertEquals(24.0 * MIB, (double) cell(r, "functions", 0, "accessed_bytes"), 1);
        assertEquals("fill (app)", cell(r, "objects", 0, "ran_most"));
        assertEquals("fill (app)", cell(r, "objects", 1, "ran_most"));
    }

    /** Page faults have addresses of processes, which say nothing of the machine's own. */
    @Test
    void firstTouchesAreNotOfPhysicalMemory() throws IOException {
        assertTrue(
                twoTargets("vaddr").sections().stream().anyMatch(s -> s.name().equals("first_touches")));
        assertTrue(
                twoTargets("paddr").sections().stream().noneMatch(s -> s.name().equals("first_touches")));
    }

    @Test
    void withoutCallStacksTheReportIsAsItWas() throws IOException {
        TableReport r = report(false, false);
        assertEquals(1, r.sections().size());
        assertFalse(r.text().contains("ran most"), r.text());
    }
}
