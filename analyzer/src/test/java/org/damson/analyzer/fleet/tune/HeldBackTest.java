package org.damson.analyzer.fleet.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class HeldBackTest {
    @Test
    void percentilesAreWholeHosts() {
        assertEquals(6, HeldBack.mayBreak(300, 98));
        assertEquals(0, HeldBack.mayBreak(49, 98));
        assertEquals(1, HeldBack.mayBreak(50, 98));
    }

    /** Two hosts of four: of the first two to break, both must be held back, one draw of six. */
    @Test
    void theRiskIsWhatCountingGives() {
        // n = 2, m = 2, none of the two may break, and one of the held back may: both first are held back in 1 of 6.
        assertEquals(1 / 6.0, HeldBack.risk(2, 2, 0, 1), 1e-12, "t = m - 1");
        // None may break anywhere: the first to break is held back in half of the draws.
        assertEquals(0.5, HeldBack.risk(2, 2, 0, 0), 1e-12);
        assertEquals(0, HeldBack.risk(2, 2, 0, 2), "both may break");
    }

    @Test
    void fewHostsPromiseNothingAndManyDo() {
        assertEquals(-1, HeldBack.allowed(42, 18, HeldBack.mayBreak(18, 98), 0.05));
        int k = HeldBack.allowed(700, 300, HeldBack.mayBreak(300, 98), 0.05);
        assertTrue(HeldBack.risk(700, 300, k, 6) <= 0.05 && HeldBack.risk(700, 300, k + 1, 6) > 0.05, k + " hosts");
        assertTrue(k > 0 && k < 14, k + " hosts");
        int needed = HeldBack.needed(30, 98, 0.05);
        int m = HeldBack.count(needed, 30);
        assertTrue(HeldBack.allowed(needed - m, m, HeldBack.mayBreak(m, 98), 0.05) >= 0);
    }

    /** Whatever the hosts are like, of many draws no more than the risk allow a scheme that the held-back hosts break. */
    @Test
    void drawsFailNoMoreOftenThanPromised() {
        Random random = new Random(7);
        for (int[] fleet : new int[][] {{60, 40, 10}, {200, 95, 3}, {100, 90, 40}}) {
            int all = fleet[0];
            List<Integer> breaksAt = new ArrayList<>();
            for (int i = 0; i < all; i++) {
                breaksAt.add(random.nextInt(fleet[2] * 5));
            }
            int m = HeldBack.count(all, 30);
            int t = HeldBack.mayBreak(m, fleet[1] == 40 ? 80 : 90);
            int k = HeldBack.allowed(all - m, m, t, 0.05);
            assertTrue(k >= 0);
            int draws = 2000;
            int failed = 0;
            for (int draw = 0; draw < draws; draw++) {
                java.util.Collections.shuffle(breaksAt, random);
                failed += fails(breaksAt, m, k, t) ? 1 : 0;
            }
            // four standard errors
            assertTrue(failed <= draws * 0.05 + 4 * Math.sqrt(draws * 0.05 * 0.95), failed + " of " + draws);
        }
    }

    /** The harshest allowed level: a host breaks levels from its own on. */
    private static boolean fails(List<Integer> breaksAt, int m, int k, int t) {
        int harshest = -1;
        for (int level : new TreeSet<>(breaksAt)) {
            if (breaksAt.subList(m, breaksAt.size()).stream()
                            .filter(b -> b < level)
                            .count()
                    <= k) {
                harshest = level;
            }
        }
        int chosen = harshest;
        return harshest >= 0
                && breaksAt.subList(0, m).stream().filter(b -> b < chosen).count() > t;
    }

    @Test
    void aDrawIsThatOfItsSeedAndNames() {
        Set<String> hosts = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            hosts.add("h" + i);
        }
        Set<String> drawn = HeldBack.draw(hosts, 30, 1);
        assertEquals(15, drawn.size());
        assertEquals(drawn, HeldBack.draw(new ArrayList<>(hosts), 30, 1));
        assertTrue(!drawn.equals(HeldBack.draw(hosts, 30, 2)));
    }

    /** Clopper and Pearson's bound: of 10 hosts that all keep it, p^10 = 0.05. */
    @Test
    void theShareOfHostsLikeTheseIsBounded() {
        assertEquals(Math.pow(0.05, 0.1), HeldBack.shareAtLeast(10, 10, 0.95), 1e-9);
        assertEquals(0, HeldBack.shareAtLeast(0, 10, 0.95));
    }
}
