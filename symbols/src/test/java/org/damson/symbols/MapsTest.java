package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.stacks.Frame;
import org.damson.symbols.Stacks.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names from lists of symbols: maps of JIT compilers, and kallsyms. */
final class MapsTest {
    private static final long SECOND = 1_000_000_000L;

    /** No process has it: the greatest number is 2^22. */
    private static final int DEAD = 4_999_999;

    @TempDir
    Path dir;

    private static Frame made(long address) {
        return new Frame("", "//anon", "", address);
    }

    private SymbolizedTrace symbolize(Manifest m, SymbolOptions options, List<Sample> samples) throws Exception {
        Path trace = Files.createTempDirectory(dir, "t").resolve("t.damson");
        return Symbolizer.symbolize(Stacks.trace(trace, m, samples), options);
    }

    private SymbolizedTrace symbolize(SymbolOptions options, List<Sample> samples) throws Exception {
        return symbolize(new Manifest(), options, samples);
    }

    @Test
    void codeThatAProgramMadeHasTheNamesOfItsOwnMap() throws Exception {
        Files.writeString(dir.resolve("perf-1.map"), "7f0000001000 80 Lapp;::first\n7f0000001080 0x80 second one\n");
        Files.writeString(dir.resolve("perf-2.map"), "7f0000001000 80 other\n7f0000001000 10 later\n");
        Frame at = made(0x7f0000001004L);
        Frame call = made(0x7f0000001080L);
        Frame nowhere = made(0x7f0000002000L);
        SymbolOptions options = Stacks.options(null, null, dir);
        List<Sample> samples = List.of(
                Stacks.sample(1, at, call, nowhere),
                Stacks.sample(2, at, call, nowhere),
                Stacks.sample(3, at, call, nowhere));
        try (SymbolizedTrace t = symbolize(options, samples)) {
            List<List<Frame>> found = Stacks.of(t);
            assertEquals(
                    List.of(
                            new Frame("Lapp;::first", "//anon", "", 4),
                            new Frame("Lapp;::first", "//anon", "", 0x80),
                            nowhere),
                    found.get(0));
            assertEquals(
                    List.of(new Frame("later", "//anon", "", 4), new Frame("other", "//anon", "", 0x80), nowhere),
                    found.get(1));
            assertEquals(List.of(at, call, nowhere), found.get(2), "process 3 has no map");
            assertEquals(9, t.report().places());
            assertEquals(4, t.report().named());
        }
    }

    /** As where the kernel goes back to a program that has just become another one. */
    @Test
    void whereNothingIsMappedNoMapIsMissed() throws Exception {
        List<Sample> samples = List.of(Stacks.sample(DEAD, new Frame("", "", "", 0x7f0000001004L)));
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
            SymbolReport.Module m = t.report().modules().get(0);
            assertEquals("memory of process " + DEAD, m.name());
            assertEquals("nothing is known to be mapped there", m.why());
        }
    }

    @Test
    void linesThatAreNoSymbolsAreCountedAndHugeOnesCut() throws Exception {
        try (OutputStream out = Files.newOutputStream(dir.resolve("perf-1.map"))) {
            out.write("nonsense\n-1 10 minus\n7f0000001000 80\n7f0000001000 ffffffffffffffff all\n\n \n0 0 \n"
                    .getBytes());
            byte[] huge = new byte[1 << 20];
            Arrays.fill(huge, (byte) 'x');
            out.write("7f0000001000 80 ".getBytes());
            for (int i = 0; i < 20; i++) {
                out.write(huge);
            }
            out.write("\n7f0000003000 80 \u001b[31m<script>\u202e\r\n7f0000004000 80 cut off at the end"
                    .getBytes("UTF-8"));
        }
        List<Sample> samples = List.of(
                Stacks.sample(1, made(0x7f0000001000L)),
                Stacks.sample(1, made(0x7f0000003000L)),
                Stacks.sample(1, made(0x7f0000004001L)));
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, dir), samples)) {
            List<List<Frame>> found = Stacks.of(t);
            assertTrue(found.get(0).get(0).function().length() < SymbolLines.MAX_LINE);
            assertTrue(found.get(0).get(0).function().startsWith("xxx"));
            assertEquals("?[31m<script>?", found.get(1).get(0).name().strip());
            assertEquals("cut off at the end", found.get(2).get(0).function());
            assertTrue(
                    t.report().modules().get(0).why().contains("lines of"),
                    t.report().toString());
        }
    }

    private static Manifest recorded(Instant at) {
        Manifest m = new Manifest();
        m.toEpochNs = at.getEpochSecond() * SECOND - SECOND;
        m.toBootNs = 0L;
        return m;
    }

    /** A map in /tmp may be another process's: of one that ended, or of a later one with its number. */
    @Test
    void aMapThatMayBeAnothersIsNotTaken() throws Exception {
        Path map = Path.of("/tmp/perf-" + DEAD + ".map");
        Instant sampled = Instant.parse("2026-03-01T12:00:00Z");
        List<Sample> samples = List.of(Stacks.sample(DEAD, made(0x7f0000001000L)));
        SymbolOptions options = Stacks.options(null, null, null);
        Files.writeString(map, "7f0000001000 80 jit\n");
        try {
            for (Object[] c : new Object[][] {
                {sampled.plusSeconds(2), "jit"}, {sampled.plusSeconds(60), ""}, {sampled.minusSeconds(60), ""}
            }) {
                Files.setLastModifiedTime(map, FileTime.from((Instant) c[0]));
                try (SymbolizedTrace t = symbolize(recorded(sampled), options, samples)) {
                    assertEquals(c[1], Stacks.of(t).get(0).get(0).function(), c[0].toString());
                }
            }
            Files.setLastModifiedTime(map, FileTime.from(sampled));
            Manifest elsewhere = recorded(sampled);
            ManifestKey.HOST_NAME.put(elsewhere, "another-host.invalid");
            try (SymbolizedTrace t = symbolize(elsewhere, options, samples)) {
                assertTrue(
                        t.report().modules().get(0).why().contains("another machine"),
                        t.report().toString());
                assertEquals(0, t.report().named());
            }
        } finally {
            Files.delete(map);
        }
    }

    @Test
    void aProcessThatBeganAfterItsLastSampleIsAnother() throws Exception {
        int self = (int) ProcessHandle.current().pid();
        Path map = Path.of("/tmp/perf-" + self + ".map");
        Files.writeString(map, "7f0000001000 80 jit\n");
        try {
            // Sampled in the first second after boot, when this process was not there yet.
            List<Sample> samples = List.of(Stacks.sample(self, made(0x7f0000001000L)));
            try (SymbolizedTrace t = symbolize(recorded(Instant.now()), Stacks.options(null, null, null), samples)) {
                assertEquals(0, t.report().named());
                assertTrue(
                        t.report().modules().get(0).why().contains("another one now"),
                        t.report().toString());
            }
        } finally {
            Files.delete(map);
        }
    }

    @Test
    void aLinkInTheDirectoryOfAllUsersIsNotFollowed() throws Exception {
        Path target = Files.writeString(dir.resolve("target"), "7f0000001000 80 jit\n");
        Path maps = Files.createDirectory(dir.resolve("maps"));
        Files.createSymbolicLink(maps.resolve("perf-1.map"), target);
        List<Sample> samples = List.of(Stacks.sample(1, made(0x7f0000001000L)));
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, maps), samples)) {
            assertEquals(0, t.report().named());
        }
    }

    @Test
    void kernelFunctionsAreCountedFromText() throws Exception {
        Path kallsyms = Files.writeString(
                dir.resolve("kallsyms"),
                """
                0000000000000000 A fixed_percpu_data
                ffffffff81000000 T _stext
                ffffffff81000000 T _text
                ffffffff81000100 T __x64_sys_read
                ffffffff81000100 W __ia32_sys_read
                ffffffff81000200 t do_read
                ffffffff81000300 D data
                ffffffff81000400 T _etext
                ffffffffc0000000 t in_a_module\t[module]
                nonsense
                \t[mod81002000 D before_its_name
                ffffffff81000220 t \t[module]
                """);
        Frame[] stack = {
            new Frame("", "[kernel.kallsyms]", "", 0x210),
            new Frame("", "[kernel.kallsyms]", "", 0x200),
            new Frame("", "[kernel.kallsyms]", "", 0x100),
            new Frame("", "[kernel.kallsyms]", "", 0x500),
        };
        try (SymbolizedTrace t = symbolize(Stacks.options(null, kallsyms, null), List.of(Stacks.sample(1, stack)))) {
            List<Frame> found = Stacks.of(t).get(0);
            assertEquals(new Frame("do_read", "[kernel.kallsyms]", "", 0x10), found.get(0));
            // Where a call returns to, the call is before it.
            assertEquals(new Frame("__x64_sys_read", "[kernel.kallsyms]", "", 0x100), found.get(1));
            assertEquals("", found.get(3).function());
        }
        Frame other = new Frame("", "[kernel.kallsyms]", "ffff" + Built.BUILD_ID.substring(4), 0x210);
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), List.of(Stacks.sample(1, other)))) {
            assertTrue(
                    t.report().modules().get(0).why().contains("another kernel"),
                    t.report().toString());
        }
    }

    /** Modules are where {@code /proc/modules} says, whose copy lies beside that of {@code kallsyms}. */
    @Test
    void functionsOfKernelModulesAreCountedFromWhereTheyAreLoaded() throws Exception {
        Path kallsyms = Files.writeString(
                dir.resolve("kallsyms"),
                """
                ffffffff81000000 T _text
                ffffffff81000100 T a_kernel_function
                ffffffffc0100010 t zram_read\t[zram]
                ffffffffc0100080 t zram_write\t[zram]
                ffffffffc0100090 d data\t[zram]
                ffffffffc0200010 t other_read\t[other_one]
                ffffffffc0200010 t odd\t[
                """);
        Frame[] stack = {
            new Frame("", "[zram]", "", 0x14),
            new Frame("", "[zram]", "", 0x80),
            new Frame("", "/lib/modules/6.12/kernel/other-one.ko.xz", "", 0x20),
            new Frame("", "[zram]", "", 0xfff),
            new Frame("", "[zram]", "", 0x1001),
            new Frame("", "[zram]", "", 4),
            new Frame("", "[absent]", "", 4),
            new Frame("", "[heap]", "", 4),
        };
        List<Sample> samples = List.of(Stacks.sample(1, stack));
        try (SymbolizedTrace t = symbolize(Stacks.options(null, kallsyms, null), samples)) {
            assertEquals(0, t.report().named());
            assertTrue(
                    t.report().modules().get(0).why().contains("there is no " + dir.resolve("modules")),
                    t.report().toString());
        }
        Files.writeString(
                dir.resolve("modules"),
                """
                zram 4096 1 - Live 0xffffffffc0100000
                other_one 4096 0 - Live 0xffffffffc0200000 (OE)
                nonsense
                """);
        try (SymbolizedTrace t = symbolize(Stacks.options(null, kallsyms, null), samples)) {
            List<String> found = Stacks.of(t).get(0).stream()
                    .map(f -> f.function() + "+" + f.offset())
                    .toList();
            // Where a call returns to, the call is before it.
            assertEquals(
                    List.of(
                            "zram_read+4",
                            "zram_read+112",
                            "other_read+16",
                            "zram_write+3967",
                            "+4097",
                            "+4",
                            "+4",
                            "+4"),
                    found);
        }
    }
}
