package org.damson.analyzer;

/**
 * What counts as in the working set: regions with both at least.
 *
 * @param minAccesses least nr_accesses
 * @param minSizeBytes least region size
 */
public record WorkingSetOptions(int minAccesses, long minSizeBytes) {
    public static final WorkingSetOptions DEFAULTS = new WorkingSetOptions(1, 0);
}
