package org.damson.analyzer.scan;

/** The kernel's integer arithmetic: unsigned 64-bit, truncating, in its order of operations. */
public final class Arithmetic {
    private static final long GOAL = 10_000;
    private static final long MIN_INPUT = 10_000;

    private Arithmetic() {}

    public static long alignDown(long value, long unit) {
        return value - Long.remainderUnsigned(value, unit);
    }

    public static long minUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }

    public static long maxUnsigned(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    /** {@code x * n / d} without losing the high bits of the product where the quotient is large. */
    public static long multFrac(long x, long n, long d) {
        long quotient = Long.divideUnsigned(x, d);
        long rest = Long.remainderUnsigned(x, d);
        return quotient * n + Long.divideUnsigned(rest * n, d);
    }

    /**
     * The proportional feedback of interval tuning and quota goals: the next input for a score whose goal is 10,000. A
     * score of 0 doubles, 20,000 and more falls to the least input.
     */
    public static long feedLoop(long last, long score) {
        if (score == GOAL) {
            return last;
        }
        if (Long.compareUnsigned(score, GOAL * 2) >= 0) {
            return MIN_INPUT;
        }
        boolean over = score > GOAL;
        long diff = over ? score - GOAL : GOAL - score;
        long change = Long.compareUnsigned(last, Long.divideUnsigned(-1L, diff)) < 0
                ? Long.divideUnsigned(last * diff, GOAL)
                : Long.divideUnsigned(last, GOAL) * diff;
        if (over) {
            return maxUnsigned(last - change, MIN_INPUT);
        }
        return Long.compareUnsigned(last, -1L - change) < 0 ? last + change : -1L;
    }

    /**
     * How hot a region is, 0..99.
     *
     * @param ageAggrs age in aggregation intervals
     */
    public static int hotScore(long nr, long ageAggrs, long maxNr, long aggrUs, int weightAccess, int weightAge) {
        int frequency = (int) (nr * 100 / maxNr);
        long seconds = (ageAggrs * aggrUs / 1_000_000) & 0xffff_ffffL;
        int log = Math.min(32, 64 - Long.numberOfLeadingZeros(seconds));
        if (frequency == 0) {
            log = -log;
        }
        int age = (log + 32) * 100 / 32 / 2;
        int hot = weightAccess * frequency + weightAge * age;
        if (weightAccess + weightAge != 0) {
            hot /= weightAccess + weightAge;
        }
        return hot * 99 / 100;
    }
}
