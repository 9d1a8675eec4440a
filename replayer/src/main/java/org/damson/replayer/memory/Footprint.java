package org.damson.replayer.memory;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeMap;
import java.util.TreeSet;
import org.damson.model.range.AddressSet;

/**
 * The memory of a process that is touched at some time, and how much of it: ranges that were accessed as a whole, with how often and
 * since when, and ranges of which at most so many pages are touched at once. Which pages these are is the generator's: of two numbers of
 * pages of a range the greater has all pages of the smaller.
 */
public final class Footprint {
    /** The recording does not say which pages were written. */
    public static final long NOT_KNOWN = -1;

    private static final long PAGE = 4096;

    /** Resolution of shares, which are rounded up so that equal neighbours can be joined. */
    private static final int STEPS = 1024;

    /** Limit on the number of pieces; beyond it neighbours are joined. */
    private static final int MAX_PIECES = 1 << 16;

    /** Approximate limit on the parts of a mapping that are kept in small pages. */
    private static final int MAX_SMALL = 256;

    private static final Comparator<Range> BY_ADDRESS = Comparator.<Range, Long>comparing(
                    Range::start, Long::compareUnsigned)
            .thenComparing(Range::end, Long::compareUnsigned);

    private record Range(long start, long end) {}

    private record Most(long pages, long written) {
        Most with(Most other) {
            return new Most(Math.max(pages, other.pages), Math.max(written, other.written));
        }

        /** The share of a part of a range, at least one page. */
        Most of(long part, long range) {
            return part == range
                    ? this
                    : new Most(share(pages, part, range), written < 0 ? written : share(written, part, range));
        }
    }

    /** What is known of the writes to a piece. */
    private enum Written {
        NOTHING,
        NOT_SAID,
        ALL
    }

    /**
     * Memory of one density.
     *
     * @param steps of {@link #STEPS}: in so many of the samples it was accessed as a whole at most; if it is a part, so much of it is touched
     * @param sinceNs when it is first accessed
     */
    private record Piece(long end, int steps, boolean isPart, long sinceNs, Written written) {
        Piece with(Piece other) {
            return new Piece(
                    end,
                    Math.max(steps, other.steps),
                    isPart && other.isPart,
                    Math.min(sinceNs, other.sinceNs),
                    written.compareTo(other.written) >= 0 ? written : other.written);
        }

        Piece until(long otherEnd) {
            return new Piece(otherEnd, steps, isPart, sinceNs, written);
        }

        boolean isLike(Piece other) {
            return until(other.end).equals(other);
        }

        double ratio() {
            return (double) steps / STEPS;
        }
    }

    /** Takes the parts of the footprint. */
    public interface Taker {
        /**
         * @param pages of its pages the most that are touched at once
         * @param written and written, or {@link #NOT_KNOWN}
         * @param sinceNs when it is first accessed
         */
        void take(long start, long end, long pages, long written, long sinceNs) throws IOException;
    }

    /** Takes the parts that were accessed as a whole. */
    interface WholeTaker {
        void take(long start, long end, double ratio, long sinceNs) throws IOException;
    }

    private final TreeMap<Long, Piece> whole = new TreeMap<>(Long::compareUnsigned);
    private final AddressSet all = new AddressSet();
    private final NavigableMap<Range, Most> counted = new TreeMap<>(BY_ADDRESS);
    private final HugePageEdges edges = new HugePageEdges();
    private long longest;

    /** Begins the next snapshot; its ranges are added by ascending address. */
    public void nextSnapshot() {
        edges.nextSnapshot();
    }

    /**
     * The range was accessed as a whole.
     *
     * @param ratio in which share of the samples, 0..1
     * @param sinceNs when
     */
    public void add(long start, long end, double ratio, long sinceNs) {
        edges.add(start, end, ratio);
        add(start, new Piece(end, steps(ratio), false, sinceNs, Written.NOT_SAID));
    }

    /** Adds a range of which so many pages are touched, all or none of them written; such ranges are kept by density. */
    public void addPart(long start, long end, long pages, boolean isWritten) {
        double share = (double) pages * PAGE / (end - start);
        add(start, new Piece(end, steps(share), true, Long.MIN_VALUE, isWritten ? Written.ALL : Written.NOTHING));
    }

    private static int steps(double share) {
        return (int) Math.ceil(Math.min(1, share) * STEPS);
    }

    private void add(long start, Piece piece) {
        long end = piece.end;
        cut(start);
        cut(end);
        for (long at = start; at != end; ) {
            Map.Entry<Long, Piece> next = whole.ceilingEntry(at);
            if (next != null && next.getKey() == at) {
                whole.put(at, next.getValue().with(piece));
                at = next.getValue().end;
            } else {
                long to = next == null ? end : AddressSet.min(next.getKey(), end);
                whole.put(at, piece.until(to));
                at = to;
            }
        }
        join(start, end);
        all.add(start, end, true);
        if (whole.size() > MAX_PIECES) {
            coarsen();
        }
    }

    private void cut(long address) {
        Map.Entry<Long, Piece> e = whole.lowerEntry(address);
        if (e != null && Long.compareUnsigned(e.getValue().end, address) > 0) {
            whole.put(e.getKey(), e.getValue().until(address));
            whole.put(address, e.getValue());
        }
    }

    /** Joins equal neighbours. */
    private void join(long start, long end) {
        Map.Entry<Long, Piece> last = whole.lowerEntry(start);
        last = last == null ? whole.firstEntry() : last;
        for (Map.Entry<Long, Piece> e = whole.higherEntry(last.getKey());
                e != null && Long.compareUnsigned(e.getKey(), end) <= 0;
                e = whole.higherEntry(e.getKey())) {
            if (last.getValue().end == e.getKey() && last.getValue().isLike(e.getValue())) {
                whole.remove(e.getKey());
                whole.put(last.getKey(), last.getValue().until(e.getValue().end));
                last = whole.floorEntry(last.getKey());
            } else {
                last = e;
            }
        }
    }

    /** Joins pairs of adjacent pieces, with the higher share of the two and the earlier time. */
    private void coarsen() {
        Map.Entry<Long, Piece> last = whole.firstEntry();
        while (last != null) {
            Map.Entry<Long, Piece> e = whole.higherEntry(last.getKey());
            if (e != null && last.getValue().end == e.getKey()) {
                Piece second = e.getValue();
                whole.remove(e.getKey());
                whole.put(last.getKey(), last.getValue().with(second).until(second.end));
                e = whole.higherEntry(last.getKey());
            }
            last = e;
        }
    }

    /** Adds a range of which so many pages are touched, and so many of them written. */
    public void add(long start, long end, long pages, long written) {
        counted.merge(new Range(start, end), new Most(pages, written), Most::with);
        all.add(start, end, true);
        longest = Math.max(longest, end - start);
    }

    /** All ranges that are touched, wholly or in part. */
    public AddressSet ranges() {
        return all;
    }

    /**
     * What of {@code [start, end)} is touched: first what was accessed as a whole, in ranges of one density and time, then the others.
     *
     * @param touched how much of what was accessed as a whole is touched
     */
    public void within(long start, long end, Share touched, Taker taker) throws IOException {
        Run run = new Run(taker);
        for (Map.Entry<Long, Piece> e : pieces(start, end).entrySet()) {
            Piece p = e.getValue();
            long from = AddressSet.max(start, e.getKey());
            long to = AddressSet.min(end, p.end);
            if (Long.compareUnsigned(from, to) < 0) {
                double share = p.isPart ? p.ratio() : touched.of(p.ratio());
                run.add(from, to, share((to - from) / PAGE, share), p.written, p.sinceNs);
            }
        }
        run.end();
        counted(start, end, taker);
    }

    private void counted(long start, long end, Taker taker) throws IOException {
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
                taker.take(from, to, part.pages, part.written, Long.MIN_VALUE);
            }
        }
        if (over != null) {
            taker.take(start, end, over.pages, over.written, Long.MIN_VALUE);
        }
    }

    /** Joins adjacent ranges whose pages are all touched, with the same writes and time. */
    private static final class Run {
        private final Taker taker;
        private long start;
        private long end;
        private Written written;
        private long sinceNs;

        Run(Taker taker) {
            this.taker = taker;
        }

        void add(long from, long to, long pages, Written ofIt, long since) throws IOException {
            if (pages < (to - from) / PAGE) {
                end();
                taker.take(from, to, pages, writes(ofIt, pages), since);
                return;
            }
            if (start == end || end != from || written != ofIt || sinceNs != since) {
                end();
                start = from;
                written = ofIt;
                sinceNs = since;
            }
            end = to;
        }

        void end() throws IOException {
            if (start != end) {
                taker.take(start, end, (end - start) / PAGE, writes(written, (end - start) / PAGE), sinceNs);
            }
            start = end;
        }

        private static long writes(Written written, long pages) {
            return written == Written.NOT_SAID ? NOT_KNOWN : written == Written.ALL ? pages : 0;
        }
    }

    private Map<Long, Piece> pieces(long start, long end) {
        Long first = whole.floorKey(start);
        return whole.subMap(first == null ? start : first, end);
    }

    /** Reports the parts of {@code [start, end)} that were accessed as a whole. */
    void whole(long start, long end, WholeTaker taker) throws IOException {
        for (Map.Entry<Long, Piece> e : pieces(start, end).entrySet()) {
            long from = AddressSet.max(start, e.getKey());
            long to = AddressSet.min(end, e.getValue().end);
            if (Long.compareUnsigned(from, to) < 0 && !e.getValue().isPart) {
                taker.take(from, to, e.getValue().ratio(), e.getValue().sinceNs);
            }
        }
    }

    /** The ranges that may overlap this one, found by the longest range. */
    private Map<Range, Most> overlapping(long start, long end) {
        long from = Long.compareUnsigned(start, longest) > 0 ? start - longest : 0;
        return counted.subMap(new Range(from, 0), new Range(end, 0));
    }

    /**
     * Parts of a mapping, in order, that are not to be in huge pages: at some time only some of the pages of one would be touched, or
     * only some would be resident, as where nothing is ever touched. Parts that lie close to one another are one, so that they are few.
     */
    public List<long[]> smallPages(long start, long end, Share touched) throws IOException {
        if (!HugePageEdges.fits(start, end)) {
            return List.of();
        }
        long close = Math.max(HugePageEdges.HUGE, (end - start) / MAX_SMALL);
        AddressSet small = new AddressSet();
        edges.within(start, end).forEach(r -> small.add(r[0], r[1], true));
        all.without(start, end).forEach(r -> small.add(r[0], r[1], true));
        within(start, end, touched, (from, to, pages, written, sinceNs) -> {
            if (pages < (to - from) / PAGE) {
                small.add(from, to, true);
            }
        });
        AddressSet joined = new AddressSet();
        small.ranges().forEach(r -> joined.add(r[0], r[1], true));
        for (long[] gap : small.without(start, end)) {
            if (Long.compareUnsigned(gap[1] - gap[0], close) < 0) {
                joined.add(gap[0], gap[1], true);
            }
        }
        return small.size() == 0 ? List.of() : joined.ranges();
    }

    /** Upper bound in bytes on the touched part of this mapped memory; where ranges overlap, the densest counts. */
    public double bytes(AddressSet mapped) {
        double bytes = 0;
        for (Map.Entry<Long, Piece> e : whole.entrySet()) {
            bytes += size(mapped.within(e.getKey(), e.getValue().end))
                    * (e.getValue().isPart ? e.getValue().ratio() : 1);
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

    /** The share of a number of pages, rounded up. */
    private static long share(long pages, double share) {
        return Math.min(pages, (long) Math.ceil(pages * share));
    }

    /** The pages that fall to a part of a range, rounded up. */
    private static long share(long pages, long part, long range) {
        return part == range ? pages : Math.min(part / PAGE, (long) Math.ceil((double) pages * part / range));
    }
}
