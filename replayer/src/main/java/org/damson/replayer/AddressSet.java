package org.damson.replayer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Disjoint address ranges in unsigned order; ranges that overlap become one. */
final class AddressSet {
    private final TreeMap<Long, Long> ranges = new TreeMap<>(Long::compareUnsigned);

    /**
     * Adds {@code [start, end)}.
     *
     * @param joinTouching whether ranges that touch become one too
     */
    void add(long start, long end, boolean joinTouching) {
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

    /** The ranges as {@code {start, end}}, in order. */
    List<long[]> ranges() {
        List<long[]> list = new ArrayList<>();
        ranges.forEach((start, end) -> list.add(new long[] {start, end}));
        return list;
    }
}
