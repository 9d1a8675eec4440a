package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.damson.exchange.perf.AddressSpaces.Code;
import org.damson.exchange.perf.AddressSpaces.Mapping;
import org.junit.jupiter.api.Test;

final class AddressSpacesTest {
    private static final int MAX = 1 << 18;

    private final AddressSpaces spaces = new AddressSpaces();

    private static Code code(String file) {
        return new Code("", file, "");
    }

    /** Against arrays of 64 addresses each, on both sides of the greatest signed one and at the end of all. */
    @Test
    void anyMappingsForksAndExecsAreThoseOfPlainArrays() {
        Random random = new Random(3);
        long[] origins = {Long.MAX_VALUE - 31, -64};
        Map<Integer, String[]> expected = new HashMap<>();
        for (int i = 0; i < 5000; i++) {
            int pid = random.nextInt(4);
            int other = random.nextInt(4);
            int action = random.nextInt(12);
            if (action == 0) {
                spaces.forget(pid);
                expected.remove(pid);
            } else if (action == 1 && pid != other) {
                spaces.fork(pid, other);
                expected.remove(other);
                if (expected.containsKey(pid)) {
                    expected.put(other, expected.get(pid).clone());
                }
            } else if (action == 2) {
                spaces.exit(pid);
            } else {
                int half = random.nextInt(2);
                int start = random.nextInt(64);
                int last = start + random.nextInt(64 - start);
                String file = "f" + random.nextInt(1000);
                spaces.map(pid, origins[half] + start, origins[half] + last, origins[half], code(file));
                String[] all = expected.computeIfAbsent(pid, p -> new String[128]);
                for (int a = start; a <= last; a++) {
                    all[half * 64 + a] = file;
                }
            }
            for (int p = 0; p < 4; p++) {
                for (int a = 0; a < 128; a++) {
                    Mapping found = spaces.find(p, origins[a / 64] + a % 64);
                    String there = expected.containsKey(p) ? expected.get(p)[a] : null;
                    assertEquals(there, found == null ? null : found.code().file(), "round " + i);
                }
            }
        }
        assertEquals(0, spaces.ignored());
    }

    @Test
    void whatEndedIsForgottenBeforeNewMappingsAreIgnored() {
        for (int pid = 1; pid <= 2; pid++) {
            for (int i = 0; i < MAX / 2 - 8; i++) {
                spaces.map(pid, 16L * i, 16L * i + 7, 0, code("f"));
            }
        }
        spaces.exit(1);
        spaces.fork(2, 3);
        assertEquals(0, spaces.ignored());
        assertNull(spaces.find(1, 0));
        assertNotNull(spaces.find(2, 0));
        assertNotNull(spaces.find(3, 0));
        spaces.fork(2, 4);
        assertEquals(1, spaces.ignored());
        assertNull(spaces.find(4, 0));
    }

    @Test
    void memoryIsBoundedByCountAndByText() {
        String large = "x".repeat(1 << 16);
        for (int i = 0; i < 200; i++) {
            spaces.map(7, 16L * i, 16L * i + 7, 0, code(large + i));
        }
        assertTrue(spaces.ignored() > 50, spaces.ignored() + " ignored");
        assertNotNull(spaces.find(7, 0));
        AddressSpaces many = new AddressSpaces();
        for (int pid = 0; pid < MAX + 10; pid++) {
            many.map(pid, 0, 7, 0, code("f"));
        }
        assertTrue(many.ignored() >= 10, many.ignored() + " ignored");
        assertNotNull(many.find(0, 0));
    }

    @Test
    void processesThatBegetProcessesDoNotTakeForEver() {
        for (int i = 0; i < 1000; i++) {
            spaces.map(0, 16L * i, 16L * i + 7, 0, code("f"));
        }
        for (int pid = 1; pid < 70_000; pid++) {
            spaces.fork(0, 1);
        }
        assertTrue(spaces.ignored() > 0, "none ignored");
    }
}
