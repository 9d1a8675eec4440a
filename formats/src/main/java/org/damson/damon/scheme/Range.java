package org.damson.damon.scheme;

import org.damson.model.InvalidInputException;

/**
 * Inclusive bounds in a unit. {@link #MAX} stands for no upper bound.
 *
 * @param min lower bound, 0 or more
 * @param max upper bound, at least {@code min}
 * @param unit what is counted
 */
public record Range(long min, long max, Unit unit) {
    /** No upper bound. */
    public static final long MAX = Long.MAX_VALUE;

    /** Maximum access count and age: the kernel keeps them in 32 bits. */
    public static final long KERNEL_MAX = 0xffff_ffffL;

    /** The unit of a bound. */
    public enum Unit {
        /** Size of a region in bytes. */
        BYTES,
        /** Samples of one aggregation interval with an access. */
        SAMPLES,
        /** Hundredths of a percent of the samples of an aggregation interval. */
        ACCESS_BP,
        /** Aggregation intervals. */
        AGGREGATIONS,
        /** Microseconds. */
        MICROSECONDS
    }

    public Range {
        if (min < 0 || max < 0) {
            throw new InvalidInputException("a bound must not be negative: " + min + ".." + max);
        }
        if (min > max) {
            throw new InvalidInputException("contradictory bounds: minimum " + min + " is above maximum " + text(max)
                    + (unit == Unit.MICROSECONDS ? " (microseconds)" : ""));
        }
    }

    /** No bounds. */
    public static Range all(Unit unit) {
        return new Range(0, MAX, unit);
    }

    /** Whether these bounds admit every value. */
    public boolean isAll() {
        return min == 0 && max == MAX;
    }

    /** A bound as text. */
    public static String text(long bound) {
        return bound == MAX ? "max" : Long.toString(bound);
    }

    /** The bounds in the kernel's units, samples or aggregation intervals; fractions are truncated as damo does. */
    public Range inKernelUnits(long sampleUs, long aggrUs) {
        return switch (unit) {
            case ACCESS_BP -> {
                long samples = Math.max(1, aggrUs / Math.max(1, sampleUs));
                yield new Range(cut(min, samples, 10_000), cut(max, samples, 10_000), Unit.SAMPLES);
            }
            case MICROSECONDS -> {
                if (aggrUs <= 0) {
                    throw new InvalidInputException("an age in time needs the aggregation interval of the trace");
                }
                yield new Range(cut(min, 1, aggrUs), cut(max, 1, aggrUs), Unit.AGGREGATIONS);
            }
            case BYTES -> this;
            case SAMPLES, AGGREGATIONS -> new Range(Math.min(min, KERNEL_MAX), Math.min(max, KERNEL_MAX), unit);
        };
    }

    private static long cut(long bound, long factor, long divisor) {
        if (bound == MAX || bound > Long.MAX_VALUE / factor) {
            return KERNEL_MAX;
        }
        return Math.min(KERNEL_MAX, bound * factor / divisor);
    }
}
