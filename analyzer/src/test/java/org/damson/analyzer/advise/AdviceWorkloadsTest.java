package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Workloads whose right advice is known by how they are built, seen by the closed loop's DAMON; sizes and times are drawn.
 * Fifteen with one seed, five of them with nothing to gain, and as many again with sizes that rules were never tried on.
 */
final class AdviceWorkloadsTest {
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(10_000, 200_000, 1_000_000, 20, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN);

    private static final long TRIED_SEED = 1;
    private static final long HELD_BACK_SEED = 20_261_129;

    @TempDir
    Path dir;

    /**
     * A workload.
     *
     * @param gains kinds that must be advised
     * @param mayGain kinds that may be advised beside them; no other may
     */
    record Workload(String name, String plan, double speed, Set<Kind> gains, Set<Kind> mayGain, long seed) {
        @Override
        public String toString() {
            return name + " (" + plan.replace('\n', '|') + ")";
        }
    }

    private static int mib(Random r, int least, int most) {
        return least + 2 * r.nextInt((most - least) / 2 + 1);
    }

    static List<Workload> workloads() {
        List<Workload> all = new ArrayList<>(drawn(TRIED_SEED));
        all.addAll(drawn(HELD_BACK_SEED));
        return all;
    }

    private static List<Workload> drawn(long seed) {
        Random r = new Random(seed);
        List<Workload> all = new ArrayList<>();
        Set<Kind> out = Set.of(Kind.RECLAIM, Kind.PAGEOUT);
        Set<Kind> none = Set.of();
        for (int i = 0; i < 3; i++) {
            // Read once at the beginning, then a few MiB are used.
            all.add(new Workload(
                    "loaded and left",
                    "big, " + mib(r, 96, 256)
                            + "M\nhot, 4M\n\nload\n4000\nbig, 0, 4096, 1\n\nserve\n66000\nhot, 0, 4096, 1\n",
                    50e6,
                    out,
                    none,
                    r.nextLong()));
        }
        for (int i = 0; i < 2; i++) {
            all.add(new Workload(
                    "large and hot",
                    "hot, " + mib(r, 64, 192) + "M\n\nrun\n64000\nhot, 0, 4096, 1\n",
                    100e6,
                    Set.of(Kind.HUGEPAGE),
                    none,
                    r.nextLong()));
        }
        for (int i = 0; i < 2; i++) {
            // Two stages that leave their memory, one after the other.
            all.add(new Workload(
                    "stages",
                    "one, " + mib(r, 48, 96) + "M\ntwo, " + mib(r, 48, 96)
                            + "M\nhot, 4M\n\na\n5000\none, 0, 4096, 1\n\nb\n5000\n"
                            + "two, 0, 4096, 1\n\nc\n70000\nhot, 0, 4096, 1\n",
                    50e6,
                    out,
                    none,
                    r.nextLong()));
        }
        for (int i = 0; i < 2; i++) {
            all.add(new Workload(
                    "loaded and left before what is hot",
                    "cold, " + mib(r, 96, 160) + "M\nhot, " + mib(r, 32, 64)
                            + "M\n\nload\n4000\ncold, 0, 4096, 1\n\nrun\n66000\n" + "hot, 0, 4096, 1\n",
                    50e6,
                    Set.of(Kind.RECLAIM, Kind.PAGEOUT, Kind.HUGEPAGE),
                    none,
                    r.nextLong()));
        }
        // What is touched first fills the fast tier; what is hot comes later.
        all.add(new Workload(
                "hot beside warm",
                "warm, " + mib(r, 192, 256)
                        + "M\nhot, 32M\n\nload\n2000\nwarm, 0, 4096, 1\n\nrun\n68000\nhot, 0, 4096, 99\n"
                        + "warm, 1, 4096, 1\n",
                3.3e6,
                Set.of(Kind.TIER),
                Set.of(Kind.HUGEPAGE),
                r.nextLong()));
        all.add(new Workload(
                "small and all used",
                "all, " + mib(r, 2, 6) + "M\n\nrun\n64000\nall, 0, 4096, 1\n",
                50e6,
                none,
                none,
                r.nextLong()));
        all.add(new Workload(
                "small, in two halves by turns",
                "a, 3M\nb, 3M\n\none\n1000\na, 0, 4096, 1\n\ntwo\n1000\nb, 0, 4096, 1\n",
                50e6,
                none,
                none,
                r.nextLong()));
        all.add(new Workload(
                "comes back every few seconds",
                "always, 4M\nagain, " + mib(r, 64, 128)
                        + "M\n\nscan\n2000\nagain, 0, 4096, 1\n\nwait\n8000\nalways, 0, 4096, 1\n",
                50e6,
                none,
                none,
                r.nextLong()));
        all.add(new Workload(
                "each page now and then",
                "warm, " + mib(r, 32, 96) + "M\n\nrun\n64000\nwarm, 1, 4096, 1\n",
                2e4,
                none,
                none,
                r.nextLong()));
        all.add(new Workload(
                "two large halves by turns",
                "a, " + mib(r, 32, 64) + "M\nb, " + mib(r, 32, 64)
                        + "M\n\none\n2500\na, 0, 4096, 1\n\ntwo\n2500\nb, 0, 4096, 1\n",
                50e6,
                none,
                none,
                r.nextLong()));
        return all;
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void advisesWhatGainsAndNothingElse(Workload w) throws Exception {
        long phasesMs = w.plan()
                .lines()
                .filter(l -> l.matches("\\d+"))
                .mapToLong(Long::parseLong)
                .sum();
        int repeat = (int) Math.max(1, 64_000 / phasesMs);
        Kdamond k = new Kdamond(
                new Kdamond.Options(
                        ATTRS, KernelVersion.V6_18, 0, 1, null, List.of(), OutcomeOptions.DEFAULTS, (int) w.seed()),
                () -> PlannedAccesses.of(w.plan(), w.speed(), repeat));
        Manifest m = new Manifest();
        m.attrs = ATTRS;
        Path path = dir.resolve("t.damson");
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            while (k.next(s)) {
                sink.append(s);
            }
        }
        List<Advice> all;
        try (TraceSource t = Traces.open(path)) {
            all = Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
        }
        String text = w + "\n" + all.stream().map(Advice::text).collect(Collectors.joining("\n"));
        List<Advice> gains = all.stream().filter(a -> a.gain() != null).toList();
        Set<Kind> kinds = gains.stream().map(Advice::kind).collect(Collectors.toSet());
        assertTrue(kinds.containsAll(w.gains()), text);
        assertTrue(
                kinds.stream()
                        .allMatch(g -> w.gains().contains(g) || w.mayGain().contains(g)),
                text);
        assertEquals(
                gains.isEmpty(),
                all.stream().anyMatch(a -> a.kind() == Kind.NOTHING),
                "the verdict is of the advice: " + text);
        assertEquals(!gains.isEmpty(), all.stream().anyMatch(a -> a.kind() == Kind.WORTH), text);
        for (Advice a : gains) {
            assertTrue(a.gain().done() > a.gain().nothing(), "no gain, no advice: " + a.text());
        }
    }
}
