package org.damson.replayer;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The memory of a process that is touched at some time, and how much of it: ranges that are touched whole, and ranges of which at
 * most so many pages are touched at once. Which pages these are is the generator's: of two numbers of pages of a range the
 * greater has all pages of the smaller.
 */
final class Footprint {
    /** Where nothing says what was written. */
    static final long NOT_KNOWN = -1;

    private static final long PAGE = 4096;

    private static final Comparator<Range> BY_ADDRESS = Comparator.<Range, Long>comparing(
                    Range::start, Long::compareUnsigned)
            .thenComparing(Range::end, Long::compareUnsigned);

    private record Range(long start, long end) {}

    private record Most(long pages, long written) {
        Most with(Most other) {
            return new Most(Math.max(pages, other.pages), Math.max(written, other.written));
        }

        /** That of a part of a range, at least one page. */
        Most of(long part, long range) {
            return part == range
                    ? this
                    : new Most(share(pages, part, range), written < 0 ? written : share(written, part, range));
        }
    }

    /** Takes a part of the footprint: of its pages the most that are touched at once, and written, or {@link #NOT_KNOWN}. */
    interface Taker {
        void take(long start, long end, long pages, long written) throws IOException;
    }

    private final AddressSet whole = new AddressSet();
    private final AddressSet all = new AddressSet();
    private final NavigableMap<Range, Most> counted = new TreeMap<>(BY_ADDRESS);
    private long longest;

    /** The range is touched whole. */
    void add(long start, long end) {
        whole.add(start, end, true);
        all.add(start, end, true);
    }

    /** So many of its pages are touched, and so many of them written. */
    void add(long start, long end, long pages, long written) {
        counted.merge(new Range(start, end), new Most(pages, written), Most::with);
        all.add(start, end, true);
        longest = Math.max(longest, end - start);
    }

    /** All ranges that are touched, wholly or in part. */
    AddressSet ranges() {
        return all;
    }

    /** What of {@code [start, end)} is touched: first the ranges that are touched whole, then the others. */
    void within(long start, long end, Taker taker) throws IOException {
        for (long[] r : whole.within(start, end)) {
            taker.take(r[0], r[1], (r[1] - r[0]) / PAGE, NOT_KNOWN);
        }
        Most over = null;
        for (Map.Entry<Range, Most> e : overlapping(start, end).entrySet()) {
            Range r = e.getKey();
            long from = AddressSet.max(start, r.start);
            long to = AddressSet.min(end, r.end);
            if (Long.compareUnsigned(from, to) >= 0) {
                continue;
            }
            Most part = e.getValue().of(to - from, r.end - r.start);
            if (from == start && to == end) {
                over = over == null ? part : over.with(part);
            } else {
                taker.take(from, to, part.pages, part.written);
            }
        }
        if (over != null) {
            taker.take(start, end, over.pages, over.written);
        }
    }

    /** Those that may overlap the range, and no more than the longest could. */
    private Map<Range, Most> overlapping(long start, long end) {
        long from = Long.compareUnsigned(start, longest) > 0 ? start - longest : 0;
        return counted.subMap(new Range(from, 0), new Range(end, 0));
    }

    /** Bytes that are touched of what is mapped at some time, at most: where ranges overlap the densest counts. */
    double bytes(AddressSet mapped) {
        double bytes = 0;
        for (long[] r : whole.ranges()) {
            bytes += size(mapped.within(r[0], r[1]));
        }
        TreeSet<Long> bounds = new TreeSet<>(Long::compareUnsigned);
        counted.keySet().forEach(r -> bounds.addAll(List.of(r.start, r.end)));
        Queue<Map.Entry<Range, Most>> densest =
                new PriorityQueue<>(Comparator.comparingDouble((Map.Entry<Range, Most> e) -> -density(e)));
        for (Long from = bounds.isEmpty() ? null : bounds.first(), to; from != null; from = to) {
            to = bounds.higher(from);
            densest.addAll(
                    counted.subMap(new Range(from, 0), new Range(from, -1)).entrySet());
            while (!densest.isEmpty() && Long.compareUnsigned(densest.peek().getKey().end, from) <= 0) {
                densest.remove();
            }
            if (to != null && !densest.isEmpty()) {
                bytes += density(densest.peek()) * size(mapped.within(from, to));
            }
        }
        return bytes;
    }

    private static double density(Map.Entry<Range, Most> e) {
        return (double) e.getValue().pages * PAGE / (e.getKey().end - e.getKey().start);
    }

    private static long size(List<long[]> ranges) {
        return ranges.stream().mapToLong(r -> r[1] - r[0]).sum();
    }

    /** Of so many pages of a range those of a part of it, rounded up. */
    static long share(long pages, long part, long range) {
        return part == range ? pages : Math.min(part / PAGE, (long) Math.ceil((double) pages * part / range));
    }
}
