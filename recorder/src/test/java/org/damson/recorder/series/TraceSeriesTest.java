package org.damson.recorder.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TraceSeriesTest {
    private static final long SECOND = 1_000_000_000;
    private static final TraceSeries.Limits NONE = new TraceSeries.Limits(0, 0, 0, 0);

    @TempDir
    Path dir;

    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
    private volatile long nowNs = 5 * SECOND;
    /** What somebody has set the wall clock by. */
    private volatile long setNs;

    private long nextNs;

    private static TraceSink open(Path path, Manifest manifest) throws IOException {
        return Traces.create(
                path, manifest, new WriterOptions(true, 1 << 19, Long.MAX_VALUE, SECOND, Long.MAX_VALUE, null));
    }

    private Instant calendar() {
        return Instant.ofEpochSecond(1_800_000_000).plusNanos(nowNs).plusNanos(setNs);
    }

    private TraceSeries series(Path in, TraceSeries.Limits limits) throws IOException {
        Manifest facts = new Manifest();
        facts.recording.put("command", "x");
        return new TraceSeries(in, facts, TraceSeriesTest::open, limits, () -> nowNs, this::calendar, notices::add);
    }

    private FlightRecorder flight(Path out) throws IOException {
        return flight(out, null);
    }

    private FlightRecorder flight(Path out, Path ring) throws IOException {
        return new FlightRecorder(
                out,
                ring,
                8 * SECOND,
                0,
                new Manifest(),
                TraceSeriesTest::open,
                () -> nowNs,
                this::calendar,
                notices::add);
    }

    /** Appends the next snapshot; its end counts all of them. */
    private void snapshot(TraceSink to) throws IOException {
        Snapshot s = new Snapshot();
        s.startNs = nextNs++;
        s.endNs = nextNs;
        s.sampleUs = 1;
        s.aggrUs = 10;
        s.columns = Snapshot.HAS_AGE;
        s.add(4096, 8192, 1, 0);
        to.append(s);
    }

    private static Batch mapping(long start, int gone) {
        Batch b = new Batch(Table.MAPPINGS);
        b.add(1, 7, start, start + 4096, "rw-p", "", gone);
        return b;
    }

    private static List<Path> traces(Path in) throws IOException {
        while (true) {
            try (Stream<Path> entries = Files.list(in)) {
                return entries.filter(p -> p.getFileName().toString().endsWith(".damson"))
                        .sorted()
                        .toList();
            } catch (java.io.UncheckedIOException e) {
                // one was being removed
            }
        }
    }

    private static List<Long> ends(Path trace) throws IOException {
        List<Long> ends = new ArrayList<>();
        try (TraceSource t = Traces.open(trace);
                TraceSource.SnapshotCursor c = t.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            while (c.next(s)) {
                ends.add(s.endNs);
            }
        }
        return ends;
    }

    private static List<Long> mappingStarts(Path trace) throws IOException {
        List<Long> starts = new ArrayList<>();
        try (TraceSource t = Traces.open(trace);
                TraceSource.BatchCursor c = t.rows(Table.MAPPINGS)) {
            for (Batch b = c.next(); b != null; b = c.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    starts.add(b.get(2, r) * (b.get(6, r) == 0 ? 1 : -1));
                }
            }
        }
        return starts;
    }

    /** Flushes until the series has begun so many traces. */
    private static void until(TraceSeries series, int begun) throws IOException {
        while (series.written() < begun) {
            series.flush();
        }
    }

    @Test
    void tracesOfASeriesAreWholeAndInOrder() throws IOException {
        TraceSeries series = series(dir.resolve("s"), new TraceSeries.Limits(10 * SECOND, 0, 0, 0));
        for (int part = 1; part <= 3; part++) {
            snapshot(series);
            snapshot(series);
            nowNs += 9 * SECOND;
            series.flush();
            assertEquals(part, series.written(), "too early");
            nowNs += SECOND;
            until(series, part + 1);
        }
        series.close();
        List<Path> traces = traces(dir.resolve("s"));
        assertEquals(4, traces.size());
        assertEquals(
                "000001-20270115T080005Z.damson", traces.get(0).getFileName().toString());
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of(2L * i + 1, 2L * i + 2), ends(traces.get(i)));
            assertEquals(List.of(), Traces.verify(traces.get(i)).findings());
            try (TraceSource t = Traces.open(traces.get(i))) {
                assertEquals(Manifest.State.SEALED, t.manifest().state);
                assertEquals("x", t.manifest().recording.get("command"));
            }
        }
        assertEquals(List.of(), notices);
    }

    @Test
    void sizeEndsATraceToo() throws IOException {
        TraceSeries series = series(dir.resolve("s"), new TraceSeries.Limits(0, 64 << 10, 0, 0));
        while (series.written() < 3) {
            for (int i = 0; i < 100; i++) {
                snapshot(series);
            }
            series.flush();
        }
        series.close();
        List<Long> all = new ArrayList<>();
        for (Path trace : traces(dir.resolve("s"))) {
            all.addAll(ends(trace));
        }
        assertEquals(nextNs, all.size());
    }

    @Test
    void aTraceWithoutRowsGoesOn() throws IOException {
        TraceSeries series = series(dir.resolve("s"), new TraceSeries.Limits(SECOND, 0, 0, 0));
        nowNs += 100 * SECOND;
        series.flush();
        series.rotate();
        series.flush();
        assertEquals(1, series.written());
        series.close();
    }

    @Test
    void eachTraceBeginsWithTheMappingsThatHold() throws IOException {
        TraceSeries series = series(dir.resolve("s"), NONE);
        series.append(mapping(0x1000, 0));
        series.append(mapping(0x2000, 0));
        series.append(mapping(0x1000, 1));
        series.rotate();
        until(series, 2);
        series.append(mapping(0x3000, 0));
        series.close();
        assertEquals(
                List.of(0x2000L, 0x3000L),
                mappingStarts(traces(dir.resolve("s")).get(1)));
    }

    @Test
    void oldTracesAreRemovedByAge() throws IOException {
        TraceSeries series = series(dir.resolve("s"), new TraceSeries.Limits(10 * SECOND, 0, 25 * SECOND, 0));
        for (int part = 1; part <= 6; part++) {
            snapshot(series);
            nowNs += 10 * SECOND;
            until(series, part + 1);
        }
        // Ends of the traces lie 50, 40, 30, 20, 10, 0 s back.
        series.close();
        assertEquals(List.of(4L), ends(traces(dir.resolve("s")).get(0)));
    }

    @Test
    void aWallClockThatIsSetMakesNoTraceOld() throws IOException {
        TraceSeries series = series(dir.resolve("s"), new TraceSeries.Limits(10 * SECOND, 0, 25 * SECOND, 0));
        for (int part = 1; part <= 6; part++) {
            setNs = (part % 2 == 0 ? 1 : -1) * 86_400 * SECOND;
            snapshot(series);
            nowNs += 10 * SECOND;
            until(series, part + 1);
        }
        setNs = 400 * 86_400 * SECOND;
        series.close();
        List<Path> left = traces(dir.resolve("s"));
        assertEquals(List.of(4L), ends(left.get(0)), "the same as without");
        assertEquals(4, left.size());
    }

    @Test
    void keptOriginalsOfRecoveriesCountAndGoWithTheirTrace() throws IOException {
        Path in = dir.resolve("s");
        TraceSeries first = series(in, NONE);
        snapshot(first);
        first.close();
        Path trace = traces(in).get(0);
        Path original = Files.createDirectory(in.resolve(trace.getFileName() + ".unrecovered"));
        Files.write(original.resolve("regions-000000.arrows"), new byte[100_000]);
        TraceSeries second = series(in, new TraceSeries.Limits(0, 0, 0, 1 << 20));
        assertTrue(second.sizeBytes() > 100_000, "size: " + second.sizeBytes());
        snapshot(second);
        second.close();
        assertTrue(Files.exists(original), "there is room for it");
        series(in, new TraceSeries.Limits(0, 0, 0, 60_000)).close();
        assertFalse(Files.exists(trace));
        assertFalse(Files.exists(original));
        assertEquals(List.of(), notices);
    }

    @Test
    void oldestTracesAreRemovedWhenAllTakeTooMuch() throws IOException {
        TraceSeries series = series(dir.resolve("s"), new TraceSeries.Limits(10 * SECOND, 0, 0, 30_000));
        for (int part = 1; part <= 12; part++) {
            snapshot(series);
            nowNs += 10 * SECOND;
            until(series, part + 1);
        }
        series.close();
        List<Path> left = traces(dir.resolve("s"));
        assertTrue(left.size() > 1 && left.size() < 12, "left: " + left.size());
        assertEquals(List.of(12L), ends(left.get(left.size() - 2)));
    }

    @Test
    void aSeriesGoesOnWhereADeadRecorderLeftIt() throws IOException {
        Path in = dir.resolve("s");
        TraceSeries first = series(in, NONE);
        snapshot(first);
        first.close();
        // A trace whose recorder died: flushed, never closed.
        TraceSink dead = open(in.resolve("000002-20270115T080005Z.damson"), new Manifest());
        snapshot(dead);
        dead.flush();
        Path copy = dir.resolve("copy");
        copy(in.resolve("000002-20270115T080005Z.damson"), copy);
        dead.close();
        KeptTraces.removeTrace(in.resolve("000002-20270115T080005Z.damson"));
        Files.move(copy, in.resolve("000002-20270115T080005Z.damson"));
        Files.createDirectory(in.resolve("000003-20270115T080006Z.damson")); // died before the first row

        TraceSeries next = series(in, NONE);
        snapshot(next);
        next.close();
        List<Path> traces = traces(in);
        assertEquals(3, traces.size(), traces::toString);
        assertEquals(List.of(2L), ends(traces.get(1)));
        try (TraceSource t = Traces.open(traces.get(1))) {
            assertEquals(Manifest.State.RECOVERED, t.manifest().state);
        }
        assertTrue(traces.get(2).getFileName().toString().startsWith("000004-"));
        assertEquals(List.of(3L), ends(traces.get(2)));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void twoRecordersDoNotShareADirectory() throws IOException {
        TraceSeries series = series(dir.resolve("s"), NONE);
        IOException e = assertThrows(IOException.class, () -> series(dir.resolve("s"), NONE));
        assertTrue(e.getMessage().contains("another damson records"), e.getMessage());
        series.close();
    }

    @Test
    void directoriesOfOtherThingsAndLinksAreRefused() throws IOException {
        Path other = Files.createDirectory(dir.resolve("other"));
        Files.createFile(other.resolve("letter.txt"));
        IOException e = assertThrows(IOException.class, () -> series(other, NONE));
        assertTrue(e.getMessage().contains("letter.txt"), e.getMessage());
        Path empty = Files.createDirectory(dir.resolve("empty"));
        Files.createSymbolicLink(dir.resolve("link"), empty);
        assertThrows(IOException.class, () -> series(dir.resolve("link"), NONE));
    }

    /** Records 40 s, a snapshot each. */
    private void fly(FlightRecorder flight, Path out) throws IOException {
        for (int i = 1; i <= 40; i++) {
            snapshot(flight);
            nowNs += SECOND;
            while (newest(out.resolve(FlightRecorder.RING)) <= i) {
                flight.flush();
            }
        }
    }

    @Test
    void triggerWritesOutTheLastMinutesAndOnlyThose() throws IOException {
        Path out = dir.resolve("f");
        FlightRecorder flight = flight(out);
        fly(flight, out);
        flight.trigger("test");
        flight.trigger("the same");
        snapshot(flight);
        flight.flush();
        flight.close();
        List<Path> traces = traces(out);
        assertEquals(1, traces.size(), traces::toString);
        List<Long> ends = ends(traces.get(0));
        // Eight seconds and what else is in the oldest trace that reaches into them.
        assertTrue(ends.size() >= 8 && ends.size() < 30, ends::toString);
        assertEquals(41, ends.get(ends.size() - 1));
        assertEquals(41 - ends.size() + 1, ends.get(0));
        assertEquals(List.of(), Traces.verify(traces.get(0)).findings());
        try (TraceSource t = Traces.open(traces.get(0))) {
            assertEquals("test", t.manifest().recording.get("trigger"));
        }
        assertFalse(Files.exists(out.resolve(FlightRecorder.RING)), "the ring is dropped");
    }

    @Test
    void aWallClockThatIsSetChangesNothingOfWhatIsWrittenOut() throws IOException {
        Path out = dir.resolve("f");
        FlightRecorder flight = flight(out);
        fly(flight, out);
        // Now, an hour back, the same moment again, and a year on.
        for (long hours : new long[] {0, -1, -1, 365 * 24}) {
            setNs = hours * 3600 * SECOND;
            flight.trigger("test");
            snapshot(flight);
            flight.flush();
        }
        flight.close();
        List<Path> traces = traces(out);
        assertEquals(4, traces.size(), () -> traces + " " + notices);
        for (Path trace : traces) {
            List<Long> ends = ends(trace);
            assertTrue(ends.size() >= 8 && ends.size() < 30, ends::toString);
            assertTrue(ends.get(ends.size() - 1) >= 41, ends::toString);
        }
    }

    @Test
    void aRingThatCouldNotBeWrittenOutIsKept() throws IOException {
        Path out = dir.resolve("f");
        Path ring = dir.resolve("ring");
        FlightRecorder flight = flight(out, ring);
        snapshot(flight);
        Files.delete(out);
        Files.createFile(out); // nothing can be made in it
        flight.trigger("test");
        flight.close();
        assertTrue(notices.toString().contains("not written"), notices.toString());
        assertTrue(notices.toString().contains(ring + ": kept"), notices.toString());
        Files.delete(out);
        FlightRecorder next = flight(out, ring);
        next.close();
        assertEquals(1, traces(out).size(), notices::toString);
        assertEquals(List.of(1L), ends(traces(out).get(0)));
        assertFalse(Files.exists(ring));
    }

    private static int newest(Path ring) throws IOException {
        List<Path> parts = traces(ring);
        String name = parts.get(parts.size() - 1).getFileName().toString();
        return Integer.parseInt(name.substring(0, name.indexOf('-')));
    }

    @Test
    void nothingIsWrittenOutWithoutATrigger() throws IOException {
        FlightRecorder flight = flight(dir.resolve("f"));
        snapshot(flight);
        flight.flush();
        flight.close();
        assertEquals(List.of(), traces(dir.resolve("f")));
        assertEquals(0, flight.written());
    }

    @Test
    void aTraceInTheMiddleOfAKilledRecoveryIsFinishedAndCounted() throws IOException {
        Path out = dir.resolve("s");
        TraceSeries first = series(out, NONE);
        snapshot(first);
        snapshot(first);
        first.close();
        Path trace = traces(out).get(0);
        Files.move(trace, trace.resolveSibling(trace.getFileName() + ".replaced"));
        TraceSeries second = series(out, NONE);
        assertTrue(second.hasAdopted());
        snapshot(second);
        second.close();
        List<Path> traces = traces(out);
        assertEquals(trace, traces.get(0));
        assertEquals(List.of(1L, 2L), ends(trace));
        assertTrue(traces.get(1).getFileName().toString().startsWith("000002-"), traces.toString());
        assertEquals(List.of(), notices);
    }

    @Test
    void rowsWithoutAManifestAreLeftAloneAndNothingElseIs() throws IOException {
        Path out = Files.createDirectory(dir.resolve("s"));
        Path unborn = Files.createDirectory(out.resolve("000001-20260101T000000Z.damson"));
        Files.createFile(unborn.resolve(".lock"));
        Path damaged = Files.createDirectory(out.resolve("000002-20260101T000000Z.damson"));
        Files.createFile(damaged.resolve("regions-000000.arrows"));
        TraceSeries series = series(out, NONE);
        snapshot(series);
        series.close();
        assertFalse(Files.exists(unborn));
        assertTrue(Files.exists(damaged.resolve("regions-000000.arrows")));
        assertTrue(notices.toString().contains("left alone"), notices.toString());
    }

    @Test
    void whatADeadRecorderLeftInItsRingIsWrittenOut() throws IOException {
        Path out = Files.createDirectory(dir.resolve("f"));
        TraceSeries ring = series(out.resolve(FlightRecorder.RING), NONE);
        snapshot(ring);
        snapshot(ring);
        ring.close(); // as if it had died and been recovered
        FlightRecorder flight = flight(out);
        snapshot(flight);
        flight.flush();
        flight.close();
        List<Path> traces = traces(out);
        assertEquals(1, traces.size());
        assertEquals(List.of(1L, 2L), ends(traces.get(0)));
    }
}
