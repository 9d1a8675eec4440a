package org.damson.symbols;

import java.util.List;

/**
 * Result of looking up places without a name. A place is an offset in a file, or in a process's memory, that occurs in call stacks.
 *
 * @param places that had no name
 * @param named that have one now
 * @param placed that have none, but now the start of their function
 * @param modules each file or other kind of code, most places first
 * @param lacking what has to be installed to read files, on one line; empty if nothing
 */
public record SymbolReport(long places, long named, long placed, List<Module> modules, String lacking) {
    /**
     * Code of one file, of the kernel or of one process's memory.
     *
     * @param name as recorded
     * @param buildId hexadecimal; empty if it is not recorded
     * @param places that had no name
     * @param named that have one now
     * @param from file or map in which names were found; empty if none
     * @param why places have no name; empty if only because no symbol covers them
     * @param isCutShort whether the lookup was abandoned
     */
    public record Module(
            String name, String buildId, long places, long named, String from, String why, boolean isCutShort) {}

    /** Whether anything was found. */
    public boolean isNews() {
        return named > 0 || placed > 0;
    }

    /** Whether any lookup was abandoned, or files could not be read at all. */
    public boolean isPartial() {
        return !lacking.isEmpty() || modules.stream().anyMatch(Module::isCutShort);
    }
}
