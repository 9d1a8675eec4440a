package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.damson.model.range.AddressSet;
import org.damson.replayer.MappedPieces.Mark;
import org.damson.replayer.MappedPieces.Piece;
import org.damson.replayer.memory.MappingKind;
import org.junit.jupiter.api.Test;

/** What lies side by side and was two mappings stays two, in whatever order it comes. */
class MappedPiecesTest {
    private final MappedPieces pieces = new MappedPieces();

    private void map(long start, long end) {
        map(new long[] {start, end}, start, end);
    }

    private void map(long[] mapping, long start, long end) {
        pieces.add(
                start,
                new Piece(
                        end, pieces.mark(mapping, start, end, MappingKind.UNKNOWN), true, false, MappingKind.UNKNOWN));
    }

    private Mark mark(long start) {
        return pieces.all().stream()
                .filter(p -> p.getKey() == start)
                .map(p -> p.getValue().mark())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void mappingThatComesBelowAnotherIsApart() {
        map(20, 30);
        map(10, 20);
        assertNotEquals(mark(10), mark(20));
    }

    @Test
    void mappingThatComesBetweenTwoIsApartFromBoth() {
        map(10, 20);
        map(20, 30);
        map(30, 40);
        map(40, 50);
        pieces.remove(20, 30);
        pieces.remove(30, 40);
        map(20, 40);
        assertEquals(List.of(Mark.NONE, Mark.ASIDE, Mark.APART), List.of(mark(10), mark(20), mark(40)));
    }

    @Test
    void mappingThatGrowsStaysOneOnBothSides() {
        map(new long[] {20, 30}, 20, 30);
        map(new long[] {10, 40}, 10, 20);
        map(new long[] {10, 40}, 30, 40);
        assertEquals(mark(20), mark(10));
        assertEquals(mark(20), mark(30));
        // Beside another, whose mark it cannot have.
        map(50, 60);
        map(new long[] {10, 50}, 40, 50);
        assertNotEquals(mark(50), mark(40));
    }

    @Test
    void mappingThatGrowsUpToAFileStaysOne() {
        MappingKind file = new MappingKind(true, false, true, false, true);
        pieces.add(20, new Piece(30, pieces.mark(new long[] {20, 30}, 20, 30, file), true, false, file));
        map(0, 10);
        map(new long[] {0, 20}, 10, 20);
        assertEquals(mark(0), mark(10));
    }

    /** Mappings that are told whole: of two neighbours, which are never alike, the one that came later decides. */
    @Test
    void neighboursAreNeverAlikeInAnyOrder() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            MappedPieces all = new MappedPieces();
            TreeMap<Long, Long> mapped = new TreeMap<>();
            for (int step = 0; step < 60; step++) {
                long start = random.nextInt(40);
                long end = start + 1 + random.nextInt(8);
                AddressSet there = new AddressSet();
                mapped.forEach((from, to) -> there.add(from, to, true));
                if (!there.overlaps(start, end)) {
                    Mark mark = all.mark(new long[] {start, end}, start, end, MappingKind.UNKNOWN);
                    all.add(start, new Piece(end, mark, true, false, MappingKind.UNKNOWN));
                    mapped.put(start, end);
                } else if (!mapped.isEmpty()) {
                    Map.Entry<Long, Long> gone = List.copyOf(mapped.entrySet()).get(random.nextInt(mapped.size()));
                    all.remove(gone.getKey(), gone.getValue());
                    mapped.remove(gone.getKey());
                }
                List<Map.Entry<Long, Piece>> now = all.all();
                for (int i = 1; i < now.size(); i++) {
                    if (now.get(i - 1).getValue().end() == now.get(i).getKey()) {
                        assertNotEquals(
                                now.get(i - 1).getValue().mark(),
                                now.get(i).getValue().mark(),
                                "seed " + seed);
                    }
                }
            }
        }
    }
}
