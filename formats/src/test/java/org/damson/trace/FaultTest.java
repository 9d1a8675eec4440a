package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A short live recording whose N-th change on disk fails, for every N: nothing flushed is lost, nothing hangs. */
@Timeout(900)
class FaultTest {
    private static final int SNAPSHOTS = 12;
    private static final int REGIONS = 10;

    @TempDir
    Path dir;

    /** What a recording came to: snapshots covered by a flush that succeeded, and whether closing did. */
    private record Outcome(boolean created, int flushed, boolean sealed) {}

    /** Appends, flushes every third snapshot, repeats on the next flush what failed. */
    private static Outcome record(Path trace) {
        return record(trace, i -> {});
    }

    /** The same; {@code before} is told the number of each snapshot before it is appended, and that of close. */
    private static Outcome record(Path trace, IntConsumer before) {
        WriterOptions options = new WriterOptions(true, 60, Long.MAX_VALUE, 1_000_000_000, 1, null);
        TraceSink sink;
        try {
            sink = Traces.create(trace, new Manifest(), options);
        } catch (IOException e) {
            return new Outcome(false, 0, false);
        }
        int flushed = 0;
        Snapshot s = new Snapshot();
        Batch memory = new Batch(Table.MEMORY);
        for (int i = 0; i < SNAPSHOTS; i++) {
            before.accept(i);
            s.clear();
            s.startNs = i * 100L;
            s.endNs = s.startNs + 100;
            s.sampleUs = 1;
            s.aggrUs = 10;
            s.columns = Snapshot.HAS_AGE;
            for (int r = 0; r < REGIONS; r++) {
                s.add(r * 4096L, r * 4096L + 4096, i, r);
            }
            memory.clear();
            memory.add(s.endNs, 0, "counter", (long) i);
            try {
                sink.append(s);
                sink.append(memory);
            } catch (IOException e) {
                // only rolling the segment failed: the row is in memory, the next flush tries again
            }
            if (i % 3 == 2) {
                try {
                    sink.flush();
                    flushed = i + 1;
                } catch (IOException e) {
                    // what was flushed before counts
                }
            }
        }
        before.accept(SNAPSHOTS);
        try {
            sink.close();
            return new Outcome(true, flushed, true);
        } catch (IOException e) {
            return new Outcome(true, flushed, false);
        }
    }

    private static int readable(Path trace) throws IOException {
        int n = 0;
        try (TraceSource t = Traces.open(trace);
                TraceSource.SnapshotCursor c = t.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            for (; c.next(s); n++) {
                assertEquals(n * 100L, s.startNs);
                assertEquals(REGIONS, s.regions);
                assertEquals(n, s.nrAccesses[REGIONS - 1]);
            }
        }
        return n;
    }

    private static void check(Path trace, Outcome o, String place) throws IOException {
        if (!o.created) {
            assertFalse(Files.exists(trace), () -> place + " left something behind");
            return;
        }
        int before = readable(trace);
        assertTrue(before >= (o.sealed ? SNAPSHOTS : o.flushed), () -> place + ": " + before + " readable, " + o);
        if (!o.sealed) {
            Traces.recover(trace);
            assertEquals(before, readable(trace), place);
        }
        assertEquals(List.of(), Traces.verify(trace).findings(), place);
    }

    private long callsOfACleanRun(FaultyFiles.Fault fault) throws IOException {
        FaultyFiles clean = new FaultyFiles(fault);
        Path trace = dir.resolve("clean");
        Outcome o = record(clean.path(trace));
        assertEquals(new Outcome(true, SNAPSHOTS, true), o);
        check(trace, o, "clean run");
        assertTrue(clean.calls() > 100, "calls: " + clean.calls());
        return clean.calls();
    }

    /** What the disk lost cannot be read; that it is missing is said before recovery and after, and nothing is made up. */
    @Test
    void whatAFailedSyncLostIsSaidAndTheRestIsKept() throws IOException {
        long calls = callsOfACleanRun(FaultyFiles.Fault.SYNC_LOSES);
        int lost = 0;
        for (long n = 1; n <= calls; n++) {
            FaultyFiles files = new FaultyFiles(FaultyFiles.Fault.SYNC_LOSES);
            files.fail(n, n);
            Path trace = dir.resolve("t" + n);
            Outcome o = record(files.path(trace));
            if (!o.created) {
                continue;
            }
            String place = "sync at call " + n + ": " + o;
            int kept = inOrder(trace);
            boolean isWhole = kept >= (o.sealed ? SNAPSHOTS : o.flushed);
            boolean isFound = !Traces.verify(trace).findings().isEmpty();
            assertTrue(isWhole || isFound, place + ", " + kept + " kept");
            assertTrue(isWhole || !o.sealed, place);
            if (!o.sealed) {
                Traces.recover(trace);
                assertEquals(kept, inOrder(trace), place);
                assertEquals(List.of(), Traces.verify(trace).findings(), place);
            }
            if (!isWhole) {
                lost++;
                try (TraceSource t = Traces.open(trace)) {
                    assertTrue(t.rowCount(Table.LOSSES) > 0, place);
                }
                assertTrue(Files.exists(dir.resolve("t" + n + ".unrecovered")), place);
            }
        }
        assertTrue(lost > 0, "no sync lost anything");
    }

    /** Snapshots that are there, each as it was written and none before another. */
    private static int inOrder(Path trace) throws IOException {
        int n = 0;
        long lastNs = -1;
        try (TraceSource t = Traces.open(trace);
                TraceSource.SnapshotCursor c = t.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            for (; c.next(s); n++) {
                assertTrue(s.startNs > lastNs && s.startNs % 100 == 0, trace + ": " + s.startNs);
                lastNs = s.startNs;
                assertEquals(REGIONS, s.regions);
                assertEquals(s.startNs / 100, s.nrAccesses[REGIONS - 1]);
            }
        }
        return n;
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "IO_ERROR", "SHORT_WRITE"})
    void oneFailingCallLosesNothingThatWasFlushed(FaultyFiles.Fault fault) throws IOException {
        long calls = callsOfACleanRun(fault);
        for (long n = 1; n <= calls; n++) {
            FaultyFiles files = new FaultyFiles(fault);
            files.fail(n, n);
            Path trace = dir.resolve("t" + n);
            Outcome o = record(files.path(trace));
            check(trace, o, fault + " at call " + n);
            if (fault == FaultyFiles.Fault.SHORT_WRITE) {
                assertTrue(o.sealed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_SPACE", "IO_ERROR"})
    void diskThatFailsFromACallOnLosesNothingThatWasFlushed(FaultyFiles.Fault fault) throws IOException {
        long calls = callsOfACleanRun(fault);
        for (long n = 1; n <= calls; n++) {
            FaultyFiles files = new FaultyFiles(fault);
            files.fail(n, Long.MAX_VALUE);
            Path trace = dir.resolve("t" + n);
            Outcome o = record(files.path(trace));
            if (o.created) {
                check(trace, o, fault + " from call " + n);
            }
        }
    }

    @Test
    void diskThatWasFullForAWhileCostsNothingThatWasStillInMemory() throws IOException {
        for (int from = 0; from < SNAPSHOTS; from++) {
            for (int to = from + 1; to <= SNAPSHOTS; to++) {
                FaultyFiles files = new FaultyFiles(FaultyFiles.Fault.NO_SPACE);
                Path trace = dir.resolve("t" + from + "-" + to);
                int first = from;
                int last = to;
                Outcome o = record(files.path(trace), i -> {
                    if (i == first) {
                        files.fail(0, Long.MAX_VALUE);
                    } else if (i == last) {
                        files.fail(Long.MAX_VALUE, Long.MAX_VALUE);
                    }
                });
                String place = "full from snapshot " + from + " to " + to;
                assertTrue(o.sealed, () -> place + ": not closed though the disk had room again");
                check(trace, o, place);
                assertEquals(SNAPSHOTS, readable(trace), place);
            }
        }
    }
}
