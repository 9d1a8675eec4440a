package org.damson.replayer;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.range.AddressSet;
import org.damson.replayer.memory.MappingKind;

/** The parts of mappings at the current point of a plan, by address. */
final class MappedPieces {
    /** What a piece differs in from its neighbours: the kernel joins mappings side by side that are alike in all. */
    enum Mark {
        NONE(""),
        APART(" apart"),
        ASIDE(" aside");

        final String word;

        Mark(String word) {
            this.word = word;
        }
    }

    /**
     * A mapping, or a part of one.
     *
     * @param mark another one than those of other mappings beside it
     * @param isTouchable it has memory
     * @param isSmall it is not to be in huge pages
     */
    record Piece(long end, Mark mark, boolean isTouchable, boolean isSmall, MappingKind kind) {
        private Piece until(long otherEnd) {
            return new Piece(otherEnd, mark, isTouchable, isSmall, kind);
        }

        /** Whether two adjacent pieces belong to one mapping and differ at most in the size of their pages. */
        private boolean isLike(Piece other) {
            return isTouchable == other.isTouchable && mark == other.mark && kind.equals(other.kind);
        }
    }

    /** Takes ranges with memory of one kind. */
    interface Taker<E extends Exception> {
        void take(long start, long end, MappingKind kind) throws E;
    }

    private final TreeMap<Long, Piece> pieces = new TreeMap<>(Long::compareUnsigned);

    void clear() {
        pieces.clear();
    }

    /** All current pieces. */
    List<Map.Entry<Long, Piece>> all() {
        return List.copyOf(pieces.entrySet());
    }

    void add(long start, Piece piece) {
        pieces.put(start, piece);
    }

    /** Reports the parts of {@code [start, end)} that have memory, in order, each mapping at once whatever its pages. */
    <E extends Exception> void within(long start, long end, Taker<E> taker) throws E {
        Map.Entry<Long, Piece> p = pieces.floorEntry(start);
        if (p == null || Long.compareUnsigned(p.getValue().end, start) <= 0) {
            p = pieces.higherEntry(start);
        }
        while (p != null && Long.compareUnsigned(p.getKey(), end) < 0) {
            long from = AddressSet.max(start, p.getKey());
            Piece last = p.getValue();
            p = pieces.higherEntry(p.getKey());
            while (p != null && p.getKey() == last.end && p.getValue().isLike(last)) {
                last = p.getValue();
                p = pieces.higherEntry(p.getKey());
            }
            if (last.isTouchable) {
                taker.take(from, AddressSet.min(end, last.end), last.kind);
            }
        }
    }

    /** The parts of {@code [start, end)} that are in no piece. */
    List<long[]> missing(long start, long end) {
        AddressSet there = new AddressSet();
        Map.Entry<Long, Piece> p = pieces.floorEntry(start);
        if (p == null) {
            p = pieces.ceilingEntry(start);
        }
        for (; p != null && Long.compareUnsigned(p.getKey(), end) < 0; p = pieces.higherEntry(p.getKey())) {
            there.add(p.getKey(), p.getValue().end, true);
        }
        return there.without(start, end);
    }

    /**
     * The mark of a new part of a mapping, so that it is one with the mapping's other parts and apart from other mappings. Where it
     * cannot be both, it is apart.
     */
    Mark mark(long[] mapping, long start, long end, MappingKind kind) {
        Map.Entry<Long, Piece> before = pieces.lowerEntry(start);
        Piece left = before == null || before.getValue().end != start ? null : before.getValue();
        Piece right = pieces.get(end);
        EnumSet<Mark> free = EnumSet.allOf(Mark.class);
        Mark own = null;
        if (right != null && end != mapping[1]) {
            own = right.mark;
        } else if (right != null && right.kind.isMadeLike(kind)) {
            free.remove(right.mark);
        }
        if (left != null && start != mapping[0]) {
            own = left.mark;
        } else if (left != null && left.kind.isMadeLike(kind)) {
            free.remove(left.mark);
        }
        return own != null && free.contains(own) ? own : free.iterator().next();
    }

    /** Removes a range that lies in one piece. */
    void remove(long start, long end) {
        Map.Entry<Long, Piece> p = pieces.floorEntry(start);
        Piece piece = p.getValue();
        pieces.remove(p.getKey());
        if (p.getKey() != start) {
            pieces.put(p.getKey(), piece.until(start));
        }
        if (piece.end != end) {
            pieces.put(end, piece);
        }
    }
}
