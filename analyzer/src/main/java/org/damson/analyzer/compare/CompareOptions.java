package org.damson.analyzer.compare;

import java.util.List;
import java.util.Locale;
import org.damson.analyzer.scan.Area;
import org.damson.model.InvalidInputException;

/**
 * How two traces are compared.
 *
 * @param slices time slices each trace is cut into, over its own duration
 * @param cells address cells over all mapped areas
 * @param maxLag slices one trace may lag behind the other; the best lag is used and reported
 * @param tolerance greatest distance (0..1) of what the verdict rests on that is still the same behaviour
 * @param basis what the verdict rests on
 * @param seed of the confidence intervals
 * @param map which areas of the first trace are which of the second; null = found by address, else by order and size
 */
public record CompareOptions(
        int slices, int cells, int maxLag, double tolerance, Basis basis, long seed, List<AreaPair> map) {
    public static final CompareOptions DEFAULTS = new CompareOptions(100, 128, 5, 0.3, Basis.ALL, 1, null);

    /** What a verdict rests on. */
    public enum Basis {
        /** Heat at the same places and times, working sets, and heat in places that only one trace has. */
        ALL,
        /** The sizes of the working set alone, wherever and whenever. */
        WORKING_SET;

        /** The word for it on the command line. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Addresses of one place in both traces; sizes may differ.
     *
     * @param a area in the first trace
     * @param b area in the second trace
     */
    public record AreaPair(Area a, Area b) {}

    public CompareOptions {
        if (slices < 1 || slices > 10_000 || cells < 1 || cells > 10_000 || maxLag < 0 || maxLag >= slices) {
            throw new InvalidInputException("slices and cells must be 1 to 10,000, and the lag less than the slices");
        }
        if (!(tolerance >= 0 && tolerance <= 1)) {
            throw new InvalidInputException("the tolerance must be between 0 and 1, not " + tolerance);
        }
    }

    public CompareOptions tolerance(double value) {
        return new CompareOptions(slices, cells, maxLag, value, basis, seed, map);
    }

    public CompareOptions basis(Basis value) {
        return new CompareOptions(slices, cells, maxLag, tolerance, value, seed, map);
    }

    public CompareOptions seed(long value) {
        return new CompareOptions(slices, cells, maxLag, tolerance, basis, value, map);
    }

    public CompareOptions map(List<AreaPair> pairs) {
        return new CompareOptions(slices, cells, maxLag, tolerance, basis, seed, pairs);
    }
}
