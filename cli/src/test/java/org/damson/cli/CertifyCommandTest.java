package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.analyzer.certificate.AccuracySummary;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code damson certify}: what it refuses, and how it judges recordings that are true and such into which faults were put. */
final class CertifyCommandTest {
    private static final long MIB = 1 << 20;
    private static final long HOT = 0x10000000L;
    private static final long COLD = 0x20000000L;
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path dir;

    private Path log;
    private int traces;

    /** Two mappings of 1 MiB, gone through by turns for four seconds each, every page once in 10 ms. */
    @BeforeEach
    void writeLog() throws IOException {
        StringBuilder text =
                new StringBuilder("from_ns,to_ns,phase,region,accesses,start,size_bytes,stride_bytes,random\n");
        text.append("0,0,,a,0," + HOT + "," + MIB + ",0,0\n0,0,,b,0," + COLD + "," + MIB + ",0,0\n");
        for (int i = 0; i < 800; i++) {
            String region = i < 400 ? "a" : "b";
            text.append(i * SECOND / 100 + "," + (i + 1) * SECOND / 100 + ",turns: " + region + "," + region + ",256,"
                    + (i < 400 ? HOT : COLD) + "," + MIB + ",4096,0\n");
        }
        log = Files.writeString(dir.resolve("log.csv"), text);
    }

    private enum Fault {
        NONE,
        /** Snapshots are not there at all. */
        LOST,
        /** The same is said again and again. */
        STUCK,
        /** All memory is always hot. */
        ALL_HOT,
        /** One of the two is taken for the other. */
        SWAPPED,
        /** Half of the samples find nothing. */
        HALVED
    }

    private Path trace(int dropEvery, long lateNs, long movedBytes) throws IOException {
        return trace(dropEvery, lateNs, movedBytes, Fault.NONE);
    }

    /** What a recorder of referenced bits has of it, with faults: every n-th snapshot dropped, moved in time and place. */
    private Path trace(int dropEvery, long lateNs, long movedBytes, Fault fault) throws IOException {
        Path path = dir.resolve("t" + traces++ + ".damson");
        Manifest manifest = new Manifest();
        manifest.source = "referenced";
        // The certificate of a machine, as record puts it into its traces.
        manifest.recording.putAll(new AccuracySummary(8, 5, 2, 0.038, 0.798, 0.885, 0.986).facts());
        manifest.clock = Manifest.ClockKind.MONOTONIC;
        manifest.attrs = new MonitoringAttrs(100_000, 1_000_000, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int second = 0; second < 8; second++) {
                s.clear();
                s.startNs = second * SECOND + lateNs;
                s.endNs = s.startNs + SECOND;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_REFERENCED;
                s.reserve(2);
                boolean isDropped = dropEvery > 0 && second % dropEvery == 1;
                long hot = (second < 4 || fault == Fault.STUCK) == (fault != Fault.SWAPPED) ? HOT : COLD;
                int samples = fault == Fault.HALVED ? 5 : 10;
                for (long start : new long[] {HOT, COLD}) {
                    boolean isHot = !isDropped && (start == hot || fault == Fault.ALL_HOT);
                    int r = s.add(start + movedBytes, start + movedBytes + MIB, isHot ? samples : 0, 0);
                    s.referencedMax[r] = isHot ? MIB : 0;
                    s.referencedMean[r] = s.referencedMax[r] * samples / 10;
                    s.referencedMin[r] = samples < 10 ? 0 : s.referencedMax[r];
                }
                if (fault != Fault.LOST || second % 4 != 1) {
                    sink.append(s);
                }
            }
        }
        return path;
    }

    private CliRun judge(Path trace) {
        return CliRun.of("certify", "--log", log, trace);
    }

    @Test
    void theTruthPassesAndEachInjectedFaultFails() throws IOException {
        String good = judge(trace(0, 0, 0)).expect(ExitCode.OK).out();
        assertTrue(
                good.contains("1 of 1 patterns pass; WSS error 0.0 %, F1 1.000, correlation 1.000, detection 100.0 %"),
                good);
        // Two of eight snapshots lost: F1 = 2 * 6 / (6 + 8).
        String dropped = judge(trace(4, 0, 0)).expect(ExitCode.FINDINGS).out();
        assertTrue(dropped.contains("FAILS: 25.0 % of the touched memory was not detected"), dropped);
        assertTrue(dropped.contains("F1 0.857"), dropped);
        // Half beside the mapping: F1 = 2 * 0.5 / (0.5 + 1).
        String moved = judge(trace(0, 0, MIB / 2)).expect(ExitCode.FINDINGS).out();
        assertTrue(moved.contains("F1 0.667"), moved);
        // Half a second late: of 7.5 s that were touched and judged 7 are right, and 7 of 8 that were recorded.
        String late = judge(trace(0, 2 * SECOND, 0)).expect(ExitCode.FINDINGS).out();
        assertTrue(late.contains("F1 0.667"), late);
        String json = CliRun.of("certify", "--log", log, trace(4, 0, 0), "--json")
                .expect(ExitCode.FINDINGS)
                .out();
        assertTrue(json.contains("\"passes\":false") && json.contains("\"detection\":0.75"), json);
    }

    @Test
    void faultsOfOtherKindsFailToo() throws IOException {
        // As many seconds are unseen as where the snapshots are there and empty.
        String lost =
                judge(trace(0, 0, 0, Fault.LOST)).expect(ExitCode.FINDINGS).out();
        assertTrue(lost.contains("FAILS: 25.0 % of the touched memory was not detected"), lost);
        assertTrue(lost.contains("F1 0.857"), lost);
        for (Fault fault : new Fault[] {Fault.STUCK, Fault.ALL_HOT, Fault.SWAPPED, Fault.HALVED}) {
            String said = judge(trace(0, 0, 0, fault)).expect(ExitCode.FINDINGS).out();
            assertTrue(said.contains("FAILS: "), fault + ": " + said);
        }
    }

    @Test
    void aCertificateGoesWithTheTraceThroughSlicesAndBundles() throws IOException {
        Path trace = trace(0, 0, 0);
        Path cut = dir.resolve("cut.damson");
        Path bundle = dir.resolve("b.damson.zip");
        Path redacted = dir.resolve("r.damson.zip");
        CliRun.of("slice", trace, "--snapshots", "2..6", "-o", cut).expect(ExitCode.OK);
        CliRun.of("bundle", trace, "-o", bundle).expect(ExitCode.OK);
        CliRun.of("bundle", "--redact", trace, "-o", redacted).expect(ExitCode.OK);
        for (Path each : new Path[] {trace, cut, bundle, redacted}) {
            CliRun run = CliRun.of("report", "wss", each).expect(ExitCode.OK);
            assertTrue(
                    run.err()
                            .contains("5 of 8 patterns pass; WSS error 3.8 %, F1 0.798, correlation 0.885,"
                                    + " detection 98.6 %; place not decided in 2"),
                    run.err());
        }
    }

    @Test
    void whatItCannotJudgeIsSaid() throws IOException {
        Path trace = trace(0, 0, 0);
        CliRun.of("certify", "--log", dir.resolve("none.csv"), trace).expect(ExitCode.INPUT);
        Path bad = Files.writeString(dir.resolve("bad.csv"), "time,region\n");
        CliRun run = CliRun.of("certify", "--log", bad, trace).expect(ExitCode.INPUT);
        assertTrue(run.err().contains("bad.csv"), run.err());
        // Of another clock nothing can be said.
        run = CliRun.of("certify", "--log", log, CliRun.testdata().resolve("zigzag-damo/damon.data"));
        run.expect(ExitCode.INPUT);
        assertTrue(run.err().contains("CLOCK_MONOTONIC"), run.err());
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() throws IOException {
        CliRun.of("certify", "--log", log).expect(ExitCode.USAGE);
        CliRun.of("certify", trace(0, 0, 0)).expect(ExitCode.USAGE);
        for (String[] more : new String[][] {
            {"--intervals", "5ms,100ms"}, {"--source", "referenced"}, {"--max-slowdown", "3"}, {"--tlb-flush", "never"}
        }) {
            CliRun run = CliRun.of("certify", "--log", log, trace(0, 0, 0), more[0], more[1]);
            run.expect(ExitCode.USAGE);
            assertEquals(1, run.err().lines().count(), run.err());
        }
        for (String[] wrong : new String[][] {
            {"--intervals", "100ms"},
            {"--intervals", "100ms,2s"},
            {"--intervals", "1s,100ms"},
            {"--source", "perf"},
            {"--max-slowdown", "0"},
            {"--tlb-flush", "often"}
        }) {
            CliRun.of("certify", wrong[0], wrong[1]).expect(ExitCode.USAGE);
        }
    }
}
