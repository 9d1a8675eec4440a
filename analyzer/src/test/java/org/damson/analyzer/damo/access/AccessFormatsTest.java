package org.damson.analyzer.damo.access;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

/** What a report of accesses shows where the user says nothing, and what styles and single options stand for. */
final class AccessFormatsTest {
    private static MemoryTrace trace(int snapshots, int targets) {
        MemoryTrace t = new MemoryTrace();
        t.manifest.attrs =
                new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        for (int n = 0; n < snapshots; n++) {
            for (int target = 0; target < targets; target++) {
                Snapshot s = t.snapshot(target, n * 100L, n * 100L + 100);
                s.columns = Snapshot.HAS_AGE;
                s.add(0, MIB, 10, n);
                s.add(MIB, 3 * MIB, 0, 2);
            }
        }
        return t;
    }

    private static List<String> lines(MemoryTrace t, Consumer<AccessOptions> set) throws IOException {
        AccessOptions o = new AccessOptions();
        set.accept(o);
        StringBuilder b = new StringBuilder();
        AccessReport.write(DamoTrace.of(t, o.compat), new DamoRecordFilter(o.compat), o, b);
        return b.toString()
                .replaceAll("\u001b\\[[0-9;]*m", "")
                .lines()
                .map(String::stripTrailing)
                .toList();
    }

    private static boolean any(List<String> lines, String start) {
        return lines.stream().anyMatch(l -> l.startsWith(start));
    }

    @Test
    void oneSnapshotIsShownRegionByRegion() throws IOException {
        List<String> lines = lines(trace(1, 1), o -> o.heatmapWidth = 3);
        assertEquals("heatmap: 900", lines.get(0));
        assertEquals("intervals: sample 5 ms aggr 100 ms (max access hz 200)", lines.get(2));
        assertEquals("0   addr 0 B          size 1024.000 KiB access 100 hz age 0 ns", lines.get(3));
        assertEquals("1   addr 1024.000 KiB size 2.000 MiB   access 0 hz   age 200 ms", lines.get(4));
        assertEquals(
                List.of(
                        "memory bw estimate: 100.000 MiB per second",
                        "total size: 3.000 MiB",
                        "record DAMON intervals: sample 5 ms, aggr 100 ms"),
                lines.subList(5, 8));
    }

    /** Of several snapshots each has its time, an empty line between them; of several records each has its head. */
    @Test
    void snapshotsAndRecordsHaveTheirHeads() throws IOException {
        List<String> two = lines(trace(2, 1), o -> {});
        assertTrue(any(two, "snapshot time: [0 ns, 100 ms] (100 ms)"));
        assertTrue(any(two, "snapshot time: [100 ms, 200 ms] (100 ms)"));
        assertEquals(1, two.stream().filter(String::isEmpty).count());
        assertFalse(any(two, "kdamond"));
        List<String> targets = lines(trace(1, 2), o -> {});
        assertTrue(any(targets, "kdamond 0 / context 0 / scheme None / target id 1 / recorded for 100 ms from 0 ns"));
    }

    /** Only the totals, a line for each snapshot. */
    @Test
    void totalsAloneAreALineEach() throws IOException {
        assertEquals(List.of("3145728", "3145728"), lines(trace(2, 1), o -> {
            o.totalSzOnly = true;
            o.raw = true;
            o.set.put("record_tail", "");
        }));
    }

    /** What is appended comes behind what is there anyway, in order; a backslash and n end a line. */
    @Test
    void formatsCanBeAppendedTo() throws IOException {
        List<String> lines = lines(trace(1, 1), o -> {
            o.append.put("record_tail", List.of("\\nof <target id>", " and <kdamond index>"));
            o.set.put("region", "");
        });
        assertEquals(
                List.of("record DAMON intervals: sample 5 ms, aggr 100 ms", "of 0 and 0"),
                lines.subList(lines.size() - 2, lines.size()));
        assertFalse(any(lines, "0   addr"));
    }

    /** Least widths are damo's own where it has one, and to damo stay so. */
    @Test
    void widthsCanBeAskedFor() throws IOException {
        for (boolean compat : new boolean[] {false, true}) {
            List<String> lines = lines(trace(1, 1), o -> {
                o.compat = compat;
                o.raw = true;
                o.set.put("region", "<size>|<temperature>|");
                o.minChars.put("<size>", 9);
                o.minChars.put("<temperature>", 7);
            });
            assertTrue(any(lines, compat ? "1048576    |5000   |" : "1048576  |5000   |"), lines::toString);
        }
    }

    /** The hot style has the hottest first and boxes to the right; the cold one the coldest. */
    @Test
    void hotAndColdAreOrders() throws IOException {
        List<String> hot = lines(trace(1, 1), o -> o.style = "hot");
        List<String> cold = lines(trace(1, 1), o -> o.style = "cold");
        int first = hot.indexOf(
                hot.stream().filter(l -> l.contains("|")).findFirst().orElseThrow());
        assertTrue(hot.get(first).contains("1024.000 KiB access 100 hz"), hot.get(first));
        assertTrue(cold.get(first).contains("2.000 MiB   access 0 hz"), cold.get(first));
    }

    @Test
    void stylesOfHistogramsShowNoRegions() throws IOException {
        for (String style : List.of("temperature-sz-hist", "recency-sz-hist", "cold-memory-tail")) {
            List<String> lines = lines(trace(1, 1), o -> o.style = style);
            assertEquals(
                    style.startsWith("temp") ? "<temperature> <total size>" : "<idle time (us)> <total size>",
                    lines.get(0));
            assertEquals(10, lines.stream().filter(l -> l.startsWith("[")).count(), style);
            assertFalse(any(lines, "0   addr"), style);
        }
    }

    /** Hits of probes are shown where regions tell of them; to damo only from 3.3.0 on, with headings from 3.3.2. */
    @Test
    void hitsOfProbesHaveColumns() throws IOException {
        MemoryTrace t = trace(1, 1);
        Snapshot s = t.snapshots.get(0);
        s.columns |= Snapshot.HAS_PROBE_HITS;
        s.reserve(2);
        s.probeHits[0] = 3 | 5 << 16;
        s.probeHits[1] = 0;
        List<String> lines = lines(t, o -> {});
        assertTrue(any(lines, "#   addr         size                age           probe_hits"), lines::toString);
        assertTrue(any(lines, "0   0 B          1024.000 KiB  100 hz 0 ns          3 5"), lines::toString);
        // What perf or trace-cmd recorded has none to damo.
        assertFalse(any(lines(t, o -> o.compat = true), "#   addr"));
    }

    /** To damo until 3.2.8 the heatmap of one of several snapshots has no name. */
    @Test
    void versionsOfDamoNameTheirHeatmaps() throws IOException {
        for (String version : List.of("3.2.8", "3.2.9")) {
            List<String> lines = lines(trace(2, 1), o -> {
                o.compat = true;
                o.version = DamoVersion.of(version);
            });
            assertEquals(version.equals("3.2.9"), any(lines, "heatmap: "), version);
        }
    }

    /** Keywords of a report of attributes are those of accesses less what only accesses have. */
    @Test
    void areasHaveTheirKeywords() {
        assertTrue(AccessKeywords.of("region", false).contains("<access hz>"));
        assertFalse(AccessKeywords.of("region", true).contains("<access hz>"));
        assertTrue(AccessKeywords.of("region", true).contains("<probe hits>"));
        assertEquals("<probes>", AccessKeywords.of("snapshot_head", true).get(0));
        assertFalse(AccessKeywords.of("snapshot_tail", false).contains("<probes>"));
        assertEquals(AccessKeywords.RECORD, AccessKeywords.of("record_tail", true));
    }
}
