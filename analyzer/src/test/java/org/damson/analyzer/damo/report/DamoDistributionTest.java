package org.damson.analyzer.damo.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.MemoryTrace;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class DamoDistributionTest {
    private static final List<Num> VALUES = List.of(Num.of(2), Num.of(4), Num.of(8), Num.of(8));

    private static DamoDistribution.Style style(boolean all, int barColumns) {
        return new DamoDistribution.Style(List.of(0, 50, 100), all, false, barColumns);
    }

    /** The value at {@code int(n p / 100)}: of four values the third is the half. */
    @Test
    void aPercentileIsAnElement() {
        assertEquals("2", DamoDistribution.at(VALUES, 0).toString());
        assertEquals("2", DamoDistribution.at(VALUES, 24).toString());
        assertEquals("4", DamoDistribution.at(VALUES, 25).toString());
        assertEquals("8", DamoDistribution.at(VALUES, 50).toString());
        assertEquals("8", DamoDistribution.at(VALUES, 100).toString());
        assertThrows(InvalidInputException.class, () -> DamoDistribution.at(VALUES, 130));
        assertThrows(InvalidInputException.class, () -> DamoDistribution.at(VALUES, -30));
    }

    @Test
    void barsAreOfTheGreatestPercentile() {
        assertEquals(
                """
                # <percentile> <wss>
                # avr:	5.5
                  0               2 |*   |
                 50               8 |****|
                100               8 |****|""",
                DamoDistribution.text("wss", VALUES, style(false, 4), Num::toString));
        assertEquals(
                "# <percentile> <wss>\n# avr:\t5.5\n0 2\n1 4\n2 8\n3 8",
                DamoDistribution.text("wss", VALUES, style(true, 4), Num::toString));
        assertEquals(
                "# <percentile> <wss>\n# no snapshot",
                DamoDistribution.text("wss", List.of(), style(false, 4), Num::toString));
        String zeros = DamoDistribution.text("wss", List.of(Num.ZERO), style(false, 2), Num::toString);
        assertEquals(
                "  0               0 |  |", zeros.lines().skip(2).findFirst().orElseThrow());
    }

    /** Two snapshots of two targets; damo sums ranks when it collapses them, not times. */
    private static DamoTrace trace() throws IOException {
        MemoryTrace t = new MemoryTrace();
        long[][] accessed = {{4096, 8192}, {12288, 4096}};
        for (int n = 0; n < 2; n++) {
            for (int target = 0; target < 2; target++) {
                Snapshot s = t.snapshot(target, n * 100L, n * 100L + 100);
                s.columns = Snapshot.HAS_AGE;
                s.add(0, accessed[target][n], 1, 0);
                s.add(1 << 20, 2 << 20, 0, 3);
            }
        }
        return DamoTrace.of(t, true);
    }

    private static String wss(boolean byTime, boolean collapse, int leastAccesses, long leastBytes) throws IOException {
        DamoWorkingSet.Options o = new DamoWorkingSet.Options(
                List.of(0, 100), 0, leastAccesses, leastBytes, 100_000, byTime, collapse, 0, true, false);
        return DamoWorkingSet.report(trace(), o)
                .replaceAll("(?m)^(# <.*|# avr.*)\n", "")
                .replaceAll(" +", " ");
    }

    @Test
    void workingSetsAreOfEachTargetOrOfEqualRanks() throws IOException {
        assertEquals(
                "# target_id\t0\n 0 4096\n100 8192\n# target_id\t1\n 0 4096\n100 12288\n", wss(false, false, 1, 1));
        assertEquals("# target_id\t0\n 0 8192\n100 20480\n", wss(false, true, 1, 1));
        assertEquals("# target_id\t0\n 0 16384\n100 12288\n", wss(true, true, 1, 1));
        assertEquals("# target_id\t0\n 0 0\n100 8192\n# target_id\t1\n 0 0\n100 12288\n", wss(false, false, 1, 8192));
        assertEquals(
                "# target_id\t0\n 0 1052672\n100 1056768\n# target_id\t1\n 0 1052672\n100 1060864\n",
                wss(false, false, 0, 1));
    }

    @Test
    void regionsAreCountedAfterThoseLeftOut() throws IOException {
        String counts = DamoWorkingSet.regionCounts(trace(), List.of(0, 100), false, 1);
        assertEquals(
                "# <percentile> <# regions>\n# target_id\t0\n# avr:\t2\n0\t2\n100\t2\n"
                        + "# target_id\t1\n# avr:\t2\n0\t2\n100\t2\n",
                counts);
        assertEquals(
                "# <percentile> <# regions>\n# target_id\t0\n# no snapshot\n# target_id\t1\n# no snapshot\n",
                DamoWorkingSet.regionCounts(trace(), List.of(0), false, 20));
    }
}
