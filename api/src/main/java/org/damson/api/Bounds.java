package org.damson.api;

/**
 * A figure that the recording may leave undecided, with its bounds.
 *
 * @param lower the least value that the recording allows
 * @param estimate the likely value
 * @param upper the greatest value that the recording allows
 */
public record Bounds(double lower, double estimate, double upper) {
    /** Whether both bounds are equal, so that the figure is exact. */
    public boolean isExact() {
        return lower == upper;
    }
}
