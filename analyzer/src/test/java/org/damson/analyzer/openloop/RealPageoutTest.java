package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.scan.Bounded;
import org.damson.damon.scheme.SchemeParser;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@code pageout} scheme that Linux 6.18.15 really ran, and its simulation over a recording of the same workload without it. */
final class RealPageoutTest {
    private static final Path RECORDINGS = Path.of("..", "testdata", "damos-6.18", "pageout");
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path dir;

    /** How many aggregations the real run had. */
    private long turns(String run) throws IOException {
        Path path = dir.resolve(run + ".damson");
        Importers.importFile(
                RECORDINGS.resolve(run).resolve("trace.txt.gz"),
                new ImportOptions(new MonitoringAttrs(
                        20_000, 400_000, 4_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN)),
                m -> Traces.create(path, m, WriterOptions.BATCH));
        try (TraceSource real = Traces.open(path)) {
            return real.rowCount(Table.SNAPSHOTS);
        }
    }

    /** Number {@code column} of the last line of the kernel's statistics. */
    private static long stat(String run, int column) throws IOException {
        List<String> lines = Files.readAllLines(RECORDINGS.resolve(run).resolve("stats.csv"));
        return Long.parseLong(lines.get(lines.size() - 1).split(",")[column]);
    }

    private static long swappedIn(String run) throws IOException {
        long pages = 0;
        for (String when : List.of("before", "after")) {
            for (String line : Files.readAllLines(RECORDINGS.resolve(run).resolve("vmstat-" + when))) {
                if (line.startsWith("pswpin ")) {
                    pages = Long.parseLong(line.substring("pswpin ".length())) - pages;
                }
            }
        }
        return pages * PAGE_BYTES;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stairs-with-1",
                "stairs-with-2",
                "visits-with-1",
                "visits-with-2",
                "service-with-1",
                "service-with-2"
            })
    void triesWhatTheKernelTriedAndBoundsWhatBecameOfIt(String with) throws IOException {
        Path recording = RECORDINGS.resolve(with.replace("with", "without")).resolve("trace.damson");
        try (TraceSource without = Traces.open(recording)) {
            OpenLoopResult r = OpenLoop.run(
                    without,
                    TraceQuery.ALL.snapshots(0, turns(with)),
                    SchemeParser.parse("pageout size=4096..max access=0..0 age=5aggr..max"),
                    new OpenLoopOptions(KernelVersion.V6_18, false, PAGE_BYTES),
                    OutcomeOptions.DEFAULTS,
                    null);
            OpenLoopResult.PerScheme s = r.schemes().get(0);
            long tried = stat(with, 3);
            assertTrue(tried > 100L << 20, "the scheme was at work");
            assertEquals(tried, s.stats().szTried, 0.15 * tried, "bytes tried");
            long applied = stat(with, 5);
            assertTrue(
                    s.szAppliedMin() <= applied && applied <= s.szAppliedMax(), "bytes applied: " + applied + ", " + s);
            assertTrue(s.szAppliedMax() <= 2 * s.szAppliedMin(), "narrow: " + s);
            Bounded refaulted = r.outcome().refaultedBytes();
            long real = swappedIn(with);
            assertTrue(refaulted.least() <= real && real <= refaulted.most(), "refaulted: " + real + ", " + refaulted);
            assertTrue(refaulted.most() <= 2 * refaulted.least(), "narrow: " + refaulted);
        }
    }
}
