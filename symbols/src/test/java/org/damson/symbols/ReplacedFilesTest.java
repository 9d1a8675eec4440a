package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.model.stacks.Frame;
import org.damson.symbols.Stacks.Sample;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names where the file that ran is not the one that is there now, or where files cannot be read at all. */
final class ReplacedFilesTest {
    private static final String FIRST =
            """
            #include <unistd.h>
            int before(void) { return 1; }
            int main(void) { write(1, "x", 1); return before() + pause(); }
            """;

    /** Other functions at the same places. */
    private static final String SECOND = FIRST.replace("before", "wrongly");

    @TempDir
    Path dir;

    @BeforeEach
    void openTheDirectory() throws Exception {
        Built.run("chmod", "755", dir.toString());
    }

    private static Manifest here(long toEpochNs) throws Exception {
        Manifest m = new Manifest();
        ManifestKey.HOST_NAME.put(
                m, Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        ManifestKey.KERNEL.put(
                m, Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        m.toEpochNs = toEpochNs;
        // Long after every process began.
        m.toBootNs = TimeUnit.DAYS.toNanos(10_000);
        return m;
    }

    private SymbolizedTrace symbolize(Manifest m, Frame frame, int pid) throws Exception {
        Path trace = Files.createTempDirectory(dir, "t").resolve("t.damson");
        return Symbolizer.symbolize(
                Stacks.trace(trace, m, List.of(Stacks.sample(pid, frame))), Stacks.options(null, null, null));
    }

    private static String function(SymbolizedTrace t) throws Exception {
        return Stacks.of(t).get(0).get(0).function();
    }

    /** What a process has mapped is read from there, whatever has the name of its file now. */
    @Test
    void aProgramThatWasReplacedWhileItRunsHasItsOwnNames() throws Exception {
        Path program = Built.compile(dir, "program", FIRST, "-pie");
        long at = Built.functions(program).get("before")[0];
        Path other = Built.compile(dir, "other", SECOND, "-pie", "-Wl,--build-id=0x" + "ff".repeat(20));
        Process running = new ProcessBuilder(program.toString()).start();
        try {
            assertEquals('x', running.getInputStream().read());
            Files.move(other, program, StandardCopyOption.REPLACE_EXISTING);
            int pid = (int) running.pid();
            for (String name : List.of(program.toString(), program + " (deleted)")) {
                try (SymbolizedTrace t = symbolize(here(0), new Frame("", name, Built.BUILD_ID, at), pid)) {
                    assertEquals("before", function(t), name);
                    assertEquals(
                            "/proc/" + pid + "/exe", t.report().modules().get(0).from());
                }
                try (SymbolizedTrace t = symbolize(here(0), new Frame("", name, "", at), pid)) {
                    assertEquals("", function(t), name);
                    assertTrue(
                            t.report().modules().get(0).why().startsWith("no build id is recorded, and the file was "),
                            t.report().toString());
                }
            }
        } finally {
            running.destroyForcibly().waitFor();
        }
        try (SymbolizedTrace t =
                symbolize(here(0), new Frame("", program.toString(), Built.BUILD_ID, at), (int) running.pid())) {
            assertEquals("", function(t));
            assertEquals(
                    program + " has another build id",
                    t.report().modules().get(0).why());
        }
    }

    /** No recording has a build id of what the kernel maps into every process. */
    @Test
    void theVdsoIsNamedOfARecordingOfThisKernel() throws Exception {
        long at = 0;
        try (ThisMachine machine = new ThisMachine()) {
            for (String line : Built.run("nm", "-D", machine.vdso().toString()).split("\n")) {
                at = line.contains(" __vdso_clock_gettime") ? Long.parseLong(line.split(" ")[0], 16) : at;
            }
        }
        Manifest elsewhere = here(0);
        ManifestKey.KERNEL.put(elsewhere, "6.0.0-other");
        try (SymbolizedTrace t = symbolize(here(0), new Frame("", "[vdso]", "", at), 1);
                SymbolizedTrace other = symbolize(elsewhere, new Frame("", "[vdso]", "", at), 1)) {
            assertTrue(function(t).contains("clock_gettime"), function(t));
            assertEquals("", function(other));
        }
    }

    /** Of a file without a build id only its age tells whether it is the one that ran. */
    @Test
    void aFileWithoutABuildIdIsUsedIfItIsOlderThanTheRecording() throws Exception {
        Path program = Built.compile(dir, "program", FIRST, "-pie", "-Wl,--build-id=none");
        long at = Built.functions(program).get("before")[0];
        Frame place = new Frame("", program.toString(), "", at);
        Instant changed = ((FileTime) Files.getAttribute(program, "unix:ctime")).toInstant();
        long changedNs = TimeUnit.SECONDS.toNanos(changed.getEpochSecond()) + changed.getNano();
        long sampleNs = Stacks.sample(1, place).timeNs();
        try (SymbolizedTrace t = symbolize(here(changedNs - sampleNs), place, 1)) {
            assertEquals("before", function(t));
        }
        // The recording may have gone on for long: the sample that counts is the first.
        Path trace = dir.resolve("later.damson");
        List<Sample> samples =
                List.of(Stacks.sample(1, place), new Sample(sampleNs + TimeUnit.HOURS.toNanos(1), 1, List.of(place)));
        try (SymbolizedTrace t = Symbolizer.symbolize(
                Stacks.trace(trace, here(changedNs - sampleNs - 1), samples), Stacks.options(null, null, null))) {
            assertEquals("", function(t));
            assertEquals(
                    "no build id is recorded, and the file was changed after the recording began",
                    t.report().modules().get(0).why());
        }
    }

    /** Names of the kernel and of code that programs made are in no ELF file. */
    @Test
    void whatIsInNoElfFileIsNamedWithoutLibdw() throws Exception {
        Path program = Built.compile(dir, "program", FIRST, "-pie");
        Path kallsyms = Files.writeString(
                dir.resolve("kallsyms"),
                "ffffffff81000000 T _text\nffffffff81000100 T sys_read\nffffffff81000200 T _etext\n");
        Files.writeString(dir.resolve("perf-1.map"), "7f0000001000 80 jit\n");
        Frame[] stack = {
            new Frame("", "[kernel.kallsyms]", "", 0x110),
            new Frame("", program.toString(), Built.BUILD_ID, 0x1100),
            new Frame("", "//anon", "", 0x7f0000001004L)
        };
        Symbolizer.ElfFiles none = (debugPath, requests) -> {
            throw new MissingCapabilityException(ElfProcess.MISSING);
        };
        SymbolOptions options = Stacks.options(null, kallsyms, dir);
        try (SymbolizedTrace t = Symbolizer.symbolize(
                Stacks.trace(dir.resolve("a.damson"), new Manifest(), List.of(Stacks.sample(1, stack))),
                options,
                none)) {
            assertEquals(
                    List.of("sys_read", "", "jit"),
                    Stacks.of(t).get(0).stream().map(Frame::function).toList());
            assertEquals(ElfProcess.MISSING, t.report().lacking());
            assertTrue(t.report().isPartial());
            assertTrue(
                    t.report().modules().stream().anyMatch(m -> m.why().equals("libdw.so.1 is not installed")),
                    t.report().toString());
        }
        // Where there is nothing else, nothing was done.
        assertThrows(
                MissingCapabilityException.class,
                () -> Symbolizer.symbolize(
                        Stacks.trace(dir.resolve("b.damson"), new Manifest(), List.of(Stacks.sample(1, stack[1]))),
                        options,
                        none));
    }
}
