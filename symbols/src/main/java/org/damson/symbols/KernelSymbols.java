package org.damson.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.symbols.elf.Wire.Named;

/**
 * Functions of the kernel by {@code kallsyms}, as offsets from {@code _text}: where the kernel was loaded differs from boot to boot,
 * what is in it does not.
 */
final class KernelSymbols {
    private static final int MAX_SYMBOLS = 1 << 20;

    /** @param why names are missing; empty if none need to be */
    record Found(Map<Long, List<Named>> names, String from, String why) {}

    /** Types of functions: global, local, weak. */
    private static final String CODE = "TtWw";

    /** Several functions may be at one place: the plainest name stands for all. */
    private record Symbol(int rank, String name) {
        private static final Comparator<Symbol> PLAINEST = Comparator.comparingInt(Symbol::rank)
                .thenComparingInt(s -> s.name.length() - s.name.replace("_", "").length())
                .thenComparing(s -> -s.name.length())
                .thenComparing(Symbol::name);

        Symbol plainer(Symbol o) {
            return PLAINEST.compare(this, o) <= 0 ? this : o;
        }
    }

    private final SymbolOptions options;
    private final Origin origin;

    KernelSymbols(SymbolOptions options, Origin origin) {
        this.options = options;
        this.origin = origin;
    }

    /** Looks offsets from {@code _text} up. */
    Found of(String buildId, long[] offsets) throws IOException {
        Path file = options.kallsyms();
        if (file == null && options.cache() != null && ModuleFiles.buildId(buildId).length > 0) {
            Path cached = options.cache()
                    .resolve(".build-id")
                    .resolve(buildId.substring(0, 2))
                    .resolve(buildId.substring(2))
                    .resolve("kallsyms");
            file = Files.isRegularFile(cached) ? cached : null;
        }
        if (file == null) {
            String why = whyNotThisKernel(buildId);
            if (!why.isEmpty()) {
                return new Found(Map.of(), "", why);
            }
            file = Path.of("/proc/kallsyms");
        }
        return read(file, offsets);
    }

    private String whyNotThisKernel(String buildId) {
        if (options.root() != null) {
            return "names of another machine's kernel require --kallsyms";
        }
        if (!buildId.isEmpty()) {
            return buildId.equals(ThisMachine.kernelBuildId())
                    ? ""
                    : "this machine runs another kernel; --kallsyms takes a copy of its /proc/kallsyms";
        }
        return origin.isHere() ? "" : "the recording does not name its kernel; --kallsyms provides it";
    }

    private static Found read(Path file, long[] offsets) throws IOException {
        Map<Long, Symbol> byAddress = new HashMap<>();
        long text = 0;
        try (SymbolLines lines = new SymbolLines(Files.newInputStream(file))) {
            for (String line; (line = lines.next()) != null; ) {
                int blank = line.indexOf(' ');
                long address = SymbolLines.hex(line, 0, blank);
                boolean isModule = line.indexOf('\t') >= 0;
                if (blank < 0 || address == 0 || isModule || line.length() < blank + 4) {
                    continue;
                }
                int rank = CODE.indexOf(line.charAt(blank + 1));
                String name = line.substring(blank + 3);
                if (name.equals("_text")) {
                    text = address;
                }
                if (rank >= 0 && (byAddress.size() < MAX_SYMBOLS || byAddress.containsKey(address))) {
                    byAddress.merge(address, new Symbol(rank, name), Symbol::plainer);
                }
            }
        }
        if (text == 0) {
            return new Found(
                    Map.of(),
                    "",
                    file + " has no address of _text" + (file.startsWith("/proc") ? ": only root sees it here" : ""));
        }
        return new Found(lookUp(byAddress, text, offsets), file.toString(), "");
    }

    private static Map<Long, List<Named>> lookUp(Map<Long, Symbol> byAddress, long text, long[] offsets) {
        TreeMap<Long, String> sorted = new TreeMap<>();
        byAddress.forEach((address, symbol) -> sorted.put(address - text, symbol.name));
        Map<Long, List<Named>> names = new HashMap<>();
        Arrays.stream(offsets).forEach(offset -> {
            Map.Entry<Long, String> at = sorted.floorEntry(offset);
            boolean isInside = at != null && at.getKey() >= 0 && sorted.higherKey(offset) != null;
            if (isInside) {
                names.put(offset, List.of(new Named(at.getValue(), offset - at.getKey(), "", false)));
            }
        });
        return names;
    }
}
