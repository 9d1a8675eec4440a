package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KdamondCostTest {
    private final KdamondCost cost = new KdamondCost();

    @Test
    void nothingIsKnownBeforeAThreadWasSeenOrOfOneThatIsNotThere() {
        cost.look(999_999_999);
        assertEquals(-1, cost.sumNs());
        Map<String, Object> facts = new HashMap<>();
        cost.describe(facts);
        assertEquals(Map.of(), facts);
    }

    @Test
    @Timeout(60)
    void timeCountsFromTheFirstLookOn() {
        int thread = (int) ProcessHandle.current().pid();
        cost.look(thread);
        assertEquals(0, cost.sumNs());
        long spun = 0;
        while (cost.sumNs() == 0) {
            for (int i = 0; i < 1_000_000; i++) {
                spun += i;
            }
            cost.look(thread);
        }
        assertTrue(spun > 0);
        assertEquals(0, cost.sumNs() % 10_000_000, "ticks of 10 ms");
        Batch rows = new Batch(Table.MEMORY);
        cost.rows(5, rows);
        assertEquals(1, rows.rows());
        assertEquals(thread, rows.get(1, 0));
        assertEquals(cost.sumNs(), rows.get(3, 0));
        Map<String, Object> facts = new HashMap<>();
        cost.describe(facts);
        assertEquals(Map.of("kdamond_cpu_ms", cost.sumNs() / 1_000_000), facts);
    }
}
