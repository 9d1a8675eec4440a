package org.damson.analyzer.damo;

import static org.damson.analyzer.damo.Records.INTERVALS;
import static org.damson.analyzer.damo.Records.record;
import static org.damson.analyzer.damo.Records.region;
import static org.damson.analyzer.damo.Records.snapshot;
import static org.damson.analyzer.damo.Records.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.MemoryTrace;
import org.damson.model.ManifestKey;
import org.junit.jupiter.api.Test;

/** Records written as damo's JSON, intervals that tuning changes, probes of a set-up, and how damo ends a report. */
final class DamoFileTest {
    private static String written(DamoFile.Aggregation aggregation, boolean compat, DamoSnapshot... snapshots)
            throws IOException {
        DamoTrace t = DamoTrace.of(new MemoryTrace(), compat).withRecords(List.of(record(INTERVALS, snapshots)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long n = DamoFile.write(t, new DamoRecordFilter(compat), aggregation, compat, out);
        String text = out.toString(StandardCharsets.UTF_8);
        assertEquals(n, text.split("\"start_time\"", -1).length - 1);
        return text;
    }

    /** Times and intervals in plain numbers, addresses with commas, sizes for people, as damo has them. */
    @Test
    void aRecordIsDamosJson() throws IOException {
        DamoRegion r = DamoRegion.of(0x8000_0000_0000_0000L, 0x8000_0000_0000_1000L);
        r.samples = Num.of(3);
        r.age = Num.of(1234);
        assertEquals(
                """
                [{"kdamond_idx":0,"context_idx":0,"intervals":{"sample_us":"5000","aggr_us":"100000","ops_update_us":"1000000",\
                "intervals_goal":{"access_bp":"0.000000","aggrs":"0","min_sample_us":"0","max_sample_us":"0"}},\
                "scheme_idx":null,"target_id":0,"scheme_filters":[],"snapshots":[{"start_time":"0","end_time":"100000000","regions":[\
                {"start":"9,223,372,036,854,775,808","end":"9,223,372,036,854,779,904","nr_accesses":{"samples":3,"percent":null},\
                "age":{"usec":null,"aggr_intervals":"1,234"},"probe_hits":[],"sz_filter_passed":"0 B"}],"total_bytes":"4096",\
                "damos_stats":null,"sample_interval_us":null}],"data_source":"test"}]""",
                written(null, false, snapshot(0, 100, r)));
    }

    /** Three of 100 ms to 200: two are one, whose accesses add up; the rest is a snapshot too, but to damo. Ages count intervals of 200. */
    @Test
    void snapshotsAreAggregatedToAnInterval() throws IOException {
        DamoFile.Aggregation to200 = new DamoFile.Aggregation(200_000, 0);
        for (boolean compat : new boolean[] {false, true}) {
            DamoSnapshot[] three = new DamoSnapshot[3];
            for (int i = 0; i < 3; i++) {
                three[i] = snapshot(i * 100L, i * 100L + 100, region(0, 4096, 5 + i, 7));
            }
            String text = written(to200, compat, three);
            assertTrue(text.contains("\"aggr_us\":\"200000\""), text);
            assertTrue(text.contains("\"samples\":11"), text);
            assertEquals(!compat, text.contains("\"samples\":7"), text);
            assertTrue(text.contains("\"aggr_intervals\":\"" + (compat ? 7 : 3) + "\""), text);
        }
        String skipped = written(
                new DamoFile.Aggregation(200_000, 2), false, snapshot(0, 100), snapshot(100, 200), snapshot(200, 400));
        assertFalse(skipped.contains("\"start_time\":\"0\""), skipped);
        assertTrue(skipped.contains("\"start_time\":\"200000000\""), skipped);
    }

    @Test
    void regionsAreInTheOrderOfAddresses() throws IOException {
        DamoSnapshot s = snapshot(0, 100, region(8192, 12288, 1, 0), region(0, 4096, 2, 0));
        String text = written(null, false, s);
        assertTrue(text.indexOf("\"start\":\"0\"") < text.indexOf("\"start\":\"8,192\""), text);
        assertEquals(List.of("0-4096:2", "8192-12288:1"), texts(s));
    }

    private static DamoIntervals tuned() {
        return new DamoIntervals(
                Num.of(5_000),
                Num.of(100_000),
                Num.of(1_000_000),
                new DamoIntervals.Goal(Num.of(400), Num.of(3), Num.of(5_000), Num.of(10_000_000)));
    }

    /** Tuned intervals are those of the snapshot: by its sampling interval, or by its length if that is a tenth off. */
    @Test
    void tuningChangesTheIntervalsOfASnapshot() {
        assertEquals("100000", snapshot(0, 300).aggrUs(INTERVALS).toString());
        assertEquals("100000", snapshot(0, 109).aggrUs(tuned()).toString());
        assertEquals("110000.0", snapshot(0, 110).aggrUs(tuned()).toString());
        assertEquals("50000.0", snapshot(0, 50).aggrUs(tuned()).toString());
        DamoSnapshot told = snapshot(0, 50);
        told.sampleUs = Num.of(10_000);
        assertEquals("200000.0", told.aggrUs(tuned()).toString());
        assertEquals(
                "target 4 % accesses per 3 aggrs, [5 ms, 10 s] sampling interval",
                tuned().goal().text(false));
    }

    private static MemoryTrace withProbes() {
        MemoryTrace t = new MemoryTrace();
        ManifestKey.SIDE_FILES.put(t.manifest, List.of("damon.data.kdamonds"));
        ManifestKey.KDAMONDS.put(
                t.manifest,
                List.of(
                        Map.of(
                                "kdamond",
                                0L,
                                "context",
                                0L,
                                "probes",
                                List.of(
                                        Map.of("filters", "allow anon", "weight", 3L),
                                        Map.of("filters", "reject young", "preps", "set_pgidle"))),
                        Map.of("kdamond", 1L, "context", 0L)));
        return t;
    }

    @Test
    void probesAreThoseOfTheContext() {
        DamoProbes probes = DamoProbes.of(withProbes().manifest);
        assertTrue(probes.isKnown());
        assertEquals(
                List.of("allow anon (weight: 3)", "prep: set_pgidle, filter: reject young (weight: 0)"),
                probes.of(record(INTERVALS)).stream()
                        .map(DamoProbes.Probe::text)
                        .toList());
        Num one = Num.of(1);
        assertEquals(List.of(), probes.of(record(INTERVALS).of(one, Num.ZERO, null, one)));
        // Of a record that does not say, the first.
        assertEquals(2, probes.of(record(INTERVALS).of(null, null, null, one)).size());
        assertFalse(DamoProbes.of(new MemoryTrace().manifest).isKnown());
    }

    private static String paged(int lines, boolean compat) throws IOException {
        StringBuilder b = new StringBuilder();
        DamoPager pager = new DamoPager(b, compat);
        for (int i = 1; i < lines; i++) {
            pager.append("x").append('\n');
        }
        pager.append("last\n?", 0, 4);
        pager.end();
        return b.toString();
    }

    /** Through a pager, which damo uses beyond fifty lines, the last line has no end. */
    @Test
    void longReportsOfDamoLackTheLastLinesEnd() throws IOException {
        assertTrue(paged(51, true).endsWith("last\n"));
        assertTrue(paged(52, true).endsWith("last"));
        assertTrue(paged(52, false).endsWith("last\n"));
    }

    /** Records are the same if all four numbers are; the first n snapshots can be left out. */
    @Test
    void recordsAreToldApartByTheirNumbers() throws IOException {
        DamoRecord all = record(INTERVALS, snapshot(0, 1), snapshot(1, 2), snapshot(2, 3));
        assertTrue(all.isOf(all.of(Num.ZERO, Num.ZERO, null, Num.of(0.0))));
        assertFalse(all.isOf(all.of(Num.ZERO, Num.ZERO, Num.ZERO, Num.ZERO)));
        assertFalse(all.isOf(all.of(Num.ZERO, null, null, Num.ZERO)));
        List<String> left = new ArrayList<>();
        all.skipping(2).forEach(s -> left.add(s.start.toString()));
        assertEquals(List.of("2000000"), left);
        all.skipping(3).forEach(s -> left.add("none"));
        assertEquals(1, left.size());
    }
}
