package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a column looks like and whichever encoding it gets, it comes back as it was. */
class EncodingsTest {
    private static final int AGE = Table.REGIONS.indexOf("age");
    private static final int START_NS = Table.REGIONS.indexOf("start_ns");

    @TempDir
    Path dir;

    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void stepsComeBack() throws Exception {
        assertTrue(roundTrip(5000, i -> 1_000_000_007L * i) < 6000);
    }

    @Test
    void fewValuesComeBack() throws Exception {
        assertTrue(roundTrip(50_000, i -> random.nextInt(4) * 1_000_003L) < 40_000);
    }

    @Test
    void noiseComesBack() throws Exception {
        roundTrip(1000, i -> random.nextLong());
    }

    @Test
    void extremesComeBack() throws Exception {
        roundTrip(3000, i -> i % 3 == 0 ? Long.MIN_VALUE : i % 3 == 1 ? Long.MAX_VALUE : -1);
    }

    @Test
    void aColumnThatTurnsToNoiseAfterItsFirstRowsComesBack() throws Exception {
        // 167,232 distinct longs are more than a dictionary may have.
        roundTrip(200_000, i -> i < 1 << 15 ? i % 3 : random.nextLong());
    }

    @Test
    void aColumnOfSeveralPagesComesBack() throws Exception {
        roundTrip(2 * ParquetTableWriter.PAGE_ROWS + 3, i -> i / 1000);
    }

    /** Returns the size of the file. */
    private long roundTrip(int rows, IntToLongFunction values) throws Exception {
        Batch batch = new Batch(Table.REGIONS);
        batch.reserve(rows);
        for (int i = 0; i < rows; i++) {
            batch.addRow();
            batch.set(START_NS, i, values.applyAsLong(i));
            batch.set(AGE, i, (int) values.applyAsLong(i));
        }
        long[] times = Arrays.copyOf(batch.longs(START_NS), rows);
        long[] ages = Arrays.copyOf(batch.longs(AGE), rows);
        Path file = dir.resolve("t.parquet");
        boolean[] all = new boolean[Table.REGIONS.columns().size()];
        Arrays.fill(all, true);
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.REGIONS, all)) {
            writer.writeRowGroup(Columns.of(batch));
        }
        Batch read = new Batch(Table.REGIONS);
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.REGIONS)) {
            assertEquals(rows, reader.rows());
            reader.read(0, all, read);
        }
        assertEquals(rows, read.rows());
        assertEquals(-1, Arrays.mismatch(times, 0, rows, read.longs(START_NS), 0, rows));
        assertEquals(-1, Arrays.mismatch(ages, 0, rows, read.longs(AGE), 0, rows));
        return Files.size(file);
    }
}
