package org.damson.symbols;

import java.util.List;

/**
 * What became of the places without a name. A place is one of a file, or of a process's memory, that stands in call stacks.
 *
 * @param places that had no name
 * @param named that have one now
 * @param modules each file or other kind of code, most places first
 */
public record SymbolReport(long places, long named, List<Module> modules) {
    /**
     * Code of one file, of the kernel or of one process's memory.
     *
     * @param name as recorded
     * @param buildId hexadecimal; empty if it is not recorded
     * @param places that had no name
     * @param named that have one now
     * @param from where names were found; empty: nowhere
     * @param why those without a name have none; empty if that is only because no symbol covers them
     * @param isCutShort whether looking them up was given up
     */
    public record Module(
            String name, String buildId, long places, long named, String from, String why, boolean isCutShort) {}

    /** Whether anything that is there was not looked up to its end. */
    public boolean isPartial() {
        return modules.stream().anyMatch(Module::isCutShort);
    }
}
