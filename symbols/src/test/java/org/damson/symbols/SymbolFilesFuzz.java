package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.damson.symbols.elf.Wire.Named;

/** Lists of symbols: {@code kallsyms}, and the map that a compiler leaves of a process. The first byte chooses. */
public final class SymbolFilesFuzz {
    private static final long[] ADDRESSES = {0, 1, 0x1000, 0x7fff_ffff_ffffL, -1, Long.MIN_VALUE};
    private static final Path DIR = create();
    private static final Path KALLSYMS = DIR.resolve("kallsyms");
    private static final Path MODULES = DIR.resolve("modules");
    private static final Path MAP = DIR.resolve("perf-7.map");

    private SymbolFilesFuzz() {}

    private static Path create() {
        try {
            Path memory = Path.of("/dev/shm");
            Path dir = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "damson-fuzz-")
                    : Files.createTempDirectory("damson-fuzz-");
            dir.toFile().deleteOnExit();
            dir.resolve("kallsyms").toFile().deleteOnExit();
            dir.resolve("modules").toFile().deleteOnExit();
            dir.resolve("perf-7.map").toFile().deleteOnExit();
            return dir;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        boolean isModule = data[0] % 3 == 2;
        boolean isKernel = data[0] % 3 == 0;
        Files.write(isKernel ? KALLSYMS : isModule ? MODULES : MAP, rest);
        SymbolOptions options =
                new SymbolOptions(null, KALLSYMS, DIR, null, Duration.ofSeconds(1), Duration.ofSeconds(1));
        Map<Long, List<Named>> names;
        String why;
        if (isKernel || isModule) {
            KernelSymbols kernel = new KernelSymbols(options, null);
            KernelSymbols.Found found = isKernel ? kernel.of("", ADDRESSES) : kernel.ofModule("zram", "", ADDRESSES);
            names = found.names();
            why = found.why();
        } else {
            PerfMaps.Found found = new PerfMaps(options, null).of(7, ADDRESSES);
            names = found.names();
            why = found.why();
        }
        assertTrue(why.lines().count() <= 1, why);
        names.forEach((address, frames) -> frames.forEach(f -> assertTrue(
                !f.function().isEmpty() && f.function().length() <= SymbolLines.MAX_LINE, "a name of no length")));
    }
}
