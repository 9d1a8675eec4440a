package org.damson.analyzer.scan;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.objects.IdleMemory;
import org.damson.analyzer.objects.ObjectUse;
import org.damson.analyzer.objects.WindowSizes;
import org.damson.analyzer.render.table.IdleTable;
import org.damson.analyzer.render.table.ObjectsTable;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.WindowsTable;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.junit.jupiter.api.Test;

/** Reports on idle memory over traces of referenced bits: a mapping counts by what of it was touched. */
final class MappingReportsTest {
    private static final long A = 1L << 30;
    private static final long B = 2L << 30;

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
        throw new AssertionError(section + " has no " + column);
    }

    /** Adds a mapping of 100 MiB of which so many MiB were found in the mean, and in the greatest, sample. */
    private static void add(Snapshot s, long start, long meanMib, long maxMib, int age) {
        s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
        s.reserve(s.regions + 1);
        int i = s.add(start, start + 100 * MIB, maxMib > 0 ? 20 : 0, age);
        s.referencedMean[i] = meanMib * MIB;
        s.referencedMax[i] = maxMib * MIB;
    }

    /** A is used by 30, then by 10 MiB; B by 20 MiB once, then not any more. */
    private static MemoryTrace trace() {
        MemoryTrace t = new MemoryTrace();
        t.manifest.source = "referenced";
        for (int n = 0; n < 4; n++) {
            Snapshot s = t.snapshot(7, 100 * n, 100 * n + 100);
            add(s, A, n == 0 ? 30 : 10, n == 0 ? 40 : 10, 0);
            add(s, B, n == 0 ? 20 : 0, n == 0 ? 20 : 0, n == 0 ? 0 : n - 1);
        }
        return t;
    }

    @Test
    void whatWasNeverTouchedIsNotIdleMemory() throws IOException {
        TableReport r = IdleTable.of(IdleMemory.compute(trace(), TraceQuery.ALL));
        assertEquals(20.0 * MIB, cell(r, "coldness", 0, "last_bytes"));
        assertEquals(15.0 * MIB, cell(r, "coldness", 0, "mean_bytes"));
        // 40 MiB of A were seen, 10 are in use: since when the other 30 are idle is not known.
        assertEquals(30.0 * MIB, cell(r, "undecided", 0, "last_bytes"));
        // Of 10 MiB in use and 20 idle, a third is accessed.
        assertEquals(0L, cell(r, "percentiles", 4, "last_idle_ns"));
        assertEquals(300 * MS, cell(r, "percentiles", 5, "last_idle_ns"));
        // 10 MiB in each of 20 samples of 100 ms.
        assertEquals(2000.0 * MIB, cell(r, "bandwidth", 0, "last_bytes_per_second"));
        assertTrue(r.notes().toString().contains("are mappings, of which what was seen touched counts"));
    }

    @Test
    void noMoreIsIdleThanWasResident() throws IOException {
        MemoryTrace t = trace();
        t.resident(7, 0, 55 * MIB);
        TableReport r = IdleTable.of(IdleMemory.compute(t, TraceQuery.ALL));
        // 10 MiB are in use, 45 left for 50 that were seen: 18 of B's 20 and 27 of A's 30.
        assertEquals(18.0 * MIB, (double) cell(r, "coldness", 0, "last_bytes"), 1);
        assertEquals(27.0 * MIB, (double) cell(r, "undecided", 0, "last_bytes"), 1);
    }

    @Test
    void aWindowCountsTheMostOfEachMapping() throws IOException {
        TableReport r = WindowsTable.of(WindowSizes.compute(trace(), TraceQuery.ALL));
        // One snapshot: 40 + 20, then 10 three times. Two: 60, 10, 10. All: 60. Whole mappings are 100 or 200 MiB.
        double[] least = {90 / 4.0, 80 / 3.0, 60};
        double[] most = {500 / 4.0, 400 / 3.0, 200};
        for (int i = 0; i < 3; i++) {
            assertEquals(least[i] * MIB, (double) cell(r, "windows", i, "mean_bytes"), 1);
            assertEquals(most[i] * MIB, (double) cell(r, "windows", i, "at_most_bytes"), 1);
        }
        assertEquals(100.0, cell(r, "windows", 2, "percent_of_accessed"));
        assertFalse(r.notes().toString().contains("counts whole"), r.notes().toString());
    }

    @Test
    void windowsAgreeWithLookingAtEveryWindow() throws IOException {
        Random random = new Random(5);
        MemoryTrace t = new MemoryTrace();
        t.manifest.source = "referenced";
        int n = 57;
        long[][] mib = new long[3][n];
        for (int k = 0; k < n; k++) {
            Snapshot s = t.snapshot(7, 100 * k, 100 * k + 100);
            for (int m = 0; m < 3; m++) {
                mib[m][k] = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(9);
                if (mib[m][k] > 0 || random.nextBoolean()) {
                    add(s, (1L + m) << 32, mib[m][k], mib[m][k], 0);
                }
            }
        }
        TableReport r = WindowsTable.of(WindowSizes.compute(t, TraceQuery.ALL));
        int row = 0;
        for (int length : List.of(1, 2, 5, 10, 20, 50, n)) {
            double sum = 0;
            for (int w = 0; w + length <= n; w++) {
                for (int m = 0; m < 3; m++) {
                    long most = 0;
                    for (int k = w; k < w + length; k++) {
                        most = Math.max(most, mib[m][k]);
                    }
                    sum += most;
                }
            }
            double expected = sum / (n - length + 1) * MIB;
            assertEquals((long) length, cell(r, "windows", row, "snapshots"));
            assertEquals(expected, (double) cell(r, "windows", row, "mean_bytes"), expected * 1e-9, length + "");
            row++;
        }
    }

    @Test
    void anObjectsIdleMemoryIsWhatWasTouchedBefore() throws IOException {
        TableReport r = ObjectsTable.of(ObjectUse.compute(trace(), TraceQuery.ALL));
        assertEquals(200.0 * MIB, (double) cell(r, "objects", 0, "monitored_bytes"), 1);
        assertEquals(20.0 * MIB, (double) cell(r, "objects", 0, "accessed_bytes"), 1);
        // 10 of the first snapshot's greatest sample, then 30 of A and 20 of B three times.
        assertEquals(40.0 * MIB, (double) cell(r, "objects", 0, "cold_bytes"), 1);
    }
}
