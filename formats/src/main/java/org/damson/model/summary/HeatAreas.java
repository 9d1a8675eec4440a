package org.damson.model.summary;

import java.util.Arrays;
import org.damson.model.Snapshot;

/**
 * The address ranges that snapshots of one target covered, with the heat found in each: {@link HeatUnits} times bytes times
 * nanoseconds, exact. Ranges that touch are one.
 */
public final class HeatAreas {
    /** More areas than this are joined over their smallest gaps: memory stays bounded on hostile traces. */
    public static final int MAX_AREAS = 1 << 16;

    /** Heat of so many bytes fits into 63 bits. */
    static final int SHORT_SHIFT = 41;

    /** Upper half of the greatest heat that is told, 2^124; more is that, and not exact. */
    private static final long MAX = 1L << 60;

    // Ascending unsigned, disjoint, not touching; last is inclusive so that the end of the address space needs no care.
    private long[] first = new long[16];
    private long[] last = new long[16];
    private long[] high = new long[16];
    private long[] low = new long[16];
    private int size;
    private int hint;
    private boolean isExact = true;
    private final HeatUnits units = new HeatUnits();

    /** Adds the regions of a snapshot that covers a time. */
    public void add(Snapshot s, long fromNs, long toNs) {
        long ns = Math.max(0, toNs - fromNs);
        units.begin(s);
        for (int i = 0; i < s.regions; ) {
            int begin = i;
            do {
                i++;
            } while (i < s.regions && s.start[i] == s.end[i - 1]);
            long heatHigh = 0;
            long heatLow = 0;
            boolean isShort = s.end[i - 1] - s.start[begin] >>> SHORT_SHIFT == 0;
            for (int k = begin; k < i; k++) {
                long bytes = s.end[k] - s.start[k];
                int heat = units.of(s, k);
                long part = bytes * heat;
                heatLow += part;
                if (!isShort) {
                    heatHigh += LongSum.timesHigh(bytes, heat) + (Long.compareUnsigned(heatLow, part) < 0 ? 1 : 0);
                }
            }
            if (s.end[i - 1] != s.start[begin]) {
                boolean fits = fits(heatHigh, ns);
                isExact &= fits;
                add(
                        s.start[begin],
                        s.end[i - 1],
                        fits ? heatHigh * ns + LongSum.timesHigh(heatLow, ns) : MAX,
                        fits ? heatLow * ns : 0);
            }
        }
    }

    /** Whether {@code high * 2^64 + low} times {@code ns} is below 2^124, whatever low is. */
    static boolean fits(long high, long ns) {
        return 64 - Long.numberOfLeadingZeros(high) + 64 - Long.numberOfLeadingZeros(ns) <= 59;
    }

    /** Adds {@code [start, end)}, not empty, with a heat of {@code heatHigh * 2^64 + heatLow}. */
    public void add(long start, long end, long heatHigh, long heatLow) {
        long lastIn = end - 1;
        if (hint < size
                && Long.compareUnsigned(first[hint], start) <= 0
                && Long.compareUnsigned(lastIn, last[hint]) <= 0) {
            addHeat(hint, heatHigh, heatLow);
            return;
        }
        int from = lowest(start);
        int to = from;
        long newFirst = start;
        long newLast = lastIn;
        while (to < size && (first[to] == 0 || Long.compareUnsigned(first[to] - 1, lastIn) <= 0)) {
            newFirst = Long.compareUnsigned(first[to], newFirst) < 0 ? first[to] : newFirst;
            newLast = Long.compareUnsigned(last[to], newLast) > 0 ? last[to] : newLast;
            to++;
        }
        replace(from, to, newFirst, newLast);
        addHeat(from, heatHigh, heatLow);
        hint = from;
        if (size > MAX_AREAS) {
            halve();
        }
    }

    private void addHeat(int i, long heatHigh, long heatLow) {
        long sum = low[i] + heatLow;
        high[i] += heatHigh + (Long.compareUnsigned(sum, heatLow) < 0 ? 1 : 0);
        low[i] = sum;
        if (high[i] >>> 60 != 0) {
            isExact = false;
            high[i] = MAX;
        }
    }

    /** Index of the first range that ends at or after {@code start - 1}, that is, overlaps or touches from below. */
    private int lowest(long start) {
        int lo = 0;
        int hi = size;
        while (lo < hi) {
            int mid = (lo + hi) >>> 1;
            boolean below = start != 0 && Long.compareUnsigned(last[mid], start - 1) < 0;
            if (below) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
        return lo;
    }

    /** Puts one range, with the heat of all of them, in the place of those from {@code from} to before {@code to}. */
    private void replace(int from, int to, long newFirst, long newLast) {
        long sumHigh = 0;
        long sumLow = 0;
        for (int i = from; i < to; i++) {
            sumLow += low[i];
            sumHigh += high[i] + (Long.compareUnsigned(sumLow, low[i]) < 0 ? 1 : 0);
        }
        int grow = 1 - (to - from);
        if (size + grow > first.length) {
            first = Arrays.copyOf(first, first.length * 2);
            last = Arrays.copyOf(last, last.length * 2);
            high = Arrays.copyOf(high, high.length * 2);
            low = Arrays.copyOf(low, low.length * 2);
        }
        if (grow != 0) {
            for (long[] column : new long[][] {first, last, high, low}) {
                System.arraycopy(column, to, column, from + 1, size - to);
            }
        }
        first[from] = newFirst;
        last[from] = newLast;
        high[from] = sumHigh;
        low[from] = sumLow;
        size += grow;
    }

    private void halve() {
        isExact = false;
        long[] gaps = new long[size - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = (first[i + 1] - last[i]) ^ Long.MIN_VALUE;
        }
        Arrays.sort(gaps);
        long limit = gaps[gaps.length / 2] ^ Long.MIN_VALUE;
        int out = 0;
        for (int i = 1; i < size; i++) {
            if (Long.compareUnsigned(first[i] - last[out], limit) <= 0) {
                last[out] = last[i];
                addHeat(out, high[i], low[i]);
            } else {
                out++;
                first[out] = first[i];
                last[out] = last[i];
                high[out] = high[i];
                low[out] = low[i];
            }
        }
        size = out + 1;
        hint = 0;
    }

    public void addAll(HeatAreas o) {
        isExact &= o.isExact;
        for (int i = 0; i < o.size; i++) {
            add(o.first[i], o.last[i] + 1, o.high[i], o.low[i]);
        }
    }

    /** Whether areas and heat are exact; they are not if there were too many areas, or heat beyond 2^124. */
    public boolean isExact() {
        return isExact;
    }

    public int size() {
        return size;
    }

    /** First address of an area; they ascend. */
    public long start(int i) {
        return first[i];
    }

    /** One past its last address; 0 is the end of the address space. */
    public long end(int i) {
        return last[i] + 1;
    }

    /** Heat of an area, integrated over its bytes and time: of 1 for a byte in use all the time, byte nanoseconds. */
    public double heat(int i) {
        return LongSum.value(high[i], low[i]) / HeatUnits.ONE;
    }

    long heatHigh(int i) {
        return high[i];
    }

    long heatLow(int i) {
        return low[i];
    }
}
