package org.damson.analyzer.curves;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Sums of products of whole numbers, one for each bin, without rounding: sums of parts add up to the sum of the whole, in
 * any order. A sum is kept as billions and rest, which hold 2^63 byte seconds in byte nanoseconds: a TiB for 97 days, and
 * so every trace. Those of many machines go on in {@link #rounds}.
 */
final class ExactSums {
    static final long BILLION = 1_000_000_000;
    private static final double ROUND = 0x1p63;

    final long[] billions;
    /** Below a billion each. */
    final long[] rest;
    /** Number of overflows of {@link #billions} past 2^63; null while there are none. */
    private long[] rounds;

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
        if (billions[bin] < 0) {
            billions[bin] &= Long.MAX_VALUE;
            addRounds(bin, 1);
        }
    }

    private void addRounds(int bin, long n) {
        if (rounds == null) {
            rounds = new long[billions.length];
        }
        rounds[bin] += n;
    }

    void add(ExactSums o) {
        for (int b = 0; b < billions.length; b++) {
            put(b, o.billions[b], o.rest[b]);
            if (o.rounds != null && o.rounds[b] != 0) {
                addRounds(b, o.rounds[b]);
            }
        }
    }

    /** Whether a sum is too great to be told in billions and rest. */
    boolean isBeyondBillions(int bin) {
        return rounds != null && rounds[bin] != 0;
    }

    boolean isZero(int bin) {
        return (billions[bin] | rest[bin]) == 0 && !isBeyondBillions(bin);
    }

    /** The sum, to a double's precision. */
    double value(int bin) {
        double more = rounds == null ? 0 : rounds[bin] * ROUND;
        return (more + billions[bin]) * BILLION + rest[bin];
    }

    /** The sums that are not 0, for {@link #read}. */
    void write(DataOutput out) throws IOException {
        int count = 0;
        for (int b = 0; b < billions.length; b++) {
            count += isZero(b) ? 0 : 1;
        }
        out.writeShort(count);
        for (int b = 0; b < billions.length; b++) {
            if (!isZero(b)) {
                out.writeShort(b);
                out.writeLong(rounds == null ? 0 : rounds[b]);
                out.writeLong(billions[b]);
                out.writeInt((int) rest[b]);
            }
        }
    }

    /** Adds sums that {@link #write} wrote. */
    void read(DataInput in) throws IOException {
        for (int n = in.readUnsignedShort(); n > 0; n--) {
            int bin = in.readUnsignedShort();
            long more = in.readLong();
            put(bin, in.readLong(), in.readInt());
            if (more != 0) {
                addRounds(bin, more);
            }
        }
    }
}
