package org.damson.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Call stacks of a process that sees files, and numbers of processes, which the recorder does not, as in a container. */
@EnabledIfSystemProperty(named = "user.name", matches = "root", disabledReason = "needs root")
final class ContainerStacksTest {
    /** Without frame pointers; the outer function calls through the C library. */
    private static final String PROGRAM =
            """
            #include <stdlib.h>
            #include <time.h>
            static int values[4096];
            volatile long sink;
            __attribute__((noipa)) int compare(const void *a, const void *b) {
                for (int i = 0; i < 20; i++) sink += i;
                return *(const int *)a - *(const int *)b;
            }
            __attribute__((noipa)) void sort_in_container(void) { qsort(values, 4096, sizeof *values, compare); sink++; }
            int main(void) {
                while (clock() < 20 * CLOCKS_PER_SEC) sort_in_container();
                return 0;
            }
            """;

    @TempDir
    Path dir;

    private Set<String> functions(Path trace) throws Exception {
        Set<String> functions = new HashSet<>();
        try (TraceSource t = Traces.open(trace)) {
            t.forEachRow(Table.FRAMES, (b, r) -> functions.add(Frame.of(b, r).name()));
        }
        return functions;
    }

    /** Starts what a shell runs in namespaces of its own, where {@code inside} has files of its own. */
    private Process started(String script) throws Exception {
        Path inside = Files.createDirectories(dir.resolve("inside"));
        return new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        "mount -t tmpfs none '" + inside + "' && " + script)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile())
                .start();
    }

    private void awaitProgram(Process process, Path program) throws Exception {
        Path exe = Path.of("/proc/" + process.pid() + "/exe");
        for (int i = 0; i < 500 && process.isAlive(); i++) {
            if (Files.readSymbolicLink(exe).equals(program)) {
                return;
            }
            Thread.sleep(20);
        }
        throw new AssertionError(Files.readString(dir.resolve("said")));
    }

    @Test
    void filesThatOnlyTheProcessSeesHaveNamesAndAreUnwound() throws Exception {
        Path source = Files.writeString(dir.resolve("sort.c"), PROGRAM);
        Path built = dir.resolve("built");
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-O2",
                        "-fomit-frame-pointer",
                        "-Wl,--build-id",
                        "-o",
                        built.toString(),
                        source.toString())
                .inheritIO()
                .start();
        assertEquals(0, gcc.waitFor());
        Path program = dir.resolve("inside/sort");
        Process process = started("cp '" + built + "' '" + program + "' && exec '" + program + "'");
        try {
            awaitProgram(process, program);
            Path trace = dir.resolve("x.damson");
            CliRun run = CliRun.of(
                    "record",
                    "--pid",
                    process.pid(),
                    "--stacks=499",
                    "--unwind",
                    "auto",
                    "--duration",
                    "2s",
                    "--aggr",
                    "500ms",
                    "-o",
                    trace);
            assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.PARTIAL, run.err());
            assertTrue(Files.notExists(program));
            assertTrue(functions(trace).containsAll(Set.of("compare", "sort_in_container", "main")), run.err());
        } finally {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** Code that a program makes is named in a file that it writes below its own root, under its own number. */
    @Test
    void codeThatIsMadeInAnotherNamespaceHasItsNames() throws Exception {
        Path source = Files.writeString(
                dir.resolve("made.c"),
                """
                #include <stdio.h>
                #include <string.h>
                #include <sys/mman.h>
                #include <time.h>
                #include <unistd.h>
                int main(void) {
                    /* push rbp; mov rbp,rsp; mov ecx,imm32; dec ecx; jnz; pop rbp; ret */
                    static const unsigned char code[] = {0x55, 0x48, 0x89, 0xe5, 0xb9, 0, 0, 0x10, 0, 0xff, 0xc9, 0x75, 0xfc, 0x5d, 0xc3};
                    void *p = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                    memcpy(p, code, sizeof code);
                    char name[64];
                    snprintf(name, sizeof name, "/tmp/perf-%d.map", getpid());
                    FILE *map = fopen(name, "w");
                    fprintf(map, "%lx %zx made_in_container\\n", (long)p, sizeof code);
                    fclose(map);
                    while (clock() < 20 * CLOCKS_PER_SEC) ((void (*)(void))p)();
                    return 0;
                }
                """);
        Path built = dir.resolve("made");
        Process gcc = new ProcessBuilder(
                        "gcc", "-O1", "-fno-omit-frame-pointer", "-o", built.toString(), source.toString())
                .inheritIO()
                .start();
        assertEquals(0, gcc.waitFor());
        // What is mounted over /tmp hides the program: it is opened before.
        Process process = started(
                "exec 3<'" + built + "' && mount -t tmpfs none /tmp && exec unshare --pid --fork /proc/self/fd/3");
        try {
            long pid = -1;
            for (int i = 0; i < 500 && pid < 0 && process.isAlive(); i++) {
                pid = process.descendants()
                        .filter(p -> p.info().command().orElse("").endsWith("/made"))
                        .mapToLong(ProcessHandle::pid)
                        .findFirst()
                        .orElse(-1);
                Thread.sleep(20);
            }
            assertTrue(pid > 0, Files.readString(dir.resolve("said")));
            Path trace = dir.resolve("made.damson");
            CliRun run = CliRun.of(
                    "record", "--pid", pid, "--stacks=499", "--duration", "2s", "--aggr", "500ms", "-o", trace);
            assertTrue(run.exit() == ExitCode.OK || run.exit() == ExitCode.PARTIAL, run.err());
            assertTrue(Files.notExists(Path.of("/tmp/perf-" + pid + ".map")));
            assertTrue(functions(trace).contains("made_in_container"), run.err() + functions(trace));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }
}
