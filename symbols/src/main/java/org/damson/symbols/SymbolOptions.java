package org.damson.symbols;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Where names are looked for.
 *
 * @param root directory below which the recorded machine's files are, as they are named there; null: this machine's
 * @param kallsyms a copy of {@code /proc/kallsyms} of the recorded kernel; null: this kernel's, if it is the same
 * @param perfMaps directory with {@code perf-PID.map} files that are known to be those of the recorded processes; null:
 *     {@code /tmp}, of which only those are taken that cannot be another's
 * @param cache perf's cache of files by build id, as {@code ~/.debug}; null: none
 * @param kept by the names of files, where they can still be read though they may have been deleted or replaced: taken by build id
 * @param fileTime how long one file may take
 * @param allTime how long all files may take
 */
public record SymbolOptions(
        Path root,
        Path kallsyms,
        Path perfMaps,
        Path cache,
        Map<String, List<Path>> kept,
        Duration fileTime,
        Duration allTime) {
    /** No files are kept. */
    public SymbolOptions(Path root, Path kallsyms, Path perfMaps, Path cache, Duration fileTime, Duration allTime) {
        this(root, kallsyms, perfMaps, cache, Map.of(), fileTime, allTime);
    }

    /** This machine's files. */
    public static SymbolOptions of(Path root, Path kallsyms, Path perfMaps, Path cache) {
        return new SymbolOptions(root, kallsyms, perfMaps, cache, Duration.ofSeconds(60), Duration.ofMinutes(5));
    }

    /** The same with files that were kept. */
    public SymbolOptions with(Map<String, List<Path>> keptFiles) {
        return new SymbolOptions(root, kallsyms, perfMaps, cache, Map.copyOf(keptFiles), fileTime, allTime);
    }
}
