package org.damson.model.summary;

import java.util.Arrays;
import org.damson.model.Snapshot;

/**
 * For how long the memory of one target was not accessed, over its bytes and time: byte nanoseconds by idle time, whole numbers without
 * rounding. Idle times that differ by less than a thousandth of themselves may share a bin, which then stands for the least of them.
 */
public final class IdleSums {
    /** Idle for at least so long, nanoseconds; ascending. The first is: not accessed in the last aggregation. */
    private static final long[] STEPS_NS = {
        1_000,
        1_000_000_000L,
        2_000_000_000L,
        5_000_000_000L,
        10_000_000_000L,
        30_000_000_000L,
        60_000_000_000L,
        120_000_000_000L,
        300_000_000_000L,
        600_000_000_000L,
        1_800_000_000_000L,
        3_600_000_000_000L,
        7_200_000_000_000L,
        21_600_000_000_000L,
        86_400_000_000_000L
    };

    public static final int STEPS = STEPS_NS.length;

    /** Idle times below {@code 1 << BITS} have a bin each, as has every {@code 1 << BITS - 1}th part of an octave above. */
    private static final int BITS = 11;

    private static final int HALF = 1 << BITS - 1;

    private static final int TIME = 0;
    private static final int BANDWIDTH = 1;

    private final LongSums idle = new LongSums(0);
    private long[] least = new long[0];

    /** Idle for at least a step and less than the next. */
    private final LongSums between = new LongSums(STEPS);

    private final LongSums facts = new LongSums(2);
    private long snapshots;
    private long mostBandwidth;

    // Of the snapshot that is added.
    private long ns;

    /** For how long region {@code i} of a snapshot was not accessed by its age, which counts aggregations, nanoseconds. */
    public static long idleByAgeNs(Snapshot s, int i) {
        long aggregations = Math.max(0, s.age[i]) + 1L;
        long aggrNs = s.aggrUs * 1000;
        return aggrNs > Long.MAX_VALUE / aggregations ? Long.MAX_VALUE : aggregations * aggrNs;
    }

    /** The same, 0 while it is accessed, at most since a time, from which its target was recorded. */
    public static long idleNs(Snapshot s, int i, long firstNs) {
        return s.isAccessed(i) ? 0 : Math.max(0, Math.min(idleByAgeNs(s, i), s.endNs - firstNs));
    }

    /** Bandwidth by the kernel's rule: every sample that finds a region accessed is a pass over it. */
    public static double bandwidth(double byteSamples, Snapshot s) {
        return byteSamples * 1e6 / Math.max(1, s.aggrUs);
    }

    /** Adds a snapshot whose regions have ages and count whole. */
    void add(Snapshot s, long firstNs, long fromNs, long toNs) {
        begin(toNs - fromNs);
        double byteSamples = 0;
        for (int i = 0; i < s.regions; i++) {
            long bytes = s.end[i] - s.start[i];
            int accesses = s.nrAccesses[i];
            if (accesses > 0) {
                byteSamples += IdlePercentiles.bytes(bytes) * accesses;
            }
            add(idleNs(s, i, firstNs), bytes);
        }
        end(bandwidth(byteSamples, s));
    }

    /** Begins a snapshot that covers a duration. */
    public void begin(long durationNs) {
        ns = Math.max(0, durationNs);
    }

    /** Adds memory of that snapshot; the bytes are without sign. */
    public void add(long idleNs, long bytes) {
        if (ns == 0 || bytes == 0) {
            return;
        }
        long high = LongSum.timesHigh(bytes, ns);
        long low = bytes * ns;
        putIdle(idleNs, high, low);
        if (idleNs >= STEPS_NS[0]) {
            int step = 0;
            while (step + 1 < STEPS && idleNs >= STEPS_NS[step + 1]) {
                step++;
            }
            between.add(step, high, low);
        }
    }

    /** Ends the snapshot. */
    public void end(double bytesPerSecond) {
        snapshots++;
        facts.add(TIME, 0, ns);
        long rounded = Math.round(bytesPerSecond);
        facts.add(BANDWIDTH, 0, rounded);
        mostBandwidth = Math.max(mostBandwidth, rounded);
    }

    private static int bin(long idleNs) {
        int shift = Math.max(0, 64 - BITS - Long.numberOfLeadingZeros(idleNs));
        return shift * HALF + (int) (idleNs >>> shift);
    }

    public void addAll(IdleSums o) {
        for (int i = 0; i < o.least.length; i++) {
            if (!o.idle.isZero(i)) {
                putIdle(o.least[i], o.idle.high(i), o.idle.low(i));
            }
        }
        between.addAll(o.between);
        facts.addAll(o.facts);
        snapshots += o.snapshots;
        mostBandwidth = Math.max(mostBandwidth, o.mostBandwidth);
    }

    private void putIdle(long idleNs, long high, long low) {
        int i = bin(idleNs);
        if (i >= least.length) {
            idle.reserve(i + 1);
            least = Arrays.copyOf(least, idle.length());
        }
        least[i] = idle.isZero(i) ? idleNs : Math.min(least[i], idleNs);
        idle.add(i, high, low);
    }

    /** The idle time at a percentile of the memory, over bytes and time; 0 if there is none. */
    public long at(double percent) {
        // A hair less, so that rounding does not push a percentile past the value that reaches it exactly.
        double wanted = percent / 100 * memory().value() * (1 - 1e-12);
        LongSum reached = new LongSum();
        long last = 0;
        for (int i = 0; i < least.length; i++) {
            if (!idle.isZero(i)) {
                reached.add(idle.high(i), idle.low(i));
                last = least[i];
                if (reached.value() >= wanted) {
                    return last;
                }
            }
        }
        return last;
    }

    /** Idle times of {@link #coldByteSeconds}: at least so long; 1,000 for whatever was not accessed in the last aggregation. */
    public static long stepNs(int step) {
        return STEPS_NS[step];
    }

    public double coldByteSeconds(int step) {
        LongSum sum = new LongSum();
        for (int k = step; k < STEPS; k++) {
            sum.add(between.high(k), between.low(k));
        }
        return sum.value() / 1e9;
    }

    public double byteSeconds() {
        return memory().value() / 1e9;
    }

    private LongSum memory() {
        LongSum sum = new LongSum();
        for (int i = 0; i < least.length; i++) {
            sum.add(idle.high(i), idle.low(i));
        }
        return sum;
    }

    /** Total duration of the snapshots. */
    public double seconds() {
        return facts.value(TIME) / 1e9;
    }

    public long snapshots() {
        return snapshots;
    }

    /** Mean over the snapshots, bytes a second. */
    public double meanBandwidth() {
        return facts.value(BANDWIDTH) / snapshots;
    }

    public double mostBandwidth() {
        return mostBandwidth;
    }

    /** Shows them under the names that they are kept by. */
    void forEach(TargetSums.Visitor to) {
        if (snapshots == 0) {
            return;
        }
        to.visit("idle_snapshots", 0, 0, snapshots);
        to.visit("idle_time", 0, facts.high(TIME), facts.low(TIME));
        to.visit("bandwidth", 0, facts.high(BANDWIDTH), facts.low(BANDWIDTH));
        to.visit("bandwidth_most", 0, 0, mostBandwidth);
        for (int k = 0; k < STEPS; k++) {
            to.visit("cold", STEPS_NS[k], between.high(k), between.low(k));
        }
        for (int i = 0; i < least.length; i++) {
            to.visit("idle", least[i], idle.high(i), idle.low(i));
        }
    }

    /** Adds a total that was stored; false if it is not one of these. */
    boolean take(String name, long bin, long high, long low) {
        switch (name) {
            case "idle_snapshots" -> snapshots += low;
            case "idle_time" -> facts.add(TIME, high, low);
            case "bandwidth" -> facts.add(BANDWIDTH, high, low);
            case "bandwidth_most" -> mostBandwidth = Math.max(mostBandwidth, low);
            case "cold" -> {
                int step = Arrays.binarySearch(STEPS_NS, bin);
                if (step >= 0) {
                    between.add(step, high, low);
                }
            }
            case "idle" -> putIdle(bin, high, low);
            default -> {
                return false;
            }
        }
        return true;
    }
}
