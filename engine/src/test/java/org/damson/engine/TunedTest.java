package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Comparator;
import java.util.List;
import org.damson.api.Trace;
import org.damson.api.Tuning;
import org.junit.jupiter.api.Test;

class TunedTest {
    private static final Tuning.Question AGES =
            Tuning.Question.of("pageout access=0..0", "min_age=1s..4s/1s").objective("tried where slowdown<=1000");

    @Test
    void everyPointIsWhatTheSimulationOfItsSchemeSays() throws IOException {
        try (Trace trace = Trace.open(Samples.STAIRS)) {
            Tuning tuning = trace.tune(AGES);
            assertTrue(tuning.isExhaustive());
            assertEquals(
                    List.of(List.of(1_000_000L), List.of(2_000_000L), List.of(3_000_000L), List.of(4_000_000L)),
                    tuning.points().stream().map(Tuning.Point::values).toList());
            for (Tuning.Point p : tuning.points()) {
                String scheme = "pageout access=0..0 age=" + p.values().get(0) / 1_000_000 + "s..max";
                double tried =
                        trace.simulate(scheme).schemes().get(0).triedBytes().estimate();
                assertEquals(tried, p.metrics().get("tried"), scheme);
                assertEquals(tried, p.score(), scheme);
                assertTrue(p.isAllowed(), scheme);
            }
            assertEquals(
                    tuning.points().stream()
                            .max(Comparator.comparingDouble(Tuning.Point::score))
                            .orElseThrow(),
                    tuning.best());
            assertEquals(1, tuning.schemes().size());
            assertTrue(tuning.pareto().contains(tuning.best()));
            assertTrue(
                    trace.simulate(tuning.schemes().get(0))
                                    .schemes()
                                    .get(0)
                                    .triedBytes()
                                    .estimate()
                            > 0,
                    tuning.schemes().toString());
        }
    }

    @Test
    void aJudgeThatIsTheSameRecordingSaysTheSame() throws IOException {
        try (Trace trace = Trace.open(Samples.STAIRS);
                Trace judge = Trace.open(Samples.STAIRS)) {
            Tuning tuning = trace.tune(AGES, judge, judge);
            assertEquals(List.of(tuning.best(), tuning.best()), tuning.judged());
        }
    }

    @Test
    void limitsThatNothingKeepsLeaveNoScheme() throws IOException {
        try (Trace trace = Trace.open(Samples.STAIRS)) {
            Tuning tuning = trace.tune(AGES.objective("saved where tried<=0"), trace);
            assertNull(tuning.best());
            assertEquals(List.of(), tuning.schemes());
            assertEquals(List.of(), tuning.judged());
            assertEquals(4, tuning.points().size());
        }
    }

    @Test
    void whatIsNotUnderstoodIsTheCallersFault() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> Tuning.Question.of("pageout"));
        assertThrows(IllegalArgumentException.class, () -> AGES.evaluations(0));
        Trace foreign = (Trace)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Trace.class}, (p, m, a) -> null);
        try (Trace trace = Trace.open(Samples.STAIRS)) {
            for (Tuning.Question wrong : List.of(
                    AGES.objective("savings"),
                    Tuning.Question.of("pageout access=0..0", "min_ages=1s"),
                    Tuning.Question.of("pageout access=0..0", "1:min_age=1s"),
                    Tuning.Question.of("page out", "min_age=1s"))) {
                assertThrows(IllegalArgumentException.class, () -> trace.tune(wrong), wrong.toString());
            }
            assertThrows(IllegalArgumentException.class, () -> trace.tune(AGES, foreign));
        }
    }
}
