package org.damson.analyzer.fleet.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ChainTest {
    private static Chain of(int points) {
        List<List<Long>> all = new ArrayList<>();
        for (long i = 0; i < points; i++) {
            all.add(List.of(i));
        }
        return new Chain(all);
    }

    /** Hosts 0 to {@code n - 1} break it. */
    private static Set<String> hosts(int n) {
        Set<String> hosts = new TreeSet<>();
        for (int i = 0; i < n; i++) {
            hosts.add("h" + i);
        }
        return hosts;
    }

    /** Wherever the harshest allowed point is, it is found, and with a few measurements. */
    @Test
    void theHarshestAllowedPointIsFound() {
        for (int points : new int[] {1, 2, 7, 100}) {
            for (int wanted = 0; wanted <= points; wanted++) {
                Chain chain = of(points);
                int measured = 0;
                for (List<Integer> next = chain.next(3); !next.isEmpty(); next = chain.next(3)) {
                    for (int i : next) {
                        assertFalse(chain.measured().contains(i), "measured twice");
                        chain.measured(i, hosts(i < wanted ? 4 : 3));
                        measured++;
                    }
                }
                int found = chain.measured().stream()
                        .filter(i -> chain.isAllowed(i, 3))
                        .findFirst()
                        .orElse(points);
                assertEquals(wanted, found, points + " points");
                assertTrue(measured <= 17, measured + " of " + points);
            }
        }
    }

    @Test
    void aHostThatBreaksAGentlePointBreaksHarsherOnes() {
        Chain chain = of(3);
        chain.measured(0, Set.of("a"));
        chain.measured(1, Set.of());
        chain.measured(2, Set.of("b"));
        assertEquals(Set.of("a", "b"), chain.broken(0));
        assertEquals(Set.of("b"), chain.broken(1));
    }
}
