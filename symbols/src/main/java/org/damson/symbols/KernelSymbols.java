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
 * Functions of the kernel and of its modules by {@code kallsyms}, as offsets from {@code _text} and from where a module begins: where they
 * were loaded differs from boot to boot, what is in them does not.
 */
final class KernelSymbols {
    private static final int MAX_SYMBOLS = 1 << 20;
    private static final Path PROC = Path.of("/proc");

    /** @param why names are missing; empty if none need to be */
    record Found(Map<Long, List<Named>> names, String from, String why) {
        private static Found none(String why) {
            return new Found(Map.of(), "", why);
        }
    }

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

    /**
     * What a file says.
     *
     * @param functions by address, of each module in brackets; of the kernel by the empty name
     * @param text where the kernel's begin; 0 if that is not told
     */
    private record Symbols(Map<String, TreeMap<Long, Symbol>> functions, long text) {}

    /** Where a module is, as {@code /proc/modules} tells it. */
    private record Loaded(long start, long bytes) {}

    private final SymbolOptions options;
    private final Origin origin;
    private final Map<Path, Symbols> known = new HashMap<>();

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
                return Found.none(why);
            }
            file = PROC.resolve("kallsyms");
        }
        Symbols symbols = symbols(file);
        if (symbols.text == 0) {
            return Found.none(
                    file + " has no address of _text" + (file.startsWith(PROC) ? ": only root sees it here" : ""));
        }
        TreeMap<Long, Symbol> functions = symbols.functions.getOrDefault("", new TreeMap<>());
        // Behind the last one may be anything.
        long bytes = functions.isEmpty() ? 0 : functions.lastKey() - symbols.text;
        return new Found(lookUp(functions, symbols.text, bytes, offsets), file.toString(), "");
    }

    /**
     * Looks offsets in a module up.
     *
     * @param module as {@code /proc/modules} calls it
     * @param buildId the module's own
     */
    Found ofModule(String module, String buildId, long[] offsets) throws IOException {
        Path file = options.kallsyms();
        if (file == null) {
            String why = whyNotThisKernel("");
            String here = why.isEmpty() ? ThisMachine.moduleBuildId(module) : "";
            if (why.isEmpty() && !buildId.isEmpty() && !here.isEmpty() && !here.equals(buildId)) {
                why = "another version of the module is loaded now";
            }
            if (!why.isEmpty()) {
                return Found.none(why);
            }
            file = PROC.resolve("kallsyms");
        }
        Path modules = file.resolveSibling("modules");
        if (!Files.exists(modules)) {
            return Found.none("where it was loaded is told by /proc/modules; there is no " + modules);
        }
        Loaded loaded = loaded(modules, module);
        if (loaded == null || loaded.start == 0) {
            return Found.none(
                    modules + (loaded == null ? " does not list it" : " has no address of it: only root sees it"));
        }
        TreeMap<Long, Symbol> functions = symbols(file).functions.getOrDefault("[" + module + "]", new TreeMap<>());
        return new Found(lookUp(functions, loaded.start, loaded.bytes, offsets), file.toString(), "");
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

    private static Loaded loaded(Path modules, String module) throws IOException {
        try (SymbolLines lines = new SymbolLines(Files.newInputStream(modules))) {
            for (String line; (line = lines.next()) != null; ) {
                String[] f = line.split(" "); // name, bytes, uses, users, state, address
                if (f.length >= 6 && f[0].equals(module) && f[1].matches("[0-9]{1,9}")) {
                    return new Loaded(SymbolLines.hex(f[5], 0, f[5].length()), Long.parseLong(f[1]));
                }
            }
        }
        return null;
    }

    private Symbols symbols(Path file) throws IOException {
        Symbols symbols = known.get(file);
        if (symbols == null) {
            symbols = read(file);
            known.put(file, symbols);
        }
        return symbols;
    }

    private static Symbols read(Path file) throws IOException {
        Map<String, TreeMap<Long, Symbol>> functions = new HashMap<>();
        long text = 0;
        int count = 0;
        try (SymbolLines lines = new SymbolLines(Files.newInputStream(file))) {
            for (String line; (line = lines.next()) != null; ) {
                int blank = line.indexOf(' ');
                long address = SymbolLines.hex(line, 0, blank);
                if (blank < 0 || address == 0 || line.length() < blank + 4) {
                    continue;
                }
                int rank = CODE.indexOf(line.charAt(blank + 1));
                int tab = line.indexOf("\t[", blank + 3);
                String name = line.substring(blank + 3, tab < 0 ? line.length() : tab);
                String module = tab < 0 ? "" : line.substring(tab + 1);
                if (name.equals("_text") && tab < 0) {
                    text = address;
                }
                if (rank >= 0 && !name.isEmpty() && count < MAX_SYMBOLS) {
                    functions
                            .computeIfAbsent(module, m -> new TreeMap<>(Long::compareUnsigned))
                            .merge(address, new Symbol(rank, name), Symbol::plainer);
                    count++;
                }
            }
        }
        return new Symbols(functions, text);
    }

    /** @param bytes from {@code start}, in which there may be functions */
    private static Map<Long, List<Named>> lookUp(
            TreeMap<Long, Symbol> functions, long start, long bytes, long[] offsets) {
        Map<Long, List<Named>> names = new HashMap<>();
        Arrays.stream(offsets).forEach(offset -> {
            Map.Entry<Long, Symbol> at = functions.floorEntry(start + offset);
            boolean isInside = at != null && offset < bytes && Long.compareUnsigned(at.getKey(), start) >= 0;
            if (isInside) {
                long from = start + offset - at.getKey();
                names.put(offset, List.of(new Named(at.getValue().name, from, "", false)));
            }
        });
        return names;
    }
}
