package org.damson.analyzer.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.damson.analyzer.fleet.SharedRows.Rows;
import org.junit.jupiter.api.Test;

final class SharedRowsTest {
    private static final Rows A = new Rows("/a", "a", List.of(), List.of());
    private static final Rows B = new Rows("/b", "b", List.of(), List.of());
    private static final Rows SLICE = new Rows("/slice", "s", List.of("a"), List.of());
    private static final Rows AB = new Rows("/ab", "ab", List.of(), List.of("a", "b"));
    private static final Rows BC = new Rows("/bc", "bc", List.of(), List.of("b", "c"));
    private static final Rows ABC = new Rows("/abc", "abc", List.of(), List.of("a", "b", "c"));

    /** What is left out, in whatever order traces are found. */
    private static Set<String> leftOut(Rows... all) {
        List<Rows> found = new ArrayList<>(List.of(all));
        Set<String> left = new SharedRows(found).leftOut();
        Random random = new Random(1);
        for (int i = 0; i < 10; i++) {
            Collections.shuffle(found, random);
            assertEquals(left, new SharedRows(found).leftOut());
        }
        return new TreeSet<>(left);
    }

    private static List<String> lines(Rows... all) {
        return new SharedRows(List.of(all))
                .troubles().stream()
                        .map(t -> t.path() + ": " + t.kind().text() + ": " + t.reason())
                        .toList();
    }

    @Test
    void rowsCountOnce() {
        assertEquals(Set.of(), leftOut(A, B));
        assertEquals(Set.of("s"), leftOut(A, B, SLICE));
        assertEquals(Set.of(), leftOut(B, SLICE));
        assertEquals(Set.of("ab"), leftOut(A, B, AB));
        assertEquals(Set.of("a"), leftOut(A, AB));
        assertEquals(Set.of("a", "s"), leftOut(A, AB, SLICE));
        assertEquals(Set.of("ab", "s"), leftOut(A, B, AB, SLICE));
        assertEquals(Set.of("ab", "b"), leftOut(AB, ABC, B));
        assertEquals(Set.of("a", "ab", "b", "bc"), leftOut(AB, ABC, A, B, BC));
    }

    @Test
    void everyOneThatDoesNotCountIsNamedWithWhatDoes() {
        assertEquals(List.of("/slice: duplicate: its rows are also in /a, which is counted"), lines(A, SLICE));
        assertEquals(
                List.of(
                        "/ab: duplicate: its rows are also in /a and 1 more trace, which are counted",
                        "/slice: duplicate: its rows are also in /a, which is counted"),
                lines(A, B, AB, SLICE));
        assertEquals(List.of("/bc: doubtful: some of its rows are also in /ab: they count twice"), lines(AB, BC));
    }

    /** Whatever manifests claim of one another: what is left out is in something that counts. */
    @Test
    void claimsInACircleLeaveOneToCount() {
        Rows x = new Rows("/x", "x", List.of("y"), List.of());
        Rows y = new Rows("/y", "y", List.of("z"), List.of());
        Rows z = new Rows("/z", "z", List.of("x", "z"), List.of());
        assertEquals(2, leftOut(x, y, z).size());
        Rows p = new Rows("/p", "p", List.of(), List.of("q"));
        Rows q = new Rows("/q", "q", List.of(), List.of("p"));
        assertEquals(1, leftOut(p, q).size());
        assertEquals(Set.of(), leftOut(new Rows("/own", "own", List.of("own"), List.of("own"))));
        Rows made = new Rows("/m", "m", List.of("p"), List.of("x", "p"));
        Set<String> left = leftOut(Stream.of(x, y, z, p, q, made).toArray(Rows[]::new));
        assertEquals(4, left.size(), left.toString());
    }
}
