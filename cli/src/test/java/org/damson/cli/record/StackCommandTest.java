package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.damson.cli.CliRun;
import org.damson.cli.DamsonProcess;
import org.damson.cli.command.ExitCode;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** {@code record --stacks}, and what is made of its traces. */
final class StackCommandTest {
    /** However fast it counts, it is there long enough for a snapshot. */
    private static final String BUSY = "i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done; sleep 1";

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
        assertTrue(info.contains("\"hz\":499"), info);
        for (String format : new String[] {"speedscope", "collapsed", "pprof", "perfetto", "firefox"}) {
            Path out = dir.resolve(format);
            CliRun.of("export", trace, "--to", format, "-o", out).expectAnswer();
            assertTrue(Files.size(out) > 100, format);
        }
        CliRun.of("report", "timeline", trace, "-o", dir.resolve("x.png")).expectAnswer();
        String phases = CliRun.of("report", "timeline", trace).expectAnswer().out();
        assertFalse(phases.isEmpty());
        long[] ran = {0};
        try (TraceSource opened = Traces.open(trace)) {
            opened.forEachRow(
                    Table.SAMPLES, (rows, r) -> ran[0] += rows.text(4, r).equals("cpu-clock") ? 1 : 0);
            assertTrue(ran[0] > 0 && ran[0] < opened.rowCount(Table.SAMPLES));
        }
        // First touches are not samples of what ran.
        CliRun profile = CliRun.of("report", "profile", trace).expectAnswer();
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
                        "do { for (1..10000) { $x += $_ } } while (times)[0] < 1")
                .expect(ExitCode.OK);
        Path merged = dir.resolve("m.damson");
        CliRun.of("merge", "--force", a, b, "-o", merged).expect(ExitCode.OK);
        assertEquals(
                leaves(a) + leaves(b),
                leaves(merged),
                "samples whose first frame is in a file of the name of the program");
        assertTrue(leaves(b) > 10);
        Set<String> both = places(a);
        both.addAll(places(b));
        assertEquals(both, places(merged));
    }

    /** What frames say, but for their numbers. */
    private static Set<String> places(Path trace) throws Exception {
        Set<String> places = new TreeSet<>();
        try (TraceSource opened = Traces.open(trace)) {
            int source = Table.FRAMES.indexOf("source");
            opened.forEachRow(
                    Table.FRAMES,
                    (b, r) -> places.add(b.text(1, r) + "|" + b.text(2, r) + "|" + b.text(3, r) + "|" + b.get(4, r)
                            + "|" + (b.isPresent(source) ? b.text(source, r) : "")));
        }
        return places;
    }

    /** Samples in whose stack perl is. */
    private static long leaves(Path trace) throws IOException {
        Set<Long> frames = new HashSet<>();
        Set<Long> stacks = new HashSet<>();
        long[] samples = {0};
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(Table.FRAMES, (b, r) -> {
                if (b.text(2, r).contains("perl")) {
                    frames.add(b.get(0, r));
                }
            });
            t.forEachRow(Table.STACKS, (b, r) -> {
                if (frames.contains(b.get(2, r))) {
                    stacks.add(b.get(0, r));
                }
            });
            int stack = Table.SAMPLES.indexOf("stack_id");
            t.forEachRow(Table.SAMPLES, (b, r) -> samples[0] += stacks.contains(b.get(stack, r)) ? 1 : 0);
        }
        return samples[0];
    }

    /** When recording ends, functions have names and lines; who filled which half of one mapping is told by who touched it first. */
    @Test
    void functionsHaveNamesAndMemoryHasWhoTouchedItFirst() throws Exception {
        Path source = Files.writeString(
                dir.resolve("two.c"),
                """
                #include <stdlib.h>
                #include <sys/mman.h>
                enum { SIZE = 64 << 20 };
                volatile long sink;
                __attribute__((noinline)) void fill_low(char *p) { for (long i = 0; i < SIZE; i += 64) p[i] = 1; sink++; }
                __attribute__((noinline)) void fill_high(char *p) { for (long i = 0; i < SIZE; i += 64) p[i] = 2; sink++; }
                int main(void) {
                    char *p = mmap(0, 2L * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                    for (int i = 0; i < 120; i++) fill_low(p);
                    for (int i = 0; i < 120; i++) fill_high(p + SIZE);
                    return 0;
                }
                """);
        Path program = dir.resolve("two");
        Process gcc = new ProcessBuilder(
                        "gcc", "-O1", "-g", "-fno-omit-frame-pointer", "-o", program.toString(), source.toString())
                .inheritIO()
                .start();
        assertEquals(0, gcc.waitFor());
        Path trace = dir.resolve("two.damson");
        CliRun run = CliRun.of(
                        "record", "--stacks=499", "-o", trace, "--sample", "50ms", "--aggr", "200ms", "--", program)
                .expect(ExitCode.OK);
        Set<String> functions = new HashSet<>();
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(Table.FRAMES, (b, r) -> functions.add(Frame.of(b, r).name()));
        }
        assertTrue(functions.containsAll(Set.of("fill_low", "fill_high")), run.err() + functions);
        String objects = CliRun.of("report", "objects", trace).expectAnswer().out();
        assertTrue(objects.contains("fill_low") && objects.contains("fill_high"), objects);
        assertTrue(objects.matches("(?s).*two\\.c:\\d+.*"), objects);
        assertTrue(objects.contains("first touched by"), objects);
    }

    /** What ran is named though its file is gone, and another has the name, by the time that the recording ends. */
    @Test
    void aProgramThatDeletesItselfHasNames() throws Exception {
        Path source = Files.writeString(
                dir.resolve("gone.c"),
                """
                #include <stdio.h>
                #include <time.h>
                #include <unistd.h>
                volatile long sink;
                __attribute__((noinline)) void run_deleted(void) {
                    for (long i = 0; i < 1000000; i++) sink += i;
                }
                int main(int argc, char **argv) {
                    unlink(argv[0]);
                    fclose(fopen(argv[0], "w"));
                    while (clock() < CLOCKS_PER_SEC / 2) run_deleted();
                    return 0;
                }
                """);
        Path program = dir.resolve("gone");
        assertEquals(
                0,
                new ProcessBuilder(
                                "gcc",
                                "-O1",
                                "-Wl,--build-id",
                                "-fno-omit-frame-pointer",
                                "-o",
                                program.toString(),
                                source.toString())
                        .inheritIO()
                        .start()
                        .waitFor());
        Path trace = dir.resolve("gone.damson");
        CliRun run = CliRun.of("record", "--stacks=499", "-o", trace, "--aggr", "200ms", "--", program)
                .expectAnswer();
        Set<String> functions = new HashSet<>();
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(Table.FRAMES, (b, r) -> functions.add(Frame.of(b, r).name()));
        }
        assertTrue(functions.contains("run_deleted"), run.err() + functions);
    }

    /** {samples whose innermost frame is {@code compare}, those of them that have all its callers, in order}. */
    private static int[] sorted(Path trace) throws IOException {
        Map<Long, String> frames = new HashMap<>();
        Map<Long, List<String>> stacks = new HashMap<>();
        int[] counts = {0, 0};
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(
                    Table.FRAMES,
                    (b, r) -> frames.put(b.get(0, r), Frame.of(b, r).name()));
            t.forEachRow(Table.STACKS, (b, r) -> stacks.computeIfAbsent(b.get(0, r), s -> new ArrayList<>())
                    .add(frames.get(b.get(2, r))));
            t.forEachRow(Table.SAMPLES, (b, r) -> {
                List<String> names = stacks.get(b.get(Table.SAMPLES.indexOf("stack_id"), r));
                boolean isClock = b.text(Table.SAMPLES.indexOf("event"), r).equals("cpu-clock");
                if (isClock && names.get(0).equals("compare")) {
                    counts[0]++;
                    List<String> own = new ArrayList<>(names);
                    own.retainAll(List.of("compare", "sort_all", "prepare", "main"));
                    counts[1] += own.equals(List.of("compare", "sort_all", "prepare", "main")) ? 1 : 0;
                }
            });
        }
        return counts;
    }

    /** A program without frame pointers that sorts, for so many seconds of CPU time as in {@code 2s}. */
    private Path sorting() throws Exception {
        Path source = CliRun.testdata().resolveSibling("testing/sort.c");
        Path program = dir.resolve("sort");
        Process gcc = new ProcessBuilder(
                        "gcc", "-O2", "-fomit-frame-pointer", "-o", program.toString(), source.toString())
                .inheritIO()
                .start();
        assertEquals(0, gcc.waitFor());
        return program;
    }

    /** The C library calls back: neither it nor the program keeps frame pointers. */
    @Test
    @EnabledOnOs(architectures = "amd64", disabledReason = "needs 64-bit x86")
    void copiesOfStacksHaveTheCallersThatFramePointersLose() throws Exception {
        Path program = sorting();
        int[][] counts = new int[2][];
        for (String how : List.of("never", "auto")) {
            Path trace = dir.resolve(how + ".damson");
            CliRun run = CliRun.of(
                            "record",
                            "--stacks",
                            "--unwind",
                            how,
                            "-o",
                            trace,
                            "--aggr",
                            "200ms",
                            "--",
                            program,
                            "1.5s")
                    .expectAnswer();
            counts[how.equals("auto") ? 1 : 0] = sorted(trace);
            assertEquals(how.equals("auto"), run.err().contains("copies of user stacks are unwound"), run.err());
        }
        String all = Arrays.deepToString(counts);
        assertTrue(counts[0][0] > 10 && counts[1][0] > 10, all);
        assertTrue(counts[0][1] < 0.1 * counts[0][0], all);
        assertTrue(counts[1][1] > 0.9 * counts[1][0], all);
    }

    /** What was walked and flushed is there, and neither process of damson's is left. */
    @Test
    @EnabledOnOs(architectures = "amd64", disabledReason = "needs 64-bit x86")
    void walksOfAKilledRecorderAreKept() throws Exception {
        Path trace = dir.resolve("killed.damson");
        Process recorder = DamsonProcess.start(
                dir, "record", "--stacks", "--unwind", "auto", "-o", trace, "--aggr", "200ms", "--", sorting(), "60s");
        List<ProcessHandle> others = List.of();
        try {
            for (int i = 0; i < 600 && others.isEmpty(); i++) {
                Thread.sleep(100);
                if (sampled(trace) > 60) {
                    others = recorder.descendants().toList();
                    recorder.destroyForcibly().waitFor();
                }
            }
            assertFalse(others.isEmpty());
            for (int i = 0; i < 100 && others.stream().anyMatch(StackCommandTest::isJava); i++) {
                Thread.sleep(100);
            }
            assertFalse(others.stream().anyMatch(StackCommandTest::isJava), "the process that walks goes on");
            CliRun.of("recover", trace).expect(ExitCode.OK);
            Path named = dir.resolve("named.damson");
            CliRun.of("symbolize", trace, "-o", named).expect(ExitCode.OK);
            int[] counts = sorted(named);
            assertTrue(counts[1] > 20 && counts[1] > 0.9 * counts[0], Arrays.toString(counts));
        } finally {
            others.forEach(ProcessHandle::destroyForcibly);
            recorder.descendants().forEach(ProcessHandle::destroyForcibly);
            recorder.destroyForcibly();
        }
    }

    private static boolean isJava(ProcessHandle process) {
        return process.isAlive() && process.info().command().orElse("").endsWith("java");
    }

    /** Samples that a reader finds while it is recorded. */
    private static long sampled(Path trace) {
        try (TraceSource opened = Traces.open(trace)) {
            return opened.rowCount(Table.SAMPLES);
        } catch (IOException notYet) {
            return 0;
        }
    }

    /** Whatever this machine is. */
    @Test
    void hardwareCountersAreRecordedOrSaidNotToBeHere() throws Exception {
        Path trace = dir.resolve("x.damson");
        CliRun run = CliRun.of(
                        "record", "--stacks", "--hardware", "-o", trace, "--aggr", "200ms", "--", "sh", "-c", BUSY)
                .expect(ExitCode.OK);
        Set<String> counters = new HashSet<>();
        Set<String> events = new HashSet<>();
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(Table.MEMORY, (b, r) -> counters.add(b.text(2, r)));
            t.forEachRow(Table.SAMPLES, (b, r) -> events.add(b.text(4, r)));
        }
        assertEquals(counters.contains("cycles"), !run.err().contains("hardware counters are unavailable"), run.err());
        assertEquals(events.contains("cycles"), !run.err().contains("counts no cycles"), run.err());
        assertEquals(events.contains("cpu-clock"), !events.contains("cycles"));
    }

    @Test
    void refusesAnUnwindThatIsNone() {
        for (String[] words : new String[][] {{"--stacks", "--unwind", "dwarf"}, {"--unwind", "auto"}}) {
            Path trace = dir.resolve("no.damson");
            List<Object> line = new ArrayList<>(List.of("record", "-o", trace));
            line.addAll(List.of(words));
            line.addAll(List.of("--", "true"));
            CliRun run = CliRun.of(line.toArray()).expect(ExitCode.USAGE);
            assertTrue(run.err().startsWith("damson: --unwind"), run.err());
            assertFalse(Files.exists(trace));
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
