package org.damson.analyzer.heatmap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;

/** A union of address ranges with the heat found in each. Ranges that touch are one. */
final class Coverage {
    /** More areas than this are joined over their smallest gaps: memory stays bounded on hostile traces. */
    static final int MAX_AREAS = 1 << 16;

    // Ascending unsigned, disjoint, not touching; last is inclusive so that the end of the address space needs no care.
    private long[] first = new long[16];
    private long[] last = new long[16];
    private double[] heat = new double[16];
    private int size;
    private int hint;

    /** Adds {@code [start, end)}, not empty. */
    void add(long start, long end, double heatIn) {
        long lastIn = end - 1;
        if (hint < size
                && Long.compareUnsigned(first[hint], start) <= 0
                && Long.compareUnsigned(lastIn, last[hint]) <= 0) {
            heat[hint] += heatIn;
            return;
        }
        int from = lowest(start);
        int to = from;
        long newFirst = start;
        long newLast = lastIn;
        double newHeat = heatIn;
        while (to < size && (first[to] == 0 || Long.compareUnsigned(first[to] - 1, lastIn) <= 0)) {
            newFirst = Long.compareUnsigned(first[to], newFirst) < 0 ? first[to] : newFirst;
            newLast = Long.compareUnsigned(last[to], newLast) > 0 ? last[to] : newLast;
            newHeat += heat[to];
            to++;
        }
        replace(from, to, newFirst, newLast, newHeat);
        hint = from;
        if (size > MAX_AREAS) {
            halve();
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

    private void replace(int from, int to, long newFirst, long newLast, double newHeat) {
        int grow = 1 - (to - from);
        if (size + grow > first.length) {
            first = Arrays.copyOf(first, first.length * 2);
            last = Arrays.copyOf(last, last.length * 2);
            heat = Arrays.copyOf(heat, heat.length * 2);
        }
        if (grow != 0) {
            System.arraycopy(first, to, first, from + 1, size - to);
            System.arraycopy(last, to, last, from + 1, size - to);
            System.arraycopy(heat, to, heat, from + 1, size - to);
        }
        first[from] = newFirst;
        last[from] = newLast;
        heat[from] = newHeat;
        size += grow;
    }

    private void halve() {
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
                heat[out] += heat[i];
            } else {
                out++;
                first[out] = first[i];
                last[out] = last[i];
                heat[out] = heat[i];
            }
        }
        size = out + 1;
        hint = 0;
    }

    void addAll(Coverage o) {
        for (int i = 0; i < o.size; i++) {
            add(o.first[i], o.last[i] + 1, o.heat[i]);
        }
    }

    List<Area> areas(TargetKey key) {
        List<Area> areas = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            areas.add(new Area(key, first[i], last[i] + 1, heat[i]));
        }
        return areas;
    }
}
