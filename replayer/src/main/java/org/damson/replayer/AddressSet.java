package org.damson.replayer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Disjoint address ranges in unsigned order; ranges that touch become one. */
final class AddressSet {
    private final TreeMap<Long, Long> ranges = new TreeMap<>(Long::compareUnsigned);

    /** Adds {@code [start, end)}. */
    void add(long start, long end) {
        long from = start;
        long to = end;
        Map.Entry<Long, Long> before = ranges.floorEntry(from);
        if (before != null && Long.compareUnsigned(before.getValue(), from) >= 0) {
            if (Long.compareUnsigned(before.getValue(), to) >= 0) {
                return;
            }
            from = before.getKey();
        }
        for (Map.Entry<Long, Long> next = ranges.ceilingEntry(from);
                next != null && Long.compareUnsigned(next.getKey(), to) <= 0;
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
