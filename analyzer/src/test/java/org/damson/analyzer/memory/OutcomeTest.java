package org.damson.analyzer.memory;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of memory and time, on traces whose answer can be computed by hand. */
final class OutcomeTest {
    private static final long START = 1024 * MIB;

    private static Scheme scheme(String text) {
        return SchemeParser.parse(text).get(0);
    }

    private static OpenLoopResult run(TraceSource trace, OutcomeOptions options, String... schemes) throws Exception {
        List<Scheme> all =
                java.util.Arrays.stream(schemes).map(OutcomeTest::scheme).toList();
        return OpenLoop.run(trace, TraceQuery.ALL, all, OpenLoopOptions.DEFAULTS, options, null);
    }

    @Test
    void memoryThatWasFullyHotIsOutWhileIdleAndComesBackWhole(@TempDir Path dir) throws Exception {
        try (TraceSource t =
                new Made(dir, "a").turns(5, 20).turns(30, 0).turns(5, 20).open()) {
            OpenLoopResult r = run(t, OutcomeOptions.DEFAULTS, "pageout access=0..0 age=10aggr..max");
            Outcome o = r.outcome();
            // Ages 0..29; tried at age 10, then each 11 aggregations after a reset.
            assertEquals(2, r.schemes().get(0).stats().nrTried);
            assertTrue(r.schemes().get(0).isExact());
            assertEquals(4.0 * MIB, o.refaultedBytes().least());
            assertEquals(4.0 * MIB, o.refaultedBytes().likely());
            assertEquals(4.0 * MIB, o.refaultedBytes().most());
            assertEquals(4.0 * MIB, o.pagedOutBytes());
            // Out from the end of turn 16 to the touch in turn 36: levels are those at the end of a turn.
            assertEquals(4.0 * MIB * 20 / 40, o.savedBytes().likely(), 1);
            assertEquals(1024 * 8_000.0, o.stallNs().likely());
            assertEquals(1024 * 8_000.0 / 4e9, o.slowdownShare().likely(), 1e-12);
            assertEquals(4.0 * MIB, o.knownBytes());
        }
    }

    @Test
    void memoryNeverSeenTouchedIsSavedInTheUpperBoundOnly(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a").turns(20, 0).open()) {
            Outcome o = run(t, OutcomeOptions.DEFAULTS, "pageout access=0..0 age=10aggr..max")
                    .outcome();
            assertEquals(0, o.savedBytes().least());
            assertEquals(0, o.savedBytes().likely());
            assertEquals(4.0 * MIB * 10 / 20, o.savedBytes().most(), 1);
        }
    }

    @Test
    void aRegionTouchedInOneSampleOfEachAggregationHasBoundsAroundTheLikelyCourse(@TempDir Path dir) throws Exception {
        try (TraceSource t =
                new Made(dir, "a").turns(5, 20).turns(12, 0).turns(2, 1).open()) {
            Outcome o = run(t, OutcomeOptions.DEFAULTS, "pageout access=0..0 age=10aggr..max")
                    .outcome();
            // As it wakes 1/20 at least; then what three samples running have seen, or what likely comes back if that
            // is less.
            double left =
                    0.95 - Math.min(0.95 * (1 - Math.pow(0.95, 20 / 3.0)), Math.pow(0.95, 20) - Math.pow(0.95, 40));
            assertEquals(4.0 * MIB * (1 - left), o.refaultedBytes().least(), 1);
            assertEquals(
                    4.0 * MIB * (1 - Math.pow(0.95, 40)), o.refaultedBytes().likely(), 1);
            assertEquals(4.0 * MIB, o.refaultedBytes().most());
            assertEquals(4.0 * MIB * left, o.undecidedRefaultBytes(), 1);
        }
    }

    @Test
    void whereMappingsAreKnownTheLeastIsHalfOfTheMostAndTheRestUndecided(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a")
                .mapping(START, START + 4 * MIB)
                .turns(5, 20)
                .turns(12, 0)
                .turns(1, 1)
                .open()) {
            Outcome o = run(t, OutcomeOptions.DEFAULTS, "pageout access=0..0 age=10aggr..max")
                    .outcome();
            assertEquals(2.0 * MIB, o.refaultedBytes().least());
            assertEquals(4.0 * MIB, o.refaultedBytes().most());
            assertEquals(4.0 * MIB * 0.95, o.undecidedRefaultBytes(), 1);
        }
    }

    @Test
    void aHeapThatGrowsStaysMapped(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a")
                .mapping(START, START + 2 * MIB)
                .turns(2, 20)
                // As the recorder writes it: what is new, then what is gone.
                .mapping(START, START + 4 * MIB)
                .mapping(START, START + 2 * MIB, 1)
                .turns(15, 0)
                .open()) {
            OpenLoopResult r = run(t, OutcomeOptions.DEFAULTS, "pageout access=0..0 age=10aggr..max");
            assertEquals(4 * MIB, r.schemes().get(0).szAppliedMin());
            assertEquals(4.0 * MIB, r.outcome().pagedOutBytes());
        }
    }

    @Test
    void aHoleInTheMappingsMakesMadviseFailButPagesTheRestOut(@TempDir Path dir) throws Exception {
        String pageout = "pageout access=0..0 age=10aggr..max";
        try (TraceSource t = new Made(dir, "a")
                        .mapping(START, START + MIB)
                        .mapping(START + 2 * MIB, START + 4 * MIB)
                        .turns(5, 20)
                        .turns(15, 0)
                        .open();
                TraceSource whole = new Made(dir, "b")
                        .mapping(START, START + 8 * MIB)
                        .turns(5, 20)
                        .turns(15, 0)
                        .open()) {
            OpenLoopResult holed = run(t, OutcomeOptions.DEFAULTS, pageout);
            assertEquals(0, holed.schemes().get(0).stats().szApplied);
            assertEquals(1, holed.schemes().get(0).stats().nrTried);
            assertEquals(3.0 * MIB, holed.outcome().pagedOutBytes());
            OpenLoopResult mapped = run(whole, OutcomeOptions.DEFAULTS, pageout);
            assertEquals(4 * MIB, mapped.schemes().get(0).stats().szApplied);
            assertEquals(4 * MIB, mapped.schemes().get(0).szAppliedMin());
            assertEquals(4 * MIB, mapped.schemes().get(0).szAppliedMax());
        }
    }

    @Test
    void noMoreComesBackThanWasResident(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a")
                .mapping(START, START + 16 * MIB)
                .resident(6 * MIB)
                .turns(15, 0, 0, 0, 0)
                .turns(1, 1, 1, 1, 1)
                .open()) {
            Outcome o = run(t, OutcomeOptions.DEFAULTS, "pageout access=0..0 age=10aggr..max")
                    .outcome();
            assertEquals(6.0 * MIB, o.refaultedBytes().most());
            assertEquals(6.0 * MIB, o.undecidedRefaultBytes(), "nobody saw it touched before");
        }
    }

    @Test
    void aQuotaCapsTheUpperBound(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a")
                .turns(1, 20, 20, 20, 20)
                .turns(30, 0, 0, 0, 0)
                .open()) {
            OpenLoopResult.PerScheme s = run(
                            t,
                            OutcomeOptions.DEFAULTS,
                            "pageout access=0..0 age=2aggr..max quotas/bytes=1M quotas/reset_interval_ms=1000")
                    .schemes()
                    .get(0);
            assertEquals(MIB, s.szTriedMin(), "of the first turn that matches");
            assertTrue(s.stats().szTried > 0);
            assertTrue(s.szTriedMax() <= 5 * MIB, "windows of a second in 3.1 s: " + s.szTriedMax());
        }
    }

    @Test
    void lockedMemoryDoesNotComeBackUnderAMemoryLimit(@TempDir Path dir) throws Exception {
        Made m = new Made(dir, "a").turns(3, 20, 0, 0);
        for (int i = 0; i < 5; i++) {
            // A scan of the cold regions pushes the hot one out.
            m.turns(11, 0, 20, 20).turns(11, 20, 0, 0);
        }
        try (TraceSource t = m.open()) {
            OutcomeOptions limit = new OutcomeOptions(CostModel.ZRAM, 8 * MIB, 0);
            Outcome o =
                    run(t, limit, "mlock access=20..max size=..4M age=..1aggr").outcome();
            assertEquals(
                    o.limitRefaults().withoutSchemesBytes(),
                    run(t, limit, "stat").outcome().limitRefaults().bytes(),
                    "stat changes nothing");
            assertTrue(
                    o.limitRefaults().bytes() < o.limitRefaults().withoutSchemesBytes(),
                    o.limitRefaults().bytes() + " of " + o.limitRefaults().withoutSchemesBytes());
        }
    }

    @Test
    void promotingWhatIsHotRaisesTheHitsOfTheFastTier(@TempDir Path dir) throws Exception {
        // The cold region was there first and fills the fast tier.
        try (TraceSource t = new Made(dir, "a").turns(2, 20, 0).turns(40, 0, 20).open()) {
            Outcome o = run(
                            t,
                            new OutcomeOptions(CostModel.of("cxl"), 0, 4 * MIB),
                            "migrate_cold access=0..0 age=5aggr..max",
                            "migrate_hot access=20..max age=5aggr..max")
                    .outcome();
            assertEquals(2 / 42.0, o.tiers().fastHitShareWithoutSchemes(), 1e-9);
            assertTrue(o.tiers().fastHitShare() > 0.8, "share " + o.tiers().fastHitShare());
            assertEquals(4.0 * MIB, o.tiers().promotedBytes());
            assertEquals(4.0 * MIB, o.tiers().demotedBytes());
        }
    }

    @Test
    void hugePagesCountWhatTheyAddAndWhatFallsThere(@TempDir Path dir) throws Exception {
        try (TraceSource t = new Made(dir, "a").turns(20, 20, 0).open()) {
            Outcome o = run(t, OutcomeOptions.DEFAULTS, "hugepage").outcome();
            assertEquals(4.0 * MIB, o.huge().bloatMostBytes(), 1, "the idle half was never touched");
            assertEquals(19 / 20.0, o.huge().accessShare(), 1e-9);
        }
    }
}
