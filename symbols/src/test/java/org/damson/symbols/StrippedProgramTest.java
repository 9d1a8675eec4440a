package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.damson.model.Manifest;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.symbols.Stacks.Sample;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code without symbols is told by the function that it is in, of which unwind information has the start. */
final class StrippedProgramTest {
    private static final String PROGRAM =
            """
            #include <stdio.h>
            volatile long sink;
            __attribute__((noinline)) void first(long n) {
                for (long i = 0; i < n; i++)
                    sink += i * 3;
            }
            void at_end(int *x) { sink += *x; }
            __attribute__((noinline)) void second(long n) {
            #ifdef CLEANUP
                __attribute__((cleanup(at_end))) int x = n;
            #endif
                for (long i = 0; i < n; i++)
                    sink ^= i;
            #ifndef BARE
                puts("x");
            #endif
            }
            int main(int argc, char **argv) {
                first(argc);
                second(argc);
                return sink;
            }
            """;

    private static final List<String> FUNCTIONS = List.of("first", "second");

    @TempDir
    Path dir;

    private Map<String, long[]> functions;

    @BeforeEach
    void openTheDirectory() throws Exception {
        // Of root's, separate debug files are read by nobody.
        Built.run("chmod", "755", dir.toString());
    }

    private Path stripped(String name, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-O2"));
        all.addAll(List.of(options));
        Path whole = Built.compile(dir, name + ".whole", PROGRAM, all.toArray(String[]::new));
        functions = Built.functions(whole);
        Path elf = dir.resolve(name);
        Built.run("strip", "-o", elf.toString(), whole.toString());
        return elf;
    }

    /** Every byte of the two functions. */
    private List<Sample> samples(Path elf, long base) {
        List<Sample> samples = new ArrayList<>();
        for (String f : FUNCTIONS) {
            for (long at = 0; at < functions.get(f)[1]; at++) {
                samples.add(Stacks.sample(1, Stacks.place(elf, functions.get(f)[0] - base + at)));
            }
        }
        return samples;
    }

    private String start(Path elf, String function, long base) {
        return elf.getFileName() + "+0x" + Long.toHexString(functions.get(function)[0] - base);
    }

    private SymbolizedTrace symbolize(SymbolOptions options, List<Sample> samples) throws Exception {
        Path trace = Files.createTempDirectory(dir, "t").resolve("t.damson");
        return Symbolizer.symbolize(Stacks.trace(trace, new Manifest(), samples), options);
    }

    private static Set<String> names(TraceSource trace) throws Exception {
        return Stacks.of(trace).stream().map(s -> s.get(0).name()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void eachFunctionIsOneName() throws Exception {
        List<List<String>> kinds = List.of(
                List.of("-pie"),
                List.of("-no-pie"),
                List.of("-pie", "-fexceptions", "-DCLEANUP"),
                List.of("-static", "-nostdlib", "-DBARE", "-Wl,--entry=main"));
        for (List<String> kind : kinds) {
            Path elf = stripped("program" + kind.get(0), kind.toArray(String[]::new));
            long base = kind.get(0).equals("-pie") ? 0 : 0x400000;
            List<Sample> samples = samples(elf, base);
            assertTrue(samples.size() > 40, "bytes of code");
            try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
                List<List<Frame>> found = Stacks.of(t);
                for (int i = 0; i < samples.size(); i++) {
                    Frame asked = samples.get(i).stack().get(0);
                    Frame frame = found.get(i).get(0);
                    String function = i < functions.get("first")[1] ? "first" : "second";
                    assertEquals(start(elf, function, base), frame.name());
                    assertEquals(asked.offset(), frame.offset(), "the exact place is kept");
                    assertEquals(asked.place(), frame.place());
                    assertFalse(frame.hasFunction());
                    assertTrue(frame.hasOffset());
                }
                assertEquals(0, t.report().named());
                assertEquals(samples.size(), t.report().placed());
            }
        }
    }

    /** Where a call returns to may be the next function already; stubs of the PLT are no function. */
    @Test
    void aCallCountsAndStubsStayPlaces() throws Exception {
        Path elf = stripped("calls", "-pie", "-Wl,-z,lazy");
        long[] first = functions.get("first");
        Frame leaf = Stacks.place(elf, functions.get("second")[0]);
        List<Frame> stack = new ArrayList<>(List.of(leaf, Stacks.place(elf, first[0] + first[1])));
        sections(elf).forEach((name, at) -> {
            if (name.startsWith(".plt")) {
                stack.add(Stacks.place(elf, at + 8));
            }
        });
        assertTrue(stack.size() > 2, "stubs");
        try (SymbolizedTrace t =
                symbolize(Stacks.options(null, null, null), List.of(new Sample(1_000_000_000L, 1, stack)))) {
            List<Frame> found = Stacks.of(t).get(0);
            assertEquals(start(elf, "second", 0), found.get(0).name());
            assertEquals(start(elf, "first", 0), found.get(1).name());
            assertEquals(stack.subList(2, stack.size()), found.subList(2, found.size()));
        }
    }

    @Test
    void namesAreFoundLaterAndUntilThenKept() throws Exception {
        Path elf = stripped("later", "-pie");
        Path placed = dir.resolve("placed.damson");
        List<Sample> again = new ArrayList<>();
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples(elf, 0))) {
            Stacks.of(t).forEach(s -> again.add(new Sample(1_000_000_000L, 1, s)));
        }
        Path empty = Files.createDirectories(dir.resolve("empty"));
        Path root = dir.resolve("root");
        Path debug = root.resolve("usr/lib/debug/.build-id/00/" + Built.BUILD_ID.substring(2) + ".debug");
        Files.createDirectories(debug.getParent());
        Built.run("objcopy", "--only-keep-debug", dir.resolve("later.whole").toString(), debug.toString());
        Built.write(root.resolve(elf.toString().substring(1)), Files.readAllBytes(elf));
        try (TraceSource trace = Stacks.trace(placed, new Manifest(), again)) {
            SymbolizedTrace without = Symbolizer.symbolize(trace, Stacks.options(empty, null, null));
            assertEquals(Set.of(start(elf, "first", 0), start(elf, "second", 0)), names(without));
            assertFalse(without.report().isNews());
            SymbolizedTrace same = Symbolizer.symbolize(trace, Stacks.options(null, null, null));
            assertFalse(same.report().isNews(), "nothing is new");
            SymbolizedTrace named = Symbolizer.symbolize(trace, Stacks.options(root, null, null));
            assertEquals(Set.copyOf(FUNCTIONS), names(named));
            assertEquals(again.size(), named.report().named());
            assertEquals(0, named.report().placed());
        }
    }

    /** Damaged unwind information tells nothing of what comes behind, and leaves the places as they were. */
    @Test
    void damagedUnwindInformationTellsNothing() throws Exception {
        Path elf = stripped("good", "-pie");
        byte[] good = Files.readAllBytes(elf);
        int table = sections(elf).get(".eh_frame").intValue();
        List<byte[]> damaged = new ArrayList<>();
        damaged.add(Arrays.copyOf(good, table + 20));
        for (int length : new int[] {0, 1, 1 << 20, Integer.MAX_VALUE, -1}) {
            damaged.add(with(good, table, length));
        }
        damaged.add(with(good, table, true, 8, 'z' << 8)); // a version that is not known
        damaged.add(with(good, table, true, 8, 0xffffffff)); // what it consists of
        for (int place : new int[] {4, 8}) { // what is shared, and where the code is
            for (int value : new int[] {1, -1, 0x7fffffff, 0x80000000}) {
                damaged.add(with(good, table, false, place, value));
            }
        }
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < damaged.size(); i++) {
            Path file = Files.write(dir.resolve("bad" + i), damaged.get(i));
            samples.add(Stacks.sample(
                    1, new Frame("", file.toString(), "", functions.get("first")[0])));
        }
        samples.addAll(samples(elf, 0));
        try (SymbolizedTrace t = symbolize(Stacks.options(null, null, null), samples)) {
            List<List<Frame>> found = Stacks.of(t);
            for (int i = 0; i < damaged.size(); i++) {
                assertEquals(samples.get(i).stack(), found.get(i), "damage " + i);
            }
            assertEquals(samples.size() - damaged.size(), t.report().placed());
            assertFalse(t.report().isPartial(), "no reader has ended");
        }
    }

    /** Where sections are in a file, as in memory before the first writable one. */
    private static Map<String, Long> sections(Path elf) throws Exception {
        Map<String, Long> sections = new TreeMap<>();
        for (String line : Built.run("readelf", "-SW", elf.toString()).split("\n")) {
            String[] f = line.replaceFirst("^ *\\[ *[0-9]+\\] *", "").split(" +");
            if (f.length > 6 && f[0].startsWith(".")) {
                sections.put(f[0], Long.parseLong(f[3], 16));
            }
        }
        return sections;
    }

    /** Changes all entries, or all that others share, of the unwind information. */
    private static byte[] with(byte[] file, int table, boolean isShared, int place, int value) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        byte[] changed = file;
        for (int at = table; bytes.getInt(at) != 0; at += 4 + bytes.getInt(at)) {
            changed = bytes.getInt(at + 4) == 0 == isShared ? with(changed, at + place, value) : changed;
        }
        return changed;
    }

    private static byte[] with(byte[] file, int at, int value) {
        byte[] changed = file.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        return changed;
    }
}
