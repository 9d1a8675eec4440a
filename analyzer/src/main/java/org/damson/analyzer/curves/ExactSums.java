package org.damson.analyzer.curves;

/**
 * Sums of products of whole numbers, one for each bin, without rounding: sums of parts add up to the sum of the whole, in
 * any order. A sum is kept as billions and rest, which hold 2^63 byte seconds in byte nanoseconds: a TiB for 97 days.
 */
final class ExactSums {
    static final long BILLION = 1_000_000_000;

    final long[] billions;
    /** Below a billion each. */
    final long[] rest;

    ExactSums(int bins) {
        billions = new long[bins];
        rest = new long[bins];
    }

    int bins() {
        return billions.length;
    }

    /** Adds {@code a * b}; both are 0 or more. */
    void add(int bin, long a, long b) {
        long high = a / BILLION;
        long low = a % BILLION;
        long part = b / BILLION;
        long left = b % BILLION;
        // (high G + low) (part G + left), in G = 10^9
        long under = low * left;
        put(bin, high * part * BILLION + high * left + low * part + under / BILLION, under % BILLION);
    }

    /** Adds {@code more * 10^9 + less}. */
    void put(int bin, long more, long less) {
        long sum = rest[bin] + less;
        billions[bin] += more + sum / BILLION;
        rest[bin] = sum % BILLION;
    }

    void add(ExactSums o) {
        for (int b = 0; b < billions.length; b++) {
            put(b, o.billions[b], o.rest[b]);
        }
    }

    boolean isZero(int bin) {
        return (billions[bin] | rest[bin]) == 0;
    }

    /** The sum, to a double's precision. */
    double value(int bin) {
        return billions[bin] * (double) BILLION + rest[bin];
    }
}
