package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.damos.RecordedLoop.Told;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of schemes over recordings that lack some of what they saw holds, for kdamonds whose accesses are known. */
final class ClaimsTest {
    private static final Kdamond.IntervalsGoal TUNING = new Kdamond.IntervalsGoal(400, 3, 2_500, 40_000);

    private static List<Scheme> draw(Random random, int applyMs) {
        List<Scheme> schemes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int least = random.nextInt(3);
            String text = "stat size=" + new String[] {"0", "64K", "1M"}[random.nextInt(3)] + ".."
                    + new String[] {"8M", "32M", "max", "max"}[random.nextInt(4)] + " access=" + least + ".."
                    + (least + random.nextInt(20)) + " age=" + random.nextInt(4) + "aggr.."
                    + (5 + random.nextInt(40)) + "aggr";
            schemes.addAll(SchemeParser.parse(
                    text + (i % 2 == 0 && applyMs > 0 ? " apply_interval_us=" + applyMs * 1000 : "")));
        }
        return schemes;
    }

    private static OpenLoopResult run(Path path, List<Scheme> schemes) throws Exception {
        try (TraceSource trace = Traces.open(path)) {
            return OpenLoop.run(trace, TraceQuery.ALL, schemes, OpenLoopOptions.of(trace.manifest()));
        }
    }

    @Test
    void boundsHoldForAnyApplyInterval(@TempDir Path dir) throws Exception {
        StringBuilder wrong = new StringBuilder();
        int exact = 0;
        int[] intervals = {20, 50, 150, 200, 250, 300, 1000};
        for (int seed = 0; seed < 14; seed++) {
            int applyMs = intervals[seed % intervals.length];
            KernelVersion kernel = seed < 7 ? KernelVersion.V6_18 : KernelVersion.V7_2;
            List<Scheme> schemes = draw(new Random(seed), applyMs);
            Path path = dir.resolve(seed + ".damson");
            RecordedLoop run = RecordedLoop.of(kernel, schemes, null, seed, path, Told.REGIONS);
            OpenLoopResult r = run(path, schemes);
            boolean decided = applyMs % 100 == 0;
            for (int i = 0; i < schemes.size(); i++) {
                wrong.append(run.beyond(r, i, kernel + ", every " + applyMs + " ms, seed " + seed));
                assertTrue(decided || i % 2 == 1 || !r.isExact(r.schemes().get(i)), "its turns are between snapshots");
                exact += r.isExact(r.schemes().get(i)) ? 1 : 0;
            }
            assertEquals(
                    decided ? 0 : 1,
                    r.notes().stream().filter(n -> n.contains("fall between")).count());
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertTrue(exact > 10, exact + " exact");
    }

    @Test
    void boundsHoldWhereDamonTunedItsIntervals(@TempDir Path dir) throws Exception {
        StringBuilder wrong = new StringBuilder();
        int otherThanSaid = 0;
        for (int seed = 0; seed < 12; seed++) {
            KernelVersion kernel = seed % 2 == 0 ? KernelVersion.V6_18 : KernelVersion.V7_2;
            List<Scheme> schemes = draw(new Random(seed), seed % 3 == 0 ? 200 : 0);
            Path path = dir.resolve(seed + ".damson");
            RecordedLoop run = RecordedLoop.of(kernel, schemes, TUNING, seed, path, Told.REGIONS);
            OpenLoopResult r = run(path, schemes);
            for (int i = 0; i < schemes.size(); i++) {
                wrong.append(run.beyond(r, i, kernel + ", tuned, seed " + seed));
                assertFalse(
                        r.isExact(r.schemes().get(i)), "accesses and ages were told in other units than schemes saw");
                otherThanSaid += r.schemes().get(i).stats().szTried != run.tried()[i][1] ? 1 : 0;
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertTrue(otherThanSaid > 0, "tuning changed nothing");
    }

    @Test
    void boundsHoldWhereSomethingWasLost(@TempDir Path dir) throws Exception {
        StringBuilder wrong = new StringBuilder();
        for (int seed = 0; seed < 12; seed++) {
            KernelVersion kernel = seed % 2 == 0 ? KernelVersion.V6_18 : KernelVersion.V7_2;
            List<Scheme> schemes = draw(new Random(seed), 0);
            schemes.addAll(SchemeParser.parse("stat"));
            Path path = dir.resolve(seed + ".damson");
            RecordedLoop run = RecordedLoop.of(kernel, schemes, null, seed, path, Told.WITH_LOSSES);
            OpenLoopResult r = run(path, schemes);
            for (int i = 0; i < schemes.size(); i++) {
                wrong.append(run.beyond(r, i, kernel + ", lost, seed " + seed));
                assertFalse(r.isExact(r.schemes().get(i)));
            }
            assertTrue(r.schemes().get(4).stats().szTried < run.tried()[4][1], "nothing was lost");
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
    }

    /** What the kernel makes of a goal or of a time is not known: only a limit in bytes bounds what a window lets through. */
    @Test
    void goalsAndTimesBoundNothingFromAbove(@TempDir Path dir) throws Exception {
        Path path = dir.resolve("loop.damson");
        RecordedLoop.of(KernelVersion.V6_18, List.of(), null, 1, path, Told.REGIONS);
        String goal = " quotas/goals/0/target_metric=some_mem_psi_us quotas/goals/0/target_value=100"
                + " quotas/goals/0/current_value=99 quotas/reset_interval_ms=1000";
        long all = run(path, SchemeParser.parse("stat")).schemes().get(0).szTriedMax();
        for (String quota : List.of(goal, " quotas/ms=1 quotas/reset_interval_ms=1000")) {
            OpenLoopResult.PerScheme s =
                    run(path, SchemeParser.parse("stat" + quota)).schemes().get(0);
            assertEquals(all, s.szTriedMax(), quota);
            OpenLoopResult.PerScheme limited = run(path, SchemeParser.parse("stat quotas/bytes=1M" + quota))
                    .schemes()
                    .get(0);
            assertTrue(limited.szTriedMax() <= 16 << 20, quota + ": " + limited.szTriedMax());
        }
    }

    /** A scheme that sleeps while memory is free enough may have slept all the time. */
    @Test
    void aSchemeWithWatermarksMayHaveTriedNothing(@TempDir Path dir) throws Exception {
        Path path = dir.resolve("loop.damson");
        RecordedLoop.of(KernelVersion.V6_18, List.of(), null, 1, path, Told.REGIONS);
        OpenLoopResult r = run(
                path,
                SchemeParser.parse("stat watermarks/metric=free_mem_rate watermarks/high=500 watermarks/mid=400"
                        + " watermarks/low=200"));
        OpenLoopResult.PerScheme s = r.schemes().get(0);
        assertEquals(0, s.szTriedMin());
        assertEquals(0, s.nrTriedMin());
        assertTrue(s.szTriedMax() > 0);
        assertFalse(r.isExact(s));
    }
}
