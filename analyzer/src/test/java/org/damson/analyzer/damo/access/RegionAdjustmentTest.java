package org.damson.analyzer.damo.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class RegionAdjustmentTest {
    private DamoIntervals intervals;

    /** 64 KiB of which 16 KiB passed a filter; probe 0 hit in 10 of 20 samples, probe 1 in 5. */
    private DamoRegion region(boolean hasProbes) throws IOException {
        MemoryTrace t = new MemoryTrace();
        Snapshot s = t.snapshot(0, 0, 100);
        s.columns = Snapshot.HAS_AGE | Snapshot.HAS_FILTER_PASSED | (hasProbes ? Snapshot.HAS_PROBE_HITS : 0);
        int i = s.add(0x10000, 0x20000, 20, 0);
        s.filterPassed[i] = 0x4000;
        s.probeHits[i] = 5 << 16 | 10;
        DamoTrace damo = DamoTrace.of(t, false);
        intervals = damo.records.get(0).intervals;
        DamoRegion[] found = {null};
        damo.records.get(0).forEach(snapshot -> found[0] = snapshot.regions.get(0));
        return found[0];
    }

    private DamoRegion adjusted(String words) throws IOException {
        DamoRegion r = region(true);
        RegionAdjustment.of(List.of(words.split(" "))).apply(r, intervals);
        return r;
    }

    @Test
    void aSizeIsScaledByWhatPassedOrByAProbe() throws IOException {
        assertEquals("16384", adjusted("size df_passed").size().toString());
        assertEquals(32768, adjusted("size probe_hits_rate 0").size().toDouble());
        assertEquals(16384, adjusted("size probe_hits_rate 1").size().toDouble());
    }

    @Test
    void hitsOfAProbeAreScaledByWhatPassedOrByAnother() throws IOException {
        DamoRegion passed = adjusted("probe_hits 0 df_passed");
        assertEquals(2.5, passed.hits().get(0).toDouble());
        assertEquals(5, passed.hits().get(1).toDouble());
        assertEquals("65536", passed.size().toString());
        assertEquals(
                2.5, adjusted("probe_hits 1 probe_hits_rate 0").hits().get(1).toDouble());
    }

    @Test
    void aRuleThatIsNoneIsRefused() {
        for (String words : List.of(
                "age df_passed",
                "size",
                "size df_passed more",
                "size probe_hits_rate",
                "size probe_hits_rate x",
                "probe_hits",
                "probe_hits 0",
                "probe_hits -1 df_passed",
                "probe_hits 0 probe_hits_rate 12345")) {
            assertThrows(InvalidInputException.class, () -> RegionAdjustment.of(List.of(words.split(" "))), words);
        }
    }

    @Test
    void aProbeThatARegionLacksIsNamed() throws IOException {
        DamoRegion two = region(true);
        InvalidInputException third = assertThrows(
                InvalidInputException.class, () -> RegionAdjustment.of(List.of("size", "probe_hits_rate", "7"))
                        .apply(two, intervals));
        assertTrue(third.getMessage().endsWith("not of probe 7"), third.getMessage());
        DamoRegion none = region(false);
        assertThrows(InvalidInputException.class, () -> RegionAdjustment.of(List.of("size", "probe_hits_rate", "0"))
                .apply(none, intervals));
    }
}
