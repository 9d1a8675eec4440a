package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.TraceCompare;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replays in real processes. How close a replay comes is not asserted here, since other load changes it. */
final class ReplayCommandTest {
    private static final long MIB = 1 << 20;
    private static final Set<Integer> VERDICTS = Set.of(ExitCode.OK, ExitCode.FINDINGS, ExitCode.UNDECIDED);

    @TempDir
    Path dir;

    /** Two areas of 32 MiB at addresses that no process has, hot in turn for a second each. */
    private Path referenced() throws IOException {
        Path path = dir.resolve("original.damson");
        Manifest m = new Manifest();
        m.source = "referenced";
        m.attrs = new MonitoringAttrs(50_000, 200_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            for (int n = 0; n < 10; n++) {
                Snapshot s = new Snapshot();
                s.target = 77;
                s.startNs = n * 200_000_000L;
                s.endNs = s.startNs + 200_000_000L;
                s.sampleUs = 50_000;
                s.aggrUs = 200_000;
                s.columns = Snapshot.HAS_REFERENCED;
                for (int i = 0; i < 2; i++) {
                    long start = 0x6000_0000_0000L + i * 64 * MIB;
                    boolean hot = n / 5 == i;
                    int r = s.add(start, start + 32 * MIB, hot ? 4 : 0, 0);
                    s.referencedMean[r] = hot ? 32 * MIB : 0;
                }
                sink.append(s);
            }
        }
        return path;
    }

    @Test
    void aReplayIsRecordedAloneAndComparedUnderItsAddresses() throws IOException {
        Path original = referenced();
        Path replay = dir.resolve("replay.damson");
        CliRun run = CliRun.of("replay", original, "--verify", "--record", replay);
        assertTrue(VERDICTS.contains(run.exit()), run.err());
        assertTrue(run.out().contains("# 2 areas mapped"), run.out());
        assertTrue(run.out().contains("verdict: "), run.out());
        CliRun.of("verify", replay).expect(ExitCode.OK);
        List<Snapshot> snapshots = snapshots(replay);
        assertTrue(snapshots.size() >= 2, snapshots.size() + " snapshots");
        long target = snapshots.get(0).target;
        for (Snapshot s : snapshots) {
            assertEquals(target, s.target);
            // The generator's areas, libc and stacks; a JVM alone has hundreds of mappings.
            assertTrue(s.regions < 60 && s.bytes() < 200 * MIB, s.regions + " regions, " + s.bytes() + " bytes");
        }
        long hot = snapshots.stream()
                .mapToLong(s -> {
                    long bytes = 0;
                    for (int i = 0; i < s.regions; i++) {
                        bytes += s.end[i] - s.start[i] == 32 * MIB ? s.referencedMax[i] : 0;
                    }
                    return bytes;
                })
                .max()
                .orElse(0);
        assertTrue(hot >= 32 * MIB, "no snapshot of the replay has a whole area hot: " + hot);
    }

    /** What the player says of the memory of the machine and its control groups counts, and nothing was recorded yet. */
    @Test
    void aReplayOfMoreMemoryThanThereIsIsRefused() throws IOException {
        Path path = dir.resolve("huge.damson");
        Manifest m = new Manifest();
        m.attrs = new MonitoringAttrs(50_000, 200_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            s.endNs = 200_000_000L;
            s.sampleUs = 50_000;
            s.aggrUs = 200_000;
            s.add(0x1000_0000_0000L, 0x1000_0000_0000L + (8L << 40), 4, 0);
            sink.append(s);
        }
        Path replay = dir.resolve("refused.damson");
        for (CliRun run : List.of(
                CliRun.of("replay", path, "--max-memory", "16T"),
                CliRun.of("replay", path, "--max-memory", "16T", "--record", replay))) {
            assertEquals(ExitCode.CAPABILITY, run.exit(), run.err());
            assertTrue(run.err().contains("the plan fills 8388608 MiB at a time, "), run.err());
        }
        assertFalse(Files.exists(replay));
    }

    @Test
    void theVerdictInJsonIsTheExitCode() throws IOException {
        CliRun run = CliRun.of("replay", referenced(), "--verify", "--tolerance", "0", "--json");
        assertTrue(run.exit() == ExitCode.FINDINGS || run.exit() == ExitCode.UNDECIDED, run.err());
        boolean isDecided = run.exit() == ExitCode.FINDINGS;
        assertTrue(run.out().contains("\"undecided\":" + !isDecided), run.out());
        assertTrue(!isDecided || run.out().contains("\"verdict\":\"different\""), run.out());
        assertTrue(run.out().contains("\"verified\":false"), run.out());
        assertTrue(run.out().contains("\"pattern_distance\":"), run.out());
        assertTrue(run.out().contains("\"late_wakeups\":"), run.out());
    }

    @Test
    void withAnotherOriginalTheVerdictIsAboutEveryDistance() throws IOException {
        Path original = referenced();
        Path again = dir.resolve("again.damson");
        CliRun.of("slice", original, "-o", again).expect(ExitCode.OK);
        CliRun itself = CliRun.of("replay", original, "--verify", "--noise-floor", original)
                .expect(ExitCode.USAGE);
        assertTrue(itself.err().contains("is given twice"), itself.err());
        CliRun run = CliRun.of("replay", original, "--verify", "--noise-floor", again, "--json");
        // Of a busy machine the recording may be too short to decide.
        assertTrue(VERDICTS.contains(run.exit()), run.exit() + ": " + run.err());
        boolean good = run.exit() == ExitCode.OK;
        assertTrue(run.out().contains("\"verified\":" + good), run.out());
        for (String name : List.of("working-set", "pattern", "earth mover's", "nr_accesses")) {
            assertTrue(run.out().contains("\"" + name + " distance\""), run.out());
        }
        // An original differs from itself in nothing.
        assertTrue(run.out().contains("\"originals\":0.0"), run.out());
    }

    @ParameterizedTest
    @CsvSource({"stairs/tracefs.txt.gz,1", "zigzag-damo/damon.data,1", "service/tracefs.txt.gz,1"})
    void aRecordingOfDamonIsReplayedAndJudgedByTouches(String name, int targets) {
        Path whole = dir.resolve("whole.damson");
        Path cut = dir.resolve("cut.damson");
        CliRun.of("import", CliRun.testdata().resolve(name), "-o", whole);
        CliRun.of("slice", whole, "--snapshots", "10..20", "-o", cut).expect(ExitCode.OK);
        CliRun run = CliRun.of("replay", cut, "--verify", "--max-memory", "2G");
        assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.FINDINGS, run.err());
        assertTrue(run.err().contains("the verdict covers touches only"), run.err());
        assertTrue(run.out().contains("of " + targets + " target"), run.out());
        assertTrue(run.out().contains("% of the intended touches were made"), run.out());
    }

    @Test
    void moreMemoryThanAllowedIsRefusedAndNothingIsLeft() throws IOException {
        Path replay = dir.resolve("replay.damson");
        CliRun run = CliRun.of("replay", referenced(), "--max-memory", "1M", "--record", replay);
        assertEquals(ExitCode.INPUT, run.exit(), run.err());
        assertTrue(run.err().contains("the limit is 1 MiB"), run.err());
        assertFalse(Files.exists(replay));
    }

    /**
     * The wrong trace has the same mappings, footprint, heat and working sets; only the order in time differs. A machine
     * that stops for seconds in the middle of a recording makes any two differ, so there is a second and a third try.
     */
    @Test
    void aReplayIsFarNearerToItsRecordingThanTheSamePhasesReversed() throws IOException {
        Path config = dir.resolve("steps.cfg");
        Files.writeString(
                config,
                "a,32M\nb,32M\nc,32M\nd,32M\n\none\n1500\na,0,4096,1\n\ntwo\n1500\nb,0,4096,1\n\nthree\n1500\n"
                        + "c,0,4096,1\n\nfour\n1500\nd,0,4096,1\n");
        String tried = "";
        for (int i = 0; i < 3; i++) {
            Path recorded = dir.resolve("steps-" + i + ".damson");
            Path replayed = dir.resolve("replay-" + i + ".damson");
            Path generator = Path.of("..", "native", "build", "accessgen");
            CliRun.of("record", "-o", recorded, "--aggr", "300ms", "--", generator, "run", config)
                    .expect(ExitCode.OK);
            CliRun.of("replay", recorded, "--record", replayed).expect(ExitCode.OK);
            Path reversed = reversed(recorded, dir.resolve("reversed-" + i + ".damson"));
            CliRun.of("compare", recorded, recorded).expect(ExitCode.OK);
            int verdict = CliRun.of("compare", recorded, reversed).exit();
            double right = patternDistance(recorded, replayed);
            double wrong = patternDistance(recorded, reversed);
            tried += " replayed " + right + ", reversed " + wrong + ", exit " + verdict;
            if (wrong > CompareOptions.DEFAULTS.tolerance() && wrong > right + 0.2 && verdict != ExitCode.OK) {
                return;
            }
        }
        throw new AssertionError(tried);
    }

    private static Path reversed(Path recorded, Path reversed) throws IOException {
        List<Snapshot> snapshots = snapshots(recorded);
        long span = snapshots.get(0).startNs + snapshots.get(snapshots.size() - 1).endNs;
        Manifest m = new Manifest();
        m.source = "referenced";
        try (TraceSink sink = Traces.create(reversed, m, WriterOptions.BATCH)) {
            for (int i = snapshots.size() - 1; i >= 0; i--) {
                Snapshot s = snapshots.get(i);
                long start = s.startNs;
                s.startNs = span - s.endNs;
                s.endNs = span - start;
                sink.append(s);
            }
        }
        return reversed;
    }

    private static double patternDistance(Path pathA, Path pathB) throws IOException {
        try (TraceSource a = Traces.open(pathA);
                TraceSource b = Traces.open(pathB)) {
            return TraceCompare.compare(a, b, CompareOptions.DEFAULTS).patternDistance();
        }
    }

    private static List<Snapshot> snapshots(Path trace) throws IOException {
        List<Snapshot> all = new ArrayList<>();
        Snapshot s = new Snapshot();
        try (TraceSource source = Traces.open(trace);
                TraceSource.SnapshotCursor cursor = source.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                Snapshot copy = new Snapshot();
                copy.copyFrom(s);
                all.add(copy);
            }
        }
        return all;
    }
}
