package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Schemes with quotas cut regions while a kdamond is recorded: what the others tried is within the bounds all the same. */
final class CutRegionsTest {
    private static List<Scheme> draw(Random random) {
        List<Scheme> schemes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int least = random.nextInt(3);
            String text = "stat size=" + new String[] {"0", "64K", "1M"}[random.nextInt(3)] + ".."
                    + new String[] {"8M", "32M", "max", "max"}[random.nextInt(4)] + " access=" + least + ".."
                    + (least + random.nextInt(20)) + " age=" + random.nextInt(4) + "aggr.."
                    + (5 + random.nextInt(40)) + "aggr";
            if (random.nextInt(3) == 0) {
                text += " quotas/bytes=" + (1 << random.nextInt(7)) + "M quotas/reset_interval_ms="
                        + new int[] {200, 500, 1000}[random.nextInt(3)];
            }
            schemes.addAll(SchemeParser.parse(text));
        }
        return schemes;
    }

    /** Records a kdamond with these schemes; what they were applied to goes into the trace if {@code told}. */
    private static long[][] record(Kdamond k, int schemes, Path path, boolean told) throws IOException {
        long[][] tried = new long[schemes][2];
        Batch events = new Batch(Table.SCHEMES);
        k.listen((scheme, target, start, end, nr, age) -> {
            tried[scheme][0]++;
            tried[scheme][1] += end - start;
            events.add(0L, 0, 0, scheme, target, start, end, nr, age, 0);
        });
        Manifest m = new Manifest();
        m.source = (schemes == 0 ? Source.SYNTHETIC : Source.TEXT).text();
        m.attrs = RecordedLoop.ATTRS;
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            while (k.next(s)) {
                for (int i = 0; i < events.rows(); i++) {
                    events.set(Table.SCHEMES.indexOf("time_ns"), i, s.endNs);
                }
                if (told && events.rows() > 0) {
                    sink.append(events);
                }
                events.clear();
                sink.append(s);
            }
        }
        return tried;
    }

    @ParameterizedTest
    @EnumSource(KernelVersion.class)
    void boundsHoldWhateverCut(KernelVersion kernel, @TempDir Path dir) throws Exception {
        StringBuilder wrong = new StringBuilder();
        int n = 0;
        int exact = 0;
        int changed = 0;
        for (int seed = 0; seed < 8; seed++) {
            List<Scheme> schemes = draw(new Random(seed));
            Kdamond k = kdamond(kernel, schemes, seed);
            boolean told = seed % 2 == 0;
            Path path = dir.resolve(seed + ".damson");
            long[][] tried = record(k, schemes.size(), path, told);
            try (TraceSource trace = Traces.open(path)) {
                OpenLoopOptions options = new OpenLoopOptions(kernel, false, 4096, kernel);
                OpenLoopResult r = OpenLoop.run(trace, TraceQuery.ALL, schemes, options.withSchemesAsRecorded());
                for (int i = 0; i < schemes.size(); i++) {
                    OpenLoopResult.PerScheme s = r.schemes().get(i);
                    boolean holds = s.szTriedMin() <= tried[i][1] && tried[i][1] <= s.szTriedMax();
                    boolean counts = s.nrTriedMin() <= tried[i][0] && tried[i][0] <= s.nrTriedMax();
                    n++;
                    exact += r.isExact(s) ? 1 : 0;
                    changed += s.stats().szTried != tried[i][1] ? 1 : 0;
                    if (!holds || !counts) {
                        wrong.append("seed " + seed + " scheme " + i + " " + SchemeText.shortForm(s.scheme()) + ": "
                                + tried[i][1] + " in " + s.szTriedMin() + ".." + s.szTriedMax() + ", " + tried[i][0]
                                + " in " + s.nrTriedMin() + ".." + s.nrTriedMax() + "\n");
                    }
                }
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertTrue(exact > 0 && changed > 0, exact + " exact and " + changed + " off of " + n);
    }

    /** Sets whose free schemes match everything, in any run, but for what others of the set cut. */
    private static final List<String> SETS = List.of(
            "stat; stat quotas/bytes=3M quotas/reset_interval_ms=200",
            "stat quotas/bytes=3M quotas/reset_interval_ms=200; stat",
            "stat quotas/bytes=5M quotas/reset_interval_ms=100; stat quotas/bytes=2M quotas/reset_interval_ms=300; stat",
            "stat; stat size=1M..max; stat size=0..2M; stat quotas/bytes=7M quotas/reset_interval_ms=100",
            "stat quotas/bytes=7M quotas/reset_interval_ms=100; stat size=1M..max; stat size=0..2M; stat");

    @ParameterizedTest
    @EnumSource(KernelVersion.class)
    void whatTheSetItselfCutsIsWithinTheBoundsOverARecordingWithoutIt(KernelVersion kernel, @TempDir Path dir)
            throws Exception {
        StringBuilder wrong = new StringBuilder();
        int otherThanRecorded = 0;
        Path path = dir.resolve("without.damson");
        record(kdamond(kernel, List.of(), 1), 0, path, false);
        for (String text : SETS) {
            List<Scheme> schemes = new ArrayList<>();
            for (String one : text.split("; ")) {
                schemes.addAll(SchemeParser.parse(one));
            }
            OpenLoopResult r;
            long all;
            try (TraceSource trace = Traces.open(path)) {
                OpenLoopOptions options = new OpenLoopOptions(kernel, false, 4096, kernel);
                r = OpenLoop.run(trace, TraceQuery.ALL, schemes, options);
                OpenLoopResult alone = OpenLoop.run(trace, TraceQuery.ALL, SchemeParser.parse("stat"), options);
                all = alone.schemes().get(0).szTriedMin();
            }
            for (int seed = 2; seed < 6; seed++) {
                Path with = dir.resolve(text.hashCode() + "-" + seed + ".damson");
                long[][] tried = record(kdamond(kernel, schemes, seed), schemes.size(), with, false);
                for (int i = 0; i < schemes.size(); i++) {
                    OpenLoopResult.PerScheme s = r.schemes().get(i);
                    boolean holds = s.szTriedMin() <= tried[i][1]
                            && tried[i][1] <= s.szTriedMax()
                            && s.nrTriedMin() <= tried[i][0]
                            && tried[i][0] <= s.nrTriedMax();
                    boolean isFree = s.scheme().quota().isNone();
                    otherThanRecorded += isFree && s.scheme().size().isAll() && tried[i][1] != all ? 1 : 0;
                    if (!holds || isFree && r.isExact(s)) {
                        wrong.append(text + ", seed " + seed + " scheme " + i + ": " + tried[i][1] + " in "
                                + s.szTriedMin() + ".." + s.szTriedMax() + ", " + tried[i][0] + " in " + s.nrTriedMin()
                                + ".." + s.nrTriedMax() + ", exact: " + r.isExact(s) + "\n");
                    }
                }
            }
        }
        assertTrue(wrong.isEmpty(), wrong.toString());
        assertTrue(otherThanRecorded > 0, "no set cut anything");
    }

    private static Kdamond kdamond(KernelVersion kernel, List<Scheme> schemes, long seed) throws IOException {
        return new Kdamond(
                new Kdamond.Options(RecordedLoop.ATTRS, kernel, 0, 1, null, schemes, OutcomeOptions.DEFAULTS, seed),
                () -> PlannedAccesses.of(RecordedLoop.STEPS, 50e6, 2));
    }
}
