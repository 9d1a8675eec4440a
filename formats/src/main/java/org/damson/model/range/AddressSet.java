package org.damson.model.range;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Disjoint address ranges in unsigned order; ranges that overlap become one. */
public final class AddressSet {
    private final TreeMap<Long, Long> ranges = new TreeMap<>(Long::compareUnsigned);

    /**
     * Adds {@code [start, end)}.
     *
     * @param joinTouching whether ranges that touch become one too
     */
    public void add(long start, long end, boolean joinTouching) {
        // A range meets another if it begins less than this far behind its end.
        int reach = joinTouching ? 0 : 1;
        long from = start;
        long to = end;
        Map.Entry<Long, Long> before = ranges.floorEntry(from);
        if (before != null && Long.compareUnsigned(before.getValue(), from) >= reach) {
            if (Long.compareUnsigned(before.getValue(), to) >= 0) {
                return;
            }
            from = before.getKey();
        }
        for (Map.Entry<Long, Long> next = ranges.ceilingEntry(from);
                next != null && Long.compareUnsigned(to, next.getKey()) >= reach;
                next = ranges.ceilingEntry(from)) {
            if (Long.compareUnsigned(next.getValue(), to) > 0) {
                to = next.getValue();
            }
            ranges.remove(next.getKey());
        }
        ranges.put(from, to);
    }

    /** Removes {@code [start, end)}; of a range that lies in it in part, the rest stays. */
    public void remove(long start, long end) {
        for (Map.Entry<Long, Long> r;
                (r = ranges.lowerEntry(end)) != null && Long.compareUnsigned(r.getValue(), start) > 0; ) {
            ranges.remove(r.getKey());
            if (Long.compareUnsigned(r.getValue(), end) > 0) {
                ranges.put(end, r.getValue());
            }
            if (Long.compareUnsigned(r.getKey(), start) < 0) {
                ranges.put(r.getKey(), start);
            }
        }
    }

    public AddressSet copy() {
        AddressSet copy = new AddressSet();
        copy.ranges.putAll(ranges);
        return copy;
    }

    /** Whether both have the same ranges. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AddressSet set && ranges.equals(set.ranges);
    }

    @Override
    public int hashCode() {
        return ranges.hashCode();
    }

    /** How many ranges there are. */
    public int size() {
        return ranges.size();
    }

    /** The ranges as {@code {start, end}}, in order. */
    public List<long[]> ranges() {
        List<long[]> list = new ArrayList<>();
        ranges.forEach((start, end) -> list.add(new long[] {start, end}));
        return list;
    }

    /** The parts of the ranges that lie in {@code [start, end)}, in order. */
    public List<long[]> within(long start, long end) {
        List<long[]> list = new ArrayList<>();
        Map.Entry<Long, Long> r = ranges.floorEntry(start);
        if (r == null || Long.compareUnsigned(r.getValue(), start) <= 0) {
            r = ranges.higherEntry(start);
        }
        for (; r != null && Long.compareUnsigned(r.getKey(), end) < 0; r = ranges.higherEntry(r.getKey())) {
            list.add(new long[] {max(r.getKey(), start), min(r.getValue(), end)});
        }
        return list;
    }

    /** What of {@code [start, end)} is in no range, in order. */
    public List<long[]> without(long start, long end) {
        List<long[]> list = new ArrayList<>();
        long from = start;
        for (long[] r : within(start, end)) {
            if (r[0] != from) {
                list.add(new long[] {from, r[0]});
            }
            from = r[1];
        }
        if (from != end) {
            list.add(new long[] {from, end});
        }
        return list;
    }

    /** Whether any of it lies in {@code [start, end)}. */
    public boolean overlaps(long start, long end) {
        return !within(start, end).isEmpty();
    }

    public static long max(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    public static long min(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }
}
