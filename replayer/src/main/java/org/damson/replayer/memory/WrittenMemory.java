package org.damson.replayer.memory;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.range.AddressSet;

/** A lower bound on the anonymous memory that a plan has written. Only that may be read, as the rest is the shared zero page. */
public final class WrittenMemory {
    private static final long PAGE = 4096;

    private AddressSet whole = new AddressSet();

    /** Written pages of ranges, by start and end. */
    private final Map<List<Long>, Long> counted = new HashMap<>();

    public void clear() {
        whole = new AddressSet();
        counted.clear();
    }

    public void add(long start, long end, long pages) {
        if (pages == (end - start) / PAGE) {
            whole.add(start, end, true);
        } else {
            counted.merge(List.of(start, end), pages, Math::max);
        }
    }

    /** Whether at least so many pages of the range have been written. */
    public boolean has(long start, long end, long pages) {
        return whole.without(start, end).isEmpty() || counted.getOrDefault(List.of(start, end), 0L) >= pages;
    }

    /** Forgets a range that is unmapped. */
    public void remove(long start, long end) {
        AddressSet left = new AddressSet();
        AddressSet gone = new AddressSet();
        gone.add(start, end, true);
        for (long[] r : whole.ranges()) {
            gone.without(r[0], r[1]).forEach(part -> left.add(part[0], part[1], true));
        }
        whole = left;
        counted.keySet().removeIf(r -> gone.overlaps(r.get(0), r.get(1)));
    }
}
