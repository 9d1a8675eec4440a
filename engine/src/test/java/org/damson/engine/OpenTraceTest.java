package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.api.Heatmap;
import org.damson.api.InvalidTraceException;
import org.damson.api.Selection;
import org.damson.api.Simulation;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.damson.api.WorkingSet;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenTraceTest {
    private static final Path BUNDLE = Samples.TESTDATA.resolve("golden/stairs-1.damson.zip");

    @TempDir
    Path dir;

    @Test
    void aRecordingAndItsTraceGiveTheSameSnapshots() throws IOException {
        try (Trace recording = Trace.open(Samples.STAIRS);
                Trace bundle = Trace.open(BUNDLE)) {
            assertEquals(cells(bundle, Selection.ALL), cells(recording, Selection.ALL));
            assertEquals("import:text", recording.info().source());
            for (Trace either : List.of(recording, bundle)) {
                assertFalse(either.info().areIntervalsKnown());
                List<String> notes = either.info().notes();
                assertTrue(notes.size() == 1 && notes.get(0).contains("intervals"), notes + "");
            }
            assertTrue(bundle.info().isComplete());
            assertEquals(recording.info().snapshots(), bundle.info().snapshots());
            long regions;
            try (Stream<Snapshot> all = recording.snapshots()) {
                regions = all.mapToLong(Snapshot::regions).sum();
            }
            assertEquals(3109, regions);
        }
    }

    /** perf record --threads leaves a directory; the commands read it, so does the interface. */
    @Test
    void aDirectoryOfPerfIsARecordingToo() throws IOException {
        try (Trace trace = Trace.open(Samples.TESTDATA.resolve("perf-stacks/threads.perf.data"))) {
            assertEquals("import:perf.data", trace.info().source());
        }
        Path empty = Files.createDirectories(dir.resolve("empty"));
        assertThrows(IOException.class, () -> Trace.open(empty));
    }

    /** More memory than there is anywhere: sums of bytes do not hold it, and what-if says so as the command does. */
    @Test
    void memoryBeyondAllIsRefusedByWhatIf() throws IOException {
        Path path = dir.resolve("huge.damson");
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            writer.write(Snapshot.builder(1)
                    .time(0, 100_000_000)
                    .region(0x1000, 0x6000_0000_0000_0000L, 1, 0)
                    .region(0x6000_0000_0000_0000L, 0xe000_0000_0000_0000L, 1, 0)
                    .build());
        }
        try (Trace trace = Trace.open(path)) {
            String said = assertThrows(InvalidTraceException.class, () -> trace.simulate("stat"))
                    .getMessage();
            assertTrue(said.contains("8 EiB"), said);
            assertThrows(InvalidTraceException.class, trace::advise);
        }
    }

    @Test
    void aKeptSnapshotDoesNotChange() throws IOException {
        try (Trace trace = Trace.open(BUNDLE);
                Stream<Snapshot> stream = trace.snapshots()) {
            List<Snapshot> kept = stream.toList();
            Snapshot first = kept.get(0);
            Snapshot last = kept.get(kept.size() - 1);
            assertTrue(first.endNs() < last.endNs());
            assertTrue(first.age(0) >= 0);
            assertEquals(Snapshot.NOT_KNOWN, first.referencedBytes(0));
            assertThrows(IndexOutOfBoundsException.class, () -> first.start(first.regions()));
            assertThrows(IndexOutOfBoundsException.class, () -> first.start(-1));
        }
    }

    @Test
    void aSelectionIsThatPartAlone() throws IOException {
        try (Trace trace = Trace.open(BUNDLE)) {
            Snapshot middle;
            try (Stream<Snapshot> all = trace.snapshots()) {
                middle = all.skip(trace.info().snapshots() / 2).findFirst().orElseThrow();
            }
            long start = middle.start(1);
            long end = middle.end(middle.regions() - 2);
            Selection part = Selection.ALL
                    .time(middle.startNs(), middle.endNs())
                    .addresses(start, end)
                    .target(middle.target());
            try (Stream<Snapshot> chosen = trace.snapshots(part)) {
                List<Snapshot> found = chosen.toList();
                assertTrue(found.size() >= 1 && found.size() <= 2, found.size() + " snapshots");
                for (Snapshot s : found) {
                    assertTrue(Long.compareUnsigned(s.start(0), start) >= 0);
                    assertTrue(Long.compareUnsigned(s.end(s.regions() - 1), end) <= 0);
                }
            }
            try (Stream<Snapshot> none = trace.snapshots(Selection.ALL.target(123_456))) {
                assertEquals(0, none.count());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Selection.ALL.time(5, 5));
        assertThrows(IllegalArgumentException.class, () -> Selection.ALL.addresses(0x2000, 0x1000));
        assertEquals(0, Selection.ALL.addresses(-4096, 0).endAddress());
    }

    @Test
    void figuresAreThoseOfTheReports() throws IOException {
        try (Trace trace = Trace.open(BUNDLE);
                TraceSource source = Traces.open(BUNDLE)) {
            WorkingSetResult expected = org.damson.analyzer.workingset.WorkingSet.compute(
                    source, TraceQuery.ALL, WorkingSetOptions.DEFAULTS);
            WorkingSet found = trace.workingSet();
            assertEquals(expected.targets().size(), found.targets().size());
            assertEquals(expected.windowNs(), found.windowNs());
            assertEquals(expected.total().length(), found.total().length());
            for (int i = 0; i < found.total().length(); i++) {
                assertEquals(expected.total().size(i), found.total().sizeBytes(i));
                assertEquals(expected.total().endNs(i), found.total().endNs(i));
            }
            assertEquals(expected.total().bySize(95), found.total().percentile(95));

            Heatmap map = trace.heatmap(Selection.ALL, 20, 10);
            assertEquals(20, map.columns());
            assertTrue(map.maxHeat() > 0 && map.maxHeat() <= 1);
            assertTrue(map.timeNs(0) < map.timeNs(20));
            assertTrue(Long.compareUnsigned(map.address(0), map.address(10)) < 0);
            assertThrows(IndexOutOfBoundsException.class, () -> map.heat(20, 0));
            assertThrows(IllegalArgumentException.class, () -> trace.heatmap(Selection.ALL, 0, 10));
            for (double none : new double[] {-1, 100.1, Double.NaN}) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> trace.workingSet().total().percentile(none));
            }
        }
    }

    @Test
    void aSimulationIsThatOfTheCommand() throws IOException {
        String scheme = "pageout access=0..0 age=2s..max";
        try (Trace trace = Trace.open(Samples.STAIRS);
                TraceSource source = Traces.open(BUNDLE)) {
            OpenLoopResult expected = OpenLoop.run(
                    source,
                    TraceQuery.ALL,
                    SchemeParser.parse(scheme),
                    new OpenLoopOptions(KernelVersion.V6_18, false, 4096));
            Simulation found = trace.simulate(scheme);
            Simulation.Scheme one = found.schemes().get(0);
            assertEquals(expected.schemes().get(0).stats().szTried, (long)
                    one.triedBytes().estimate());
            assertEquals(expected.schemes().get(0).szTriedMax(), (long)
                    one.triedBytes().upper());
            assertEquals(expected.turns(), found.aggregations());
            assertTrue(one.triedBytes().estimate() > 0);
            assertTrue(found.memory().savedBytes().estimate() > 0);
            assertTrue(found.notes().stream().anyMatch(n -> n.contains("addresses are virtual")), found.notes() + "");
            assertEquals(2, trace.simulate(scheme, "stat").schemes().size());
            assertThrows(IllegalArgumentException.class, () -> trace.simulate("pageoot"));
            assertThrows(IllegalArgumentException.class, () -> trace.simulate());
        }
    }

    @Test
    void whatIsNoTraceIsToldInOneLine() throws IOException {
        Path junk = Files.write(dir.resolve("junk"), new byte[5000]);
        Path empty = Files.createFile(dir.resolve("empty"));
        Path cut =
                Files.write(dir.resolve("cut.damson.zip"), java.util.Arrays.copyOf(Files.readAllBytes(BUNDLE), 3000));
        for (Path path : List.of(junk, empty, cut, dir)) {
            InvalidTraceException e = assertThrows(InvalidTraceException.class, () -> Trace.open(path));
            assertNotNull(e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
        assertThrows(NoSuchFileException.class, () -> Trace.open(dir.resolve("none.damson")));
        try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            String mine = "damson-embedded-" + ProcessHandle.current().pid() + "-";
            assertEquals(
                    0,
                    left.filter(p -> p.getFileName().toString().startsWith(mine)
                                    && Files.exists(p.resolve("import.damson")))
                            .count());
        }
    }

    private static List<String> cells(Trace trace, Selection part) throws IOException {
        try (Stream<Snapshot> all = trace.snapshots(part)) {
            return all.map(s -> {
                        StringBuilder b = new StringBuilder(s.target() + " " + s.startNs() + " " + s.endNs());
                        for (int i = 0; i < s.regions(); i++) {
                            b.append(String.format(" %x-%x %d %d", s.start(i), s.end(i), s.accesses(i), s.age(i)));
                        }
                        return b.toString();
                    })
                    .toList();
        }
    }
}
