package org.damson.replayer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.range.AddressSet;
import org.damson.replayer.memory.Footprint;
import org.damson.trace.written.WrittenView;

/**
 * Where in a region lies what was written of it, as the table of writes says: a region is cut into ranges that were written and those
 * that were not. The pages that were only read lie in the latter, as far as they have room.
 */
final class WrittenPlaces implements AutoCloseable {
    private static final long PAGE = 4096;

    /** Part of a region, with the number of its touched and written pages. */
    record Part(long start, long end, long pages, long written) {}

    /** Null if the trace has no such table. */
    private final TraceSource.SnapshotCursor cursor;

    private final Snapshot next = new Snapshot();
    private boolean hasNext;

    private WrittenPlaces(TraceSource.SnapshotCursor cursor) throws IOException {
        this.cursor = cursor;
        hasNext = cursor != null && cursor.next(next);
    }

    /** The written places of one target. */
    static WrittenPlaces of(TraceSource trace, TraceQuery ofTarget) throws IOException {
        return new WrittenPlaces(
                trace.rowCount(Table.WRITES) == 0 ? null : WrittenView.of(trace).snapshots(ofTarget));
    }

    /** Moves to a snapshot; times must ascend. */
    void seek(Snapshot s) throws IOException {
        while (hasNext && (next.endNs < s.endNs || next.endNs == s.endNs && next.startNs < s.startNs)) {
            hasNext = cursor.next(next);
        }
    }

    /** The parts of region {@code i} that hold all of its touched pages; one part if their places are unknown. */
    List<Part> parts(Snapshot s, int i) {
        long start = RegionPages.down(s.start[i]);
        long end = RegionPages.up(s.end[i]);
        long pages = RegionPages.touched(s, i);
        long written = RegionPages.written(s, i);
        if (written <= 0 || !hasNext || next.startNs != s.startNs || next.endNs != s.endNs) {
            return List.of(new Part(start, end, pages, written));
        }
        List<Part> ranges = ranges(s, i, start, end, pages);
        if (ranges.isEmpty()) {
            return List.of(new Part(start, end, pages, written));
        }
        return withReads(ranges, start, end, pages);
    }

    private List<Part> ranges(Snapshot s, int i, long start, long end, long pages) {
        List<Part> ranges = new ArrayList<>();
        long left = pages;
        for (int r = 0; r < next.regions && left > 0; r++) {
            long from = AddressSet.max(RegionPages.down(next.start[r]), start);
            long to = AddressSet.min(RegionPages.up(next.end[r]), end);
            if (Long.compareUnsigned(from, to) < 0 && next.referencedMean[r] > 0) {
                long some = Math.min(left, RegionPages.pagesOf(s, i, next.referencedMean[r], to - from));
                if (some > 0) {
                    ranges.add(new Part(from, to, some, some));
                    left -= some;
                }
            }
        }
        return ranges;
    }

    /** These parts and the gaps between them, over which pages only read are spread; those without room are read in the parts. */
    private static List<Part> withReads(List<Part> ranges, long start, long end, long pages) {
        long inRanges = ranges.stream().mapToLong(r -> (r.end - r.start) / PAGE).sum();
        long written = ranges.stream().mapToLong(Part::written).sum();
        long between = (end - start) / PAGE - inRanges;
        Spread reads = new Spread(Math.min(pages - written, between), between);
        Spread more = new Spread(Math.max(0, pages - written - between), inRanges - written);
        List<Part> all = new ArrayList<>();
        long from = start;
        for (Part r : ranges) {
            addReads(all, from, r.start, reads);
            long room = (r.end - r.start) / PAGE - r.written;
            all.add(new Part(r.start, r.end, r.written + more.next(room), r.written));
            from = r.end;
        }
        addReads(all, from, end, reads);
        return all;
    }

    private static void addReads(List<Part> all, long start, long end, Spread reads) {
        long pages = start == end ? 0 : reads.next((end - start) / PAGE);
        if (pages > 0) {
            all.add(new Part(start, end, pages, 0));
        }
    }

    /** Divides a number among the parts in proportion, so that the shares add up to it. */
    private static final class Spread {
        private final long number;
        private final long whole;
        private long given;
        private long gone;

        Spread(long number, long whole) {
            this.number = number;
            this.whole = whole;
        }

        long next(long part) {
            gone += part;
            long upTo = gone >= whole ? number : (long) ((double) number * gone / whole);
            long share = Math.min(part, upTo - given);
            given += share;
            return share;
        }
    }

    /** Adds the parts to what is touched. */
    static void addTo(Footprint touched, List<Part> parts) {
        if (parts.size() == 1) {
            Part p = parts.get(0);
            touched.add(p.start, p.end, p.pages, p.written);
        } else {
            parts.forEach(p -> touched.addPart(p.start, p.end, p.pages, p.written > 0));
        }
    }

    @Override
    public void close() throws IOException {
        if (cursor != null) {
            cursor.close();
        }
    }
}
