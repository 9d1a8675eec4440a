package org.damson.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class BatchTest {
    @Test
    void holdsRowsOfMixedColumns() {
        Batch b = new Batch(Table.LOSSES);
        for (int i = 0; i < 200; i++) {
            b.add(i, i + 1L, "ring", 5, "overrun");
        }
        assertEquals(200, b.rows());
        assertEquals(199, b.get(0, 199));
        assertEquals("overrun", b.text(Table.LOSSES.indexOf("cause"), 199));
    }

    @Test
    void aReusedRowIsEmptyAgain() {
        Batch b = new Batch(Table.LOSSES);
        b.add(1, 2, "a", 3, "b");
        b.clear();
        int row = b.addRow();
        assertEquals(0, b.get(0, row));
        assertEquals("", b.text(2, row));
    }

    @Test
    void onlyOptionalColumnsMayBeAbsent() {
        Batch b = new Batch(Table.REGIONS);
        b.setPresent(Table.REGIONS.indexOf("age"), false);
        assertFalse(b.isPresent(Table.REGIONS.indexOf("age")));
        assertThrows(IllegalArgumentException.class, () -> b.setPresent(Table.REGIONS.indexOf("start"), false));
    }

    @Test
    void refusesTheWrongNumberOfValuesAndUnknownColumns() {
        assertThrows(IllegalArgumentException.class, () -> new Batch(Table.LOSSES).add(1, 2));
        assertThrows(IllegalArgumentException.class, () -> Table.LOSSES.indexOf("nonsense"));
    }
}
