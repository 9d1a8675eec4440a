package org.damson.analyzer.damo;

import static org.damson.analyzer.damo.Records.INTERVALS;
import static org.damson.analyzer.damo.Records.record;
import static org.damson.analyzer.damo.Records.region;
import static org.damson.analyzer.damo.Records.snapshot;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.junit.jupiter.api.Test;

/** 5 ms and 100 ms: an interval is within 75 to 125 ms, and a region has 20 accesses at most. */
final class DamoExpectationsTest {
    private static DamoTrace trace(DamoRecord... records) throws IOException {
        return DamoTrace.of(new MemoryTrace(), false).withRecords(Arrays.asList(records));
    }

    private static List<String> findings(DamoExpectations e, DamoSnapshot... snapshots) throws IOException {
        return e.findings(trace(record(INTERVALS, snapshots)));
    }

    @Test
    void bothEndsOfTheIntervalAreAllowed() throws IOException {
        DamoExpectations e = new DamoExpectations();
        DamoRegion r = region(0, 4096, 20, 0);
        assertEquals(List.of(), findings(e, snapshot(0, 75, r), snapshot(75, 200, r)));
        assertEquals(
                List.of("target 0: 1 of 2 snapshots (50.0 %) span no aggregation interval (a quarter more or less)"),
                findings(e, snapshot(0, 74, r), snapshot(74, 199, r)));
        assertEquals(1, findings(e, snapshot(0, 126, r)).size());
        e.aggrUs = new DamoExpectations.Bounds(126_000, 126_000);
        assertEquals(List.of(), findings(e, snapshot(0, 126, r)));
        assertEquals(
                List.of("target 0: 1 of 1 snapshots (100.0 %) span no aggregation interval of 126 ms to 126 ms"),
                findings(e, snapshot(0, 100, r)));
    }

    /** Two of 100 snapshots may miss, the third may not. */
    @Test
    void aShareOfTheSnapshotsMayMiss() throws IOException {
        for (int slow = 0; slow < 5; slow++) {
            DamoSnapshot[] all = new DamoSnapshot[100];
            for (int i = 0; i < 100; i++) {
                all[i] = snapshot(i * 1000, i * 1000 + (i < slow ? 300 : 100), region(0, 4096, 1, 0));
            }
            DamoExpectations e = new DamoExpectations();
            assertEquals(slow > 2 ? 1 : 0, findings(e, all).size(), slow + " slow");
            e.allowedPercent = 4;
            assertEquals(0, findings(e, all).size());
            e.allowedPercent = 0;
            assertEquals(slow > 0 ? 1 : 0, findings(e, all).size(), slow + " slow");
        }
    }

    @Test
    void regionsAreCountedWhereBoundsAreGiven() throws IOException {
        DamoExpectations e = new DamoExpectations();
        DamoSnapshot two = snapshot(0, 100, region(0, 4096, 1, 0), region(4096, 8192, 2, 0));
        assertEquals(List.of(), findings(e, two));
        e.regions = new DamoExpectations.Bounds(3, 5);
        assertEquals(List.of("target 0: 1 of 1 snapshots (100.0 %) do not have 3 to 5 regions"), findings(e, two));
        e.regions = new DamoExpectations.Bounds(2, 2);
        assertEquals(List.of(), findings(e, two));
    }

    /** Any access too many is a finding, whatever share of snapshots may miss; the first is told. */
    @Test
    void accessesAreAtMostThoseOfTheIntervals() throws IOException {
        DamoExpectations e = new DamoExpectations();
        e.allowedPercent = 100;
        DamoSnapshot s =
                snapshot(0, 100, region(0, 4096, 20, 0), region(4096, 8192, 21, 0), region(8192, 12288, 24, 0));
        assertEquals(
                List.of("target 0: 2 regions have more or less accesses than allowed, first 21 of 0x1000-0x2000"),
                findings(e, s));
        e.accesses = new DamoExpectations.Bounds(21, 24);
        assertEquals(
                List.of("target 0: 1 region has more or less accesses than allowed, first 20 of 0x0-0x1000"),
                findings(e, s));
    }

    /** Addresses without sign: the upper half of the address space lies above the lower. */
    @Test
    void regionsMayLieInAnyOfTheBoundaries() throws IOException {
        DamoExpectations e = new DamoExpectations();
        e.boundaries.add(new DamoExpectations.Boundary(0x1000, 0x3000));
        e.boundaries.add(new DamoExpectations.Boundary(Long.MIN_VALUE, Long.MIN_VALUE + 0x2000));
        DamoRegion high = DamoRegion.of(Long.MIN_VALUE, Long.MIN_VALUE + 0x2000);
        high.samples = Num.ZERO;
        assertEquals(List.of(), findings(e, snapshot(0, 100, region(0x1000, 0x3000, 1, 0), high)));
        assertEquals(
                List.of("target 0: 2 regions are outside the boundaries, first 0x2000-0x4000"),
                findings(e, snapshot(0, 100, region(0x2000, 0x4000, 1, 0), region(0, 0x1000, 1, 0))));
    }

    @Test
    void aTraceWithoutRecordsHasNoSnapshot() throws IOException {
        assertEquals(List.of("no snapshot"), new DamoExpectations().findings(trace()));
        assertEquals("target snapshots is zero", new DamoExpectations().damoFinding(trace()));
    }

    /** damo's own bounds: 75 to 125 ms, 3 to 1,200 regions, 0 to 24 accesses; it stops at the first finding. */
    @Test
    void damosFindingsAreItsWords() throws IOException {
        DamoExpectations e = new DamoExpectations();
        DamoRegion[] three = {region(0, 4096, 24, 0), region(4096, 8192, 0, 0), region(8192, 12288, 1, 0)};
        assertNull(e.damoFinding(trace(record(INTERVALS, snapshot(0, 100, three)))));
        e.allowedPercent = 0;
        assertEquals(
                "invalid: expect 75000<=aggregate interval<=125000 but 126000",
                e.damoFinding(trace(record(INTERVALS, snapshot(0, 126, three)))));
        assertEquals(
                "invalid: expect 3<=nr_regions<=1200 but 1",
                e.damoFinding(trace(record(INTERVALS, snapshot(0, 100, three[0])))));
        assertEquals(
                "invalid: expect 0<=nr_accesses<=24 but 25",
                e.damoFinding(
                        trace(record(INTERVALS, snapshot(0, 100, three[0], three[1], region(8192, 12288, 25, 0))))));
        assertEquals(
                "wrong regiosn [8192, 8192)",
                e.damoFinding(
                        trace(record(INTERVALS, snapshot(0, 100, three[0], three[1], region(8192, 8192, 1, 0))))));
        e.boundaries.add(new DamoExpectations.Boundary(0, 8192));
        assertEquals(
                "region 8192-12288 out of the boundary",
                e.damoFinding(trace(record(INTERVALS, snapshot(0, 100, three)))));
    }

    /** Of 100 snapshots 2 % may miss: damo forgives two, and each rule has its own count. */
    @Test
    void damoForgivesTheFirstOnes() throws IOException {
        DamoRegion[] three = {region(0, 4096, 1, 0), region(4096, 8192, 0, 0), region(8192, 12288, 1, 0)};
        for (int slow = 0; slow < 5; slow++) {
            List<DamoSnapshot> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                long ms = i < slow ? 300 : 100;
                all.add(i > 97 ? snapshot(0, ms, three[0]) : snapshot(0, ms, three));
            }
            String found =
                    new DamoExpectations().damoFinding(trace(record(INTERVALS, all.toArray(DamoSnapshot[]::new))));
            assertEquals(
                    slow > 2 ? "invalid: expect 75000<=aggregate interval<=125000 but 300000" : null,
                    found,
                    slow + " slow");
        }
    }
}
