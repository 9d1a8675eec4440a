package org.damson.analyzer.damo.report;

import static org.damson.analyzer.MemoryTrace.MIB;
import static org.damson.analyzer.MemoryTrace.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

/** Times, footprints, guides and profiles, each from a trace small enough to be worked out by hand. */
final class DamoReportsTest {
    private static final long HIGH = 0xffff_8000_0000_0000L;

    private static Snapshot add(MemoryTrace t, long target, long fromMs, long toMs) {
        Snapshot s = t.snapshot(target, fromMs, toMs);
        s.columns = Snapshot.HAS_AGE;
        return s;
    }

    private static List<DamoTimes.Interval> intervals(MemoryTrace t, DamoRecordFilter f) throws IOException {
        return DamoTimes.intervals(DamoTrace.of(t, false), f);
    }

    private static DamoTimes.Interval ms(long from, long to) {
        return new DamoTimes.Interval(from * MS, to * MS);
    }

    /** Snapshots that follow one another are one time; one without a region that passes is none. */
    @Test
    void timesAreThoseOfRegionsThatPass() throws IOException {
        MemoryTrace t = new MemoryTrace();
        int[] accesses = {3, 1, 0, 2, 2};
        for (int n = 0; n < accesses.length; n++) {
            add(t, 0, n * 100, n * 100 + 100).add(0, 4096, accesses[n], 0);
        }
        DamoRecordFilter accessed = new DamoRecordFilter(false);
        accessed.accessRates("5%", "100%");
        assertEquals(List.of(ms(0, 200), ms(300, 500)), intervals(t, accessed));
        assertEquals(List.of(ms(0, 500)), intervals(t, new DamoRecordFilter(false)));
        assertEquals(List.of(), intervals(new MemoryTrace(), new DamoRecordFilter(false)));
        assertEquals(
                "# seconds of the recording's clock\n0.000000-0.200000\n0.300000-0.500000\n",
                DamoTimes.report(DamoTrace.of(t, false), accessed, false));
    }

    /** Target after target: 0 to 100 and 300 to 400 of one, 50 to 350 of the other are one time. damo lists them as they come. */
    @Test
    void timesOfSeveralTargetsAreOneTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 0, 0, 100).add(0, 4096, 1, 0);
        add(t, 1, 50, 350).add(0, 4096, 1, 0);
        add(t, 2, 60, 70).add(0, 4096, 1, 0); // within the one before
        add(t, 0, 300, 400).add(0, 4096, 1, 0);
        add(t, 0, 600, 700).add(0, 4096, 1, 0);
        assertEquals(List.of(ms(0, 400), ms(600, 700)), intervals(t, new DamoRecordFilter(false)));
        assertEquals(
                List.of(
                        "0.000000-0.100000",
                        "0.300000-0.400000",
                        "0.600000-0.700000",
                        "0.050000-0.350000",
                        "0.060000-0.070000"),
                DamoTimes.report(DamoTrace.of(t, true), new DamoRecordFilter(true), true)
                        .lines()
                        .filter(l -> !l.startsWith("#"))
                        .toList());
    }

    /** Two processes at one time add up; what the system uses is the total less the free. */
    @Test
    void footprintsAddUpAtEachTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Object[][] rows = {
            {0L, 0, "mem_total", 1000L}, {0L, 0, "mem_free", 300L}, {0L, 7, "rss", 50L}, {0L, 8, "rss", 25L},
            {0L, 7, "vsz", 500L}, {1L, 0, "mem_total", 1000L}, {1L, 0, "mem_free", 100L}, {1L, 7, "rss", 60L},
            {1L, 7, "swap", 9L}, {2L, 0, "pgmajfault", 12L}
        };
        for (Object[] row : rows) {
            t.row(Table.MEMORY, row);
        }
        DamoFootprints f = DamoFootprints.of(t);
        assertEquals("[75, 60]", f.sizes("rss", true).toString());
        assertEquals("[60, 75]", f.sizes("rss", false).toString());
        assertEquals("[700, 900]", f.sizes("sys_used", true).toString());
        assertEquals("[500, 0]", f.sizes("vsz", true).toString());
        assertEquals(
                "[]", DamoFootprints.of(new MemoryTrace()).sizes("rss", true).toString());
        DamoFootprints.Options o = new DamoFootprints.Options(List.of("rss"), List.of(0, 100), false, 0, true, false);
        assertEquals(
                "# <percentile> <rss>\n# avr:\t67\n  0              60\n100              75\n",
                DamoFootprints.report(t, o));
    }

    /** Two areas with a gap of which later snapshots fill a part; the oldest region was there 3 x 100 ms before. */
    private static MemoryTrace gapped() {
        MemoryTrace t = new MemoryTrace();
        Snapshot a = add(t, 0, 1000, 1100);
        a.add(HIGH, HIGH + 4 * MIB, 10, 3);
        a.add(HIGH + 8 * MIB, HIGH + 10 * MIB, 0, 1);
        Snapshot b = add(t, 0, 1100, 1200);
        b.add(HIGH, HIGH + 5 * MIB, 2, 0);
        b.add(HIGH + 7 * MIB, HIGH + 10 * MIB, 20, 0);
        return t;
    }

    @Test
    void areasAreWhatNoSnapshotLeavesOpen() throws IOException {
        DamoGuide g = DamoGuide.of(DamoTrace.of(gapped(), false).records, false).get(0);
        assertEquals(700 * MS, g.startTime.toLong());
        assertEquals(1200 * MS, g.endTime.toLong());
        assertEquals(2, g.areas.size());
        assertEquals(HIGH + 5 * MIB, g.areas.get(0).end.toLong());
        assertEquals(HIGH + 7 * MIB, g.areas.get(1).start.toLong());
        // 4 x 10 + 5 x 2 of 5 MiB; 3 x 20 of 3 MiB.
        assertEquals(10, g.areas.get(0).heatPerByte(), 1e-12);
        assertEquals(20, g.areas.get(1).heatPerByte(), 1e-12);
        assertEquals(g.areas.get(1), g.hottest());
    }

    @Test
    void aGapThatIsFilledLaterIsNone() throws IOException {
        MemoryTrace t = gapped();
        add(t, 0, 1200, 1300).add(HIGH + MIB, HIGH + 9 * MIB, 1, 0);
        DamoGuide g = DamoGuide.of(DamoTrace.of(t, false).records, false).get(0);
        assertEquals(1, g.areas.size());
        assertEquals("10485760", g.areas.get(0).end.minus(g.areas.get(0).start).toString());
    }

    @Test
    void theTargetWithTheMostSpaceComesFirst() throws IOException {
        MemoryTrace t = gapped();
        add(t, 9, 0, 100).add(0, 100 * MIB, 0, 0);
        List<DamoGuide> guides = DamoGuide.of(DamoTrace.of(t, false).records, false);
        assertEquals(
                List.of("9", "0"),
                guides.stream().map(g -> g.of.target.toString()).toList());
        assertEquals(0, guides.get(0).hottest().heatPerByte());
        assertEquals(List.of(), DamoGuide.of(DamoTrace.of(new MemoryTrace(), false).records, false));
    }

    private static void sample(MemoryTrace t, long ms, String event, long stack) {
        t.row(Table.SAMPLES, ms * MS, 1, 1, 0, event, 0L, 1L, stack);
    }

    private static void stack(MemoryTrace t, long stack, String... functions) {
        for (int depth = 0; depth < functions.length; depth++) {
            long frame = 100 * stack + depth;
            t.row(Table.STACKS, stack, depth, frame);
            t.row(Table.FRAMES, frame, functions[depth], "/bin/a", "", 0L);
        }
    }

    /** Clock samples in [100, 200) and [300, 400) ms: of five, two by each of f and g and one without a stack. */
    @Test
    void aProfileCountsWhatRanInTheTimes() throws IOException {
        MemoryTrace t = new MemoryTrace();
        stack(t, 1, "f", "main");
        stack(t, 2, "g", "f", "main");
        long[][] samples = {{99, 1}, {100, 1}, {199, 2}, {200, 2}, {300, 2}, {399, 1}, {350, 5}, {400, 1}};
        for (long[] s : samples) {
            sample(t, s[0], "cpu-clock", s[1]);
        }
        sample(t, 150, "page-faults", 1);
        t.row(Table.STACKS, 6L, 0, 999L); // a frame that is missing
        sample(t, 320, "cpu-clock", 6);
        Profile p = Profile.compute(t, List.of(ms(100, 200), ms(300, 400)));
        assertEquals("cpu-clock", p.event());
        assertEquals(6, p.counted());
        assertEquals(9, p.ofEvent());
        assertEquals(1, p.ofOtherEvents());
        assertEquals(
                List.of("f 2", "g 2", "[missing frame] 1", "[no call stack] 1"),
                p.functions().stream().map(f -> f.name() + " " + f.samples()).toList());
        assertEquals(0, Profile.compute(t, List.of()).counted());
    }

    private static DamoHeatmap.Options raw(int times, int addresses) {
        DamoHeatmap.Options o = new DamoHeatmap.Options();
        o.rawTable = true;
        o.timeResol = times;
        o.addrResol = addresses;
        return o;
    }

    /**
     * Two halves of 2 MiB for 200 ms, in cells of 1 MiB and 100 ms. Accesses of 20 in 0.1 s are 200 a second; the second snapshot's
     * region spans a half of either cell.
     */
    @Test
    void aHeatmapsCellsAreMeansOverTheirSpaceAndTime() throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot a = add(t, 0, 0, 100);
        a.add(HIGH, HIGH + MIB, 20, 0);
        a.add(HIGH + MIB, HIGH + 2 * MIB, 0, 0);
        Snapshot b = add(t, 0, 100, 200);
        b.add(HIGH, HIGH + MIB / 2, 0, 0);
        b.add(HIGH + MIB / 2, HIGH + 3 * MIB / 2, 10, 0);
        b.add(HIGH + 3 * MIB / 2, HIGH + 2 * MIB, 20, 0);
        assertEquals(
                """
                0\t0\t200.0
                0\t1048576\t0.0
                100000000\t0\t50.0
                100000000\t1048576\t150.0
                """,
                DamoHeatmap.report(DamoTrace.of(t, false), raw(2, 2)));
        DamoHeatmap.Options absolute = raw(2, 2);
        absolute.absAddr = true;
        absolute.timeRange = List.of("100ms", "200ms");
        assertTrue(DamoHeatmap.report(DamoTrace.of(t, false), absolute)
                .startsWith("0\t" + Long.toUnsignedString(HIGH) + "\t50.0\n"));
    }

    /** As the age of the second snapshot says, its region was as hot in the 100 ms that no snapshot saw, and no longer. */
    @Test
    void agesFillWhatNoSnapshotSaw() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 0, 0, 100).add(HIGH, HIGH + MIB, 0, 0);
        add(t, 0, 300, 400).add(HIGH, HIGH + MIB, 20, 1);
        assertEquals(
                List.of("0.0", "NaN", "200.0", "200.0"),
                DamoHeatmap.report(DamoTrace.of(t, false), raw(4, 1))
                        .lines()
                        .map(l -> l.split("\t")[2])
                        .toList());
    }

    /** Ranges of fewer nanoseconds or bytes than cells have none to draw. */
    @Test
    void rangesSmallerThanTheResolutionAreRefused() throws IOException {
        MemoryTrace t = new MemoryTrace();
        add(t, 0, 0, 100).add(HIGH, HIGH + 4096, 1, 0);
        DamoTrace damo = DamoTrace.of(t, false);
        assertThrows(InvalidInputException.class, () -> DamoHeatmap.report(damo, raw(1, 4097)));
        DamoHeatmap.Options o = raw(4, 1);
        o.timeRange = List.of("10", "13");
        assertThrows(InvalidInputException.class, () -> DamoHeatmap.report(damo, o));
        o.timeRange = List.of("10", "14");
        assertEquals(4, DamoHeatmap.report(damo, o).lines().count());
    }
}
