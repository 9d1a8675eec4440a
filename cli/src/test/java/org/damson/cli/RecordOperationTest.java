package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recordings that look after themselves, as whole processes. */
@Timeout(240)
final class RecordOperationTest {
    @TempDir
    Path dir;

    /** Starts a recording of a command that makes a mark when it runs and ends with 3 when another mark is there. */
    private Process record(Object... options) throws IOException {
        List<Object> line =
                new ArrayList<>(List.of("record", "--sample", "10ms", "--aggr", "50ms", "--max-cpu", "100"));
        line.addAll(List.of(options));
        String script = "touch " + dir + "/runs; while [ ! -e " + dir + "/end ]; do sleep 0.05; done; exit 3";
        line.addAll(List.of("--", "sh", "-c", script));
        return DamsonProcess.start(dir, line.toArray());
    }

    private void awaitCommand() throws InterruptedException {
        while (!Files.exists(dir.resolve("runs"))) {
            Thread.sleep(10);
        }
    }

    private void endCommand() throws IOException {
        Files.createFile(dir.resolve("end"));
    }

    private static List<Path> traces(Path in) throws IOException {
        try (Stream<Path> entries = Files.list(in)) {
            return entries.filter(p -> p.getFileName().toString().endsWith(".damson"))
                    .sorted()
                    .toList();
        }
    }

    private void awaitTraces(Path in, int n) throws Exception {
        while (!Files.exists(in) || traces(in).size() < n) {
            Thread.sleep(10);
        }
    }

    private String said() throws IOException {
        return Files.readString(dir.resolve("err"));
    }

    @Test
    void hangUpBeginsANewTraceOfASeries() throws Exception {
        Path out = dir.resolve("series");
        Path metrics = dir.resolve("damson.prom");
        Process p = record("-o", out, "--rotate", "1h", "--metrics-file", metrics);
        awaitCommand();
        DamsonProcess.send("HUP", p);
        awaitTraces(out, 2);
        endCommand();
        assertEquals(ExitCode.OK, p.waitFor(), this::saidOrNothing);
        List<Path> traces = traces(out);
        assertEquals(2, traces.size());
        for (Path trace : traces) {
            assertEquals(List.of(), Traces.verify(trace).findings());
        }
        String text = Files.readString(metrics);
        assertTrue(text.contains("\ndamson_traces_total 2\n"), text);
        assertTrue(text.matches("(?s).*\\ndamson_snapshots_total [1-9]\\d*\\n.*"), text);
        assertTrue(said().contains("wrote 2 traces into " + out), said());
    }

    private String saidOrNothing() {
        try {
            return said();
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void flightRecorderWritesOutOnASignalAndOnTheExitStatus() throws Exception {
        Path out = dir.resolve("flight");
        Process p = record("-o", out, "--flight-recorder", "1m", "--trigger", "exit=3");
        awaitCommand();
        DamsonProcess.send("USR1", p);
        awaitTraces(out, 1);
        endCommand();
        assertEquals(ExitCode.OK, p.waitFor(), this::saidOrNothing);
        List<Path> traces = traces(out);
        assertEquals(2, traces.size());
        assertEquals("SIGUSR1", trigger(traces.get(0)));
        assertEquals("exit status 3", trigger(traces.get(1)));
        assertFalse(Files.exists(out.resolve("ring")), "the ring is dropped");
    }

    private static Object trigger(Path trace) throws IOException {
        assertEquals(List.of(), Traces.verify(trace).findings());
        try (TraceSource t = Traces.open(trace)) {
            return t.manifest().recording.get("trigger");
        }
    }

    @Test
    void recordingThatFindsNoRoomSaysSoAndEndsAsAPartialResult() throws Exception {
        Path out = dir.resolve("x.damson");
        // More than any disk has: paused from the first flush on.
        Process p = record("-o", out, "--min-free", "1000P");
        awaitCommand();
        while (!said().contains("recording pauses: less than 1000 PiB free")) {
            Thread.sleep(10);
        }
        Thread.sleep(200); // longer than an aggregation: there is something to lose
        endCommand();
        assertEquals(ExitCode.PARTIAL, p.waitFor(), this::saidOrNothing);
        assertTrue(said().matches("(?s).*LOST [1-9]\\d* snapshots while the disk was full.*"), said());
        assertEquals(List.of(), Traces.verify(out).findings());
    }

    @Test
    void contradictionsAreUsageErrors() throws Exception {
        Path out = dir.resolve("x");
        for (String options : List.of(
                "--retain 1d",
                "--retain-size 1G",
                "--flight-recorder 1m --rotate 1h",
                "--trigger death",
                "--ring-dir /tmp/r",
                "--flight-recorder 1ms",
                "--rotate 1ms",
                "--rotate-size 1K",
                "--flight-recorder 1m --trigger deth",
                "--flight-recorder 1m --trigger memory=0",
                "--flight-recorder 1m --trigger exit=256",
                "--metrics-port 0",
                "--metrics-port 65536")) {
            List<Object> line = new ArrayList<>(List.of("record", "-o", out));
            line.addAll(List.of(options.split(" ")));
            line.addAll(List.of("--", "true"));
            CliRun run = CliRun.of(line.toArray()).expect(ExitCode.USAGE);
            assertEquals(1, run.err().lines().count(), run.err());
        }
        assertFalse(Files.exists(out));
    }
}
