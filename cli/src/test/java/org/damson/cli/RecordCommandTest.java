package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
        assertTrue(info.contains("\"source\" : \"referenced\""), info);
        assertTrue(info.contains("\"aggr_us\" : 200000"), info);
        CliRun.of("report", "wss", trace).expect(ExitCode.OK);
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
            assertTrue(mean > 0 && Integer.parseInt(m.group(4)) >= 100, run.err());
        }
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("distortion_measured"), info);
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
        CliRun.of("record", "-o", taken, "--", "true").expect(ExitCode.USAGE);
    }

    @Test
    void attachingRecordsTheDamonOfOthersOrSaysWhatIsMissing() {
        Path trace = dir.resolve("attached.damson");
        CliRun run = CliRun.of("record", "-o", trace, "--attach", "--duration", "300ms", "--json");
        if (run.exit() == ExitCode.CAPABILITY) {
            assertTrue(run.err().matches("(?s)damson: [^\n]*(tracefs|trace event)[^\n]*\n"), run.err());
            assertFalse(Files.exists(trace));
            return;
        }
        // Nobody may run DAMON here: then the trace is empty, which is a partial result.
        assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.PARTIAL, run.err());
        assertTrue(run.out().contains("\"lost_events\" : 0"), run.out());
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("\"source\" : \"damon\""), info);
    }

    @Test
    void attachingIsAskedForAloneAndWithAReasonableRing() {
        CliRun.of("record", "--attach", "--", "sleep", "1").expect(ExitCode.USAGE);
        CliRun.of("record", "--attach", "--pid", "1").expect(ExitCode.USAGE);
        CliRun.of("record", "--attach", "--ring-size", "1K").expect(ExitCode.USAGE);
    }
}
