package org.damson.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.damson.model.MissingCapabilityException;
import org.damson.model.TraceSource;
import org.damson.symbols.Unnamed.Group;
import org.damson.symbols.elf.Wire.Named;
import org.damson.symbols.elf.Wire.Request;

/**
 * Looks up names for the places in call stacks that have none. Existing names are kept, and places without a result stay as
 * they are.
 */
public final class Symbolizer {
    private final StackTable table;
    private final Map<Place, List<Named>> names = new HashMap<>();
    /** Where the functions of places without a name begin in their files. */
    private final Map<Place, Long> starts = new HashMap<>();

    private final List<SymbolReport.Module> modules = new ArrayList<>();
    /** The library that reads files, if it is missing here; else null. */
    private MissingCapabilityException lacking;

    private Symbolizer(StackTable table) {
        this.table = table;
    }

    /**
     * The trace with the names that are found.
     *
     * @param trace stays open as long as what is returned
     * @throws MissingCapabilityException if files are to be read, libdw is not installed, and nothing else has a name
     */
    public static SymbolizedTrace symbolize(TraceSource trace, SymbolOptions options) throws IOException {
        return symbolize(trace, options, (debugPath, requests) -> new ElfProcess(debugPath, options).ask(requests));
    }

    /** Reads files, a result for each. */
    interface ElfFiles {
        /** @throws MissingCapabilityException if libdw is not installed */
        List<ElfProcess.Result> ask(byte[] debugPath, List<Request> requests) throws IOException;
    }

    static SymbolizedTrace symbolize(TraceSource trace, SymbolOptions options, ElfFiles elf) throws IOException {
        StackTable table = StackTable.of(trace);
        Unnamed unnamed = Unnamed.of(table, trace);
        Symbolizer symbolizer = new Symbolizer(table);
        Origin origin = Origin.of(trace);
        try (ThisMachine machine = new ThisMachine()) {
            ModuleFiles files = new ModuleFiles(options, origin.beginEpochNs(), machine, origin.isHere());
            symbolizer.files(unnamed, files, origin, options, elf);
        }
        symbolizer.others(unnamed, options, origin);
        if (symbolizer.lacking != null && symbolizer.names.isEmpty()) {
            throw symbolizer.lacking;
        }
        List<SymbolReport.Module> modules = symbolizer.modules.stream()
                .sorted(Comparator.comparingLong(SymbolReport.Module::places)
                        .reversed()
                        .thenComparing(SymbolReport.Module::name)
                        .thenComparing(SymbolReport.Module::buildId))
                .toList();
        SymbolReport report = new SymbolReport(
                modules.stream().mapToLong(SymbolReport.Module::places).sum(),
                modules.stream().mapToLong(SymbolReport.Module::named).sum(),
                symbolizer.placed(),
                modules,
                symbolizer.lacking == null ? "" : symbolizer.lacking.getMessage());
        return new SymbolizedTrace(trace, new NamedStacks(table, unnamed, symbolizer.names, symbolizer.starts), report);
    }

    private void files(Unnamed unnamed, ModuleFiles files, Origin origin, SymbolOptions options, ElfFiles elf)
            throws IOException {
        List<Path> otherRoots = origin.otherRoots();
        Map<String, List<Path>> deleted = origin.deletedFiles();
        options.kept().forEach((name, places) -> deleted.computeIfAbsent(name, n -> new ArrayList<>())
                .addAll(places));
        List<Group> groups = new ArrayList<>();
        List<ModuleFiles.Found> found = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        List<List<Place>> places = new ArrayList<>();
        for (Map.Entry<Group, Set<Place>> e : unnamed.groups.entrySet()) {
            Group g = e.getKey();
            if (g.code() != Code.FILE) {
                continue;
            }
            ModuleFiles.Found f = files.of(
                    g.module(),
                    g.buildId(),
                    otherRoots,
                    deleted.getOrDefault(ModuleFiles.withoutDeleted(g.module()), List.of()));
            if (f.files().isEmpty()) {
                done(g, e.getValue(), "", f.why().isEmpty() ? "no such file on this machine" : f.why(), false);
                continue;
            }
            groups.add(g);
            found.add(f);
            places.add(List.copyOf(e.getValue()));
            requests.add(request(f, g, places.get(places.size() - 1)));
        }
        if (requests.isEmpty()) {
            return;
        }
        try {
            List<ElfProcess.Result> results = elf.ask(files.debugPath(), requests);
            for (int i = 0; i < results.size(); i++) {
                take(groups.get(i), found.get(i), places.get(i), results.get(i));
            }
        } catch (MissingCapabilityException e) {
            lacking = e;
            for (int i = 0; i < groups.size(); i++) {
                done(groups.get(i), Set.copyOf(places.get(i)), "", "libdw.so.1 is not installed", false);
            }
        }
    }

    private Request request(ModuleFiles.Found found, Group group, List<Place> places) {
        long[] offsets = new long[places.size()];
        boolean[] calls = new boolean[places.size()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = offset(places.get(i));
            calls[i] = places.get(i).isCall();
        }
        List<byte[]> paths = found.files().stream()
                .map(p -> org.damson.model.text.NativeText.encode(
                        p.toAbsolutePath().toString()))
                .toList();
        return new Request(paths, ModuleFiles.buildId(group.buildId()), offsets, calls);
    }

    private void take(Group group, ModuleFiles.Found found, List<Place> places, ElfProcess.Result result) {
        Set<Place> all = new HashSet<>(places);
        if (result.answer() == null) {
            done(group, all, "", result.failure(), true);
            return;
        }
        String first = found.files().get(0).toString();
        switch (result.answer().outcome()) {
            case READ -> {
                for (int i = 0; i < places.size(); i++) {
                    put(places.get(i), result.answer().names().get(i));
                    long start = result.answer().starts()[i];
                    if (start >= 0 && start <= offset(places.get(i))) {
                        starts.put(places.get(i), start);
                    }
                }
                String from = found.files().get(result.answer().file()).toString();
                done(group, all, from, result.answer().why(), false);
            }
            case NO_FILE -> done(group, all, "", first + " cannot be opened", false);
            case OTHER_BUILD_ID -> done(group, all, "", first + " has another build id", false);
            default -> done(group, all, "", first + ": " + result.answer().why(), false);
        }
    }

    private void others(Unnamed unnamed, SymbolOptions options, Origin origin) throws IOException {
        KernelSymbols kernel = new KernelSymbols(options, origin);
        PerfMaps maps = new PerfMaps(options, origin);
        for (Map.Entry<Group, Set<Place>> e : unnamed.groups.entrySet()) {
            Group g = e.getKey();
            Set<Place> places = e.getValue();
            switch (g.code()) {
                case KERNEL -> {
                    KernelSymbols.Found f = kernel.of(g.buildId(), wanted(places));
                    places.forEach(p -> put(p, at(p, f.names())));
                    done(g, places, f.from(), f.why(), false);
                }
                case KERNEL_MODULE -> {
                    KernelSymbols.Found f = kernel.ofModule(moduleOf(places), g.buildId(), wanted(places));
                    places.forEach(p -> put(p, at(p, f.names())));
                    done(g, places, f.from(), f.why(), false);
                }
                case MADE -> {
                    PerfMaps.Found f = maps.of(g.pid(), wanted(places));
                    places.forEach(p -> put(p, at(p, f.names())));
                    boolean isNowhere =
                            g.module().equals(Unnamed.NOWHERE) && f.names().isEmpty();
                    done(g, places, f.from(), isNowhere ? "nothing is known to be mapped there" : f.why(), false);
                }
                case UNKNOWN -> done(g, places, "", "no offset in a file is recorded", false);
                default -> {}
            }
        }
    }

    private String moduleOf(Set<Place> places) {
        return table.frames.get(places.iterator().next().frame()).kernelModule();
    }

    private long offset(Place p) {
        return table.frames.get(p.frame()).offset();
    }

    /** Offsets of the places, and of the calls before those where a call returns to. */
    private long[] wanted(Set<Place> places) {
        return places.stream()
                .flatMapToLong(p -> p.isCall() ? LongStream.of(offset(p) - 1, offset(p)) : LongStream.of(offset(p)))
                .sorted()
                .distinct()
                .toArray();
    }

    private List<Named> at(Place p, Map<Long, List<Named>> names) {
        List<Named> exact = names.getOrDefault(offset(p), List.of());
        List<Named> call = p.isCall() ? names.getOrDefault(offset(p) - 1, List.of()) : List.of();
        return call.isEmpty()
                ? exact
                : call.stream()
                        .map(n -> new Named(n.function(), n.offset() + 1, n.source(), n.isInlined()))
                        .toList();
    }

    private void put(Place p, List<Named> found) {
        if (!found.isEmpty() && found.stream().noneMatch(n -> n.function().isBlank())) {
            names.put(p, found);
        }
    }

    /** Frames of which the start of the function is new. */
    private long placed() {
        return starts.keySet().stream()
                .filter(p -> !names.containsKey(p))
                .mapToInt(Place::frame)
                .filter(f -> table.frames.get(f).function().isBlank())
                .distinct()
                .count();
    }

    /** Counts a frame once, in whichever ways it stands in stacks. */
    private void done(Group g, Set<Place> places, String from, String why, boolean isCutShort) {
        long all = places.stream().mapToInt(Place::frame).distinct().count();
        long named = places.stream()
                .filter(names::containsKey)
                .mapToInt(Place::frame)
                .distinct()
                .count();
        String name = g.code() == Code.MADE
                ? "memory of process " + g.pid()
                : g.module().isEmpty() ? "unknown code" : g.module();
        modules.add(new SymbolReport.Module(name, g.buildId(), all, named, from, why, isCutShort));
    }
}
