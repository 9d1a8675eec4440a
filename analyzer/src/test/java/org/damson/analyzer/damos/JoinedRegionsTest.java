package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.damos.RecordedLoop.Told;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels that join regions once schemes were applied to them, as kdamonds whose accesses are known. */
final class JoinedRegionsTest {
    private static List<Scheme> draw(Random random) {
        List<Scheme> schemes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int least = random.nextInt(3);
            schemes.addAll(SchemeParser.parse("stat size=" + new String[] {"0", "64K", "1M"}[random.nextInt(3)] + ".."
                    + new String[] {"8M", "32M", "max", "max"}[random.nextInt(4)] + " access=" + least + ".."
                    + (least + random.nextInt(20)) + " age=" + random.nextInt(4) + "aggr.."
                    + (5 + random.nextInt(40)) + "aggr"));
        }
        return schemes;
    }

    @Test
    void piecesThatSchemesSawAreSimulatedWhereEventsTellThem(@TempDir Path dir) throws Exception {
        long apart = 0;
        for (int seed = 0; seed < 6; seed++) {
            List<Scheme> schemes = draw(new Random(seed));
            schemes.addAll(SchemeParser.parse("stat"));
            Path path = dir.resolve(seed + ".damson");
            RecordedLoop run = RecordedLoop.of(KernelVersion.V7_2, schemes, null, seed, path, Told.EVENTS);
            List<String> simulated = new ArrayList<>();
            try (TraceSource trace = Traces.open(path)) {
                OpenLoopResult r = OpenLoop.run(
                        trace,
                        TraceQuery.ALL,
                        schemes,
                        OpenLoopOptions.of(trace.manifest()),
                        OutcomeOptions.DEFAULTS,
                        (scheme, target, start, end, nr, age) ->
                                simulated.add(scheme + " " + start + "-" + end + " " + nr + " " + age));
                assertEquals(run.events(), simulated);
                for (int i = 0; i < schemes.size(); i++) {
                    assertEquals("", run.beyond(r, i, "seed " + seed));
                }
                // The last scheme saw every piece: nothing is left open.
                assertTrue(r.isExact(r.schemes().get(5)));
                apart += run.tried()[5][0] - r.regionUpdates();
            }
        }
        assertTrue(apart > 0, "no kernel joined anything");
    }

    @Test
    void whatEventsDoNotTellIsWithinTheBounds(@TempDir Path dir) throws Exception {
        StringBuilder wrong = new StringBuilder();
        int open = 0;
        int exact = 0;
        for (int seed = 0; seed < 12; seed++) {
            List<Scheme> schemes = draw(new Random(seed));
            schemes.addAll(SchemeParser.parse("stat"));
            Path path = dir.resolve(seed + ".damson");
            RecordedLoop run = RecordedLoop.of(KernelVersion.V7_2, schemes, null, seed, path, Told.REGIONS);
            try (TraceSource trace = Traces.open(path)) {
                OpenLoopResult r = OpenLoop.run(trace, TraceQuery.ALL, schemes, OpenLoopOptions.of(trace.manifest()));
                for (int i = 0; i < schemes.size(); i++) {
                    OpenLoopResult.PerScheme s = r.schemes().get(i);
                    wrong.append(run.beyond(r, i, "seed " + seed));
                    open += run.tried()[i][0] != s.stats().nrTried ? 1 : 0;
                    exact += r.isExact(s) ? 1 : 0;
                }
                assertEquals(run.tried()[5][1], r.schemes().get(5).szTriedMin(), "all of it in any pieces");
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertTrue(open > 0, "no kernel joined anything");
    }

    /** A run with schemes and one without differ from the first join on. */
    @ParameterizedTest
    @EnumSource(KernelVersion.class)
    void overARecordingWithoutSchemesWhatIsCalledExactIs(KernelVersion kernel, @TempDir Path dir) throws Exception {
        StringBuilder wrong = new StringBuilder();
        int exact = 0;
        for (int seed = 0; seed < 4; seed++) {
            List<Scheme> schemes = new ArrayList<>();
            for (String text : List.of("stat", "stat size=1M..max", "stat size=0..2M", "stat size=64K..8M")) {
                schemes.addAll(SchemeParser.parse(text));
            }
            if (!kernel.joins()) {
                schemes.addAll(draw(new Random(seed)));
            }
            Path without = dir.resolve(kernel + "-" + seed + "-without.damson");
            RecordedLoop.of(kernel, List.of(), null, seed, without, Told.REGIONS);
            RecordedLoop run = RecordedLoop.of(
                    kernel, schemes, null, seed, dir.resolve(kernel + "-" + seed + ".damson"), Told.REGIONS);
            try (TraceSource trace = Traces.open(without)) {
                OpenLoopResult r =
                        OpenLoop.run(trace, TraceQuery.ALL, schemes, new OpenLoopOptions(kernel, false, 4096, kernel));
                for (int i = 0; i < schemes.size(); i++) {
                    OpenLoopResult.PerScheme s = r.schemes().get(i);
                    wrong.append(run.beyond(r, i, "seed " + seed));
                    exact += r.isExact(s) ? 1 : 0;
                }
                boolean said = r.notes().stream().anyMatch(n -> n.contains("joins neighbours"));
                assertEquals(kernel.joins(), said, r.notes().toString());
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertEquals(!kernel.joins(), exact > 0, exact + " called exact");
    }
}
