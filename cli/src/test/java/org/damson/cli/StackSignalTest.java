package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C while call stacks are recorded, walked and named. */
@Timeout(120)
final class StackSignalTest {
    private static final String PROGRAM =
            """
            static volatile char memory[1 << 22];
            __attribute__((noinline)) void busy_one(int by) {
                for (int i = 0; i < 1 << 22; i += 64) memory[i] += by;
            }
            int main(void) { for (int i = 0;; i++) busy_one(i); }
            """;

    @TempDir
    Path dir;

    private static long sampled(Path trace) {
        try (TraceSource t = Traces.open(trace)) {
            return t.rowCount(Table.SAMPLES);
        } catch (IOException | RuntimeException e) {
            return 0; // not there yet
        }
    }

    private static Set<String> functions(Path trace) throws IOException {
        Set<String> functions = new HashSet<>();
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(Table.FRAMES, (b, r) -> functions.add(b.text(Table.FRAMES.indexOf("function"), r)));
        }
        return functions;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    private String said() throws IOException {
        return Files.readString(dir.resolve("err"));
    }

    /** Processes recorded by --pid run on: a signal is how most such recordings end. */
    @Test
    void aRecordingThatIsInterruptedHasItsNames() throws Exception {
        Path program = dir.resolve("program");
        Files.writeString(dir.resolve("program.c"), PROGRAM);
        DamsonProcess.run("gcc", "-O1", "-g", "-o", program.toString(), program + ".c");
        Process busy = new ProcessBuilder(program.toString()).start();
        try {
            for (String unwind : List.of("never", "auto")) {
                Path home = Files.createDirectory(dir.resolve(unwind));
                Path trace = home.resolve("x.damson");
                Process p = DamsonProcess.start(
                        dir,
                        "record",
                        "--stacks",
                        "--unwind",
                        unwind,
                        "-o",
                        trace,
                        "--aggr",
                        "200ms",
                        "--pid",
                        busy.pid());
                for (int i = 0; i < 600 && sampled(trace) < 60; i++) {
                    Thread.sleep(100);
                }
                DamsonProcess.send("INT", p);
                assertEquals(ExitCode.INTERRUPTED, p.waitFor());
                assertEquals(List.of(), Traces.verify(trace).findings());
                assertTrue(sampled(trace) >= 60, said());
                assertTrue(functions(trace).contains("busy_one"), functions(trace) + said());
                assertEquals(List.of("x.damson"), names(home));
            }
        } finally {
            busy.destroyForcibly();
        }
    }

    /** Interrupts a command as soon as its process that reads ELF files has begun. */
    private void interrupted(Object... args) throws Exception {
        Process p = DamsonProcess.start(dir, args);
        while (p.isAlive() && p.children().findAny().isEmpty()) {
            Thread.onSpinWait();
        }
        List<ProcessHandle> readers = p.children().toList();
        assertEquals(1, readers.size(), "ended before it could be interrupted");
        DamsonProcess.send("INT", p);
        assertEquals(ExitCode.INTERRUPTED, p.waitFor());
        assertEquals(
                List.of("damson: interrupted"),
                said().lines().filter(l -> !l.startsWith("note: ")).toList());
        for (int i = 0; i < 100 && readers.get(0).isAlive(); i++) {
            Thread.sleep(100);
        }
        assertTrue(!readers.get(0).isAlive(), "the process that reads goes on");
    }

    @Test
    void namingThatIsInterruptedLeavesTheTraceAsItWas() throws Exception {
        Path home = Files.createDirectory(dir.resolve("home"));
        Path trace = home.resolve("x.damson");
        CliRun.of("import", CliRun.testdata().resolve("perf-stacks/stacks.perf.data.gz"), "-o", trace)
                .expectAnswer();
        Set<String> before = functions(trace);
        interrupted("symbolize", trace);
        assertEquals(before, functions(trace));
        assertEquals(List.of(), Traces.verify(trace).findings());
        assertEquals(List.of("x.damson"), names(home));
    }

    @Test
    void walkingThatIsInterruptedLeavesNothing() throws Exception {
        Path home = Files.createDirectory(dir.resolve("home"));
        Path from = CliRun.testdata().resolve("perf-stacks");
        interrupted(
                "import",
                from.resolve("dwarf.perf.data.gz"),
                "--symfs",
                from.resolve("files"),
                "-o",
                home.resolve("x.damson"));
        assertEquals(List.of(), names(home));
    }
}
