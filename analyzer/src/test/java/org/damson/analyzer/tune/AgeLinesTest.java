package org.damson.analyzer.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.whatif.Made;
import org.damson.analyzer.whatif.Recorded;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A grid of which only what may be best is simulated has the best point of the whole grid. */
final class AgeLinesTest {
    @TempDir
    Path dir;

    private static final List<String> OBJECTIVES = List.of(
            "far_memory",
            "damoos",
            "saved where promotion<=20",
            "saved where refaults<=1M/s",
            "saved where refaults<=0",
            "out - 0.3*reclaim where slowdown<=1",
            "0.7*saved_percent-0.1*slowdown",
            "saved where saved_percent>=1000");

    private int simulated;
    private int points;

    private void sameBest(List<TraceSource> traces, String scheme, boolean likely, String... vary) throws Exception {
        List<Tune.Subject> subjects = traces.stream()
                .map(t -> new Tune.Subject(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS))
                .toList();
        for (String objective : OBJECTIVES) {
            Tune.Result[] r = new Tune.Result[2];
            for (int i = 0; i < 2; i++) {
                Tune.Options o = new Tune.Options(
                        SchemeParser.parse(scheme),
                        Arrays.stream(vary).map(Variable::of).toList(),
                        Objective.of(objective, likely),
                        1000,
                        1,
                        OutcomeOptions.DEFAULTS,
                        i == 0 ? Long.MAX_VALUE : 0);
                r[i] = Tune.run(o, subjects, List.of());
            }
            assertTrue(r[0].exhaustive());
            assertEquals(0, r[0].passedOver());
            assertEquals(r[0].best(), r[1].best(), traces.get(0).name() + ": " + objective);
            assertTrue(r[1].all().size() <= r[0].all().size());
            simulated += r[1].all().size();
            points += r[0].all().size();
        }
    }

    @Test
    void recordingsHaveTheSameBestPoint() throws Exception {
        try (TraceSource stairs = Recorded.open(dir, "stairs/tracefs.txt.gz");
                TraceSource service = Recorded.open(dir, "service/tracefs.txt.gz");
                TraceSource zigzag = Recorded.open(dir, "damos-6.12/patterns/zigzag/trace.txt.gz")) {
            for (TraceSource t : List.of(stairs, service, zigzag)) {
                for (boolean likely : new boolean[] {true, false}) {
                    sameBest(List.of(t), "pageout access=0..0", likely, "min_age=0s..20s/200ms");
                }
            }
            assertTrue(simulated < points / 2, simulated + " of " + points);
            sameBest(
                    List.of(service),
                    "pageout access=0..0",
                    true,
                    "min_size=4K,1M,16M",
                    "min_age=0s..20s/500ms",
                    "max_access=0,2");
            sameBest(List.of(stairs, service), "pageout access=0..1", true, "min_age=0s..20s/500ms");
        }
    }

    @Test
    void randomTracesHaveTheSameBestPoint() throws Exception {
        for (int seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            Made m = new Made(dir, "random-" + seed);
            int regions = 2 + random.nextInt(8);
            int[] period = random.ints(regions, 1, 40).toArray();
            int[] heat = random.ints(regions, 0, 21).toArray();
            for (int turn = 0; turn < 150; turn++) {
                int[] nr = new int[regions];
                for (int i = 0; i < regions; i++) {
                    nr[i] = turn / period[i] % 3 == 0 || random.nextInt(40) == 0 ? heat[i] : 0;
                }
                m.turns(1, nr);
            }
            try (TraceSource t = m.open()) {
                sameBest(List.of(t), "pageout access=0..0", seed % 2 == 0, "min_age=0s..8s/100ms");
            }
        }
    }

    @Test
    void onlyAgesOfPlainReclaimArePassedOver() {
        List<String> plain = new ArrayList<>();
        for (String scheme : List.of(
                "pageout access=0..0",
                "cold access=0..0",
                "pageout age=0s..9s",
                "pageout access=0..0 quotas/bytes=1M quotas/reset_interval_ms=100")) {
            for (String objective : List.of("saved", "huge_hits")) {
                for (String vary : List.of("min_age=1s,2s", "min_size=4K,8K", "quota_bytes=1M,2M")) {
                    Tune.Options o = new Tune.Options(
                            SchemeParser.parse(scheme),
                            List.of(Variable.of(vary)),
                            Objective.of(objective, true),
                            10,
                            1,
                            OutcomeOptions.DEFAULTS);
                    if (AgeLines.variable(o) >= 0) {
                        plain.add(scheme + ", " + objective + ", " + vary);
                    }
                }
            }
        }
        assertEquals(List.of("pageout access=0..0, saved, min_age=1s,2s"), plain);
    }
}
