package org.damson.analyzer.damo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;

/** Regions that schemes were about to be applied to, in a recording without snapshots; aggregations of 100 ms. */
final class DamoSchemeRowsTest {
    private static final long MS = MemoryTrace.MS;

    private static MemoryTrace trace() {
        MemoryTrace t = new MemoryTrace();
        t.manifest.attrs =
                new MonitoringAttrs(5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        return t;
    }

    private static void tried(MemoryTrace t, long ns, int scheme, long target, long page, int regions) {
        t.row(Table.SCHEMES, ns, 0, 0, scheme, target, page * 4096, page * 4096 + 4096, 3, 7, regions);
    }

    /** Start and end in ms and the pages of each snapshot. */
    private static List<String> snapshots(DamoRecord record) throws IOException {
        List<String> texts = new ArrayList<>();
        record.forEach(s -> texts.add(s.start.over(MS) + ".." + s.end.over(MS) + " "
                + s.regions.stream()
                        .map(r -> r.start.over(4096).truncated().toString())
                        .toList() + " "
                + s.totalBytes));
        return texts;
    }

    /** Events of one pass ascend and come together; a later time or a lower address begins another. */
    @Test
    void aSnapshotIsWhatOnePassTried() throws IOException {
        MemoryTrace t = trace();
        tried(t, 1000 * MS, 0, 0, 5, 40);
        tried(t, 1001 * MS, 0, 0, 9, 40);
        tried(t, 1100 * MS, 0, 0, 10, 40); // later by more than half an aggregation
        tried(t, 1101 * MS, 0, 0, 3, 40); // below the one before
        DamoTrace damo = DamoTrace.of(t, false);
        assertEquals(1, damo.records.size());
        // The first one began as long before its end as the others last on average: 101 ms in two steps.
        assertEquals(
                List.of("949.5..1000.0 [5, 9] 8192", "1000.0..1100.0 [10] 4096", "1100.0..1101.0 [3] 4096"),
                snapshots(damo.records.get(0)));
    }

    @Test
    void aLonePassLastedAnAggregation() throws IOException {
        MemoryTrace t = trace();
        tried(t, 1000 * MS, 0, 0, 5, 1);
        assertEquals(
                List.of("900.0..1000.0 [5] 4096"),
                snapshots(DamoTrace.of(t, false).records.get(0)));
    }

    /** Schemes and targets are records of their own, in the order in which they come; ages and accesses are the event's. */
    @Test
    void everySchemeAndTargetIsARecord() throws IOException {
        MemoryTrace t = trace();
        tried(t, 1000 * MS, 1, -1L, 5, 9);
        tried(t, 1000 * MS, 0, -1L, 5, 9);
        tried(t, 1000 * MS, 1, 2, 6, 9);
        t.row(Table.SCHEMES, 1001 * MS, 0, 0, 1, -1L, 0xffff_ffff_ffff_f000L, 0L, 20, -1, 9);
        List<DamoRecord> records = DamoTrace.of(t, false).records;
        assertEquals(
                List.of("1 18446744073709551615", "0 18446744073709551615", "1 2"),
                records.stream().map(r -> r.scheme + " " + r.target).toList());
        List<String> regions = new ArrayList<>();
        records.get(0)
                .forEach(s -> s.regions.forEach(
                        r -> regions.add(r.start.hex() + " " + r.size() + " " + r.samples + " " + r.age)));
        assertEquals(List.of("0x5000 4096 3 7", "0xfffffffffffff000 4096 20 null"), regions);
    }

    /** damo takes rows until they are as many as the target has regions, whatever their time and scheme. */
    @Test
    void damoFillsASnapshotToTheNumberOfRegions() throws IOException {
        MemoryTrace t = trace();
        tried(t, 1000 * MS, 0, 0, 5, 2);
        tried(t, 1500 * MS, 1, 0, 3, 2);
        tried(t, 1600 * MS, 0, 0, 4, 2);
        List<DamoRecord> records = DamoTrace.of(t, true).records;
        assertEquals(1, records.size());
        assertEquals(List.of("400.0..1000.0 [5, 3] 8192", "1000.0..1600.0 [4] 4096"), snapshots(records.get(0)));
    }

    @Test
    void aTraceWithNeitherSnapshotsNorRowsHasNoRecord() throws IOException {
        assertEquals(List.of(), DamoTrace.of(trace(), false).records);
    }
}
