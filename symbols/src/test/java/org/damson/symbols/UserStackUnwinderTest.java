package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.damson.exchange.build.StackUnwinder.Copy;
import org.damson.exchange.build.StackUnwinder.Module;
import org.damson.exchange.build.StackUnwinder.Walk;
import org.damson.model.text.NativeText;
import org.damson.symbols.elf.UnwindWire.CodeFile;
import org.damson.symbols.elf.UnwindWire.Frames;
import org.damson.symbols.elf.UnwindWire.Placed;
import org.damson.symbols.elf.Wire.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** Copies of stacks that programs without frame pointers took of themselves. */
@EnabledOnOs(architectures = "amd64", disabledReason = "needs 64-bit x86")
final class UserStackUnwinderTest {
    /** Writes its registers and its stack, and what it has mapped, from the innermost of four functions. */
    private static final String PROGRAM =
            """
            #include <fcntl.h>
            #include <stdint.h>
            #include <unistd.h>
            static char *out, *maps;
            static uint64_t regs[8];
            static void __attribute__((noinline)) save(void) {
                char text[4096];
                int fd = open(out, O_WRONLY | O_CREAT, 0600);
                long n = write(fd, regs, sizeof regs);
                for (int i = 0; i < 8; i++)
                    if (write(fd, (char *)regs[2] + 1024 * i, 1024) != 1024)
                        break;
                close(fd);
                int from = open("/proc/self/maps", O_RDONLY);
                fd = open(maps, O_WRONLY | O_CREAT, 0600);
                while ((n = read(from, text, sizeof text)) > 0 && write(fd, text, n) == n)
                    ;
            }
            static long __attribute__((noinline, noclone)) inner(long n) {
                volatile long pad[3] = {n};
                __asm__ volatile("movq %%rbx, 0(%0); movq %%rbp, 8(%0); movq %%rsp, 16(%0); leaq 0(%%rip), %%rax;"
                                 "movq %%rax, 24(%0); movq %%r12, 32(%0); movq %%r13, 40(%0); movq %%r14, 48(%0);"
                                 "movq %%r15, 56(%0)" : : "r"(regs) : "rax", "memory");
                save();
                return pad[0] + n;
            }
            static long __attribute__((noinline, noclone)) middle(long n, long a, long b) {
                volatile char room[200];
                room[n & 127] = 1;
                long c = inner(n) ^ a;
                return c * inner(n + b) + a + b + room[3];
            }
            static long __attribute__((noinline, noclone)) outer(long n) {
                volatile char room[(n & 255) + 40];
                room[n & 31] = 1;
                return middle(n, n * 3, n + 7) * 3 + room[n & 15];
            }
            int main(int argc, char **argv) {
                out = argv[1];
                maps = argv[2];
                return (int)outer(argc) & 1;
            }
            """;

    /** Of the program's: rbx, rbp, rsp, rip, r12 to r15. */
    private static final long MASK = 1 << 1 | 1 << 6 | 1 << 7 | 1 << 8 | 0xf0_0000;

    @TempDir
    Path dir;

    private record Taken(Path program, List<Module> modules, Copy copy, long moved) {
        Taken with(byte[] stack) {
            return new Taken(program, modules, new Copy(copy.mask(), copy.registers(), stack), moved);
        }
    }

    private Taken taken(String name, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-O2", "-fomit-frame-pointer"));
        all.addAll(List.of(options));
        Path program = Built.compile(dir, name, PROGRAM, all.toArray(String[]::new));
        Path out = dir.resolve(name + ".out");
        Path maps = dir.resolve(name + ".maps");
        new ProcessBuilder(program.toString(), out.toString(), maps.toString())
                .start()
                .waitFor();
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
        long[] registers = new long[8];
        for (int i = 0; i < registers.length; i++) {
            registers[i] = b.getLong();
        }
        byte[] stack = new byte[b.remaining()];
        b.get(stack);
        List<Module> modules = new ArrayList<>();
        long first = -1;
        for (String line : Files.readAllLines(maps)) {
            String[] f = line.split(" +");
            long start = Long.parseUnsignedLong(f[0].substring(0, f[0].indexOf('-')), 16);
            boolean isProgram = f.length > 5 && f[5].equals(program.toString());
            first = isProgram && first < 0 ? start : first;
            if (f[1].contains("x") && f.length > 5 && f[5].startsWith("/")) {
                modules.add(new Module(f[5], isProgram ? Built.BUILD_ID : "", start, Long.parseUnsignedLong(f[2], 16)));
            }
        }
        return new Taken(
                program,
                modules,
                new Copy(MASK, registers, stack),
                List.of(options).contains("-no-pie") ? 0 : first);
    }

    private static UserStackUnwinder unwinder(Duration each) {
        return new UserStackUnwinder(new SymbolOptions(null, null, null, null, each, Duration.ofMinutes(1)), null);
    }

    private static UserStackUnwinder unwinder() {
        return unwinder(Duration.ofSeconds(20));
    }

    private static List<String> functions(Taken t, long[] addresses) throws Exception {
        Map<String, long[]> known = Built.functions(t.program);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < addresses.length; i++) {
            long at = addresses[i] - t.moved - (i == 0 ? 0 : 1);
            names.add(known.entrySet().stream()
                    .filter(e -> at >= e.getValue()[0] && at < e.getValue()[0] + e.getValue()[1])
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse("?"));
        }
        return names;
    }

    @Test
    void callersAreFoundWithoutFramePointers() throws Exception {
        String[][] kinds = {{"-pie"}, {"-no-pie"}, {"-pie", "-Wl,-z,noseparate-code"}, {"-pie", "-Wl,--no-eh-frame-hdr"}
        };
        for (String[] kind : kinds) {
            Taken t = taken("program" + Arrays.asList(kinds).indexOf(kind), kind);
            try (UserStackUnwinder unwinder = unwinder()) {
                Walk walk = unwinder.unwind(t.modules, t.copy);
                assertEquals("", walk.end(), String.join(" ", kind));
                List<String> names = functions(t, walk.addresses());
                assertEquals(List.of("inner", "middle", "outer", "main"), names.subList(0, 4));
                assertEquals("_start", names.get(names.size() - 1));
                // The same set of files, equal or identical, another process with others, and again.
                assertArrayEquals(
                        walk.addresses(),
                        unwinder.unwind(List.copyOf(t.modules), t.copy).addresses());
                assertEquals(1, unwinder.unwind(List.of(), t.copy).addresses().length);
                assertArrayEquals(
                        walk.addresses(), unwinder.unwind(t.modules, t.copy).addresses());
                assertFalse(unwinder.isCutShort());
            }
        }
    }

    @Test
    void aShortCopyGivesTheInnermostFrames() throws Exception {
        Taken t = taken("program", "-pie");
        try (UserStackUnwinder unwinder = unwinder()) {
            long[] whole = unwinder.unwind(t.modules, t.copy).addresses();
            for (int bytes = 0; bytes < t.copy.stack().length; bytes += 104) {
                Walk walk = unwinder.unwind(t.modules, t.with(Arrays.copyOf(t.copy.stack(), bytes)).copy);
                int n = walk.addresses().length;
                assertTrue(n >= 1, bytes + " bytes");
                assertArrayEquals(Arrays.copyOf(whole, n), walk.addresses());
                assertEquals(
                        n == whole.length, walk.end().isEmpty(), bytes + " bytes, " + n + " frames: " + walk.end());
            }
        }
    }

    @Test
    void aFileWithAnotherBuildIdOrThatIsGoneIsNotUsed() throws Exception {
        Taken t = taken("program", "-pie");
        Module own = t.modules.stream()
                .filter(m -> m.file().equals(t.program.toString()))
                .findFirst()
                .orElseThrow();
        for (Module wrong : List.of(
                new Module(own.file(), "ff" + Built.BUILD_ID.substring(2), own.start(), own.fileOffset()),
                new Module(own.file() + "-gone", Built.BUILD_ID, own.start(), own.fileOffset()))) {
            List<Module> modules = new ArrayList<>(t.modules);
            modules.set(modules.indexOf(own), wrong);
            try (UserStackUnwinder unwinder = unwinder()) {
                Walk walk = unwinder.unwind(modules, t.copy);
                assertArrayEquals(new long[] {t.copy.registers()[3]}, walk.addresses());
                assertFalse(walk.end().isEmpty());
                String why =
                        wrong.buildId().equals(Built.BUILD_ID) ? "no such file on this machine" : "another build id";
                assertTrue(
                        unwinder.notes().stream().anyMatch(n -> n.startsWith(wrong.file() + " ") && n.contains(why)),
                        unwinder.notes().toString());
            }
        }
    }

    /** What has the name of a deleted file is another one: only a build id can show that it is not. */
    @Test
    void aDeletedFileIsFoundByItsBuildIdAlone() throws Exception {
        Taken t = taken("program", "-pie");
        for (boolean isKnown : new boolean[] {true, false}) {
            List<Module> modules = t.modules.stream()
                    .map(m -> !m.file().equals(t.program.toString())
                            ? m
                            : new Module(
                                    m.file() + " (deleted)", isKnown ? Built.BUILD_ID : "", m.start(), m.fileOffset()))
                    .toList();
            try (UserStackUnwinder unwinder = unwinder()) {
                Walk walk = unwinder.unwind(modules, t.copy);
                assertEquals(isKnown, walk.addresses().length > 1, walk.end());
                assertEquals(
                        isKnown ? 0 : 1,
                        unwinder.notes().stream()
                                .filter(n -> n.contains("another file has its name now"))
                                .count(),
                        unwinder.notes().toString());
            }
        }
    }

    /** A program that is not position-independent may have its code in a second place, as Node.js its built-in functions. */
    @Test
    void codeThatIsMappedOnceMoreIsWalkedAsWhereItWasLinkedFor() throws Exception {
        Taken t = taken("program", "-no-pie");
        long by = 0x5000_0000L;
        List<Module> modules = new ArrayList<>(t.modules);
        t.modules.stream()
                .filter(m -> m.file().equals(t.program.toString()))
                .forEach(m -> modules.add(new Module(m.file(), m.buildId(), m.start() + by, m.fileOffset())));
        long[] registers = t.copy.registers().clone();
        registers[3] += by;
        try (UserStackUnwinder unwinder = unwinder()) {
            Walk first = unwinder.unwind(modules, t.copy);
            Walk again = unwinder.unwind(modules, new Copy(MASK, registers, t.copy.stack()));
            long[] expected = first.addresses();
            assertTrue(expected.length > 4, first.end());
            expected[0] += by;
            assertArrayEquals(expected, again.addresses());
            assertEquals("", again.end());
            assertEquals(
                    List.of(),
                    unwinder.notes().stream()
                            .filter(n -> n.contains("is not used to unwind"))
                            .toList());
        }
    }

    /** Files that come and come, as where a compiler runs: those that were opened are used on, and nothing is given up. */
    @Test
    void whileAProgramRunsFilesAreOpenedNowAndThen() throws Exception {
        Taken t = taken("program", "-pie");
        try (UserStackUnwinder unwinder = UserStackUnwinder.live(null)) {
            int whole = 0;
            for (int i = 0; i < 6; i++) {
                Path copy = Files.copy(t.program, dir.resolve("copy" + i));
                List<Module> modules = t.modules.stream()
                        .map(m -> m.file().equals(t.program.toString())
                                ? new Module(copy.toString(), m.buildId(), m.start(), m.fileOffset())
                                : m)
                        .toList();
                whole += unwinder.unwind(modules, t.copy).end().isEmpty() ? 1 : 0;
            }
            assertEquals(4, whole);
            assertEquals(4, unwinder.starts());
            assertFalse(unwinder.isCutShort());
            assertEquals(
                    "",
                    unwinder.unwind(
                                    t.modules.stream()
                                            .map(m -> m.file().equals(t.program.toString())
                                                    ? new Module(dir + "/copy2", m.buildId(), m.start(), m.fileOffset())
                                                    : m)
                                            .toList(),
                                    t.copy)
                            .end());
            assertTrue(unwinder.cpuNs() > 0);
        }
    }

    @Test
    void whateverIsCopiedEndsNoMoreThanItsWalk() throws Exception {
        Taken t = taken("program", "-no-pie");
        Random random = new Random(17);
        try (UserStackUnwinder unwinder = unwinder()) {
            for (int i = 0; i < 200; i++) {
                long[] registers = t.copy.registers().clone();
                byte[] stack = t.copy.stack().clone();
                for (int n = random.nextInt(40); n > 0; n--) {
                    stack[random.nextInt(i % 2 == 0 ? 512 : stack.length)] = (byte) random.nextInt(256);
                }
                registers[random.nextInt(registers.length)] = random.nextLong() >>> random.nextInt(64);
                Walk walk = unwinder.unwind(
                        t.modules, new Copy(MASK, registers, Arrays.copyOf(stack, random.nextInt(stack.length))));
                assertTrue(walk.addresses().length <= 512);
            }
            assertEquals("", unwinder.unwind(t.modules, t.copy).end());
            assertFalse(unwinder.isCutShort());
            // Neither stack pointer nor place.
            assertEquals(
                    0,
                    unwinder.unwind(t.modules, new Copy(1, new long[1], new byte[8]))
                            .addresses()
                            .length);
        }
    }

    /** Wherever a program is, and whatever its stack and registers hold, rules that are kept lead where libdw goes. */
    @Test
    void keptRulesLeadWhereLibdwGoes() throws Exception {
        Random random = new Random(19);
        String[][] kinds = {{"-pie"}, {"-no-pie", "-fno-omit-frame-pointer"}, {"-pie", "-O0", "-fno-plt"}};
        for (String[] kind : kinds) {
            Taken t = taken("kept" + Arrays.asList(kinds).indexOf(kind), kind);
            int deep = 0;
            try (UserStackUnwinder unwinder = unwinder();
                    UnwindProcess libdw = libdw(t.modules)) {
                List<Placed> placed = new ArrayList<>();
                for (int m = 0; m < t.modules.size(); m++) {
                    placed.add(new Placed(
                            m, t.modules.get(m).start(), t.modules.get(m).fileOffset()));
                }
                libdw.space(0, placed, (i, used) -> assertEquals(Outcome.READ, used.outcome(), used.why()));
                for (int i = 0; i < 1500; i++) {
                    Copy copy = likely(t, random);
                    Frames expected = libdw.walk(0, copy);
                    Walk walk = unwinder.unwind(t.modules, copy);
                    String told = String.join(" ", kind) + ", copy " + i;
                    assertArrayEquals(expected.addresses(), walk.addresses(), told);
                    assertEquals(expected.end().text(), walk.end(), told);
                    deep += walk.addresses().length > 3 ? 1 : 0;
                }
            }
            assertTrue(deep > 40, deep + " walks of more than three frames");
        }
    }

    private static UnwindProcess libdw(List<Module> modules) throws Exception {
        SymbolOptions options =
                new SymbolOptions(null, null, null, null, Duration.ofSeconds(20), Duration.ofMinutes(1));
        List<CodeFile> files = modules.stream()
                .map(m -> new CodeFile(List.of(NativeText.encode(m.file())), new byte[0]))
                .toList();
        return new UnwindProcess(
                new ModuleFiles(options, null, new ThisMachine()).debugPath(),
                files,
                options.fileTime().toNanos());
    }

    /** A copy such as there may be: the program is somewhere in code, and the stack has addresses of code and of itself. */
    private static Copy likely(Taken t, Random random) {
        long[] registers = t.copy.registers().clone();
        byte[] stack = t.copy.stack().clone();
        long stackPointer = registers[2];
        ByteBuffer words = ByteBuffer.wrap(stack).order(ByteOrder.LITTLE_ENDIAN);
        int near = 1 + random.nextInt(120);
        for (int n = random.nextInt(2 * near); n > 0; n--) {
            long word =
                    switch (random.nextInt(8)) {
                        case 0 -> 0;
                        case 1 -> random.nextLong();
                        case 2, 3 -> stackPointer + 8L * random.nextInt(2 * near);
                        default -> code(t, random);
                    };
            words.putLong(8 * random.nextInt(near), word);
        }
        if (random.nextInt(4) > 0) {
            registers[3] = code(t, random);
        }
        if (random.nextBoolean()) {
            registers[1] = stackPointer + 8L * random.nextInt(near);
        }
        return new Copy(MASK, registers, Arrays.copyOf(stack, random.nextBoolean() ? stack.length : 8 * near));
    }

    private static long code(Taken t, Random random) {
        Module module = t.modules.get(random.nextInt(t.modules.size()));
        return module.start() + random.nextInt(random.nextBoolean() ? 1 << 10 : 1 << 17);
    }

    @Test
    void aHostileFileCostsNoMoreThanItsWalks() throws Exception {
        Taken t = taken("program", "-pie");
        byte[] good = Files.readAllBytes(t.program);
        Random random = new Random(18);
        for (int i = 0; i < 8; i++) {
            List<Module> modules = new ArrayList<>();
            byte[] bad = i == 0 ? Arrays.copyOf(good, good.length / 2) : good.clone();
            for (int flips = i * 30; flips > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(dir.resolve("hostile-" + i), bad);
            t.modules.forEach(m -> modules.add(
                    m.file().equals(t.program.toString())
                            ? new Module(file.toString(), "", m.start(), m.fileOffset())
                            : m));
            try (UserStackUnwinder unwinder = unwinder()) {
                for (int again = 0; again < 7; again++) {
                    assertTrue(unwinder.unwind(modules, t.copy).addresses().length <= 512);
                }
                unwinder.notes();
            }
        }
    }

    @Test
    void aProcessThatTakesTooLongIsEndedAndAtLastGivenUp() throws Exception {
        Taken t = taken("program", "-pie");
        try (UserStackUnwinder unwinder = unwinder(Duration.ofNanos(1))) {
            for (int i = 0; i < 6; i++) {
                Walk walk = unwinder.unwind(t.modules, t.copy);
                assertEquals(0, walk.addresses().length);
                assertTrue(walk.end().contains("too long"), walk.end());
                assertTrue(unwinder.isCutShort());
            }
        }
    }
}
