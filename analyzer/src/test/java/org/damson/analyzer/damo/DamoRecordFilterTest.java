package org.damson.analyzer.damo;

import static org.damson.analyzer.damo.Records.INTERVALS;
import static org.damson.analyzer.damo.Records.record;
import static org.damson.analyzer.damo.Records.region;
import static org.damson.analyzer.damo.Records.snapshot;
import static org.damson.analyzer.damo.Records.snapshots;
import static org.damson.analyzer.damo.Records.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.model.InvalidInputException;
import org.junit.jupiter.api.Test;

final class DamoRecordFilterTest {
    /** 4 KiB at 50 % for 0.5 s, 8 KiB at 100 % just now, 4 KiB idle for 2 s. */
    private static DamoSnapshot three() {
        return snapshot(0, 100, region(0, 4096, 10, 5), region(4096, 12288, 20, 0), region(12288, 16384, 0, 20));
    }

    private static DamoSnapshot only(DamoSnapshot s, boolean compat, Consumer<DamoRecordFilter> options)
            throws IOException {
        DamoRecordFilter filter = new DamoRecordFilter(compat);
        options.accept(filter);
        DamoSnapshot left = snapshots(filter.apply(record(INTERVALS, s))).get(0);
        assertEquals(left.regions.isEmpty(), filter.leavesNothing());
        return left;
    }

    @Test
    void rangesIncludeBothEnds() throws IOException {
        DamoSnapshot rates = only(three(), false, f -> f.accessRates("50%", "100%"));
        assertEquals(List.of("0-4096:10", "4096-12288:20"), texts(rates));
        assertEquals("12288", rates.totalBytes.toString());
        assertEquals(List.of("0-4096:10", "12288-16384:0"), texts(only(three(), false, f -> f.sizes("4096", "4K"))));
        assertEquals(List.of("0-4096:10", "12288-16384:0"), texts(only(three(), false, f -> f.ages("0.5", "2"))));
        assertEquals(List.of("4096-12288:20"), texts(only(three(), false, f -> f.ages("0", "499ms"))));
    }

    /** damo documents seconds and takes microseconds, and leaves the total as it was. */
    @Test
    void compatibleFiltersHaveDamosDefects() throws IOException {
        DamoSnapshot none = only(three(), true, f -> f.ages("0.5", "2"));
        assertEquals(List.of(), texts(none));
        assertEquals("16384", none.totalBytes.toString());
        // A range that ends before it starts: nothing passes.
        assertEquals(List.of(), texts(only(three(), true, f -> f.sizes("8K", "4K"))));
        assertThrows(InvalidInputException.class, () -> only(three(), false, f -> f.sizes("8K", "4K")));
    }

    /** 3 of 7 samples are 42.857 %, which damo cuts to 42 %. */
    @Test
    void damoCutsPercentages() throws IOException {
        for (boolean compat : new boolean[] {false, true}) {
            DamoRecordFilter filter = new DamoRecordFilter(compat);
            filter.accessRates("42.5", "100");
            DamoRecord seven = record(Records.intervals(5_000, 35_000), snapshot(0, 35, region(0, 4096, 3, 0)));
            assertEquals(
                    compat ? 0 : 1,
                    snapshots(filter.apply(seven)).get(0).regions.size());
        }
    }

    @Test
    void regionsAreCutAtTheAddresses() throws IOException {
        DamoSnapshot cut = only(three(), false, f -> {
            f.addAddresses("11K", "13K");
            f.addAddresses("1K", "3K");
        });
        assertEquals(List.of("1024-3072:10", "11264-12288:20", "12288-13312:0"), texts(cut));
        assertEquals("4096", cut.totalBytes.toString());
        DamoRecordFilter filter = new DamoRecordFilter(false);
        filter.addAddresses("4K", "8K");
        filter.addAddresses("8K", "12K"); // touching is not overlapping
        assertThrows(InvalidInputException.class, () -> filter.addAddresses("5K", "6K"));
        assertThrows(InvalidInputException.class, () -> filter.addAddresses("20K", "19K"));
    }

    /** Snapshots are counted after those are left out that their size or time leaves out. */
    @Test
    void snapshotsAreNumberedAmongThoseThatPass() throws IOException {
        DamoRecord all = record(
                INTERVALS,
                snapshot(0, 100, region(0, 4096, 1, 0)),
                snapshot(100, 200, region(0, 8192, 2, 0)),
                snapshot(200, 300, region(0, 12288, 3, 0)));
        DamoRecordFilter sizes = new DamoRecordFilter(false);
        sizes.addSnapshotSizes("8K", "max");
        sizes.addSnapshotIndices("0", "0");
        List<DamoSnapshot> left = snapshots(sizes.apply(all));
        assertEquals(1, left.size());
        assertEquals(List.of("0-8192:2"), texts(left.get(0)));
        DamoRecordFilter times = new DamoRecordFilter(false);
        times.addSnapshotTimes("50 ms", "250 ms");
        assertEquals(List.of("0-8192:2"), texts(snapshots(times.apply(all)).get(0)));
        assertEquals(1, snapshots(times.apply(all)).size());
        assertFalse(times.leavesNothing());
    }

    /** By damo's usual weights: 100 a percent and 100 a microsecond of age, negative where nothing was accessed. */
    @Test
    void temperaturesOfWhatIsIdleAreNegative() throws IOException {
        DamoSnapshot idle = only(three(), false, f -> f.addTemperatures("-200000000", "0"));
        assertEquals(List.of("12288-16384:0"), texts(idle));
        DamoSnapshot warm = only(three(), false, f -> f.addTemperatures("50005000", "50005000"));
        assertEquals(List.of("0-4096:10"), texts(warm));
        DamoRecordFilter none = new DamoRecordFilter(false);
        none.addTemperatures("1", "2");
        assertTrue(
                snapshots(none.apply(record(INTERVALS, three()))).get(0).regions.isEmpty());
        assertTrue(none.leavesNothing());
    }
}
