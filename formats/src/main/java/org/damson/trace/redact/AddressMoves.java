package org.damson.trace.redact;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where the areas of an address space go when a trace is redacted: in their order, each as a whole, to addresses that
 * none of them had. Inside an area everything keeps its distance and its offset in a page; of the distances between
 * areas only the magnitude stays, so that what was far apart still is.
 */
final class AddressMoves {
    /** Areas that are kept apart; a trace with more is not a recording. */
    private static final int MAX_AREAS = 1 << 20;

    /** Candidates for the first new address are multiples of this: 16 TiB, between where programs and libraries lie. */
    private static final long BASE = 1L << 44;

    private static final long MAX_GAP = 1L << 36;
    private static final long MAX_ADDRESS = 1L << 62;

    private final boolean joinTouching;
    private final long pageBytes;

    /** Bounds of mappings; null: sizes are kept. */
    private final TreeSet<Long> cuts;

    /** First to last address, both inclusive, so that the end of the address space needs no special case. */
    private final TreeMap<Long, Long> areas = new TreeMap<>(Long::compareUnsigned);

    private long[] first = new long[0];
    private long[] last = new long[0];
    private long[] moved = new long[0];
    private CoarseSizes[] sizes;
    private int hint;

    /**
     * @param pageBytes size of a page of the machine that was recorded, a power of two
     * @param joinTouching whether areas that touch are one: where no mappings say what belongs together
     * @param isCoarse whether areas, and the mappings in them, grow to {@link CoarseSizes}
     */
    AddressMoves(long pageBytes, boolean joinTouching, boolean isCoarse) {
        this.pageBytes = pageBytes;
        this.joinTouching = joinTouching;
        cuts = isCoarse ? new TreeSet<>(Long::compareUnsigned) : null;
    }

    /** Learns where a mapping lies. */
    void addMapping(long start, long end) throws IOException {
        add(start, end);
        if (cuts != null && start != end) {
            cuts.add(start);
            cuts.add(end);
            if (cuts.size() > 2 * MAX_AREAS) {
                throw new IOException("more than " + MAX_AREAS + " mappings: too many to move");
            }
        }
    }

    /** Learns of addresses {@code [start, end)}; {@code end} 0 is the end of the address space. */
    void add(long start, long end) throws IOException {
        if (start == end) {
            return;
        }
        long from = start;
        long to = end - 1;
        Map.Entry<Long, Long> below = areas.floorEntry(from);
        if (below != null) {
            if (Long.compareUnsigned(to, below.getValue()) <= 0) {
                return;
            }
            if (joins(below.getValue(), from)) {
                from = below.getKey();
            }
        }
        for (Map.Entry<Long, Long> next = areas.ceilingEntry(from);
                next != null && (joins(to, next.getKey()) || next.getKey() == from);
                next = areas.ceilingEntry(from)) {
            to = Long.compareUnsigned(to, next.getValue()) < 0 ? next.getValue() : to;
            areas.remove(next.getKey());
        }
        areas.put(from, to);
        if (areas.size() > MAX_AREAS) {
            throw new IOException("more than " + MAX_AREAS + " separate areas: too many to move");
        }
    }

    /** Whether something that ends at {@code to} and something that starts at {@code from} are one area. */
    private boolean joins(long to, long from) {
        return Long.compareUnsigned(from, to) <= 0 || joinTouching && from - 1 == to;
    }

    /** Decides where everything goes; no area may be added after this. */
    void settle() throws IOException {
        int n = areas.size();
        first = new long[n];
        last = new long[n];
        moved = new long[n];
        int i = 0;
        for (Map.Entry<Long, Long> area : areas.entrySet()) {
            first[i] = area.getKey();
            last[i++] = area.getValue();
        }
        sizes = cuts == null ? null : new CoarseSizes[n];
        for (i = 0; cuts != null && i < n; i++) {
            boolean isWhole = last[i] - first[i] < 0 || last[i] - first[i] > MAX_ADDRESS;
            long[] within = cuts.subSet(first[i], false, last[i], true).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            sizes[i] = isWhole ? null : new CoarseSizes(first[i], last[i] - first[i] + 1, within);
        }
        long base = BASE;
        for (long taken = place(base); taken != 0; taken = place(base)) {
            base = (taken / BASE + 1) * BASE;
        }
    }

    /** Lays all areas out from {@code base} on; returns an old address that is in the way, 0 if none. */
    private long place(long base) throws IOException {
        long at = base;
        for (int i = 0; i < first.length; i++) {
            if (i > 0) {
                at += gap(first[i] - last[i - 1]);
            }
            long size = last[i] - first[i];
            size = sizes == null || sizes[i] == null ? size : sizes[i].offset(size + 1) - 1;
            if (size < 0 || size > MAX_ADDRESS || at > MAX_ADDRESS - size) {
                throw new IOException("its areas cover too much of the address space to be moved elsewhere");
            }
            at = (at + pageBytes - 1) / pageBytes * pageBytes;
            moved[i] = at + (first[i] & (pageBytes - 1));
            at = moved[i] + size + 1;
        }
        for (int i = 0; i < first.length; i++) {
            boolean apart = Long.compareUnsigned(last[i], base) < 0 || Long.compareUnsigned(first[i], at) >= 0;
            if (!apart) {
                return last[i];
            }
        }
        return 0;
    }

    private long gap(long between) {
        if (between < 0 || between > MAX_GAP) {
            return MAX_GAP;
        }
        return Math.max(pageBytes, Long.highestOneBit(between));
    }

    /** The new start of {@code start}; what lies in no area becomes 0. */
    long start(long start) {
        int i = areaOf(start);
        return i < 0 ? 0 : moved[i] + offset(i, start - first[i]);
    }

    /** The new end of a range that ends before {@code end}. */
    long end(long end) {
        int i = areaOf(end - 1);
        return i < 0 ? 0 : moved[i] + offset(i, end - first[i]);
    }

    private long offset(int area, long offset) {
        return sizes == null ? offset : sizes[area].offset(offset);
    }

    private int areaOf(long address) {
        if (hint < first.length && holds(hint, address)) {
            return hint;
        }
        int low = 0;
        int high = first.length - 1;
        while (low <= high) {
            int mid = (low + high) >>> 1;
            if (Long.compareUnsigned(last[mid], address) < 0) {
                low = mid + 1;
            } else {
                high = mid - 1;
            }
        }
        if (low < first.length && holds(low, address)) {
            hint = low;
            return low;
        }
        return -1;
    }

    private boolean holds(int area, long address) {
        return Long.compareUnsigned(first[area], address) <= 0 && Long.compareUnsigned(address, last[area]) <= 0;
    }
}
