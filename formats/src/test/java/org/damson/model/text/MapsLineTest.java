package org.damson.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class MapsLineTest {
    @Test
    void aLineHasAPlaceAndMayHaveAName() {
        MapsLine code = MapsLine.of("7f12a000-7f12c000 r-xp 00026000 08:01 1234                       /lib/a b.so");
        assertEquals(new MapsLine(0x7f12_a000L, 0x7f12_c000L, "r-xp", 0x26000, 1234, "/lib/a b.so"), code);
        assertTrue(code.isExecutable());
        MapsLine data = MapsLine.of("ffffffffff600000-ffffffffff601000 rw-p 00000000 00:00 0 ");
        assertEquals(new MapsLine(0xffff_ffff_ff60_0000L, 0xffff_ffff_ff60_1000L, "rw-p", 0, 0, ""), data);
        assertFalse(data.isExecutable());
    }

    @Test
    void aNameMayHoldWhatUnicodeTakesForTheEndOfALine() {
        assertEquals(
                "/a\u0085\u2028b",
                MapsLine.of("1000-2000 rw-p 0 0:0 1 /a\u0085\u2028b").name());
    }

    @Test
    void whatIsNoneIsNull() {
        assertNull(MapsLine.of(""));
        assertNull(MapsLine.of("Rss:    4 kB"));
        assertNull(MapsLine.of("1000-2000 rw-p"));
        assertNull(MapsLine.of("10000000000000000-2000 rw-p 0 0:0 1"));
    }
}
