package org.damson.analyzer.scan;

/**
 * A contiguous part of one target's address space.
 *
 * @param start first address, unsigned
 * @param end one past the last address, unsigned; 0 is the end of the address space
 * @param heatByteSeconds heat (0..1) integrated over bytes and seconds
 */
public record Area(TargetKey key, long start, long end, double heatByteSeconds) {
    /** Unsigned. */
    public long sizeBytes() {
        return end - start;
    }
}
