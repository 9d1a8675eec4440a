package org.damson.analyzer.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.render.whatif.TuneReports;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.scheme.UnknownWordException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TuneTest {
    private static Tune.Options options(String objective, int evaluations, String... vary) {
        return new Tune.Options(
                SchemeParser.parse("pageout access=0..0"),
                java.util.Arrays.stream(vary).map(Variable::of).toList(),
                Objective.of(objective, false),
                evaluations,
                1,
                OutcomeOptions.DEFAULTS);
    }

    private static Tune.Subject subject(TraceSource t) {
        return new Tune.Subject(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS);
    }

    /** Idle for 10 aggregations again and again: a threshold of 1 s or more never brings anything back. */
    private static TraceSource bursts(Path dir, String name, int idle) throws Exception {
        Made m = new Made(dir, name);
        for (int i = 0; i < 4; i++) {
            m.turns(2, 20, 20).turns(idle, 0, 20);
        }
        return m.turns(2, 20, 20).turns(40, 0, 20).open();
    }

    @Test
    void theLeastAgeThatBringsNothingBackIsFound(@TempDir Path dir) throws Exception {
        try (TraceSource t = bursts(dir, "a", 10)) {
            Tune.Result r = Tune.run(
                    options("saved where refaults<=0", 1000, "min_age=0s..3s/100ms"), List.of(subject(t)), List.of());
            assertTrue(r.exhaustive());
            assertEquals(31, r.all().size());
            // Ages run 0..9 while idle for 10 aggregations; the last idle stretch is longer.
            assertEquals(List.of(1_000_000L), r.best().values());
            assertEquals(2, r.neighbours().size());
            assertFalse(r.neighbours().get(0).feasible(), "900 ms lets memory come back");
            assertTrue(r.neighbours().get(1).score() < r.best().score(), "1.1 s saves less");
            assertTrue(r.pareto().contains(r.best()));
            assertEquals(31, r.sensitivity().get(0).points().size());
            String text = TuneReports.text(r, 5_000, 100_000);
            assertTrue(text.contains("damon_reclaim.min_age=1000000"), text);
            assertTrue(text.contains("--damos_age 1s max"), text);
            assertTrue(text.contains("schemes/0/access_pattern/age/min 10"), text);
        }
    }

    @Test
    void aMarginKeepsAPointAwayFromItsLimitsButNotTests(@TempDir Path dir) throws Exception {
        try (TraceSource t = bursts(dir, "a", 10)) {
            Tune.Options least = options("out where tried>=1", 1000, "min_age=0s..3s/100ms");
            double most = Tune.run(least, List.of(subject(t)), List.of()).all().stream()
                    .mapToDouble(p -> p.measured().get("refaults_max"))
                    .max()
                    .orElseThrow();
            long limitBytes = (long) Math.ceil(most);
            String limit = "tried where refaults<=" + limitBytes;
            Tune.Result whole = Tune.run(options(limit, 1000, "min_age=0s..3s/100ms"), List.of(subject(t)), List.of());
            assertTrue(whole.best().measured().get("refaults_max") > 0.5 * most, "it goes up to its limit");
            Tune.Options half = options(limit, 1000, "min_age=0s..3s/100ms");
            half = new Tune.Options(
                    half.schemes(),
                    half.variables(),
                    half.objective().withMargin(50),
                    half.evaluations(),
                    half.seed(),
                    half.outcome());
            Tune.Result r = Tune.run(half, List.of(subject(t)), List.of(subject(t)));
            assertTrue(r.best().measured().get("refaults_max") <= 0.5 * most);
            assertTrue(TuneReports.text(r, 5_000, 100_000).contains("with a margin of 50 %"));
            for (Tune.Point p : r.all()) {
                assertEquals(p.measured().get("refaults_max worst") <= limitBytes * 0.5, p.feasible());
            }
        }
        Objective o = Objective.of("saved where refaults<=100 and fast_hits>=50", true)
                .withMargin(20);
        assertTrue(o.isFeasible(java.util.Map.of("refaults", 80.0, "fast_hits", 60.0)));
        assertFalse(o.isFeasible(java.util.Map.of("refaults", 81.0, "fast_hits", 60.0)));
        assertFalse(o.isFeasible(java.util.Map.of("refaults", 80.0, "fast_hits", 59.0)));
        assertTrue(o.withMargin(0).isFeasible(java.util.Map.of("refaults", 100.0, "fast_hits", 50.0)));
    }

    @Test
    void aTestTraceSaysWhetherThePointHoldsElsewhere(@TempDir Path dir) throws Exception {
        try (TraceSource t = bursts(dir, "a", 10);
                TraceSource same = bursts(dir, "b", 8);
                TraceSource other = bursts(dir, "c", 20)) {
            Tune.Result r = Tune.run(
                    options("saved where refaults<=0", 1000, "min_age=0s..3s/100ms"),
                    List.of(subject(t)),
                    List.of(subject(same), subject(other)));
            assertTrue(r.tests().get(same.name()).feasible());
            assertFalse(r.tests().get(other.name()).feasible(), "idle for longer than the threshold, then back");
            Tune.Result both = Tune.run(
                    options("saved where refaults<=0", 1000, "min_age=0s..3s/100ms"),
                    List.of(subject(t), subject(other)),
                    List.of());
            assertEquals(List.of(2_000_000L), both.best().values(), "the worst trace decides on a limit");
            double[] saved = new double[2];
            for (int i = 0; i < 2; i++) {
                Tune.Result one =
                        Tune.run(options("saved", 1000, "min_age=2s"), List.of(subject(i == 0 ? t : other)), List.of());
                saved[i] = one.best().measured().get("saved");
                assertNull(one.best().measured().get("saved" + Objective.LEAST), "one recording has no spread");
            }
            assertTrue(saved[0] != saved[1]);
            assertEquals(Math.min(saved[0], saved[1]), both.best().measured().get("saved" + Objective.LEAST));
            assertEquals(Math.max(saved[0], saved[1]), both.best().measured().get("saved" + Objective.GREATEST));
            String text = TuneReports.text(both, 5_000, 100_000);
            assertTrue(text.contains("between the 2 recordings"), text);
        }
    }

    /** A third of the accesses is seen: what is likely keeps the limit, what may be does not. */
    @Test
    void whatALimitIsJudgedByIsPrinted(@TempDir Path dir) throws Exception {
        try (Made made = new Made(dir, "a")) {
            for (int i = 0; i < 4; i++) {
                made.turns(2, 7, 20).turns(10, 0, 20);
            }
            try (TraceSource t = made.turns(2, 1, 20).turns(40, 0, 20).open()) {
                Tune.Options wide = options("saved where refaults<=1T", 1000, "min_age=500ms");
                Tune.Point p = Tune.run(wide, List.of(subject(t)), List.of()).best();
                double likely = p.measured().get("refaults");
                double most = p.measured().get("refaults_max");
                assertTrue(likely < most, likely + " " + most);
                long between = (long) ((likely + most) / 2);
                Tune.Options tight = options("saved where refaults<=" + between, 1000, "min_age=500ms");
                Tune.Result r = Tune.run(tight, List.of(subject(t)), List.of());
                assertNull(r.best());
                String text = TuneReports.text(r, 5_000, 100_000);
                String judged = " (judged by " + org.damson.model.Units.bytes((long) most) + "/s)";
                assertTrue(text.contains("breaks the limits") && text.contains(judged), text);
            }
        }
    }

    @Test
    void noFeasiblePointIsNoAnswer(@TempDir Path dir) throws Exception {
        try (TraceSource t = bursts(dir, "a", 10)) {
            Tune.Result r = Tune.run(
                    options("saved where refaults<=0", 1000, "min_age=0s..500ms/100ms"),
                    List.of(subject(t)),
                    List.of());
            assertNull(r.best());
            assertTrue(TuneReports.text(r, 5_000, 100_000).contains("no point keeps the limits"));
        }
    }

    @Test
    void contradictoryPointsAreSkippedNotFatal(@TempDir Path dir) throws Exception {
        try (TraceSource t = bursts(dir, "a", 10)) {
            Tune.Result r = Tune.run(
                    options("saved", 1000, "min_size=4K,8M", "max_size=1M,16M"), List.of(subject(t)), List.of());
            assertEquals(4, r.all().size());
            assertEquals(1, r.all().stream().filter(p -> p.measured().isEmpty()).count());
            assertEquals(List.of(4096L, 16L << 20), r.best().values());
        }
    }

    @Test
    void objectivesReadSumsAndLimits() {
        Objective o = Objective.of("0.5*saved_percent - 0.5*slowdown where slowdown<=20% and refaults <= 1M/s", false);
        assertEquals(2, o.limits().size());
        assertEquals(1 << 20, o.limits().get(1).value());
        assertThrows(UnknownWordException.class, () -> Objective.of("savd", false));
        assertThrows(IllegalArgumentException.class, () -> Objective.of("saved saved", false));
        assertThrows(IllegalArgumentException.class, () -> Objective.of("saved where slowdown=20", false));
        assertThrows(IllegalArgumentException.class, () -> Objective.of("", false));
        assertEquals(
                "far_memory (saved where promotion<=0.2)",
                Objective.of("far_memory", false).toString());
    }

    @Test
    void variablesReadListsAndRanges() {
        assertEquals(
                List.of(0L, 500_000L, 1_000_000L),
                Variable.of("min_age=0s..1s/500ms").values());
        assertEquals(
                List.of(4096L, 8192L, 16384L),
                Variable.of("min_size=4K..16K/*2").values());
        assertEquals(List.of(0L, 1L, 5L), Variable.of("max_access=5,0,1").values());
        assertEquals(1, Variable.of("1:quota_bytes=1M").scheme());
        for (String bad : List.of(
                "min_age",
                "min_age=5",
                "min_age=1s..0s/1s",
                "min_age=0s..1s",
                "min_size=0..1G/*2",
                "min_age=0s..9h/1us")) {
            assertThrows(IllegalArgumentException.class, () -> Variable.of(bad), bad);
        }
        assertThrows(UnknownWordException.class, () -> Variable.of("minage=1s"));
    }
}
