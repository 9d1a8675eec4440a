package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What schemes try at least whose quotas are in time, or which ask for sizes or for ages that they reset. */
final class QuotaLeastTest {
    private static String draw(Random random) {
        String text = random.nextInt(3) == 0 ? "pageout" : "stat";
        text += random.nextInt(3) == 0 ? " size=" + new String[] {"64K", "1M"}[random.nextInt(2)] + "..16M" : "";
        text += " access=0.." + random.nextInt(8) + " age=" + random.nextInt(5) + "aggr.."
                + (random.nextInt(3) == 0 ? 6 + random.nextInt(10) + "aggr" : "max");
        text += new String[] {
                    " quotas/ms=" + (1 + random.nextInt(4)),
                    " quotas/bytes=" + (1 << random.nextInt(6)) + "M",
                    " quotas/ms=2 quotas/bytes=3M"
                }
                [random.nextInt(3)];
        return text + " quotas/reset_interval_ms=" + new int[] {200, 1000, 5000}[random.nextInt(3)];
    }

    @ParameterizedTest
    @EnumSource(KernelVersion.class)
    void aRunOfTheSchemeTriesAsMuchAsItsRecordingWithoutItSays(KernelVersion kernel, @TempDir Path dir)
            throws Exception {
        StringBuilder wrong = new StringBuilder();
        int known = 0;
        for (int seed = 0; seed < 8; seed++) {
            List<Scheme> schemes = SchemeParser.parse(draw(new Random(seed)));
            Path path = dir.resolve(seed + ".damson");
            RecordedLoop.of(kernel, List.of(), null, seed, path, RecordedLoop.Told.REGIONS);
            RecordedLoop real = RecordedLoop.of(
                    kernel, schemes, null, seed, dir.resolve("with" + seed + ".damson"), RecordedLoop.Told.REGIONS);
            try (TraceSource trace = Traces.open(path)) {
                OpenLoopResult r =
                        OpenLoop.run(trace, TraceQuery.ALL, schemes, new OpenLoopOptions(kernel, false, 4096, kernel));
                wrong.append(real.beyond(r, 0, "seed " + seed));
                known += r.schemes().get(0).szTriedMin() > 0 ? 1 : 0;
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertTrue(known > 1, known + " of 8 have a least");
    }

    private static OpenLoopResult.PerScheme over(TraceSource t, KernelVersion kernel, String scheme) throws Exception {
        return OpenLoop.run(
                        t,
                        TraceQuery.ALL,
                        SchemeParser.parse(scheme),
                        new OpenLoopOptions(kernel, false, 4096),
                        DamosHost.NONE)
                .schemes()
                .get(0);
    }

    @Test
    void theFirstThatMatchesUsesTheQuotaUp(@TempDir Path dir) throws Exception {
        // 16 MiB that become old enough in the sixth of 40 turns.
        try (TraceSource t = new Made(dir, "a").turns(40, 0, 0, 0, 0).open()) {
            String age = " age=5aggr..max quotas/reset_interval_ms=1000";
            KernelVersion k = KernelVersion.V6_18;
            assertEquals(8 * Made.MIB, over(t, k, "stat quotas/ms=2" + age).szTriedMin(), "4 MiB a millisecond");
            assertEquals(16 * Made.MIB, over(t, k, "stat quotas/ms=9" + age).szTriedMin(), "all that matches");
            assertEquals(
                    3 * Made.MIB, over(t, k, "pageout quotas/bytes=3M" + age).szTriedMin());
            assertEquals(1, over(t, k, "pageout quotas/bytes=3M" + age).nrTriedMin());
            assertEquals(
                    0, over(t, k, "stat size=5M..max quotas/bytes=3M" + age).szTriedMin());
            assertEquals(
                    3 * Made.MIB,
                    over(t, k, "stat size=1M..4M quotas/bytes=3M" + age).szTriedMin());
            String goal = " quotas/goals/0/target_metric=user_input quotas/goals/0/target_value=10";
            assertEquals(0, over(t, k, "stat" + age + goal).szTriedMin(), "what a goal makes of it is not known");
        }
    }

    @Test
    void theFirstWindowOfLinux612HasNoQuota(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a").turns(40, 0, 0, 0, 0).open()) {
            OpenLoopResult.PerScheme s =
                    over(t, KernelVersion.of("6.12"), "stat quotas/ms=2 quotas/reset_interval_ms=1000");
            // Ten turns begin within a second; the tenth may be in the next window.
            assertEquals(16L * Made.MIB * 10, s.szTriedMin());
            OpenLoopResult.PerScheme all =
                    over(t, KernelVersion.of("6.12"), "stat quotas/ms=2 quotas/reset_interval_ms=max");
            assertEquals(16L * Made.MIB * 40, all.szTriedMin(), "one window for ever");
        }
    }
}
