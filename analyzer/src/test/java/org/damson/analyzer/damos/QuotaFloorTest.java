package org.damson.analyzer.damos;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a scheme with a quota tries at least. */
final class QuotaFloorTest {
    private static final long TURN_NS = 100_000_000;
    private static final long SAMPLE_US = 5_000;

    private static Quota quota(long bytes, long resetMs) {
        return new Quota(0, bytes, resetMs, 0, 0, 0, List.of(), false);
    }

    private static double floor(Quota quota, int turns, long matching) {
        QuotaFloor f = new QuotaFloor(quota, 4096, 0);
        for (int i = 1; i <= turns; i++) {
            f.matches(matching);
            f.turn(i * TURN_NS, SAMPLE_US);
        }
        return f.bytes();
    }

    @Test
    void plentyOfMatchingMemoryUsesMostWindowsUp() {
        // Stretches of thirteen turns hold a window's beginning each, also where ticks have it a turn late; the last
        // one's
        // window may not be over.
        assertEquals(6 * MIB, floor(quota(MIB, 1000), 100, 64 * MIB));
        assertEquals(0, floor(quota(MIB, 1000), 100, 0));
        assertEquals(0, floor(quota(MIB, Range.MAX), 100, 64 * MIB), "one window for ever");
        assertEquals(6 * 4096, floor(quota(4096 + 100, 1000), 100, 64 * MIB), "whole pages");
    }

    @Test
    void windowsOfOneTurnMayFindNothingEverySecondTime() {
        double all = 25;
        double floor = floor(quota(MIB, 100), 100, 64 * MIB) / MIB;
        assertTrue(floor >= Math.floor(all / 2) - 1 && floor <= all / 2 + 1, "windows: " + floor);
    }

    /** A reckoning apart from the kernel's model: windows with any phase, a position that goes on. */
    private static double tried(long[] matching, int windowTurns, int phase, long quota) {
        double sum = 0;
        double charged = 0;
        boolean behind = true;
        for (int t = 0; t < matching.length; t++) {
            if ((t + phase) % windowTurns == 0) {
                charged = 0;
            }
            // The worst place to go on from: behind everything.
            double now = behind ? 0 : Math.min(quota - charged, matching[t]);
            behind = false;
            charged += now;
            sum += now;
            if (charged >= quota && now > 0) {
                behind = true;
                // Nothing more until the next window begins.
                while (t + 1 < matching.length && (t + 1 + phase) % windowTurns != 0) {
                    t++;
                }
            }
        }
        return sum;
    }

    @Test
    void noPhaseOfTheWindowsTriesLess() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            int windowTurns = 1 + random.nextInt(12);
            long quota = (1 + random.nextInt(20)) * MIB;
            long[] matching = new long[20 + random.nextInt(200)];
            QuotaFloor f = new QuotaFloor(quota(quota, windowTurns * 100L), 4096, 0);
            long level = random.nextInt(30) * MIB;
            for (int t = 0; t < matching.length; t++) {
                if (random.nextInt(10) == 0) {
                    level = random.nextInt(30) * MIB;
                }
                matching[t] = level;
                f.matches(level);
                f.turn((t + 1) * TURN_NS, SAMPLE_US);
            }
            for (int phase = 0; phase < windowTurns; phase++) {
                double tried = tried(matching, windowTurns, phase, quota);
                assertTrue(f.bytes() <= tried, "round " + round + " phase " + phase + ": " + f.bytes() + " > " + tried);
            }
        }
    }

    @Test
    void regionsThatOtherSchemesMayCutAreNotCountedOn() {
        QuotaFloor f = new QuotaFloor(quota(64 * MIB, 100), 4096, 2);
        for (int i = 1; i <= 100; i++) {
            for (long size : new long[] {MIB, 5 * MIB, 2 * MIB, 7 * MIB}) {
                f.matches(size);
            }
            f.turn(i * TURN_NS, SAMPLE_US);
        }
        QuotaFloor same = new QuotaFloor(quota(64 * MIB, 100), 4096, 0);
        for (int i = 1; i <= 100; i++) {
            same.matches(3 * MIB);
            same.turn(i * TURN_NS, SAMPLE_US);
        }
        assertEquals(same.bytes(), f.bytes());
    }

    @Test
    void whatCannotBeCountedOnHasNoFloor() {
        for (String text : List.of(
                "stat quotas/ms=10 quotas/bytes=1M",
                "stat size=8K..max quotas/bytes=1M",
                "stat quotas/bytes=1M filters/0/type=anon",
                "stat quotas/bytes=1M watermarks/metric=free_mem_rate watermarks/high=500 watermarks/mid=400"
                        + " watermarks/low=200")) {
            assertFalse(QuotaFloor.isKnown(SchemeParser.parse(text).get(0), 4096), text);
        }
        assertTrue(QuotaFloor.isKnown(SchemeParser.parse("stat quotas/bytes=1M").get(0), 4096));
    }

    @Test
    void aStatSchemeOverARecordingIsBoundFromBothSides(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a").turns(200, 0, 0, 0, 0).open()) {
            OpenLoopResult.PerScheme s = OpenLoop.run(
                            t,
                            TraceQuery.ALL,
                            SchemeParser.parse("stat quotas/bytes=1M quotas/reset_interval_ms=1000"),
                            OpenLoopOptions.DEFAULTS,
                            DamosHost.NONE)
                    .schemes()
                    .get(0);
            assertTrue(s.szTriedMin() >= 14 * MIB, "least: " + s.szTriedMin());
            assertTrue(s.szTriedMin() <= s.stats().szTried && s.stats().szTried <= s.szTriedMax());
            assertTrue(s.szTriedMax() <= 20 * MIB, "most: " + s.szTriedMax());
        }
    }
}
