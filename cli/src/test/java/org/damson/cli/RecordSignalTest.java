package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Signals to a whole damson process. */
@Timeout(120)
final class RecordSignalTest {
    @TempDir
    Path dir;

    private static void await(Path file) throws InterruptedException {
        while (!Files.exists(file)) {
            Thread.sleep(10);
        }
    }

    private void sealsOn(String signal, int exit) throws Exception {
        Path trace = dir.resolve("x.damson");
        Path mark = dir.resolve("mark");
        // What the command does when it is told to end shows that it was told, and not killed.
        String script =
                "trap 'echo told >" + mark + ".told; exit 0' TERM; touch " + mark + "; while :; do sleep 0.1; done";
        Process p = DamsonProcess.start(
                dir,
                "record",
                "-o",
                trace,
                "--sample",
                "10ms",
                "--aggr",
                "100ms",
                "--max-cpu",
                "100",
                "--",
                "sh",
                "-c",
                script);
        await(mark);
        Thread.sleep(500);
        DamsonProcess.send(signal, p);
        assertEquals(exit, p.waitFor());
        String said = Files.readString(dir.resolve("err"));
        assertTrue(said.contains("wrote " + trace), said);
        assertFalse(said.contains("\tat "), said);
        assertEquals(List.of(), Traces.verify(trace).findings());
        try (TraceSource t = Traces.open(trace)) {
            assertEquals(Manifest.State.SEALED, t.manifest().state);
        }
        await(Path.of(mark + ".told"));
    }

    @Test
    void interruptSealsTheTraceAndEndsTheCommand() throws Exception {
        sealsOn("INT", ExitCode.INTERRUPTED);
    }

    @Test
    void terminationSealsTheTraceAndEndsTheCommand() throws Exception {
        sealsOn("TERM", 128 + 15);
    }

    @Test
    void signalWhileAnotherProcessIsRecordedLeavesThatAlone() throws Exception {
        Process target = new ProcessBuilder("sleep", "60").start();
        try {
            Path trace = dir.resolve("x.damson");
            Process p = DamsonProcess.start(dir, "record", "-o", trace, "--pid", target.pid());
            await(trace.resolve("manifest.json"));
            Thread.sleep(1500);
            DamsonProcess.send("INT", p);
            assertEquals(ExitCode.INTERRUPTED, p.waitFor());
            assertTrue(target.isAlive());
            assertEquals(List.of(), Traces.verify(trace).findings());
        } finally {
            target.destroy();
        }
    }
}
