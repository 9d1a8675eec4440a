package org.damson.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.damson.api.InvalidTraceException;
import org.damson.api.Replay;
import org.damson.api.Snapshot;
import org.damson.api.Trace;
import org.damson.api.TraceWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannedReplayTest {
    @TempDir
    Path dir;

    /** 16 pages in every one of 20 samples of two snapshots: 640 touches. */
    @Test
    void theTouchesAreThoseOfTheTrace() throws IOException {
        Replay replay;
        try (Trace trace = Trace.open(written(20))) {
            replay = trace.replay(Replay.Options.DEFAULT);
        }
        try (replay) {
            assertEquals(65_536, replay.sizeBytes());
            assertEquals(200_000_000, replay.durationNs());
            for (int time = 0; time < 2; time++) {
                Replay.Result result = replay.run();
                assertEquals(640, result.intendedPages());
                assertTrue(result.touchedPages() > 0 && result.touchedPages() <= 640, result.toString());
                assertEquals(result.touchedPages() / 640.0, result.achieved());
            }
        }
    }

    @Test
    void oneThatIsClosedInTheMiddleEndsItsProcesses() throws IOException {
        try (Trace trace = Trace.open(written(20));
                Replay replay = trace.replay(Replay.Options.DEFAULT.loops(100))) {
            long pid;
            try (Replay.Running running = replay.start()) {
                pid = running.pids().get(0);
                assertTrue(ProcessHandle.of(pid).isPresent());
            }
            ProcessHandle.of(pid).ifPresent(p -> p.onExit().join());
            assertFalse(ProcessHandle.of(pid).isPresent());
        }
    }

    @Test
    void whoWaitsAgainIsToldTheSame() throws IOException {
        try (Trace trace = Trace.open(Samples.STAIRS);
                Replay replay = trace.replay(Replay.Options.DEFAULT.speed(1000).memoryScale(0.01));
                Replay.Running running = replay.start()) {
            assertSame(running.await(), running.await());
        }
    }

    @Test
    void aPlanThatIsClosedIsNotPlayed() throws IOException {
        try (Trace trace = Trace.open(Samples.STAIRS)) {
            Replay replay = trace.replay(Replay.Options.DEFAULT);
            replay.close();
            replay.close();
            assertThrows(IllegalStateException.class, replay::start);
            assertThrows(IllegalArgumentException.class, () -> trace.replay(Replay.Options.DEFAULT.speed(0)));
        }
    }

    @Test
    void whatCannotBeReplayedIsTold() throws IOException {
        try (Trace idle = Trace.open(written(0));
                Trace busy = Trace.open(written(20))) {
            assertThrows(InvalidTraceException.class, () -> idle.replay(Replay.Options.DEFAULT));
            assertThrows(IOException.class, () -> busy.replay(Replay.Options.DEFAULT.maxBytes(4096)));
            assertThrows(IllegalArgumentException.class, () -> busy.replay(Replay.Options.DEFAULT.speed(0)));
            assertThrows(IllegalArgumentException.class, () -> busy.replay(Replay.Options.DEFAULT.loops(0)));
        }
    }

    private Path written(int accesses) throws IOException {
        Path path = dir.resolve("touched-" + accesses + ".damson");
        try (TraceWriter writer = TraceWriter.create(path, 5_000, 100_000)) {
            for (int n = 0; n < 2; n++) {
                writer.write(Snapshot.builder(1)
                        .time(n * 100_000_000L, (n + 1) * 100_000_000L)
                        .region(0x7000_0000_0000L, 0x7000_0001_0000L, accesses, n)
                        .build());
            }
        }
        return path;
    }
}
