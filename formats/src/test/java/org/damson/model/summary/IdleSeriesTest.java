package org.damson.model.summary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class IdleSeriesTest {
    private static final int ID = 4;

    /** 60 MiB in use, 30 idle for 2 s in two pieces, 10 for 5 s. */
    @Test
    void percentilesAreTheLeastIdleTimesWithWhichSoManyBytesAreReached() {
        IdlePercentiles p = new IdlePercentiles();
        p.add(2, 10);
        p.add(0, 60);
        p.add(5, 10);
        p.add(2, 20);
        // Of 100 bytes: 0, 1, 5, 10, 25 and 50 percent are in use, 75 and 90 are idle for 2, the rest for 5.
        assertArrayEquals(new long[] {0, 0, 0, 0, 0, 0, 2, 2, 5, 5, 5}, p.found());
        p.clear();
        p.add(7, 1);
        assertArrayEquals(new long[] {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, p.found());
    }

    @Test
    void percentilesOfManyRegionsAreThoseOfTheirSortedList() {
        Random random = new Random(3);
        IdlePercentiles p = new IdlePercentiles();
        for (int round = 0; round < 50; round++) {
            p.clear();
            int n = 1 + random.nextInt(300);
            long[][] regions = new long[n][];
            long all = 0;
            for (int i = 0; i < n; i++) {
                regions[i] = new long[] {random.nextInt(20), 1 + random.nextInt(1000)};
                p.add(regions[i][0], regions[i][1]);
                all += regions[i][1];
            }
            java.util.Arrays.sort(regions, java.util.Comparator.comparingLong(r -> r[0]));
            long[] want = new long[IdlePercentiles.percents().length];
            for (int k = 0; k < want.length; k++) {
                long reached = 0;
                int at = 0;
                do {
                    reached += regions[at++][1];
                } while (reached * 100 / all < IdlePercentiles.percents()[k]);
                want[k] = regions[at - 1][0];
            }
            assertArrayEquals(want, p.found());
        }
    }

    @Test
    void strideIsTheLeastPowerOfTwoThatLeavesAThousandPoints() {
        assertEquals(1, IdleSeries.stride(0));
        assertEquals(1, IdleSeries.stride(1024));
        assertEquals(2, IdleSeries.stride(1025));
        assertEquals(2, IdleSeries.stride(2048));
        assertEquals(4, IdleSeries.stride(2049));
        assertEquals(64, IdleSeries.stride(36_000));
    }

    /** What is kept while a trace grows is every stride-th snapshot of it, as if that had been known. */
    @Test
    void everyStridethSnapshotThatHasAgesIsAPoint() {
        for (int snapshots : new int[] {1, 1023, 1024, 1025, 2048, 2049, 5000}) {
            TargetSums sums = new TargetSums();
            Snapshot s = new Snapshot();
            int wanted = 0;
            for (int i = 0; i < snapshots; i++) {
                s.clear();
                s.id = i;
                s.target = i % 2;
                s.startNs = i * 1000L;
                s.endNs = s.startNs + 1000;
                s.sampleUs = 1;
                s.aggrUs = 1;
                s.columns = i % 100 == 0 ? 0 : Snapshot.HAS_AGE;
                s.add(0, 4096, 1, 0);
                s.add(4096, 8192, 0, i % 7);
                sums.add(s);
                wanted += i % IdleSeries.stride(snapshots) == 0 && i % 100 != 0 ? 1 : 0;
            }
            sums.finish(0);
            Batch rows = sums.seriesRows(0);
            assertEquals(wanted, rows.rows(), snapshots + " snapshots");
            for (int r = 0; r < rows.rows(); r++) {
                long id = rows.get(ID, r);
                assertEquals(0, id % IdleSeries.stride(snapshots));
                assertEquals(id % 2, rows.get(3, r));
                assertEquals(id * 1000 + 1000, rows.get(ID + 1, r));
                // Half of 8 KiB was accessed in one sample of a microsecond; the other half has been idle for its age
                // and one more.
                assertEquals(4096L * 1_000_000, rows.get(ID + 2, r));
                long firstNs = id % 2 * 1000;
                assertEquals(Math.min((id % 7 + 1) * 1000, id * 1000 + 1000 - firstNs), rows.get(ID + 13, r));
                assertEquals(0, rows.get(ID + 8, r), "half is in use");
            }
            assertEquals(0, sums.seriesRows(1 << 16).rows(), "a short trace keeps none");
        }
    }
}
