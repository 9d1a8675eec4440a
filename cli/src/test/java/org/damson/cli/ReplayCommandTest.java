package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.damson.analyzer.CompareOptions;
import org.damson.analyzer.CompareResult;
import org.damson.analyzer.TraceCompare;
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

    @Test
    void theVerdictInJsonIsTheExitCode() throws IOException {
        CliRun run = CliRun.of("replay", referenced(), "--verify", "--tolerance", "0", "--json");
        assertTrue(run.exit() == ExitCode.FINDINGS || run.exit() == ExitCode.UNDECIDED, run.err());
        String verdict = run.exit() == ExitCode.FINDINGS ? "different" : "undecided";
        assertTrue(run.out().contains("\"verdict\":\"" + verdict + "\""), run.out());
        assertTrue(run.out().contains("\"verified\" : false"), run.out());
        assertTrue(run.out().contains("\"pattern_distance\":"), run.out());
        assertTrue(run.out().contains("\"late_wakeups\" : "), run.out());
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
        assertTrue(run.err().contains("the verdict is on touches alone"), run.err());
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

    @Test
    void aRecordingWithItsPhasesReversedIsAnotherBehaviour() throws IOException {
        Path config = dir.resolve("steps.cfg");
        Files.writeString(config, "a,32M\nb,32M\n\none\n2000\na,0,4096,1\n\ntwo\n2000\nb,0,4096,1\n");
        Path recorded = dir.resolve("steps.damson");
        Path generator = Path.of("..", "native", "build", "accessgen");
        CliRun.of("record", "-o", recorded, "--aggr", "200ms", "--", generator, "run", config)
                .expect(ExitCode.OK);
        Path reversed = dir.resolve("reversed.damson");
        List<Snapshot> snapshots = snapshots(recorded);
        long span = snapshots.get(0).startNs + snapshots.get(snapshots.size() - 1).endNs;
        try (TraceSource from = Traces.open(recorded);
                TraceSink sink = Traces.create(reversed, from.manifest(), WriterOptions.BATCH)) {
            for (int i = snapshots.size() - 1; i >= 0; i--) {
                Snapshot s = snapshots.get(i);
                long start = s.startNs;
                s.startNs = span - s.endNs;
                s.endNs = span - start;
                sink.append(s);
            }
        }
        CliRun.of("compare", recorded, recorded).expect(ExitCode.OK);
        CliRun run = CliRun.of("compare", recorded, reversed);
        // Mappings and working sets are the same; the pattern in time is what differs.
        assertTrue(
                run.out()
                        .contains("verdict: " + (run.exit() == ExitCode.FINDINGS ? "different" : "undecided")
                                + ": pattern distance"),
                run.out());
        CompareResult result;
        try (TraceSource a = Traces.open(recorded);
                TraceSource b = Traces.open(reversed)) {
            result = TraceCompare.compare(a, b, CompareOptions.DEFAULTS);
        }
        assertTrue(result.patternDistance() > 0.5, result.explanation());
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
