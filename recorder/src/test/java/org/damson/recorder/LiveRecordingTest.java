package org.damson.recorder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class LiveRecordingTest {
    @TempDir
    Path dir;

    @Test
    void commandIsRecordedSealedAndItsExitStatusKept() throws IOException {
        Path out = dir.resolve("x.damson");
        LiveConfig c = new LiveConfig(
                out,
                List.of("sh", "-c", "sleep 0.7; exit 3"),
                List.of(),
                0,
                20_000,
                100_000,
                1,
                true,
                RecorderConfig.DEFAULTS);
        LiveRecording.Result r = LiveRecording.record(c, System.err);
        assertEquals(3, r.commandExit());
        assertEquals(0, r.exitCode());
        assertEquals(List.of(), Traces.verify(out).findings());
        try (TraceSource t = Traces.open(out)) {
            assertEquals(r.stats().snapshots(), t.rowCount(Table.SNAPSHOTS));
            assertTrue(t.rowCount(Table.MAPPINGS) > 5);
            assertTrue(t.rowCount(Table.MEMORY) > 5);
            assertEquals(ReferencedSource.DISTORTION, t.manifest().recording.get("distortion"));
            assertEquals(3L, ((Number) t.manifest().recording.get("exit_status")).longValue());
        }
    }

    @Test
    void commandThatDoesNotExistLeavesNoTrace() {
        Path out = dir.resolve("x.damson");
        LiveConfig c = LiveConfig.of(out, List.of("/no/such/command"), List.of(), 0);
        assertThrows(IOException.class, () -> LiveRecording.record(c, System.err));
        assertFalse(Files.exists(out));
    }

    @Test
    void everythingFlushedBeforeAKillIsReadableAndRecoverable() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 20; i++) {
            Path out = dir.resolve("kill" + i);
            Process p = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "--add-opens=java.base/java.nio=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "org.damson.recorder.NumberedRecording",
                            out.toString())
                    .redirectError(
                            ProcessBuilder.Redirect.to(dir.resolve("stderr").toFile()))
                    .start();
            long flushed = 0;
            try (BufferedReader in = p.inputReader()) {
                int killAt = 1 + random.nextInt(60);
                String line;
                for (int n = 0; (line = in.readLine()) != null; n++) {
                    flushed = Long.parseLong(line);
                    if (n == killAt) {
                        Thread.sleep(0, random.nextInt(999_999));
                        p.toHandle().destroyForcibly(); // unlike the process itself, leaves its output readable
                    }
                }
            }
            p.waitFor();
            assertTrue(flushed > 0, () -> "the recording did not begin: " + Proc.text(dir.resolve("stderr")));
            assertTrue(readable(out) >= flushed);
            Traces.recover(out);
            assertEquals(List.of(), Traces.verify(out).findings());
            assertTrue(readable(out) >= flushed);
        }
    }

    private static long readable(Path trace) throws IOException {
        long n = 0;
        try (TraceSource t = Traces.open(trace);
                TraceSource.SnapshotCursor c = t.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            while (c.next(s)) {
                assertEquals((n + 1) * 100_000_000L, s.endNs);
                assertEquals(30, s.regions);
                n++;
            }
        }
        return n;
    }
}
