package org.damson.model.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.damson.model.Snapshot;
import org.junit.jupiter.api.Test;

final class TargetSumsTest {
    private static final long MS = 1_000_000;
    private static final long PAGE = 4096;

    private static Snapshot snapshot(int number) {
        Snapshot s = new Snapshot();
        s.columns = Snapshot.HAS_AGE;
        s.sampleUs = 5_000;
        s.aggrUs = 100_000;
        s.startNs = number * 100 * MS;
        s.endNs = s.startNs + 100 * MS;
        return s;
    }

    private static BigInteger whole(LongSums sums, int i) {
        return BigInteger.valueOf(sums.high(i)).shiftLeft(64).add(unsigned(sums.low(i)));
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    @Test
    void sumsAreExactToTheirGreatestWhateverTheOrder() {
        Random random = new Random(5);
        BigInteger most = BigInteger.ONE.shiftLeft(124).subtract(BigInteger.ONE);
        for (int round = 0; round < 200; round++) {
            int n = 1 + random.nextInt(20);
            long[] a = random.longs(n).toArray();
            int small = round % 60;
            long[] b = random.longs(n).map(x -> x >>> 1 + small).toArray();
            LongSums forwards = new LongSums(1);
            LongSums backwards = new LongSums(1);
            BigInteger sum = BigInteger.ZERO;
            for (int i = 0; i < n; i++) {
                forwards.addProduct(0, a[i], b[i]);
                backwards.addProduct(0, a[n - 1 - i], b[n - 1 - i]);
                sum = sum.add(unsigned(a[i]).multiply(BigInteger.valueOf(b[i])));
            }
            assertEquals(sum.min(most), whole(forwards, 0));
            assertEquals(whole(forwards, 0), whole(backwards, 0));
        }
    }

    /** 3 pages idle for 1 s, then 2 of them for 1.1 s while the third is accessed; the first target snapshot was at 0. */
    @Test
    void idleTimesAreAsWorkedByHand() {
        TargetSums sums = new TargetSums();
        for (int i = 0; i < 12; i++) {
            Snapshot s = snapshot(i);
            if (i < 10) {
                s.add(PAGE, 4 * PAGE, 1, 3);
            } else {
                s.add(PAGE, 3 * PAGE, 0, i - 1);
                s.add(3 * PAGE, 4 * PAGE, i == 11 ? 7 : 0, i == 11 ? 0 : 9);
            }
            sums.add(s);
        }
        assertFalse(sums.finish(40));
        IdleSums idle = one(sums).idle();
        assertEquals(12, idle.snapshots());
        assertEquals(1.2, idle.seconds());
        assertEquals(3 * PAGE * 1.2, idle.byteSeconds(), 1e-6);
        // Of 36 page snapshots 31 were accessed, 3 idle for 1 s, 2 for 1.1 s.
        assertEquals(0, idle.at(100 * 31 / 36.0));
        assertEquals(1_000 * MS, idle.at(100 * 32 / 36.0));
        assertEquals(1_000 * MS, idle.at(100 * 34 / 36.0));
        assertEquals(1_100 * MS, idle.at(100));
        assertEquals(5 * PAGE * 0.1, idle.coldByteSeconds(0), 1e-6);
        assertEquals(5 * PAGE * 0.1, idle.coldByteSeconds(1), 1e-6);
        assertEquals(0, idle.coldByteSeconds(2));
        // A pass over 3 pages in 100 ms, ten times; none; seven over one page.
        assertEquals(PAGE * 7 * 10, idle.mostBandwidth());
        assertEquals(PAGE * (10 * 3 * 10 + 70) / 12.0, idle.meanBandwidth(), 1e-6);
    }

    @Test
    void windowsAreAsWorkedByHand() {
        TargetSums sums = new TargetSums();
        int[][] accesses = {{1, 0}, {0, 0}, {0, 3}, {1, 0}};
        for (int i = 0; i < accesses.length; i++) {
            Snapshot s = snapshot(i);
            s.add(PAGE, 2 * PAGE, accesses[i][0], 0);
            s.add(2 * PAGE, 3 * PAGE, accesses[i][1], 0);
            sums.add(s);
        }
        sums.finish(0);
        WindowSums windows = one(sums).windows();
        assertEquals(2.0 * PAGE, windows.ever());
        assertEquals(PAGE * 3 / 4.0, windows.mean(0)); // 1, 0, 1 and 1 pages
        assertEquals(PAGE * (1 + 1 + 2) / 3.0, windows.mean(1), 1e-9);
        assertEquals(400.0 * MS, windows.ns());
        assertEquals(4, windows.snapshots());
    }

    private static TargetSums.Totals one(TargetSums sums) {
        assertEquals(1, sums.targets().size());
        return sums.targets().values().iterator().next();
    }

    @Test
    void mappingsTouchedInPartHaveNone() {
        TargetSums sums = new TargetSums();
        Snapshot s = snapshot(0);
        s.add(PAGE, 2 * PAGE, 1, 0);
        sums.add(s);
        s.columns |= Snapshot.HAS_REFERENCED;
        sums.add(s);
        assertFalse(sums.finish(0));
        assertTrue(sums.targets().isEmpty());
    }
}
