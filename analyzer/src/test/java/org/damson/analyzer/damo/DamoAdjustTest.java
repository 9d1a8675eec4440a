package org.damson.analyzer.damo;

import static org.damson.analyzer.damo.Records.INTERVALS;
import static org.damson.analyzer.damo.Records.record;
import static org.damson.analyzer.damo.Records.region;
import static org.damson.analyzer.damo.Records.snapshot;
import static org.damson.analyzer.damo.Records.snapshots;
import static org.damson.analyzer.damo.Records.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Worked out by hand from damo's rule: the first snapshot's borders stay, later ones add their greatest overlap. */
final class DamoAdjustTest {
    private static DamoSnapshot at(int n, DamoRegion... regions) {
        return snapshot(n * 100L, n * 100L + 100, regions);
    }

    @Test
    void accessesAddUpWithinTheBordersOfTheFirstSnapshot() throws IOException {
        DamoRecord record = record(
                INTERVALS, at(0, region(0, 4096, 5, 0), region(4096, 8192, 1, 0)), at(1, region(2048, 6144, 3, 0)));
        DamoRecord aggregated = DamoAdjust.aggregate(record, 200_000, 0, false);
        List<DamoSnapshot> all = snapshots(aggregated);
        assertEquals(1, all.size());
        assertEquals(List.of("0-4096:8", "4096-8192:4"), texts(all.get(0)));
        assertEquals("200000000", all.get(0).end.toString());
        assertEquals("8192", all.get(0).totalBytes.toString());
        assertEquals("200000", aggregated.intervals.aggr().toString());
        assertEquals("40.0", aggregated.intervals.maxSamples().toString());
    }

    /** Of several regions that meet one, only the one with the most accesses counts; what meets none is appended. */
    @Test
    void theGreatestOfSeveralCountsAndTheRestIsAppended() throws IOException {
        DamoRecord record = record(
                INTERVALS,
                at(0, region(0, 8192, 1, 0)),
                at(1, region(0, 2048, 2, 0), region(2048, 4096, 7, 0), region(8192, 12288, 4, 0)));
        DamoSnapshot sum =
                snapshots(DamoAdjust.aggregate(record, 200_000, 0, false)).get(0);
        assertEquals(List.of("0-8192:8", "8192-12288:4"), texts(sum));
        assertEquals("12288", sum.totalBytes.toString());
    }

    @Test
    void agesCountTheLongerIntervals() throws IOException {
        for (boolean compat : new boolean[] {false, true}) {
            DamoRecord record = record(INTERVALS, at(0, region(0, 4096, 0, 5)), at(1, region(0, 4096, 0, 6)));
            DamoSnapshot sum =
                    snapshots(DamoAdjust.aggregate(record, 200_000, 0, compat)).get(0);
            assertEquals(compat ? "5" : "2", sum.regions.get(0).age.toString());
        }
    }

    @Test
    void damoDropsALastGroupThatIsTooShort() throws IOException {
        DamoSnapshot[] three = {at(0, region(0, 4096, 1, 0)), at(1, region(0, 4096, 2, 0)), at(2, region(0, 4096, 3, 0))
        };
        assertEquals(
                2,
                snapshots(DamoAdjust.aggregate(record(INTERVALS, three), 200_000, 0, false))
                        .size());
        DamoSnapshot[] again = {at(0, region(0, 4096, 1, 0)), at(1, region(0, 4096, 2, 0)), at(2, region(0, 4096, 3, 0))
        };
        List<DamoSnapshot> compat = snapshots(DamoAdjust.aggregate(record(INTERVALS, again), 200_000, 0, true));
        assertEquals(1, compat.size());
        assertEquals(List.of("0-4096:3"), texts(compat.get(0)));
    }

    @Test
    void skippedSnapshotsAreInNoGroup() throws IOException {
        DamoRecord record = record(
                INTERVALS, at(0, region(0, 4096, 9, 0)), at(1, region(0, 4096, 2, 0)), at(2, region(0, 4096, 3, 0)));
        List<DamoSnapshot> all = snapshots(DamoAdjust.aggregate(record, 200_000, 1, true));
        assertEquals(1, all.size());
        assertEquals(List.of("0-4096:5"), texts(all.get(0)));
        assertEquals("100000000", all.get(0).start.toString());
    }

    /** A part of a region has its share of the bytes that passed the filters. */
    @Test
    void partsHaveTheirShareOfWhatPassedFilters() throws IOException {
        DamoRegion wide = region(0, 8192, 1, 0);
        wide.filterPassed = Num.of(4096);
        DamoRecord record = record(INTERVALS, at(0, region(0, 6144, 1, 0)), at(1, wide));
        DamoSnapshot sum =
                snapshots(DamoAdjust.aggregate(record, 200_000, 0, false)).get(0);
        assertEquals(List.of("0-6144:2", "6144-8192:1"), texts(sum));
        assertEquals("1024", sum.regions.get(1).filterPassed.toString());
    }
}
