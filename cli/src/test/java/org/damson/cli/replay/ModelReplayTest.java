package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.compare.AccessHistograms;
import org.damson.analyzer.compare.Behaviour;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.Fidelity;
import org.damson.analyzer.compare.NoiseFloor;
import org.damson.analyzer.scan.TargetKey;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayPlanner;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.SeenShare;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays that a model of DAMON records, so that nothing but the plan decides how near they come: no clock, no TLB, no load. */
final class ModelReplayTest {
    private static final Path STAIRS = Path.of("..", "native", "configs", "stairs.cfg");

    @TempDir
    Path dir;

    private Path simulate(Path truth, String name, int seed, Object... more) {
        Path trace = dir.resolve(name + ".damson");
        Object[] words = {"simulate", "--truth", truth, "--record", trace, "--seed", seed};
        Object[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        CliRun.of(all).expect(ExitCode.OK);
        return trace;
    }

    private NoiseFloor noise(Path... traces) throws IOException {
        List<Fidelity> pairs = new ArrayList<>();
        for (int i = 0; i < traces.length; i++) {
            for (int j = i + 1; j < traces.length; j++) {
                try (TraceSource a = Traces.open(traces[i]);
                        TraceSource b = Traces.open(traces[j])) {
                    pairs.add(Fidelity.of(a, TraceQuery.ALL, b, TraceQuery.ALL, CompareOptions.DEFAULTS));
                }
            }
        }
        return NoiseFloor.of(traces.length, pairs);
    }

    /** Judges as {@code replay --verify} does. */
    private ReplayVerdict judge(
            Path original, ReplayOptions options, String name, NoiseFloor noise, Object... recordedWith)
            throws IOException {
        try (TraceSource trace = Traces.open(original)) {
            StringWriter text = new StringWriter();
            ReplayPlan plan = ReplayPlanner.plan(trace, TraceQuery.ALL, options, text);
            Path file = Files.writeString(dir.resolve(name + ".plan"), text.toString());
            Path recorded = simulate(file, name, 77, recordedWith);
            List<TargetKey> targets = List.of(new TargetKey(0, 0, Snapshot.NO_SCHEME, 0));
            try (TraceSource recording = Traces.open(recorded)) {
                return ReplayJudge.judge(
                                null,
                                ReplayJudge.original(trace, plan, CompareOptions.DEFAULTS),
                                ReplayPlace.originals(plan),
                                plan.sizeBytes(),
                                recording,
                                TraceQuery.ALL.time(0, plan.durationNs()),
                                new ReplayRecording(null, targets).areas(ReplayPlace.of(plan)),
                                noise,
                                CompareOptions.DEFAULTS)
                        .of(file);
            }
        }
    }

    private static String said(ReplayVerdict v) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        v.print(new PrintStream(out));
        return out.toString();
    }

    @Test
    void halfTheMemoryAndDoubleSpeedScaleAsTold() throws IOException {
        Path original = simulate(STAIRS, "a", 1);
        NoiseFloor noise = noise(original, simulate(STAIRS, "b", 2), simulate(STAIRS, "c", 3));
        ReplayVerdict same = judge(original, new ReplayOptions(1, 4L << 30), "same", noise);
        assertTrue(same.isGood(), said(same));
        ReplayVerdict half = judge(original, new ReplayOptions(1, 4L << 30, 0.5, 1), "half", noise);
        assertTrue(half.isGood(), said(half));
        assertEquals(
                0.5 * mean(original), half.fidelity().compare().sizes().get(0).aBytes(), 1);
        // Twice as fast, watched twice as often.
        ReplayVerdict fast =
                judge(original, new ReplayOptions(2, 4L << 30), "fast", noise, "--intervals", "2500us,50ms,500ms");
        assertTrue(fast.isGood(), said(fast));
        ReplayVerdict both = judge(
                original, new ReplayOptions(2, 4L << 30, 0.5, 1), "both", noise, "--intervals", "2500us,50ms,500ms");
        assertTrue(both.isGood(), said(both));
        // What was not scaled is told: half the memory is not a replay of the whole.
        Capsule whole = capsule(original);
        Path recorded = dir.resolve("half.damson");
        try (TraceSource recording = Traces.open(recorded)) {
            Behaviour b = Behaviour.of(
                            recording,
                            TraceQuery.ALL,
                            whole.places().stream()
                                    .map(p -> p.area(new TargetKey(0, 0, Snapshot.NO_SCHEME, 0)))
                                    .toList(),
                            CompareOptions.DEFAULTS)
                    .withAccesses(recording, TraceQuery.ALL);
            Fidelity f = Fidelity.of(whole.behaviour(), b, List.of(), CompareOptions.DEFAULTS);
            assertFalse(f.against(noise).stream().allMatch(Fidelity.Measure::isWithin));
        }
    }

    private static double mean(Path trace) throws IOException {
        try (TraceSource t = Traces.open(trace)) {
            return Behaviour.of(t, TraceQuery.ALL, List.of(), CompareOptions.DEFAULTS)
                    .sizes()[0];
        }
    }

    private Capsule capsule(Path trace) throws IOException {
        Path file = dir.resolve("whole.damson.zip");
        CliRun.of("capsule", trace, "-o", file).expect(ExitCode.OK);
        return CapsuleFile.read(file, Path.of("..", "native", "build", "accessgen"), dir.resolve("whole.plan"));
    }

    /** Where three of ten accesses are not seen, a replay of what was seen is seen three of ten times less once more. */
    @Test
    void whatARecorderDoesNotSeeIsTouchedAllTheSame() throws IOException {
        Path original = simulate(STAIRS, "a", 1, "--detection", "0.7");
        NoiseFloor noise = noise(original, simulate(STAIRS, "b", 2, "--detection", "0.7"));
        ReplayVerdict damped = judge(original, new ReplayOptions(1, 4L << 30), "damped", noise, "--detection", "0.7");
        assertFalse(damped.isGood(), said(damped));
        ReplayOptions corrected = new ReplayOptions(1, 4L << 30).seenShare(0.7);
        ReplayVerdict right = judge(original, corrected, "right", noise, "--detection", "0.7");
        // What was seen more often than on average does not fit into the last snapshot of a phase: a few percent are
        // missing.
        assertTrue(right.fidelity().compare().totalHeatDifference() < 0.05, said(right));
        for (Fidelity.Measure m : right.fidelity().against(noise)) {
            assertTrue(m.isWithin() || m.name().equals("total heat difference"), said(right));
        }
        assertEquals(0.3, damped.fidelity().compare().totalHeatDifference(), 0.03);
        double seen = ratio(original);
        assertEquals(0.7 * seen, ratio(dir.resolve("damped.damson")), 0.06);
        assertEquals(seen, ratio(dir.resolve("right.damson")), 0.03);
    }

    /** What of its own touches is seen a replay finds out, whatever the original did; as much more often played it is as its original. */
    @Test
    void aFirstReplayMeasuresWhatIsSeen() throws IOException {
        Path original = simulate(STAIRS, "a", 1);
        ReplayVerdict all = judge(original, new ReplayOptions(1, 4L << 30), "all", null);
        assertEquals(1, all.seen(), 0.01);
        ReplayVerdict some = judge(original, new ReplayOptions(1, 4L << 30), "some", null, "--detection", "0.6");
        assertEquals(0.6, some.seen(), 0.02);
        assertTrue(said(some).contains("# seen: "), said(some));

        // Both machines see six of seven accesses: damped without, within the noise with what was measured.
        String p = "0.857";
        Path damped = simulate(STAIRS, "d", 1, "--detection", p);
        NoiseFloor noise = noise(damped, simulate(STAIRS, "e", 2, "--detection", p));
        ReplayVerdict first = judge(damped, new ReplayOptions(1, 4L << 30), "first", noise, "--detection", p);
        assertFalse(first.isGood(), said(first));
        // DAMON rounds down where it merges regions of different counts, which hides a little more.
        assertEquals(0.857, first.seen(), 0.03);
        ReplayOptions measured = new ReplayOptions(1, 4L << 30).seenShare(first.seen());
        ReplayVerdict second = judge(damped, measured, "second", noise, "--detection", p);
        assertEquals(0.857, second.seen(), 0.03);
        for (Fidelity.Measure m : second.fidelity().against(noise)) {
            assertTrue(m.isWithin() || m.name().equals("total heat difference"), said(second));
        }
        assertTrue(
                second.fidelity().compare().totalHeatDifference() < 0.05
                        && first.fidelity().compare().totalHeatDifference() > 0.1,
                said(second));
    }

    /** A machine that did not keep up says nothing of the plan that it was to play. */
    @Test
    void aDifferenceIsUndecidedWhereTouchesWereNotMade() throws IOException {
        Path original = simulate(STAIRS, "a", 1);
        NoiseFloor noise = noise(original, simulate(STAIRS, "b", 2));
        ReplayVerdict far = judge(original, new ReplayOptions(1, 4L << 30), "far", noise, "--detection", "0.5");
        Fidelity different = different(original);
        for (int touched : new int[] {94, 96}) {
            ReplayReport report =
                    new ReplayReport(0, 100, touched, 0, List.of(), 10, 0, 0, 0, 0, 0, 1_000_000_000, 0, 0, 0);
            ReplayVerdict v = new ReplayVerdict(report, far.fidelity(), noise, List.of());
            assertEquals(touched < 95 ? ExitCode.UNDECIDED : ExitCode.FINDINGS, v.exitCode());
            assertEquals(touched < 95, said(v).contains("verdict: undecided"), said(v));
            assertEquals(touched < 95, said(v).contains("only 94.00 % of the touches were made"), said(v));
            ReplayVerdict alone = new ReplayVerdict(report, different, null, List.of());
            assertEquals(touched < 95 ? ExitCode.UNDECIDED : ExitCode.FINDINGS, alone.exitCode());
            assertTrue(
                    said(alone).contains(touched < 95 ? "\nverdict: undecided: different" : "\nverdict: different"),
                    said(alone));
            assertEquals(touched < 95, said(alone).contains("only 94.00 % of the touches were made"), said(alone));
        }
    }

    /** To half of it, judged by a tolerance that nothing is within. */
    private Fidelity different(Path original) throws IOException {
        try (TraceSource a = Traces.open(original);
                TraceSource b = Traces.open(simulate(STAIRS, "half", 2, "--detection", "0.5"))) {
            return Fidelity.of(a, TraceQuery.ALL, b, TraceQuery.ALL, CompareOptions.DEFAULTS.tolerance(0));
        }
    }

    @Test
    void aResidentSizeThatCannotBeReachedIsNotJudged() throws IOException {
        Behaviour b = capsule(simulate(STAIRS, "a", 1)).behaviour();
        assertNull(ReplayVerdict.residentNote(b, 0), "nobody knows what was resident");
        Behaviour known = new Behaviour(
                b.snapshots(),
                b.sizes(),
                b.workingSets(),
                b.grid(),
                1,
                b.meanHotBytes(),
                b.accesses(),
                100 << 20,
                false);
        assertNull(ReplayVerdict.residentNote(known, 90 << 20));
        String note = ReplayVerdict.residentNote(known, 80 << 20);
        assertTrue(
                note.startsWith("resident size is not judged: of 100 MiB in the original the replay fills 80 MiB"),
                note);
    }

    @Test
    void aShareIsFoundInTheManifestAndInTheBusiestMemory() throws IOException {
        Path original = simulate(STAIRS, "a", 1, "--detection", "0.7");
        try (TraceSource trace = Traces.open(original)) {
            assertEquals(0.7, SeenShare.recorded(trace));
            assertEquals(0.7, SeenShare.busiest(trace, TraceQuery.ALL), 0.04);
        }
        CliRun told = CliRun.of("replay", original, "--plan-only").expect(ExitCode.OK);
        assertTrue(told.err().contains("70.0 % of the accesses are taken to be seen in this simulation"), told.err());
        assertTrue(told.out().lines().limit(2).anyMatch(l -> l.endsWith("as if 0.700 of it were seen")), told.out());
        CliRun assumed = CliRun.of("replay", original, "--plan-only", "--seen", "busiest")
                .expect(ExitCode.OK);
        assertTrue(assumed.err().contains("if that was accessed all the time"), assumed.err());
        CliRun all = CliRun.of("replay", original, "--plan-only", "--seen", "1").expect(ExitCode.OK);
        assertEquals("", all.err());
        assertTrue(touches(told.out()) > 1.3 * touches(all.out()));
        for (String bad : List.of("0", "1.5", "x", "measured", "certified")) {
            CliRun.of("replay", original, "--plan-only", "--seen", bad).expect(ExitCode.USAGE);
        }
    }

    /** Slices in which something is touched. */
    private static long touches(String plan) {
        return plan.lines()
                .filter(l -> l.startsWith("touch "))
                .mapToLong(l -> Long.parseLong(l.split(" ")[3]))
                .sum();
    }

    /** Mean share of samples in which accessed memory was seen accessed, by bytes and time. */
    private static double ratio(Path trace) throws IOException {
        try (TraceSource t = Traces.open(trace)) {
            double[] ratios = Behaviour.of(t, TraceQuery.ALL, List.of(), CompareOptions.DEFAULTS)
                    .withAccesses(t, TraceQuery.ALL)
                    .accesses()
                    .ratios();
            double sum = 0;
            double weight = 0;
            for (int i = 0; i < AccessHistograms.RATIOS; i++) {
                sum += ratios[i] * (i + 1) / AccessHistograms.RATIOS;
                weight += ratios[i];
            }
            return sum / weight;
        }
    }
}
