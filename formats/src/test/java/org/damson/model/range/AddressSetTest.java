package org.damson.model.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class AddressSetTest {
    private static String text(List<long[]> ranges) {
        return ranges.stream()
                .map(r -> Long.toHexString(r[0]) + "-" + Long.toHexString(r[1]))
                .collect(Collectors.joining(" "));
    }

    @Test
    void rangesThatTouchAreJoinedOnlyIfAsked() {
        AddressSet apart = new AddressSet();
        apart.add(0x10, 0x20, false);
        apart.add(0x20, 0x30, false);
        assertEquals("10-20 20-30", text(apart.ranges()));
        apart.add(0x1f, 0x21, false);
        assertEquals("10-30", text(apart.ranges()));
        AddressSet joined = new AddressSet();
        joined.add(0x10, 0x20, true);
        joined.add(0x20, 0x30, true);
        assertEquals("10-30", text(joined.ranges()));
    }

    @Test
    void whatIsRemovedLeavesTheRestOfItsRanges() {
        AddressSet set = new AddressSet();
        set.add(0x10, 0x20, false);
        set.add(0x20, 0x30, false);
        set.add(0xffff_0000_0000_0000L, 0xffff_0000_0000_1000L, false);
        set.remove(0x18, 0x28);
        assertEquals("10-18 28-30 ffff000000000000-ffff000000001000", text(set.ranges()));
        set.remove(0x2c, 0xffff_0000_0000_0800L);
        assertEquals("10-18 28-2c ffff000000000800-ffff000000001000", text(set.ranges()));
        set.remove(0x12, 0x14);
        assertEquals("10-12 14-18 28-2c ffff000000000800-ffff000000001000", text(set.ranges()));
    }

    /** Against a bit for each address. */
    @Test
    void agreesWithABitForEachAddress() {
        Random random = new Random(5);
        for (int turn = 0; turn < 200; turn++) {
            AddressSet set = new AddressSet();
            BitSet bits = new BitSet();
            for (int step = 0; step < 30; step++) {
                int start = random.nextInt(200);
                int end = start + 1 + random.nextInt(40);
                if (random.nextInt(3) == 0) {
                    set.remove(start, end);
                    bits.clear(start, end);
                } else {
                    set.add(start, end, random.nextBoolean());
                    bits.set(start, end);
                }
                int from = random.nextInt(200);
                int to = from + 1 + random.nextInt(60);
                BitSet in = new BitSet();
                set.within(from, to).forEach(r -> in.set((int) r[0], (int) r[1]));
                assertEquals(bits.get(from, to), in.get(from, to));
                BitSet out = new BitSet();
                set.without(from, to).forEach(r -> out.set((int) r[0], (int) r[1]));
                in.flip(from, to);
                assertEquals(in, out);
                assertEquals(!bits.get(from, to).isEmpty(), set.overlaps(from, to));
            }
        }
    }

    @Test
    void aCopyIsOfItsOwn() {
        AddressSet set = new AddressSet();
        set.add(1, 2, false);
        AddressSet copy = set.copy();
        assertTrue(copy.equals(set));
        copy.remove(1, 2);
        assertFalse(copy.equals(set));
        assertEquals(1, set.size());
    }
}
