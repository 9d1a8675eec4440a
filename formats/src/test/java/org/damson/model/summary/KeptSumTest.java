package org.damson.model.summary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;

final class KeptSumTest {
    private static final List<Table> TABLES =
            List.of(Table.HEAT_AREAS, Table.HEAT_CELLS, Table.TARGET_SUMS, Table.IDLE_SERIES);

    /** The key of a row is written and read by the same columns in every table of sums. */
    @Test
    void keysAreAtTheSamePlaceInAllTablesOfSums() throws Exception {
        StreamKey key = new StreamKey(1, 2, -1, 0xffff_8000_0000_0000L);
        for (Table table : TABLES) {
            assertEquals(KeptSum.KDAMOND, table.indexOf("kdamond"), table.fileStem());
            assertEquals(KeptSum.CONTEXT, table.indexOf("context"), table.fileStem());
            assertEquals(KeptSum.SCHEME, table.indexOf("scheme"), table.fileStem());
            assertEquals(KeptSum.TARGET, table.indexOf("target"), table.fileStem());
            Batch rows = new Batch(table);
            int row = KeptSum.addRow(rows, key);
            assertEquals(key, KeptSum.key(rows, row));
        }
    }

    /** SQL puts the two columns together as {@code high * 2^62 + low}. */
    @Test
    void anySumBelow2To125ComesBackAndIsTheTwoColumnsTogether() throws Exception {
        Random random = new Random(7);
        int column = Table.HEAT_AREAS.indexOf("heat_high");
        for (int bits = 0; bits <= 125; bits++) {
            BigInteger sum = bits == 0 ? BigInteger.ZERO : new BigInteger(bits, random).setBit(bits - 1);
            Batch rows = new Batch(Table.HEAT_AREAS);
            int row = rows.addRow();
            KeptSum.put(rows, row, column, sum.shiftRight(64).longValue(), sum.longValue());
            long high = rows.get(column, row);
            long low = rows.get(column + 1, row);
            assertTrue(high >= 0 && low >= 0, sum.toString());
            assertEquals(sum, BigInteger.valueOf(high).shiftLeft(62).add(BigInteger.valueOf(low)));
            assertArrayEquals(
                    new long[] {sum.shiftRight(64).longValue(), sum.longValue()},
                    KeptSum.take(rows, row, column, "trace"));
        }
    }

    @Test
    void columnsThatNoSumHasAreRefused() {
        int column = Table.HEAT_AREAS.indexOf("heat_high");
        for (long[] columns : new long[][] {{-1, 0}, {0, -1}, {0, 1L << 62}, {Long.MIN_VALUE, Long.MAX_VALUE}}) {
            Batch rows = new Batch(Table.HEAT_AREAS);
            int row = rows.addRow();
            rows.set(column, row, columns[0]);
            rows.set(column + 1, row, columns[1]);
            TraceFormatException e =
                    assertThrows(TraceFormatException.class, () -> KeptSum.take(rows, row, column, "trace"));
            assertTrue(e.getMessage().contains("heat_areas: row 0"), e.getMessage());
        }
    }
}
