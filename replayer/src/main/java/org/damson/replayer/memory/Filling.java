package org.damson.replayer.memory;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.damson.model.range.AddressSet;

/**
 * What of the mapped memory of a process is still to be filled, and how much has been: as much as the recording says was resident, in
 * the order in which it is accessed, and at the latest when it is.
 */
public final class Filling {
    private static final long PAGE = 4096;

    /** Value of {@code sinceNs} for memory that is never accessed, filled only if more was resident than was accessed. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * Memory to be filled.
     *
     * @param pages how many of it
     * @param written how many of them by writing
     * @param sinceNs when it is first accessed, in the time of the recording
     */
    public record Piece(long start, long end, long pages, long written, MappingKind kind, long sinceNs) {
        private Piece part(long from, long to) {
            long pagesBefore = upTo(from, pages);
            long writtenBefore = upTo(from, written);
            long some = upTo(to, pages) - pagesBefore;
            return new Piece(from, to, some, Math.min(some, upTo(to, written) - writtenBefore), kind, sinceNs);
        }

        private long upTo(long address, long ofPages) {
            return address == end ? ofPages : (long) ((double) ofPages * (address - start) / (end - start));
        }
    }

    /** Takes the pieces that are filled now. */
    public interface Taker {
        void take(Piece piece) throws IOException;
    }

    private static final Comparator<Piece> FIRST_ACCESSED = Comparator.comparingLong(Piece::sinceNs)
            .thenComparing((a, b) -> Boolean.compare(a.kind.isFile(), b.kind.isFile()))
            .thenComparing(Piece::start, Long::compareUnsigned)
            .thenComparing(Piece::end, Long::compareUnsigned)
            .thenComparingLong(Piece::pages)
            .thenComparingLong(Piece::written);

    private final TreeSet<Piece> waiting = new TreeSet<>(FIRST_ACCESSED);
    private final TreeMap<Long, Piece> waitingAt = new TreeMap<>(Long::compareUnsigned);
    private final TreeMap<Long, Piece> filled = new TreeMap<>(Long::compareUnsigned);
    private long filledPages;

    public void clear() {
        waiting.clear();
        waitingAt.clear();
        filled.clear();
        filledPages = 0;
    }

    /** Pieces that overlap are filled together; waiting pieces never overlap. */
    public void add(Piece piece) {
        waiting.add(piece);
        waitingAt.put(piece.start, piece);
    }

    private void drop(Piece piece) {
        waiting.remove(piece);
        waitingAt.remove(piece.start, piece);
    }

    /**
     * Fills what is accessed before a time, and what else there is room for.
     *
     * @param untilNs in the time of the recording
     * @param residentBytes what is resident then
     */
    public void fill(long untilNs, long residentBytes, Taker taker) throws IOException {
        while (!waiting.isEmpty()) {
            Piece piece = waiting.first();
            long room = residentBytes / PAGE - filledPages;
            drop(piece);
            if (piece.sinceNs >= untilNs && piece.pages > room) {
                long size = (piece.end - piece.start) / PAGE;
                long cut = piece.start + (long) ((double) size * Math.max(0, room) / piece.pages) * PAGE;
                if (cut == piece.start) {
                    add(piece);
                    return;
                }
                add(piece.part(cut, piece.end));
                piece = piece.part(piece.start, cut);
            }
            count(piece);
            taker.take(piece);
        }
    }

    private void count(Piece piece) {
        filled.merge(
                piece.start,
                piece,
                (a, b) -> new Piece(a.start, AddressSet.max(a.end, b.end), a.pages + b.pages, 0, a.kind, a.sinceNs));
        filledPages += piece.pages;
    }

    /** Drops waiting pieces of a range that is unmapped. */
    public void remove(long start, long end) {
        for (Piece p : overlapping(waitingAt, start, end)) {
            drop(p);
            outside(p, start, end, this::add);
        }
        for (Piece p : overlapping(filled, start, end)) {
            filled.remove(p.start);
            filledPages -= p.pages;
            outside(p, start, end, this::count);
        }
    }

    private static List<Piece> overlapping(TreeMap<Long, Piece> pieces, long start, long end) {
        Map.Entry<Long, Piece> before = pieces.lowerEntry(start);
        boolean reachesIn = before != null && Long.compareUnsigned(before.getValue().end, start) > 0;
        return List.copyOf(
                pieces.subMap(reachesIn ? before.getKey() : start, end).values());
    }

    private static void outside(Piece p, long start, long end, Consumer<Piece> taker) {
        if (Long.compareUnsigned(p.start, start) < 0) {
            taker.accept(p.part(p.start, start));
        }
        if (Long.compareUnsigned(end, p.end) < 0) {
            taker.accept(p.part(end, p.end));
        }
    }
}
