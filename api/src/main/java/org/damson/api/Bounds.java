package org.damson.api;

/**
 * A figure of which a recording leaves something open.
 *
 * @param least the least that any course allowed by the recording comes to
 * @param likely what the likely course comes to
 * @param most the most that any course comes to
 */
public record Bounds(double least, double likely, double most) {
    /** Whether the recording decides it. */
    public boolean isExact() {
        return least == most;
    }
}
