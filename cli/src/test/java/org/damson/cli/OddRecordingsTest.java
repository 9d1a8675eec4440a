package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings and option values at the ends of what there can be. */
final class OddRecordingsTest {
    @TempDir
    Path dir;

    /** An event of DAMON's, as {@code trace_pipe} prints it. */
    private static String event(int thread, long ms, int target, int regions, String region) {
        return String.format(
                Locale.ROOT,
                "kdamond.0-%d [000] ..... %d.%03d000: damon_aggregated: target_id=%d nr_regions=%d %s\n",
                thread,
                ms / 1000,
                ms % 1000,
                target,
                regions,
                region);
    }

    private Path trace(String text) throws IOException {
        Path recording = Files.writeString(dir.resolve("recording.txt"), text);
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", recording, "-o", trace).expect(ExitCode.OK);
        return trace;
    }

    @Test
    void sizesBeyond63BitsAreNeverNegative() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 2, "0-9223372036854779904: 10 3"));
            text.append(event(7, 1000 + 100 * i, 0, 2, "9223372036854779904-18446744073709547520: 5 3"));
        }
        Path trace = trace(text.toString());
        for (String report : new String[] {"wss", "sizing", "bounds", "phases", "matrix", "timeline"}) {
            String said = CliRun.of("report", report, trace).expect(ExitCode.OK).out();
            assertFalse(said.matches("(?s).*-[0-9.]+ [KMGTPE]?i?B.*"), said);
            assertTrue(said.contains("8 EiB"), said);
        }
        for (String[] verb : new String[][] {
            {"simulate", "--scheme", "prcl"},
            {"advise"},
            {"report", "curves"},
            {"tune", "--scheme", "prcl", "--vary", "min_age=1s,2s"}
        }) {
            Object[] words = new Object[verb.length + 1];
            System.arraycopy(verb, 0, words, 0, verb.length);
            words[verb.length] = trace;
            assertTrue(CliRun.of(words).expect(ExitCode.INPUT).err().contains("8 EiB and more"), verb[0]);
        }
    }

    @Test
    void whatLiesAtTheTopOfTheAddressSpaceIsReplayedAndExported() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 1, "18446744073705357312-18446744073709551615: 20 0"));
        }
        Path trace = trace(text.toString());
        String plan =
                CliRun.of("replay", trace, "--plan-only").expect(ExitCode.OK).out();
        assertTrue(plan.contains(" 4092K 20\n"), plan);
        String masim =
                CliRun.of("export", trace, "--to", "masim").expect(ExitCode.OK).out();
        assertTrue(masim.startsWith("r0, 4190208\n"), masim);
    }

    @Test
    void infoTellsTheTimeBetweenSnapshotsOfEachTargetOfEachKdamond() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 1, "4096-8192: 1 0"));
            text.append(event(8, 1050 + 100 * i, 0, 1, "4096-8192: 1 0"));
        }
        String info =
                CliRun.of("info", trace(text.toString())).expect(ExitCode.OK).out();
        assertTrue(info.contains("20 over 1.05 s, one every 100 ms"), info);
    }

    @Test
    void mergingSaysWhichTargetsCountTwice() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 1, "4096-8192: 1 0"));
        }
        Path trace = trace(text.toString());
        Path first = dir.resolve("first.damson");
        Path rest = dir.resolve("rest.damson");
        CliRun.of("slice", trace, "--snapshots", "0..5", "-o", first).expect(ExitCode.OK);
        CliRun.of("slice", trace, "--snapshots", "5..10", "-o", rest).expect(ExitCode.OK);
        String apart = CliRun.of("merge", first, rest, "-o", dir.resolve("a"))
                .expect(ExitCode.OK)
                .err();
        assertFalse(apart.contains("counts twice"), apart);
        String twice = CliRun.of("merge", trace, rest, "-o", dir.resolve("b"))
                .expect(ExitCode.OK)
                .err();
        assertTrue(twice.contains("target 0 is in " + trace + " and in " + rest + " at the same time"), twice);
    }

    @Test
    void aTraceWithoutSnapshotsHasNoTimeAndNoWindow() throws IOException {
        Path recording =
                Files.writeString(dir.resolve("s.txt"), "a 1 1764477282.123456: 7 cpu-clock: \n\t 10 f+0x2 (/a)\n\n");
        Path trace = dir.resolve("s.damson");
        CliRun.of("import", recording, "-o", trace).expect(ExitCode.OK);
        String info = CliRun.of("info", trace).expect(ExitCode.OK).out();
        assertFalse(info.contains("from 0.000 s") || info.contains("1970"), info);
        assertTrue(CliRun.of("info", trace, "--json").out().contains("\"start_ns\" : null"));
        assertEquals(
                "no snapshots\n",
                CliRun.of("report", "wss", trace).expect(ExitCode.OK).out());
    }

    @Test
    void aTimeBeyondWhatAClockCountsIsTheEnd() throws IOException {
        Path trace = trace(event(7, 1_764_477_282_000L, 0, 1, "4096-8192: 1 0")
                + event(7, 1_764_477_282_100L, 0, 1, "4096-8192: 1 0"));
        String all = CliRun.of("report", "wss", trace).expect(ExitCode.OK).out();
        assertEquals(
                all,
                CliRun.of("report", "wss", trace, "--time", "0s..9000000000s")
                        .expect(ExitCode.OK)
                        .out());
    }

    @Test
    void aFigureThatIsNotThereIsADash() throws IOException {
        Path trace = trace(event(7, 1000, 0, 1, "4096-8192: 0 0") + event(7, 1100, 0, 1, "4096-8192: 0 0"));
        String said = CliRun.of("compare", trace, trace).out();
        assertFalse(said.contains("NaN"), said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "record --duration 0s -- true",
                "record --rotate 10s --retain 0s -o s -- true",
                "record --max-disk 0 -- true",
                "record --sample 1500ns -- true",
                "import x --intervals 0ms,100ms",
                "import x --intervals 5ms,100ms,1500ns",
                "simulate x --scheme prcl --memory-limit 0",
                "sql x -c true --memory 0"
            })
    void whatWouldMeanThatItIsNotGivenIsRefused(String words) throws IOException {
        Path trace = trace(event(7, 1000, 0, 1, "4096-8192: 0 0"));
        String[] given = words.split(" ");
        Object[] args = new Object[given.length];
        for (int i = 0; i < given.length; i++) {
            args[i] = given[i].equals("x") ? trace : given[i].equals("s") ? dir.resolve("s") : given[i];
        }
        CliRun run = CliRun.of(args).expect(ExitCode.USAGE);
        String last = run.err().lines().reduce("", (before, line) -> line);
        assertTrue(last.matches("damson: --\\S+: '.*' is not .*"), run.err());
    }

    @Test
    void aProfileCountsTheSamplesOfOneEvent() throws IOException {
        StringBuilder text =
                new StringBuilder(event(7, 1000, 0, 1, "4096-8192: 9 0") + event(7, 2000, 0, 1, "4096-8192: 9 0"));
        for (int i = 0; i < 6; i++) {
            text.append("a 1 1.").append(i).append("00000: 7 sched:sched_switch: x\n\t 10 schedule+0x2 (/vmlinux)\n\n");
        }
        text.append("a 1 1.900000: 7 cpu-clock:u: \n\t 10 work+0x2 (/a)\n\n");
        Path trace = trace(text.toString());
        String profile =
                CliRun.of("report", "profile", trace).expect(ExitCode.OK).out();
        assertTrue(profile.contains("100.0 %"), profile);
        assertTrue(profile.contains("work"), profile);
        assertFalse(profile.contains("schedule"), profile);
        assertTrue(profile.contains("samples of cpu-clock:u are counted, 6 of other events are not"), profile);
    }
}
