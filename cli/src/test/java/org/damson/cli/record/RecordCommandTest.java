package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.damson.cli.Cli;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.cli.console.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordCommandTest {
    @TempDir
    Path dir;

    @Test
    void aCommandIsRecordedIntoAGoodTrace() {
        Path trace = dir.resolve("live.damson");
        CliRun run = CliRun.of("record", "-o", trace, "--aggr", "200ms", "--", "sleep", "2")
                .expect(ExitCode.OK);
        assertTrue(run.err().contains("exit status 0"), run.err());
        CliRun.of("verify", trace).expect(ExitCode.OK);
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("\"source\":\"referenced\""), info);
        assertTrue(info.contains("\"aggr_us\":200000"), info);
        CliRun.of("report", "wss", trace).expectAnswer();
    }

    /** Without a generator measuring says so: nothing was measured where it does not. */
    @Test
    void whatIsNotThereIsRefusedBeforeThisMachineIsMeasured() {
        String property = "damson.native.dir";
        String before = System.setProperty(property, dir.resolve("nothing").toString());
        try {
            Path trace = dir.resolve("none.damson");
            CliRun command = CliRun.of("record", "-o", trace, "--", "no-such-command");
            assertEquals("damson: cannot run no-such-command: no such command\n", command.err());
            CliRun pid = CliRun.of("record", "-o", trace, "--pid", Integer.MAX_VALUE);
            assertEquals("damson: process 2147483647 does not exist\n", pid.err());
            assertFalse(Files.exists(trace));
        } finally {
            if (before == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, before);
            }
        }
    }

    @Test
    void aTakenMetricsPortIsNamedAndNothingIsRecorded() throws Exception {
        Path trace = dir.resolve("x.damson");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            CliRun run = CliRun.of("record", "-o", trace, "--metrics-port", port, "--", "true")
                    .expect(ExitCode.CAPABILITY);
            assertTrue(run.err().startsWith("damson: --metrics-port " + port + ": "), run.err());
            assertFalse(Files.exists(trace));
        }
    }

    @Test
    void aSelfTestMeasuresWhatIsSeenOfBusyMemory() {
        Path trace = dir.resolve("tested.damson");
        CliRun run = CliRun.of("record", "-o", trace, "--self-test", "--", "sleep", "0.3")
                .expect(ExitCode.OK);
        for (int mib : new int[] {10, 32}) {
            Matcher m = Pattern.compile("self-test: " + mib + " MiB touched all the time: (\\d+) % seen on average, "
                            + "(\\d+) to (\\d+) % by single samples of (\\d+) ms")
                    .matcher(run.err());
            assertTrue(m.find(), run.err());
            int mean = Integer.parseInt(m.group(1));
            assertTrue(Integer.parseInt(m.group(2)) <= mean && mean <= Integer.parseInt(m.group(3)), run.err());
            // What one sample saw at most is all of it: the TLB is flushed with each clear.
            assertEquals(100, Integer.parseInt(m.group(3)), run.err());
            assertTrue(mean > 0 && Integer.parseInt(m.group(4)) >= 100, run.err());
        }
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("distortion_measured"), info);
    }

    @Test
    void everyReaderSaysHowTheSamplesWereTakenAndWhatTheyCost() {
        Path trace = dir.resolve("said.damson");
        CliRun.of("record", "-o", trace, "--max-slowdown", "7", "--aggr", "200ms", "--", "sleep", "1")
                .expect(ExitCode.OK);
        Path cut = dir.resolve("cut.damson");
        Path merged = dir.resolve("merged.damson");
        Path bundle = dir.resolve("redacted.damson.zip");
        CliRun.of("slice", trace, "-o", cut).expect(ExitCode.OK);
        CliRun.of("merge", trace, cut, "--mixed", "-o", merged).expect(ExitCode.OK);
        CliRun.of("bundle", "--redact", trace, "-o", bundle).expect(ExitCode.OK);
        Pattern line = Pattern.compile("samples of 100 ms every .*TLB .*slow.* \\(7.0 % allowed\\)");
        for (Path each : new Path[] {trace, cut, merged, bundle}) {
            String info = CliRun.of("info", each).expect(ExitCode.OK).out();
            assertTrue(
                    info.lines()
                            .anyMatch(l ->
                                    l.startsWith("Sampling:") && line.matcher(l).find()),
                    info);
            for (String report : new String[] {"wss", "heatmap", "objects", "footprint"}) {
                CliRun run = CliRun.of("report", report, each).expectAnswer();
                assertEquals(
                        1, run.err().lines().filter(l -> line.matcher(l).find()).count(), report + run.err());
            }
            String wss = CliRun.of("report", "wss", each).expectAnswer().out();
            assertTrue(wss.contains("window 100 ms"), wss);
        }
    }

    @Test
    void theSelfTestRunsAlone() {
        CliRun run = CliRun.of("doctor", "--self-test").expect(ExitCode.OK);
        assertTrue(
                run.out().matches("(?s)[^\n]*a page touched after a clear costs its owner \\d+ ns[^\n]*\n"), run.out());
        String json =
                CliRun.of("doctor", "--self-test", "--json").expect(ExitCode.OK).out();
        assertTrue(json.contains("\"flushed_seen_least\":1.0") && json.contains("\"problem\":\"\""), json);
        CliRun.of("doctor", "--self-test", "--root", dir).expect(ExitCode.USAGE);
    }

    @Test
    void slowdownAndFlushAreAskedForInWordsThatAreKnown() {
        Path trace = dir.resolve("x.damson");
        for (String wrong : new String[] {"0", "-1", "much", "NaN", "2d", "0x2", "1f", "-0", "", "1e999"}) {
            CliRun.of("record", "-o", trace, "--max-slowdown=" + wrong, "--", "true")
                    .expect(ExitCode.USAGE);
        }
        CliRun.of("record", "-o", trace, "--tlb-flush", "sometimes", "--", "true")
                .expect(ExitCode.USAGE);
        for (String source : List.of("--source=damon", "--attach")) {
            for (String option : List.of("--max-slowdown=5", "--tlb-flush=never")) {
                CliRun run = source.equals("--attach")
                        ? CliRun.of("record", "-o", trace, source, option)
                        : CliRun.of("record", "-o", trace, source, option, "--", "true");
                assertTrue(run.expect(ExitCode.USAGE).err().contains("recording without DAMON"), run.err());
            }
        }
        CliRun.of("record", "-o", trace, "--source", "auto", "--max-slowdown=much", "--", "true")
                .expect(ExitCode.USAGE);
        assertFalse(Files.exists(trace));
    }

    @Test
    void aRunningProcessIsRecordedForAWhile() throws Exception {
        Process target = new ProcessBuilder("sleep", "30").start();
        try {
            Path trace = dir.resolve("pid.damson");
            CliRun.of("record", "-o", trace, "--pid", target.pid(), "--duration", "1s", "--aggr", "200ms")
                    .expect(ExitCode.OK);
            assertTrue(target.isAlive(), "recording must not end its target");
            CliRun.of("verify", trace).expect(ExitCode.OK);
        } finally {
            target.destroy();
        }
    }

    @Test
    void aCommandThatDoesNotExistLeavesNothing() {
        Path trace = dir.resolve("none.damson");
        CliRun run =
                CliRun.of("record", "-o", trace, "--", "/nonexistent/command").expect(ExitCode.INPUT);
        // A notice about DAMON on this machine may precede it.
        assertEquals(
                1,
                run.err()
                        .lines()
                        .filter(l -> l.contains("/nonexistent/command"))
                        .count(),
                run.err());
        assertFalse(Files.exists(trace));
    }

    @Test
    void contradictionsAreUsageErrors() throws Exception {
        Path trace = dir.resolve("x.damson");
        CliRun.of("record", "-o", trace).expect(ExitCode.USAGE);
        CliRun.of("record", "-o", trace, "--pid", "1", "--", "true").expect(ExitCode.USAGE);
        CliRun.of("record", "-o", trace, "--pid", "self").expect(ExitCode.USAGE);
        CliRun.of("record", "-o", trace, "--sample", "2s", "--aggr", "1s", "--", "true")
                .expect(ExitCode.USAGE);
        CliRun.of("record", "-o", trace, "--max-cpu", "0", "--", "true").expect(ExitCode.USAGE);
        assertFalse(Files.exists(trace));
        Path taken = Files.createDirectory(dir.resolve("taken.damson"));
        // Of an empty one a recorder may have died before its first file.
        Files.createFile(taken.resolve("notes.txt"));
        CliRun.of("record", "-o", taken, "--", "true").expect(ExitCode.USAGE);
    }

    /** Whether this process may make a trace instance of its own, in a kernel that tells of DAMON. */
    private static boolean mayListen() {
        return Stream.of("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
                .map(Path::of)
                .anyMatch(p -> Files.isWritable(p.resolve("instances"))
                        && Files.isDirectory(p.resolve("events/damon/damon_aggregated")));
    }

    @Test
    void attachingRecordsTheDamonOfOthersWhereTheKernelTellsOfIt() throws Exception {
        Path trace = dir.resolve("attached.damson");
        CliRun run = CliRun.of("record", "-o", trace, "--attach", "--duration", "300ms", "--json");
        if (!mayListen()) {
            assertEquals(ExitCode.CAPABILITY, run.exit(), run.err());
            assertTrue(run.err().matches("damson: [^\n]*(tracefs|trace event)[^\n]*\n"), run.err());
            assertFalse(Files.exists(trace));
            return;
        }
        JsonNode told = new ObjectMapper().readTree(run.out());
        assertEquals(0, told.path("lost_events").asLong(-1), run.out());
        // Nobody may run DAMON here: then the trace is empty, which is a partial result.
        assertEquals(told.path("snapshots").asLong() > 0 ? ExitCode.OK : ExitCode.PARTIAL, run.exit(), run.err());
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("\"source\":\"damon\""), info);
        CliRun.of("verify", trace).expect(ExitCode.OK);
    }

    @Test
    void attachingIsAskedForAloneAndWithAReasonableRing() {
        CliRun.of("record", "--attach", "--", "sleep", "1").expect(ExitCode.USAGE);
        CliRun.of("record", "--attach", "--pid", "1").expect(ExitCode.USAGE);
        CliRun.of("record", "--attach", "--ring-size", "1K").expect(ExitCode.USAGE);
    }

    /** Standard error alone decides: whether there is a terminal elsewhere does not. */
    @Test
    void aStatusLineIsDrawnOnATerminalAndNowhereElse() {
        for (boolean terminal : new boolean[] {true, false}) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Console console = new Console(
                    new ByteArrayOutputStream(),
                    err,
                    new ByteArrayInputStream(new byte[0]),
                    Map.of("TERM", "xterm"),
                    true,
                    terminal);
            String trace = dir.resolve("terminal-" + terminal + ".damson").toString();
            int exit = Cli.run(new String[] {"record", "-o", trace, "--aggr", "200ms", "--", "sleep", "2.5"}, console);
            String said = err.toString(StandardCharsets.UTF_8);
            assertEquals(ExitCode.OK, exit, said);
            assertEquals(terminal, said.contains("\r"), said);
            assertTrue(said.contains(System.lineSeparator() + "recorded ") || said.startsWith("recorded "), said);
        }
    }
}
