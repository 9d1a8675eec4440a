package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code record --stacks}, and what is made of its traces. */
final class StackCommandTest {
    private static final String BUSY = "i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done";

    @TempDir
    Path dir;

    private Path recorded() {
        Path trace = dir.resolve("x.damson");
        CliRun run = CliRun.of("record", "--stacks=499", "-o", trace, "--aggr", "200ms", "--", "sh", "-c", BUSY)
                .expect(ExitCode.OK);
        assertTrue(
                run.err().matches("(?s).*recorded \\d+ snapshots?, [\\d,]+ regions, [\\d,]+ call stacks\n.*"),
                run.err());
        return trace;
    }

    @Test
    void everyReaderOfCallStacksReadsWhatWasRecorded() throws Exception {
        Path trace = recorded();
        CliRun.of("verify", trace).expect(ExitCode.OK);
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("\"hz\" : 499"), info);
        for (String format : new String[] {"speedscope", "collapsed", "pprof", "perfetto", "firefox"}) {
            Path out = dir.resolve(format);
            CliRun.of("export", trace, "--to", format, "-o", out).expect(ExitCode.OK);
            assertTrue(Files.size(out) > 100, format);
        }
        CliRun.of("report", "timeline", trace, "-o", dir.resolve("x.png")).expect(ExitCode.OK);
        String phases =
                CliRun.of("report", "timeline", trace).expect(ExitCode.OK).out();
        assertFalse(phases.isEmpty());
        long[] ran = {0};
        try (TraceSource opened = Traces.open(trace)) {
            opened.forEachRow(
                    Table.SAMPLES, (rows, r) -> ran[0] += rows.text(4, r).equals("cpu-clock") ? 1 : 0);
            assertTrue(ran[0] > 0 && ran[0] < opened.rowCount(Table.SAMPLES));
        }
        // First touches are no samples of what ran.
        CliRun profile = CliRun.of("report", "profile", trace).expect(ExitCode.OK);
        assertTrue((profile.out() + profile.err()).contains(" of " + ran[0] + " samples are in "), profile.out());
        CliRun.of("slice", trace, "--time", "0s..1s", "-o", dir.resolve("part.damson"))
                .expect(ExitCode.OK);
    }

    @Test
    void aRedactedTraceHasAsManySamplesAndNoNames() throws Exception {
        Path trace = recorded();
        Path redacted = dir.resolve("r.damson.zip");
        CliRun.of("bundle", "--redact", trace, "-o", redacted).expect(ExitCode.OK);
        try (TraceSource a = Traces.open(trace);
                TraceSource b = Traces.open(redacted)) {
            assertEquals(a.rowCount(Table.SAMPLES), b.rowCount(Table.SAMPLES));
            assertTrue(b.rowCount(Table.SAMPLES) > 0);
            b.forEachRow(Table.FRAMES, (rows, r) -> assertFalse(rows.text(2, r).contains("/"), rows.text(2, r)));
            b.forEachRow(
                    Table.SAMPLES,
                    (rows, r) -> assertTrue(rows.text(4, r).equals("cpu-clock")
                            || rows.text(4, r).equals("page-faults")));
        }
    }

    /** Each trace numbers its stacks from 0: merged ones must not be taken for one another. */
    @Test
    void mergedTracesKeepTheirOwnStacks() throws Exception {
        Path a = recorded();
        Path b = dir.resolve("b.damson");
        CliRun.of(
                        "record",
                        "--stacks=499",
                        "-o",
                        b,
                        "--aggr",
                        "200ms",
                        "--",
                        "perl",
                        "-e",
                        "for (1..4000000) { $x += $_ }")
                .expect(ExitCode.OK);
        Path merged = dir.resolve("m.damson");
        CliRun.of("merge", "--force", a, b, "-o", merged).expect(ExitCode.OK);
        assertEquals(
                leaves(a) + leaves(b),
                leaves(merged),
                "samples whose first frame is in a file of the name of the program");
        assertTrue(leaves(b) > 10);
    }

    /** Samples whose leaf is in perl. */
    private long leaves(Path trace) {
        Path out = dir.resolve("collapsed.txt");
        CliRun.of("export", "--force", trace, "--to", "collapsed", "-o", out).expect(ExitCode.OK);
        try {
            return Files.readAllLines(out).stream()
                    .filter(l -> l.contains("perl"))
                    .mapToLong(l -> Long.parseLong(l.substring(l.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void refusesWhatIsNoRate() {
        for (String hz : new String[] {"0", "10001", "99999999999999", "often"}) {
            Path trace = dir.resolve("no.damson");
            CliRun run = CliRun.of("record", "--stacks=" + hz, "-o", trace, "--", "true")
                    .expect(ExitCode.USAGE);
            assertTrue(run.err().startsWith("damson: --stacks"), run.err());
            assertFalse(Files.exists(trace));
        }
    }
}
