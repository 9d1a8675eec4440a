package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.damson.model.Manifest;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.symbols.Stacks.Sample;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of code in ELF files, against what binutils say of the same files. */
final class SymbolizerTest {
    private static final String PROGRAM =
            """
            #include <stdlib.h>
            volatile long sink;
            static inline __attribute__((always_inline)) void innermost(long n) {
                sink += n * 3;
                sink ^= n;
            }
            static inline __attribute__((always_inline)) void middle(long n) {
                for (long i = 0; i < n; i++)
                    innermost(i);
            }
            __attribute__((noinline)) void outer(long n) {
                sink++;
                middle(n);
            }
            __attribute__((noinline, noreturn)) void last_call(void) { abort(); }
            __attribute__((noinline)) void behind(void) { sink = 7; }
            int cpp(void) __asm__("_ZN5space4Type6methodEiPKc");
            int cpp(void) { return sink; }
            int rust_old(void) __asm__("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE");
            int rust_old(void) { return sink + 1; }
            int rust_new(void) __asm__("_RINvNtC3std3mem8align_ofjE");
            int rust_new(void) { return sink + 2; }
            int main(int argc, char **argv) {
                if (argc > 5) { last_call(); }
                outer(argc);
                behind();
                return cpp() + rust_old() + rust_new();
            }
            """;

    @TempDir
    Path dir;

    @BeforeEach
    void openTheDirectory() throws Exception {
        // Of root's, separate debug files are read by nobody.
        Built.run("chmod", "755", dir.toString());
    }

    private SymbolizedTrace symbolize(SymbolOptions options, List<Sample> samples) throws Exception {
        Path trace = Files.createTempDirectory(dir, "t").resolve("t.damson");
        return Symbolizer.symbolize(Stacks.trace(trace, new Manifest(), samples), options);
    }

    private List<Frame> named(SymbolOptions options, Frame... stack) throws Exception {
        try (SymbolizedTrace t = symbolize(options, List.of(Stacks.sample(1, stack)))) {
            return Stacks.of(t).get(0);
        }
    }

    @Test
    void namesAreThoseThatNmPrints() throws Exception {
        for (String kind : List.of("-pie", "-no-pie")) {
            Path elf = Built.compile(dir, "program" + kind, PROGRAM, "-O1", kind);
            long base = kind.equals("-pie") ? 0 : 0x400000;
            List<Sample> samples = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (Map.Entry<String, long[]> f : Built.functions(elf).entrySet()) {
                if (f.getKey().startsWith("_")
                        && !f.getKey().startsWith("_Z")
                        && !f.getKey().startsWith("_R")) {
                    continue; // of the C library: several may be at one place
                }
                long size = f.getValue()[1];
                for (long at : new long[] {0, size / 2, size - 1}) {
                    samples.add(Stacks.sample(1, Stacks.place(elf, f.getValue()[0] - base + at)));
                    expected.add(f.getKey() + "+" + at);
                }
            }
            assertTrue(expected.size() > 12, expected.toString());
            try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
                List<String> found = Stacks.of(t).stream()
                        .map(s -> s.get(s.size() - 1).function() + "+"
                                + s.get(s.size() - 1).offset())
                        .toList();
                assertEquals(expected.stream().map(SymbolizerTest::demangled).toList(), found);
                assertEquals(t.report().places(), t.report().named());
                assertFalse(t.report().isPartial());
            }
        }
    }

    /** Beside functions are labels without a size, and code that no symbol is of. */
    private static final String LABELS =
            """
            __asm__(".text\\n.globl label\\nlabel: .skip 64, 0x90\\n"
                    ".globl sized\\n.type sized, @function\\nsized: .skip 64, 0x90\\n.size sized, 64\\n.skip 64, 0x90\\n"
                    "bare: .skip 64, 0x90\\n$x: .skip 64, 0x90\\n"
                    ".section .rodata\\nlist: .skip 64\\n.text\\n");
            int puts(const char *);
            int main(void) { return puts("x"); }
            """;

    /** Only code has functions: not what is read by the unwinder, not stubs of the PLT, not what lies behind a function. */
    @Test
    void dataNameNoCode() throws Exception {
        for (String layout : List.of("-Wl,-z,noseparate-code", "-Wl,-z,separate-code")) {
            Path elf = Built.compile(dir, "data" + layout, LABELS, "-pie", "-no-pie", layout, "-Wl,-z,lazy");
            List<Frame> places = new ArrayList<>();
            for (String line : Built.run("readelf", "-SW", elf.toString()).split("\n")) {
                String[] f = line.replaceFirst("^ *\\[ *[0-9]+\\] *", "").split(" +");
                if (f.length > 6 && f[0].matches("\\.(eh_frame_hdr|eh_frame|rodata|plt|dynstr|data|dynamic)")) {
                    places.add(Stacks.place(elf, Long.parseLong(f[3], 16)));
                    places.add(Stacks.place(elf, Long.parseLong(f[3], 16) + 8));
                }
            }
            assertEquals(14, places.size(), layout);
            Map<String, Long> labels = new java.util.TreeMap<>();
            for (String line : Built.run("nm", elf.toString()).split("\n")) {
                String[] f = line.split(" +");
                if (f.length == 3 && f[2].matches("label|sized|bare")) {
                    labels.put(f[2], Long.parseLong(f[0], 16) - 0x400000);
                }
            }
            places.add(Stacks.place(elf, labels.get("sized") + 80));
            int without = places.size();
            places.add(Stacks.place(elf, labels.get("label") + 63));
            places.add(Stacks.place(elf, labels.get("sized") + 63));
            places.add(Stacks.place(elf, labels.get("bare") + 127));
            List<Sample> samples = places.stream().map(p -> Stacks.sample(1, p)).toList();
            try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
                List<List<Frame>> found = Stacks.of(t);
                for (int i = 0; i < without; i++) {
                    assertEquals(List.of(places.get(i)), found.get(i), layout);
                }
                assertEquals(
                        List.of("label+63", "sized+63", "bare+127"),
                        found.subList(without, found.size()).stream()
                                .map(s -> s.get(0).function() + "+" + s.get(0).offset())
                                .toList());
            }
        }
    }

    private static String demangled(String name) {
        return name.replace("_ZN5space4Type6methodEiPKc", "space::Type::method(int, char const*)")
                .replace("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad")
                .replace("_RINvNtC3std3mem8align_ofjE", "std::mem::align_of::<usize>");
    }

    /** Functions and lines of every byte of a function, as {@code addr2line -i} tells them. */
    @Test
    void inlinedFunctionsAndLinesAreThoseOfAddr2line() throws Exception {
        Path elf = Built.compile(dir, "lines", PROGRAM, "-O2", "-g", "-pie");
        long[] outer = Built.functions(elf).get("outer");
        List<Sample> samples = new ArrayList<>();
        List<String> command = new ArrayList<>(List.of("addr2line", "-a", "-i", "-f", "-e", elf.toString()));
        for (long at = outer[0]; at < outer[0] + outer[1]; at++) {
            samples.add(Stacks.sample(1, Stacks.place(elf, at)));
            command.add("0x" + Long.toHexString(at));
        }
        List<String> expected = new ArrayList<>();
        for (String line : Built.run(command.toArray(String[]::new)).split("\n")) {
            if (line.startsWith("0x")) {
                expected.add("");
            } else {
                int last = expected.size() - 1;
                expected.set(last, expected.get(last) + line.replaceAll(" \\(discriminator.*", "") + " ");
            }
        }
        assertTrue(
                expected.stream().anyMatch(e -> e.contains("innermost") && e.contains("middle")), expected.toString());
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
            List<String> found = Stacks.of(t).stream()
                    .map(s -> {
                        StringBuilder b = new StringBuilder();
                        s.forEach(f -> b.append(f.function())
                                .append(' ')
                                .append(f.source())
                                .append(' '));
                        return b.toString();
                    })
                    .toList();
            assertEquals(expected, found);
        }
    }

    /** A call that does not return may be the last instruction of a function: it returns to the next one. */
    @Test
    void aReturnAddressBelongsToTheCallBeforeIt() throws Exception {
        Path elf = Built.compile(dir, "calls", PROGRAM, "-O2", "-pie", "-fno-reorder-functions", "-falign-functions=1");
        long[] last = Built.functions(elf).get("last_call");
        long end = last[0] + last[1];
        Frame leaf = Stacks.place(elf, Built.functions(elf).get("outer")[0]);
        List<Frame> called = named(Stacks.options(null, null, null), leaf, Stacks.place(elf, end));
        assertEquals("last_call", called.get(1).function());
        assertEquals(last[1], called.get(1).offset());
        // Below the kernel is where the program was interrupted, not where a call returns to.
        Frame kernel = new Frame("asm_exc_page_fault", "[kernel.kallsyms]", "", 4);
        List<Frame> interrupted = named(Stacks.options(null, null, null), kernel, leaf);
        assertEquals("outer", interrupted.get(1).function());
        assertEquals(0, interrupted.get(1).offset());
    }

    @Test
    void aFileWithAnotherBuildIdIsNotUsedAndThatIsSaid() throws Exception {
        Path elf = Built.compile(dir, "other", PROGRAM, "-pie");
        long at = Built.functions(elf).get("outer")[0];
        Frame other = new Frame("", elf.toString(), "ff" + Built.BUILD_ID.substring(2), at);
        try (SymbolizedTrace t = symbolize(
                Stacks.options(null, null, null),
                List.of(Stacks.sample(1, other), Stacks.sample(2, Stacks.place(elf, at))))) {
            assertEquals(other, Stacks.of(t).get(0).get(0));
            assertEquals("outer", Stacks.of(t).get(1).get(0).function());
            SymbolReport.Module m = t.report().modules().stream()
                    .filter(x -> x.named() == 0)
                    .findFirst()
                    .orElseThrow();
            assertEquals(elf + " has another build id", m.why());
        }
    }

    @Test
    void filesOfAnotherMachineAreFoundBelowItsRoot() throws Exception {
        Path elf = Built.compile(dir, "away", PROGRAM, "-pie", "-g", "-O1");
        long at = Built.functions(elf).get("outer")[0];
        Path root = dir.resolve("root");
        Path there = root.resolve("opt/app/away");
        Built.run("strip", elf.toString(), "-o", dir.resolve("stripped").toString());
        Built.write(there, Files.readAllBytes(dir.resolve("stripped")));
        Frame place = new Frame("", "/opt/app/away", Built.BUILD_ID, at);
        assertFalse(named(Stacks.options(root, null, null), place).get(0).hasFunction(), "it has no symbols");
        Path debug = root.resolve("usr/lib/debug/.build-id/00/" + Built.BUILD_ID.substring(2) + ".debug");
        Files.createDirectories(debug.getParent());
        Built.run("objcopy", "--only-keep-debug", elf.toString(), debug.toString());
        List<Frame> found = named(Stacks.options(root, null, null), place);
        assertEquals("outer", found.get(found.size() - 1).function());
        assertTrue(found.get(0).source().contains("away.c:"), found.toString());
    }

    @Test
    void aDebugLinkLeadsToTheFileBeside() throws Exception {
        Path elf = Built.compile(dir, "linked", PROGRAM, "-pie", "-g");
        Path debug = dir.resolve("linked.debug");
        Built.run("objcopy", "--only-keep-debug", elf.toString(), debug.toString());
        long at = Built.functions(elf).get("behind")[0];
        Built.run("strip", elf.toString());
        Built.run("objcopy", "--add-gnu-debuglink=" + debug, elf.toString());
        assertEquals(
                "behind",
                named(Stacks.options(null, null, null), Stacks.place(elf, at))
                        .get(0)
                        .function());
        Files.delete(debug);
        assertFalse(named(Stacks.options(null, null, null), Stacks.place(elf, at))
                .get(0)
                .hasFunction());
    }

    @Test
    void whatHasANameKeepsIt() throws Exception {
        Path elf = Built.compile(dir, "kept", PROGRAM, "-pie");
        Frame known = new Frame("somebody", elf.toString(), Built.BUILD_ID, 5);
        assertEquals(known, named(Stacks.options(null, null, null), known).get(0));
    }

    /** Cut and flipped files end their reader at most; the files after them are read. */
    @Test
    void aHostileFileCostsOnlyItsOwnNames() throws Exception {
        Path elf = Built.compile(dir, "good", PROGRAM, "-pie", "-g", "-O2");
        byte[] good = Files.readAllBytes(elf);
        long at = Built.functions(elf).get("outer")[0];
        Random random = new Random(14);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] bad = i % 2 == 0 ? java.util.Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int flips = i % 2 * (1 + random.nextInt(40)); flips > 0; flips--) {
                // Headers, section headers and the tables behind the code, where lengths and offsets are.
                int where = random.nextBoolean() ? random.nextInt(4096) : good.length - 1 - random.nextInt(8192);
                bad[where] = (byte) random.nextInt(256);
            }
            Path file = dir.resolve("hostile-" + i);
            Files.write(file, bad);
            samples.add(Stacks.sample(1, new Frame("", file.toString(), "", at)));
        }
        samples.add(Stacks.sample(1, Stacks.place(elf, at)));
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
            List<List<Frame>> found = Stacks.of(t);
            assertEquals(samples.size(), found.size());
            List<Frame> last = found.get(found.size() - 1);
            assertEquals("outer", last.get(last.size() - 1).function());
            assertEquals(samples.size(), t.report().modules().size());
        }
    }

    @Test
    void whatIsNoFileIsToldWithAReason() throws Exception {
        Path text = Files.write(dir.resolve("text"), "no ELF".getBytes(StandardCharsets.UTF_8));
        Frame[] places = {
            new Frame("", text.toString(), "", 1),
            new Frame("", dir.resolve("gone").toString(), "", 1),
            new Frame("", "/dev/zero", "", 1),
            new Frame("", dir.toString(), "", 1),
            new Frame("", "/bin/\0sh", "", 1),
            new Frame("", "relative/file", "", 1),
            new Frame("", "/lib/libc.so.6", "", 0x7f00_0000_0000L),
        };
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), List.of(Stacks.sample(1, places)))) {
            assertEquals(List.of(places), Stacks.of(t).get(0));
            assertTrue(
                    t.report().modules().stream().allMatch(m -> !m.why().isEmpty() && m.named() == 0),
                    t.report().toString());
        }
    }

    @Test
    void theVdsoIsThisKernelsOwn() throws Exception {
        try (ThisMachine machine = new ThisMachine()) {
            Path vdso = machine.vdso();
            String id = Built.run("readelf", "-n", vdso.toString()).replaceAll("(?s).*Build ID: ([0-9a-f]+).*", "$1");
            long at = 0;
            for (String line : Built.run("nm", "-D", vdso.toString()).split("\n")) {
                at = line.contains(" __vdso_clock_gettime") ? Long.parseLong(line.split(" ")[0], 16) : at;
            }
            Frame found = named(Stacks.options(null, null, null), new Frame("", "[vdso]", id, at))
                    .get(0);
            assertTrue(found.function().contains("clock_gettime"), found.toString());
            assertEquals(
                    "",
                    named(Stacks.options(null, null, null), new Frame("", "[vdso]", "", at))
                            .get(0)
                            .function());
        }
    }

    @Test
    void aTraceIsTheSameButForNames() throws Exception {
        Path elf = Built.compile(dir, "same", PROGRAM, "-pie");
        long at = Built.functions(elf).get("outer")[0];
        Path path = dir.resolve("same.damson");
        try (TraceSource trace = Stacks.trace(path, new Manifest(), List.of(Stacks.sample(1, Stacks.place(elf, at))));
                SymbolizedTrace t = Symbolizer.symbolize(trace, Stacks.options(null, null, null))) {
            assertEquals(trace.name(), t.name());
            assertEquals(1, t.rowCount(org.damson.model.Table.SAMPLES));
            assertEquals(1, t.rowCount(org.damson.model.Table.STACKS));
            assertEquals(1, t.rowCount(org.damson.model.Table.FRAMES));
        }
    }
}
