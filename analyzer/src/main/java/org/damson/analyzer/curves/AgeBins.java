package org.damson.analyzer.curves;

/** Bins of ages, in aggregations: one for each small age; above, 128 an octave, so that a bin is within 1 % of its ages. */
final class AgeBins {
    /** Ages below this have a bin each. */
    private static final int EXACT = 1024;

    private static final int PER_OCTAVE = 128;
    static final int COUNT = EXACT + 22 * PER_OCTAVE;

    private AgeBins() {}

    /** The bin of an age. */
    static int bin(long age) {
        if (age < EXACT) {
            return (int) age;
        }
        int octave = 63 - Long.numberOfLeadingZeros(age);
        int within = (int) ((age >>> (octave - 7)) & (PER_OCTAVE - 1));
        return EXACT + (octave - 10) * PER_OCTAVE + within;
    }

    /** Least age of a bin. */
    static long age(int bin) {
        if (bin < EXACT) {
            return bin;
        }
        int octave = 10 + (bin - EXACT) / PER_OCTAVE;
        long within = (bin - EXACT) % PER_OCTAVE;
        return (1L << octave) | within << (octave - 7);
    }
}
